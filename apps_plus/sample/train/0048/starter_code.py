def pecks(geese):
    