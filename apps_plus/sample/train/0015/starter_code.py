def kittens(length, pieces):
    