def count_owls(branches):
    