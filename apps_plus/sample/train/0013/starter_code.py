def next_heavier(bells):
    