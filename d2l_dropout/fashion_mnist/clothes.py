"""Six kinds of clothes.

Each function takes a RandomState and n and returns n pictures, as variously shaped as
such things are: float32 of shape (n, 28, 28), 0 to 1.
"""

import numpy as np

from d2l_dropout.fashion_mnist.shapes import (
    bar,
    cloth,
    coverage,
    cut,
    ellipse,
    grid,
    trapezoid,
    uniform,
    wave,
)


def t_shirt(rng, n):
    x, y = grid(rng, n)
    p = uniform(
        rng,
        n,
        top=(-0.85, -0.7),
        bottom=(0.65, 0.9),
        shoulder=(0.42, 0.58),
        hem=(0.42, 0.6),
        cuff_x=(0.75, 0.98),
        cuff_y=(-0.4, 0.0),
        arm=(0.14, 0.24),
        neck=(0.15, 0.32),
        depth=(0.06, 0.3),
    )
    return _upper_body(rng, n, x, y, p)


def trouser(rng, n):
    x, y = grid(rng, n)
    p = uniform(
        rng,
        n,
        top=(-0.95, -0.8),
        bottom=(0.8, 0.97),
        hip=(0.26, 0.4),
        crotch=(-0.55, -0.2),
        spread=(0.15, 0.36),
        leg=(0.1, 0.18),
        thigh=(0.14, 0.2),
    )
    down = (y - p['top']) / (p['bottom'] - p['top'])
    middle = p['hip'] - p['thigh'] + (p['spread'] - p['hip'] + p['thigh']) * down
    width = p['thigh'] + (p['leg'] - p['thigh']) * down
    legs = np.maximum(
        np.abs(np.abs(x) - middle) - width, np.maximum(p['top'] - y, y - p['bottom'])
    )
    hips = trapezoid(x, y, p['top'], p['crotch'], p['hip'] - 0.04, p['hip'])
    return cloth(rng, n, x, y, np.minimum(legs, hips))


def pullover(rng, n):
    x, y = grid(rng, n)
    p = uniform(
        rng,
        n,
        top=(-0.88, -0.7),
        bottom=(0.62, 0.92),
        shoulder=(0.36, 0.54),
        hem=(0.38, 0.58),
        cuff_x=(0.66, 0.92),
        cuff_y=(0.35, 0.8),
        arm=(0.11, 0.19),
        neck=(0.13, 0.28),
        depth=(0.03, 0.2),
    )
    return _upper_body(rng, n, x, y, p)


def dress(rng, n):
    x, y = grid(rng, n)
    p = uniform(
        rng,
        n,
        top=(-0.95, -0.85),
        bottom=(0.75, 0.97),
        shoulder=(0.2, 0.36),
        waist=(0.16, 0.32),
        waist_y=(-0.4, 0.1),
        hem=(0.22, 0.62),
        neck=(0.1, 0.2),
        depth=(0.08, 0.35),
        cuff_x=(0.1, 0.62),
        cuff_y=(-0.6, 0.2),
        arm=(0.07, 0.13),
    )
    bodice = trapezoid(x, y, p['top'], p['waist_y'], p['shoulder'], p['waist'])
    skirt = trapezoid(x, y, p['waist_y'] - 0.05, p['bottom'], p['waist'], p['hem'])
    sleeves = bar(
        np.abs(x),
        y,
        p['shoulder'] - 0.08,
        p['top'] + 0.12,
        p['cuff_x'],
        p['cuff_y'],
        p['arm'],
    )
    neck = ellipse(x, y, 0, p['top'], p['neck'], p['depth'])
    shape = cut(np.minimum(np.minimum(bodice, skirt), sleeves), neck)
    return cloth(rng, n, x, y, shape)


def coat(rng, n):
    x, y = grid(rng, n)
    p = uniform(
        rng,
        n,
        top=(-0.92, -0.76),
        bottom=(0.72, 0.97),
        shoulder=(0.36, 0.52),
        hem=(0.38, 0.6),
        cuff_x=(0.62, 0.88),
        cuff_y=(0.4, 0.8),
        arm=(0.12, 0.2),
        neck=(0.1, 0.22),
        depth=(0.08, 0.45),
    )
    opening = uniform(rng, n, x=(-0.06, 0.06), width=(0.0, 0.05), dark=(0.1, 0.8))
    front = coverage(np.abs(x - opening['x']) - opening['width'])
    return _upper_body(rng, n, x, y, p) * (1 - opening['dark'] * front)


def shirt(rng, n):
    x, y = grid(rng, n)
    p = uniform(
        rng,
        n,
        top=(-0.9, -0.72),
        bottom=(0.65, 0.95),
        shoulder=(0.38, 0.55),
        hem=(0.38, 0.6),
        cuff_x=(0.68, 0.95),
        cuff_y=(-0.4, 0.8),
        arm=(0.11, 0.2),
        neck=(0.1, 0.25),
        depth=(0.05, 0.35),
    )
    buttons = uniform(rng, n, x=(-0.03, 0.03), pitch=(3, 5), bright=(-0.5, 0.7))
    dots = coverage(np.abs(x - buttons['x']) - 0.02) * coverage(
        wave(y * buttons['pitch']) - 0.5, blur=6
    )
    return _upper_body(rng, n, x, y, p) * (1 + buttons['bright'] * dots)


def _upper_body(rng, n, x, y, p):
    """Trunk, two sleeves and a neck: what t-shirt, pullover, coat and shirt share."""
    beside = np.abs(x)
    trunk = trapezoid(x, y, p['top'], p['bottom'], p['shoulder'], p['hem'])
    slope = np.float32(0.35)  # shoulders fall off sideways
    trunk = np.maximum(trunk, p['top'] + slope * (beside - p['neck']) - y)
    sleeves = bar(
        beside,
        y,
        p['shoulder'] - p['arm'],
        p['top'] + 0.1 + p['arm'],
        p['cuff_x'],
        p['cuff_y'],
        p['arm'],
    )
    neck = ellipse(x, y, 0, p['top'], p['neck'], p['depth'])
    shape = cut(np.minimum(trunk, sleeves), neck)
    seam = coverage(np.abs(trunk) - 0.01, blur=1.5)
    dark = uniform(rng, n, dark=(0.1, 0.6))['dark']
    return cloth(rng, n, x, y, shape) * (1 - dark * seam)
