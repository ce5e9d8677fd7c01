def find_herb(drawers, start):
    