"""`python -m d2l_dropout`."""

import sys

from d2l_dropout.cli import main

sys.exit(main())
