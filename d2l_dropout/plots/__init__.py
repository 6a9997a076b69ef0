"""The style of all plots, and the diagram of a net with dropout."""
