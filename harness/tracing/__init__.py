"""Which lines of a program ran: the data, the picture, and the command ``trace``."""
