def mood(n):
    