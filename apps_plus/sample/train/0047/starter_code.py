def rising(a, b):
    