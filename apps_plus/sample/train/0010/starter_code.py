def post_round(minutes):
    