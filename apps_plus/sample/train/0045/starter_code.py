def together(n):
    