"""Three kinds of shoes, toes to the left, and bags.

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
    ring,
    trapezoid,
    uniform,
    wave,
)


def sandal(rng, n):
    x, y = grid(rng, n)
    p = uniform(
        rng,
        n,
        sole=(0.35, 0.6),
        heel=(-0.05, 0.4),
        thick=(0.05, 0.12),
        toe_x=(-0.6, -0.35),
        toe=(0.2, 0.36),
        ankle_x=(0.3, 0.55),
        ankle=(0.2, 0.34),
        ankle_height=(0.2, 0.6),
        strap=(0.03, 0.1),
        lace=(0.02, 0.09),
        lace_x=(-0.3, 0.2),
    )
    heel_y = p['sole'] - p['heel']
    sole = bar(x, y, -0.85, p['sole'], 0.05, p['sole'] - 0.03, p['thick'])
    arch = bar(x, y, 0.05, p['sole'] - 0.03, 0.75, heel_y, p['thick'])
    heel = bar(x, y, 0.76, heel_y, 0.74, p['sole'], p['thick'])
    toe = ring(x, y, p['toe_x'], p['sole'], p['toe'], p['toe'] + 0.1, p['strap'])
    ankle = ring(x, y, p['ankle_x'], heel_y, p['ankle'], p['ankle_height'], p['strap'])
    lace = bar(
        x,
        y,
        p['lace_x'],
        p['sole'],
        p['ankle_x'] - 0.1,
        heel_y - p['ankle_height'],
        p['lace'],
    )
    straps = np.minimum(np.minimum(toe, ankle), lace)
    ground = np.minimum(p['sole'], p['sole'] + (heel_y - p['sole']) * x / 0.75)
    straps = np.maximum(straps, y - ground)
    return cloth(
        rng, n, x, y, np.minimum(np.minimum(sole, arch), np.minimum(heel, straps))
    )


def sneaker(rng, n):
    x, y = grid(rng, n, stretch=0.07)
    p = uniform(
        rng,
        n,
        sole=(0.4, 0.6),
        height=(-0.3, 0.0),
        instep=(0.05, 0.35),
        slope=(0.4, 0.8),
        box=(0.26, 0.44),
        toe=(-0.95, -0.85),
        back=(0.82, 0.95),
        depth=(0.06, 0.16),
        tongue=(-0.02, 0.1),
    )
    middle = (p['instep'] + p['back']) / 2
    hole = ellipse(x, y, middle, p['height'], middle - p['instep'], p['depth'])
    tongue = bar(
        x,
        y,
        p['instep'] - 0.1,
        p['height'] + 0.15,
        p['instep'],
        p['height'] - p['tongue'],
        0.1,
    )
    shape = np.minimum(cut(_foot(x, y, p), hole), tongue)
    stripes = uniform(rng, n, pitch=(2, 4), slant=(0.3, 0.9), bright=(-0.6, 0.5))
    side = np.maximum(
        np.abs(x - 0.05) - 0.4, np.maximum(y - p['sole'] + 0.15, -y - 0.2)
    )
    side = coverage(side) * wave((x + stripes['slant'] * y) * stripes['pitch'])
    return (
        cloth(rng, n, x, y, shape)
        * (1 + stripes['bright'] * side)
        * _sole(rng, n, y, p)
    )


def ankle_boot(rng, n):
    x, y = grid(rng, n, stretch=0.07)
    p = uniform(
        rng,
        n,
        sole=(0.6, 0.8),
        height=(-0.05, 0.25),
        instep=(-0.1, 0.2),
        slope=(0.4, 0.8),
        box=(0.18, 0.34),
        toe=(-0.95, -0.8),
        back=(0.6, 0.85),
        shaft=(-0.92, -0.4),
        front=(-0.2, 0.12),
        lean=(-0.1, 0.12),
        heel=(0.05, 0.2),
        heel_width=(0.2, 0.4),
    )
    top = np.maximum(p['shaft'] - y, y - p['sole'])
    front = p['front'] - p['lean'] * (y + 0.5) - x
    shaft = np.maximum(np.maximum(front, x - p['back']), top)
    heel = np.maximum(
        np.maximum(p['back'] - p['heel_width'] - x, x - p['back']),
        np.maximum(p['sole'] - 0.1 - y, y - p['sole'] - p['heel']),
    )
    shape = np.minimum(np.minimum(_foot(x, y, p), shaft), heel)
    return cloth(rng, n, x, y, shape) * _sole(rng, n, y, p)


def bag(rng, n):
    x, y = grid(rng, n)
    p = uniform(
        rng,
        n,
        top=(-0.45, 0.1),
        bottom=(0.6, 0.9),
        top_width=(0.5, 0.85),
        bottom_width=(0.6, 0.9),
        handle=(0.25, 0.6),
        height=(0.1, 0.6),
        strap=(0.03, 0.08),
        flap=(0.1, 0.6),
        dark=(0.0, 0.6),
        clasp=(0.04, 0.12),
        shine=(-0.5, 0.8),
    )
    body = trapezoid(x, y, p['top'], p['bottom'], p['top_width'], p['bottom_width'])
    handle = ring(x, y, 0, p['top'], p['handle'], p['height'], p['strap'])
    handle = np.maximum(handle, y - p['top'])
    edge = p['top'] + p['flap']
    seam = coverage(np.abs(y - edge) - 0.02) * p['dark']
    clasp = coverage(ellipse(x, y, 0, edge, p['clasp'], p['clasp'])) * p['shine']
    return cloth(rng, n, x, y, np.minimum(body, handle)) * (1 - seam) * (1 + clasp)


def _foot(x, y, p):
    """A shoe seen from its left: toe to the left, `height` where the ankle is."""
    roof = p['height'] + p['slope'] * np.maximum(p['instep'] - x, 0)
    roof = np.minimum(roof, p['sole'] - p['box'])
    # The tip is a quarter of a circle.
    tip = ellipse(
        np.minimum(x, p['toe'] + p['box']),
        y,
        p['toe'] + p['box'],
        p['sole'],
        p['box'],
        p['box'] * 1.05,
    )
    tip = np.where(x < p['toe'] + p['box'], tip, np.float32(-1))
    shape = np.maximum(np.maximum(roof - y, y - p['sole']), x - p['back'])
    return np.maximum(shape, tip)


def _sole(rng, n, y, p):
    """Return a factor: the lowest part of a shoe is lighter or darker."""
    sole = uniform(rng, n, thick=(0.04, 0.2), tone=(-0.6, 0.6))
    return 1 + sole['tone'] * coverage(p['sole'] - sole['thick'] - y)
