def heaviest_load(jars, k):
    