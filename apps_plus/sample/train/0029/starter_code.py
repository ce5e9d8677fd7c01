def lake_words(texts):
    