def turns(a, b):
    