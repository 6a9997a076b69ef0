"""The look of all plots, curves by epoch, and the diagram of a net with dropout."""
