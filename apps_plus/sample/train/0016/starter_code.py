def shelves(jars):
    