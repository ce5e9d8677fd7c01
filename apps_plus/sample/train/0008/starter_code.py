def flies(a, b):
    