"""The chapter "Dropout" of *Dive into Deep Learning*, on MXNet 1.9.1.

Importing this package does no work; `import d2l` loads MXNet.
"""

__version__ = '0.1.0'
