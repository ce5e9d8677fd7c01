def tile_side(a, b):
    