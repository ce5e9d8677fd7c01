def shortest_rainbow(books):
    