"""Reference tensors and learning curves to test ports of the chapter against.

Exporting (`export`) needs MXNet and the data. Comparing tensors needs only NumPy, and
comparing learning curves (`curve`) SciPy besides. docs/ports.md is the specification.
"""
