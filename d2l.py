"""`import d2l`, as the book's chapters do: the module `d2l_dropout.d2l` itself."""

import sys

from d2l_dropout import d2l

sys.modules[__name__] = d2l
