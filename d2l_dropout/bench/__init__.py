"""Benchmarks, each measurement in a process of its own.

`run` times training and loading beside the book's own code and PyTorch (`contenders`),
`scaling` times one process and several workers, and `exchange` their messages alone.
"""
