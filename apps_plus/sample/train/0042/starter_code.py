def snail_minutes(lights):
    