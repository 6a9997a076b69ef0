"""The nets of the chapter, and of its problems."""
