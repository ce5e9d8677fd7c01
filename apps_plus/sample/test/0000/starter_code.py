def candle_price(n):
    