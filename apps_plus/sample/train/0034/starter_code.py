def weather(message):
    