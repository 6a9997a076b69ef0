"""Time the exchange of gradients between workers and servers, without computing any.

`scaling` launches `python -m d2l_dropout.bench.exchange` as scheduler, server and
workers, each in the role that MXNet's environment variables give it. The first worker
prints the milliseconds that the push and the pull of one step take.
"""

import time

from d2l_dropout.distributed import cluster

NUM_STEPS = 200  # nearly an epoch of mini-batches of 256


def _main():
    here = cluster.from_environment()
    if here.role != 'worker':
        cluster.serve(here)
    with cluster.joined(here, 'dist_sync') as kvstore:
        seconds = _seconds_per_step(kvstore)
        if kvstore.rank == 0:
            print(f'{1000 * seconds:.3f}', flush=True)


def _seconds_per_step(kvstore):
    from d2l_dropout import compat
    from d2l_dropout.distributed.kvstore import KVStoreCommunicator
    from d2l_dropout.runs.spec import RunSpec
    from d2l_dropout.runs.training import make_model

    mx = compat.import_mxnet()
    spec, communicator = RunSpec(), KVStoreCommunicator(kvstore)
    model = make_model(spec)
    communicator.start(model, spec)
    communicator.exchange(model)  # a warm-up
    mx.nd.waitall()
    start = time.perf_counter()
    for _ in range(NUM_STEPS):
        communicator.exchange(model)
    mx.nd.waitall()
    return (time.perf_counter() - start) / NUM_STEPS


if __name__ == '__main__':
    _main()
