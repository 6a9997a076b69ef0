"""What is timed; `python -m d2l_dropout.bench.contenders NAME` prints it as JSON.

Each public function returns a list of seconds, one for each repetition after a warm-up.
"""

import json
import os
import subprocess
import sys
import time

BATCH_SIZE = 256
NUM_EPOCHS = 3  # timed, after one as a warm-up
NUM_STARTS = 5  # of Python, to time an import


def _gluon_net():
    from d2l_dropout.compat import import_mxnet
    from d2l_dropout.models import mlp

    net = mlp.gluon_mlp()
    settings = {'learning_rate': 0.5}
    gluon = import_mxnet().gluon
    return net, {'trainer': gluon.Trainer(net.collect_params(), 'sgd', settings)}


def _scratch_net():
    from d2l_dropout.models import mlp

    net = mlp.ScratchMLP()
    return net, {'params': net.params}


def _timed(epochs):
    """Return how many seconds each item of an iterator took, except for the first."""
    seconds, start = [], time.perf_counter()
    for _ in epochs:
        now = time.perf_counter()
        seconds.append(now - start)
        start = now
    return seconds[1:]


def _ours(make_net, num_epochs=NUM_EPOCHS, repeat=1):
    import d2l
    from d2l_dropout.compat import import_mxnet

    train_iter, test_iter = d2l.load_data_fashion_mnist(BATCH_SIZE)
    train_iter = _repeated(train_iter, repeat)
    net, how = make_net()
    how = dict(how, lr=0.5) if 'params' in how else how
    loss = import_mxnet().gluon.loss.SoftmaxCrossEntropyLoss()
    return _timed(
        d2l.train_epochs(
            net, train_iter, test_iter, loss, num_epochs + 1, BATCH_SIZE, **how
        )
    )


def _repeated(data_iter, times):
    class Repeated:
        def __iter__(self):
            for _ in range(times):
                yield from data_iter

    return data_iter if times == 1 else Repeated()


def _books(make_net):
    from d2l_dropout.bench import books_way

    net, how = make_net()
    data = books_way.load(BATCH_SIZE)
    return _timed(
        books_way.train_epoch(net, *data, BATCH_SIZE, **how)
        for _ in range(NUM_EPOCHS + 1)
    )


def ours_gluon():
    """Time epochs of `train_epochs` with the Gluon net, each with its test pass."""
    return _ours(_gluon_net)


def ours_scratch():
    """Time epochs of `train_epochs` with the scratch net, each with its test pass."""
    return _ours(_scratch_net)


def books_gluon():
    """Time the same with the book's own code."""
    return _books(_gluon_net)


def books_scratch():
    """Time the same with the book's own code."""
    return _books(_scratch_net)


def ten_times_the_epochs():
    """Time 30 epochs in one process: neither time per epoch nor memory should grow."""
    return _ours(_gluon_net, num_epochs=10 * NUM_EPOCHS)


def ten_times_the_data():
    """Time an epoch that goes over the training set ten times, with its test pass."""
    return _ours(_gluon_net, num_epochs=1, repeat=10)


def torch():
    """Time epochs of PyTorch in eager mode, tensors in memory, on all processors."""
    from d2l_dropout.bench import torch_way

    return _timed(torch_way.epochs(NUM_EPOCHS + 1, BATCH_SIZE))


def limit():
    """Time only the matrix products of an epoch, in MXNet, on all processors.

    Forward and backward over 60,000 examples, without the gradient of the input, and
    forward over 10,000: 73 GFLOP. No implementation on MXNet can be faster.
    """
    from d2l_dropout.compat import import_mxnet

    nd = import_mxnet().nd
    sizes, n = (784, 256, 256, 10), BATCH_SIZE
    layers = [
        tuple(nd.ones(shape) for shape in ((n, a), (a, b), (n, b)))
        for a, b in zip(sizes, sizes[1:])
    ]

    def epochs():
        for _ in range(NUM_EPOCHS + 1):
            for i in range(-(-60000 // n) + -(-10000 // n)):
                for j, (X, W, G) in enumerate(layers):
                    nd.dot(X, W)
                    if i < -(-60000 // n):
                        nd.dot(X, G, transpose_a=True)
                        if j:
                            nd.dot(G, W, transpose_b=True)
                if i % 8 == 0:  # or the engine queues the whole epoch
                    nd.waitall()
            nd.waitall()
            yield

    return _timed(epochs())


def ours_loading():
    """Time `load_data_fashion_mnist` up to the first mini-batch, without a download."""
    import d2l

    start = time.perf_counter()
    next(iter(d2l.load_data_fashion_mnist(BATCH_SIZE)[0]))[0].wait_to_read()
    return [time.perf_counter() - start]


def books_loading():
    """Time the same with the book's own code."""
    from d2l_dropout.bench import books_way

    start = time.perf_counter()
    next(iter(books_way.load(BATCH_SIZE)[0]))[0].wait_to_read()
    return [time.perf_counter() - start]


def _import_seconds(name):
    """Time several starts of Python: a single one varies too much on a busy machine."""
    seconds = []
    for _ in range(NUM_STARTS):
        start = time.perf_counter()
        subprocess.run([sys.executable, '-c', f'import {name}'], check=True)
        seconds.append(time.perf_counter() - start)
    return seconds


def import_d2l():
    """Time `python -c 'import d2l'`."""
    return _import_seconds('d2l')


def import_mxnet():
    """Time `python -c 'import mxnet'`, with the hook that `make setup` installs."""
    return _import_seconds('mxnet')


def _main(name):
    seconds = globals()[name]()
    print(json.dumps(seconds), flush=True)
    os._exit(0)  # at exit the DataLoader prints errors on some Pythons


if __name__ == '__main__':
    _main(sys.argv[1])
