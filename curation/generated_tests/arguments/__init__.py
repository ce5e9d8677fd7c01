"""Model the inputs of call-based problems: the type, range and structure of each argument, the relations among them."""
