"""`d2l-dropout train`: one training run with any settings, devices and machines."""

import contextlib
import dataclasses
import functools
import json
import os
import sys

from d2l_dropout import fashion_mnist
from d2l_dropout.commands import integer, path, train_settings
from d2l_dropout.distributed.heartbeats import TIMEOUT
from d2l_dropout.messages import printable
from d2l_dropout.runs.spec import RunSpec

LOCAL = ('local', 'device')
CLUSTER = ('dist_sync', 'dist_async')


def add(commands):
    """Add the parser of this command."""
    parser = commands.add_parser(
        'train',
        help='train one net with your settings, on one or several devices or machines',
        description='Train one net and print its metrics after each epoch. Without '
        "options this is the chapter's scratch net, with the same bits as the run with "
        'seed 0 of `reproduce`. docs/devices.md describes training on several devices '
        'and machines.',
    )
    settings = parser.add_argument_group("settings (by default the chapter's)")
    train_settings.add(settings)
    parser.add_argument(
        '--ctx',
        default='cpu(0)',
        help="device or devices to train on, such as 'gpu(0),gpu(1)' (default: cpu(0))",
    )
    parser.add_argument(
        '--kvstore',
        choices=LOCAL + CLUSTER,
        help='how gradients are summed: over the devices of this machine (local, or '
        'device, the default with several devices), or over all workers of the cluster '
        'that the DMLC_* variables describe (dist_sync). With dist_async the gradient '
        'of each worker is a step of its own, computed from parameters that may be out '
        'of date',
    )
    for option, default, what in (
        ('--wait', 120, 'within which all processes of the cluster have to connect'),
        (
            '--timeout',
            TIMEOUT,
            'without a heartbeat after which a process counts as dead',
        ),
    ):
        parser.add_argument(
            option,
            type=integer(1, 86400),
            default=default,
            metavar='SECONDS',
            help=f'seconds {what} (default: {default})',
        )
    parser.add_argument(
        '--save',
        type=path,
        metavar='DIR',
        help='save a checkpoint to DIR after each epoch',
    )
    parser.add_argument(
        '--resume',
        action='store_true',
        help='resume from the checkpoint in --save DIR, if there is one, with the same '
        'bits as an uninterrupted run',
    )
    parser.add_argument(
        '--eval',
        type=path,
        metavar='DIR',
        help='print the test accuracy of the checkpoint in DIR, without training',
    )
    parser.set_defaults(run=_run, usage_error=parser.error)


def _run(args):
    if args.resume and not args.save:
        args.usage_error('--resume needs --save DIR')
    if args.eval and (train_settings.given(args) or args.save or args.kvstore):
        args.usage_error('--eval can be combined with --ctx only')
    if args.kvstore not in CLUSTER and os.environ.get('DMLC_ROLE'):
        # As scheduler or server, `import mxnet` would serve and not return.
        args.usage_error(
            'DMLC_ROLE is set, which is for a cluster: add --kvstore dist_sync or '
            'dist_async, or unset it'
        )
    if args.eval:
        return _evaluate(args)
    if args.kvstore in CLUSTER:
        return _join(args)
    ctxs = _contexts(args)
    kvstore = None
    if args.kvstore or len(ctxs) > 1:
        from d2l_dropout.compat import import_mxnet

        kvstore = import_mxnet().kv.create(args.kvstore or 'device')
    return _train(args, ctxs, kvstore, *_settings(args))


def _join(args):
    from d2l_dropout.distributed import cluster

    here = cluster.from_environment(args.wait, args.timeout)
    if here.role != 'worker':
        cluster.serve(here)
    # Report wrong options before the other processes start to wait for this one.
    ctxs, settings = _contexts(args), _settings(args)
    with cluster.joined(here, args.kvstore) as kvstore:
        return _train(args, ctxs, kvstore, *settings)


def _settings(args):
    """Return what decides the run: the checkpoint, the specification, the data."""
    from d2l_dropout.runs.mini_batches import load

    saved = _saved(args)
    spec = _spec(args, saved)
    data = load(spec)
    if saved:
        saved.check_data(data.digest)
    return saved, spec.on(data), data


def _train(args, ctxs, kvstore, saved, spec, data):
    from d2l_dropout.distributed import checkpoint, run_folder
    from d2l_dropout.distributed.kvstore import KVStoreCommunicator
    from d2l_dropout.runs.result import Checkpoint
    from d2l_dropout.runs.training import Training

    communicator = KVStoreCommunicator(kvstore) if kvstore else None
    saves = args.save and (communicator is None or communicator.rank == 0)
    with run_folder.hold(args.save) if saves else contextlib.nullcontext():
        if saves:
            _check_unchanged(args, saved)
        training = Training(spec, ctxs, communicator, data)
        resume = saved if saved and saved.epochs else None
        if resume and training.is_first:
            _say_where_it_differs(saved.about, training.about())
            print(*saved.epochs, sep='\n', flush=True)
        elif saves:  # the settings now, so that the folder is this run's
            start = Checkpoint(spec, [], {}, training.about(), data.digest)
            checkpoint.save(args.save, start)
        for stats in training.epochs(resume, _progress(training)):
            if training.is_first:
                print(stats, flush=True)
            if saves:
                checkpoint.save(args.save, training.checkpoint())
        if training.is_first:
            _print_end(spec, data, training)
    return 0


def _contexts(args):
    from d2l_dropout.d2l.context import parse_context, why_not_usable

    try:
        ctxs = [parse_context(name) for name in args.ctx.split(',')]
    except ValueError as error:
        args.usage_error(f'--ctx: {error}')
    if len(set(ctxs)) < len(ctxs):
        args.usage_error(f'--ctx {args.ctx} names a device twice')
    for ctx in ctxs:
        problem = why_not_usable(ctx)
        if problem:
            raise ValueError(f'the device {ctx} cannot be used: {problem}')
    return ctxs


def _saved(args):
    """Return the checkpoint to go on from, if there is one."""
    from d2l_dropout.distributed import checkpoint, run_folder

    if not args.save:
        return None
    run_folder.make(args.save)  # before hours of training, not after
    if not run_folder.holds_a_run(args.save):
        return None
    saved = checkpoint.load(args.save)
    if not args.resume and not saved.epochs:
        return None  # nothing is lost by starting anew
    if not args.resume:
        raise ValueError(
            f'{args.save} holds a run already, {len(saved.epochs)} of '
            f'{saved.spec.num_epochs} epochs; go on with it by --resume, or name '
            'another folder.'
        )
    return saved


def _check_unchanged(args, saved):
    """Refuse a folder in which another process saved before this one held it."""
    now = _saved(args)
    then = saved and (saved.spec, len(saved.epochs))
    if then != (now and (now.spec, len(now.epochs))):
        raise ValueError(f'another process has just saved in {args.save}; try again.')


def _spec(args, saved):
    given = train_settings.given(args)
    if saved is None:
        given.setdefault('revision', fashion_mnist.locate().revision)
    try:
        spec = RunSpec(**given) if saved is None else saved.spec
        for name, value in given.items() if saved else ():
            if name != 'num_epochs' and getattr(spec, name) != value:
                raise ValueError(
                    f'{name} is {value!r}; the saved run has {getattr(spec, name)!r}. '
                    'Leave it out to go on with that run, or name another folder.'
                )
        return dataclasses.replace(
            spec, num_epochs=given.get('num_epochs', spec.num_epochs)
        )
    except ValueError as error:
        args.usage_error(str(error))


def _say_where_it_differs(then, now):
    different = [
        f'{name} {now.get(name)} (then {value})'
        for name, value in then.items()
        if now.get(name) != value
    ]
    if different:
        print(
            f'Not as when it was saved: {", ".join(different)}. The bits may differ '
            'from those of an uninterrupted run.',
            file=sys.stderr,
        )


def _progress(training):
    """Return what puts a bar on stderr over the mini-batches of an epoch."""
    if training.is_first and sys.stderr.isatty():
        with contextlib.suppress(ImportError):
            from tqdm import tqdm

            return functools.partial(tqdm, unit='batch', leave=False)
    return lambda train_iter: train_iter


def _print_end(spec, data, training):
    if spec.measure:
        print(json.dumps(training.measure()))
    about = ', '.join(f'{k} {v}' for k, v in training.about().items() if v)
    digest = f'(SHA-256 {data.digest[:12]}...)'
    print(f'seed {spec.seed}, data {spec.revision} {digest}, {about}')
    print(f'SHA-256 of the parameters: {training.model.digest()}')


def _evaluate(args):
    from d2l_dropout.distributed import checkpoint
    from d2l_dropout.runs.training import evaluate

    saved = checkpoint.load(args.eval)
    if not saved.epochs:
        raise ValueError(f'{args.eval} holds a run without a finished epoch.')
    accuracy = evaluate(saved, _contexts(args)[0])
    where = f'{len(saved.epochs)} of {saved.spec.num_epochs} epochs'
    folder = printable(args.eval)
    print(f'{folder}, {where}, data {saved.spec.revision}: test acc {accuracy:.4f}')
    return 0
