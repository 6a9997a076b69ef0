"""The tensors of the chapter's first updates, to set other implementations against.

All but `export` needs NumPy alone: neither MXNet nor the data. docs/ports.md is the
model in words and formulas.
"""
