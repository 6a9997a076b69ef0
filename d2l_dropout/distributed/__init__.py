"""Training on several devices and machines, and saving runs as checkpoints."""
