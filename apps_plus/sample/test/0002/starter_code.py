def ticket(age, rainy, umbrella):
    