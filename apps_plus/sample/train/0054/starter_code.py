def lonely_penguins(n, k):
    