def season(offers):
    