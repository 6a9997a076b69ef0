"""One training run that can be saved and resumed, on several devices or machines."""
