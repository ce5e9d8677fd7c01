def reading_table(size, books):
    