"""All mistakes that are planted in `small_port`."""

import planted_dropouts  # noqa: F401
import planted_layers  # noqa: F401
import planted_losses  # noqa: F401
import planted_pairs  # noqa: F401
import planted_records  # noqa: F401
import planted_updates  # noqa: F401
from planting import PLANTED

__all__ = ['PLANTED']
