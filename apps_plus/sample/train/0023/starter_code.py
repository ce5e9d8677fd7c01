def pages(days):
    