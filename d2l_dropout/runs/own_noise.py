"""A noise function of the reader's own: checked, named by its source, sent to workers.

A RunSpec is text and cannot hold a function. A run with a noise of one's own is
therefore a RunSpec together with the `key` of the function, which follows from its
source and from what that source refers to: a function that was changed has another key,
and none of the results of the former one.
"""

import ast
import base64
import contextlib
import hashlib
import inspect
import pickle
import textwrap
import types

import numpy as np

from d2l_dropout import compat

compat.import_mxnet()
from mxnet import autograd, nd  # noqa: E402

_PLAIN = (bool, int, float, complex, str, bytes, type(None))


class NoiseError(ValueError):
    """A noise function cannot be used; the message says why."""


class OwnNoise:
    """A noise function in place of dropout, as runs in other processes need it.

    Parameters
    ----------
    function : function
        `function(H, drop_prob)` returns what the next layer gets in training mode: an
        NDArray of the shape of `H`, computed from `H` by MXNet. Written with `def`.

    Attributes
    ----------
    name : str
        The function's.
    key : str
        12 hexadecimal digits of the SHA-256 of its source, its defaults, and all that
        it refers to. Of what is imported only the name is taken.

    Raises
    ------
    NoiseError
        If its source cannot be read, or it refers to something that has neither a
        source nor a value to tell it by, such as an open file.
    """

    def __init__(self, function):
        if not isinstance(function, types.FunctionType):
            raise NoiseError(
                f'the noise is {function!r}; give a function written with def, with '
                'the arguments H and drop_prob.'
            )
        if function.__name__ == '<lambda>':
            raise NoiseError(
                'the noise is a lambda, which has no source of its own to be known '
                'by; write it with def.'
            )
        self.function, self.name = function, function.__name__
        described = '\n'.join(_describe_function(function, seen=set()))
        self.key = hashlib.sha256(described.encode()).hexdigest()[:12]

    def check(self, specs):
        """Find out before training whether runs with this noise can be trained.

        Parameters
        ----------
        specs : iterable of RunSpec

        Raises
        ------
        NoiseError
            If a specification names another noise, or `try_once` fails with one of
            their probabilities.
        """
        drop_probs = set()
        for spec in specs:
            if spec.noise != 'dropout':
                raise NoiseError(
                    f'the noise is to be {self.name}, but a run names {spec.noise!r}: '
                    'leave its noise as it is by default.'
                )
            drop_probs |= {spec.drop_prob1, spec.drop_prob2, spec.input_drop_prob}
        for drop_prob in sorted(drop_probs):
            self.try_once(drop_prob)

    def try_once(self, drop_prob):
        """Call the function as training would, on a few activations.

        Parameters
        ----------
        drop_prob : float in [0, 1)

        Raises
        ------
        NoiseError
            If it fails, returns something other than an NDArray of the same shape or
            numbers that are not finite, or lets no gradient through.
        """
        H = nd.ones((32, 32))
        H.attach_grad()
        with autograd.record():
            noisy = checked(self.function)(H, drop_prob)
        try:
            finite = np.isfinite(noisy.asnumpy()).all()
        except Exception as error:  # MXNet computes later than it is called
            raise _failed(self.name, error) from error
        if not finite:
            raise NoiseError(
                f'{self.name}(H, {drop_prob}) returns numbers that are not finite.'
            )
        with contextlib.suppress(compat.import_mxnet().MXNetError):
            noisy.backward()  # fails where the result is not computed from H
        if not H.grad.asnumpy().any():
            raise NoiseError(
                f'{self.name}(H, {drop_prob}) lets no gradient through to H: compute '
                'its result from H with the functions of mxnet.nd, not with NumPy.'
            )

    def to_line(self):
        """Return the function, pickled by value, as one line of ASCII.

        Returns
        -------
        str
        """
        import cloudpickle

        module = inspect.getmodule(self.function)
        if module is not None:  # a file of the user's, which workers may not find
            cloudpickle.register_pickle_by_value(module)
        return base64.b64encode(cloudpickle.dumps(self.function)).decode()


def from_line(line):
    """Return the function that `OwnNoise.to_line` wrote, checked at each call.

    Parameters
    ----------
    line : str

    Returns
    -------
    callable or None
        None for an empty line.
    """
    return checked(pickle.loads(base64.b64decode(line))) if line.strip() else None


def checked(function):
    """Return a noise function that says in a sentence what is wrong with a call of it.

    Parameters
    ----------
    function : callable

    Returns
    -------
    callable
        It raises NoiseError where `function` raises anything, or returns anything but
        an NDArray of the shape of `H`.
    """
    name = function.__name__

    def noise(H, drop_prob):
        try:
            noisy = function(H, drop_prob)
        except Exception as error:
            raise _failed(name, error) from error
        if not isinstance(noisy, nd.NDArray):
            raise NoiseError(
                f'{name} returns {type(noisy).__name__}; the next layer needs an '
                f'NDArray of the shape {H.shape}.'
            )
        if noisy.shape != H.shape:
            raise NoiseError(
                f'{name} returns the shape {noisy.shape}; the next layer needs that of '
                f'H, {H.shape}.'
            )
        return noisy

    return noise


def _failed(name, error):
    # The last line: MXNet puts a traceback of its own before it.
    message = (str(error).strip().splitlines() or [''])[-1]
    return NoiseError(f'{name} failed with {type(error).__name__}: {message}')


def _describe_function(function, seen):
    """Yield lines that tell a function from others: its source, and what that uses."""
    try:
        # Of the code, which a decorator's wrapper does not hide.
        source = textwrap.dedent(inspect.getsource(function.__code__)).rstrip()
    except (OSError, TypeError) as error:
        raise NoiseError(
            f'the source of {function.__name__} cannot be read; write it in a cell of '
            'a notebook or in a file.'
        ) from error
    seen.add(function)
    yield source
    defaults = {'defaults': function.__defaults__, 'keywords': function.__kwdefaults__}
    for name, value in {**defaults, **_used(function, source)}.items():
        yield from _describe(name, value, function, seen)


def _used(function, source):
    """Return what a function refers to outside itself, by name, in alphabetical order.

    The names in its code are those of attributes too, and the names in its source
    those of local variables too: what it refers to is in both.
    """
    free = function.__code__.co_freevars
    cells = zip(free, function.__closure__ or ())
    scope = {**function.__globals__, **{name: c.cell_contents for name, c in cells}}
    nodes = ast.walk(ast.parse(source))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names &= _names(function.__code__) | set(free)
    return {name: scope[name] for name in sorted(names) if name in scope}


def _names(code):
    """Return the names of globals and attributes in a function and those inside it."""
    inside = (c for c in code.co_consts if isinstance(c, types.CodeType))
    return set(code.co_names).union(*map(_names, inside))


def _describe(name, value, user, seen):
    """Yield lines that tell a value that a function uses from other values."""
    if isinstance(value, (np.ndarray, np.generic, nd.NDArray)):
        array = value.asnumpy() if isinstance(value, nd.NDArray) else np.asarray(value)
        digest = hashlib.sha256(array.tobytes()).hexdigest()
        yield f'{name} = {array.dtype} {array.shape} {digest}'
    elif isinstance(value, _PLAIN):
        yield f'{name} = {value!r}'
    elif isinstance(value, (list, tuple, dict)):
        yield f'{name} = {type(value).__name__} of {len(value)}'
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from _describe(f'{name}[{key!r}]', item, user, seen)
    elif isinstance(value, types.ModuleType):
        yield f'{name} = module {value.__name__}'
    elif isinstance(value, types.FunctionType) and value.__module__ == user.__module__:
        yield f'{name} = function {value.__name__}'
        if value not in seen:
            yield from _describe_function(value, seen)
    elif getattr(value, '__qualname__', None) and value.__module__ != '__main__':
        yield f'{name} = {value.__module__}.{value.__qualname__}'
    else:
        raise NoiseError(
            f'{user.__name__} uses {name}, of type {type(value).__name__}, which no '
            'key can be made of and other processes may not get. It may use numbers, '
            'text, arrays, lists and dicts of them, functions, and what is imported.'
        )
