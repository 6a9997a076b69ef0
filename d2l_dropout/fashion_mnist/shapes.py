"""Plane shapes as signed distances, for whole batches of pictures at once.

A shape is an array of shape (n, 28, 28), below zero inside and above it outside, in
units in which a picture reaches from -1 to 1, y downwards. Only +, -, *, /, square
roots, minima and maxima of float32 are used, which every processor and every
version of NumPy rounds alike: so the pictures are the same bytes everywhere.
"""

import numpy as np

from d2l_dropout.fashion_mnist.idx import SIDE

PIXEL = 2 / SIDE


def uniform(rng, n, **ranges):
    """Draw n numbers from each range; returns arrays of shape (n, 1, 1) by name."""
    return {
        name: rng.uniform(low, high, (n, 1, 1)).astype(np.float32)
        for name, (low, high) in ranges.items()
    }


def grid(rng, n, slant=0.08, stretch=0.1, shift=0.07):
    """Return x and y of all pixels of n pictures, each a little askew."""
    centres = ((np.arange(SIDE) + 0.5) * PIXEL - 1).astype(np.float32)
    x, y = centres[None, None, :], centres[None, :, None]
    p = uniform(
        rng,
        n,
        xx=(1 - stretch, 1 + stretch),
        yy=(1 - stretch, 1 + stretch),
        xy=(-slant, slant),
        yx=(-slant, slant),
        dx=(-shift, shift),
        dy=(-shift, shift),
    )
    return (
        p['xx'] * x + (p['xy'] * y + p['dx']),
        p['yy'] * y + (p['yx'] * x + p['dy']),
    )


def coverage(distance, blur=1.0):
    """Turn a shape into how much of each pixel it covers, 0 to 1."""
    return np.clip(0.5 - distance * np.float32(1 / (PIXEL * blur)), 0, 1)


def trapezoid(x, y, top, bottom, top_width, bottom_width):
    """Symmetric about x = 0; the widths are half widths."""
    slope = (bottom_width - top_width) / (bottom - top)
    return np.maximum(
        np.abs(x) - (top_width + slope * (y - top)), np.maximum(top - y, y - bottom)
    )


def ellipse(x, y, cx, cy, a, b):
    """Half axes a and b about (cx, cy); the distance is rough away from the rim."""
    u, v = (x - cx) / a, (y - cy) / b
    return (np.sqrt(u * u + v * v) - 1) * np.minimum(a, b)


def bar(x, y, ax, ay, bx, by, radius):
    """A straight bar with round ends, from (ax, ay) to (bx, by)."""
    dx, dy = bx - ax, by - ay
    along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)
    along = np.clip(along, 0, 1)
    u, v = x - ax - along * dx, y - ay - along * dy
    return np.sqrt(u * u + v * v) - radius


def ring(x, y, cx, cy, a, b, thickness):
    """The rim of an ellipse."""
    return np.abs(ellipse(x, y, cx, cy, a, b)) - thickness


def cut(shape, hole):
    """What of `shape` is not in `hole`."""
    return np.maximum(shape, -hole)


def wave(t):
    """Triangles of period 1, from 0 to 1 and back."""
    return np.abs(t - np.floor(t) - np.float32(0.5)) * 2


def cloth(rng, n, x, y, shape):
    """Fill a shape with grey, darker to the sides, some of it striped."""
    p = uniform(
        rng,
        n,
        grey=(0.3, 0.95),
        round=(0.0, 0.35),
        along=(-3, 3),
        across=(-3, 3),
        phase=(0, 1),
        stripes=(-0.9, 0.5),
    )
    stripes = np.maximum(p['stripes'], 0)  # two thirds are plain
    pattern = wave(p['along'] * x + (p['across'] * y + p['phase']))
    grey = p['grey'] * (1 - p['round'] * (x * x)) * (1 - stripes * pattern)
    return coverage(shape) * grey
