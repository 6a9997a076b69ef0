"""Two mistakes at once, which no single cause explains."""

from planted_dropouts import dropouts
from planted_losses import smoothed, with_loss
from planted_updates import decay, momentum, optimizer
from planting import plant

plant(
    'lr-and-swapped',
    None,
    make_optimizer=optimizer(lambda lr: 0.1),
    make_dropouts=dropouts(lambda p1, p2: (p2, p1)),
)
plant(
    'wd-and-smoothing',
    None,
    make_optimizer=optimizer(**decay(0.01)),
    loss=with_loss(smoothed(0.1)),
)
plant(
    'momentum-and-labels',
    None,
    make_optimizer=optimizer(**momentum(0.9)),
    labels=lambda port, y: (y + 1) % 10,
)
