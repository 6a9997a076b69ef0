"""`d2l-dropout launch`: start a whole cluster on this machine, to try it out."""

import argparse

from d2l_dropout.commands import DONE, integer


def add(commands):
    """Add the parser of this command."""
    parser = commands.add_parser(
        'launch',
        help='start a scheduler, servers and workers on this machine',
        usage='%(prog)s [-h] [-n N] [-s N] [--port PORT] -- train --kvstore dist_sync '
        '...',
        description='Start the scheduler, the servers and the workers of distributed '
        'training on the loopback interface, to try here what several machines would '
        'do. If one process fails, all others are ended, as they are by Ctrl-C. The '
        'workers share the processors unless OMP_NUM_THREADS is set.',
        epilog='Exit code: 0 if all ended well, 1 if a process failed, 2 on wrong '
        'usage, 130 if interrupted, 143 if terminated.',
    )
    parser.add_argument(
        '-n',
        type=integer(1, 64),
        default=2,
        metavar='N',
        help='number of workers (default: 2)',
    )
    parser.add_argument(
        '-s',
        type=integer(1, 64),
        default=1,
        metavar='N',
        help='number of servers (default: 1)',
    )
    parser.add_argument(
        '--port',
        type=integer(1, 65535),
        help='port of the scheduler (default: a free one)',
    )
    parser.add_argument(
        'arguments',
        nargs=argparse.REMAINDER,
        help="the command to run, after '--': -- train --kvstore dist_sync ...",
    )
    parser.set_defaults(run=_run, usage_error=parser.error)


def _run(args):
    from d2l_dropout.distributed.launch import launch

    command = args.arguments[args.arguments[:1] == ['--'] :]
    if command[:1] != ['train']:
        args.usage_error("give the command to start after '--'; it must be 'train'")
    launch(['-m', 'd2l_dropout', *command], args.n, args.s, args.port)
    return DONE
