def last_marbles(row):
    