"""Which mistake explains every tensor that differs, by simulating it."""
