"""`import d2lzh as d2l`, as the Chinese edition's chapters do."""

import sys

from d2l_dropout import d2l

sys.modules[__name__] = d2l
