def annoying(angles):
    