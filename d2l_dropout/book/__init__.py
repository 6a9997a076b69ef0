"""The book: what it printed, the cells of its chapter, and the code that runs them."""
