"""Side-by-side measurements of this project and its peers; the test command never runs them."""
