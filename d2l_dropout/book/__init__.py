"""The book: what it printed, the cells of its chapter, and how to run them."""
