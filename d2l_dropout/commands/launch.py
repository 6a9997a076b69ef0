"""`d2l-dropout launch`: training on several machines, tried on this one."""

import argparse

from d2l_dropout.commands import integer


def add(commands):
    """Add the parser of this command."""
    parser = commands.add_parser(
        'launch',
        help='start scheduler, servers and workers on this machine, to try them',
        usage='%(prog)s [-h] [-n N] [-s N] [--port PORT] -- train --kvstore dist_sync '
        '...',
        description='Run a command in all roles on the loopback interface. When one '
        'process fails all others are ended, as they are by Ctrl-C. The workers share '
        'the processors unless OMP_NUM_THREADS says otherwise.',
        epilog='Exit code: 0 done, 1 a process failed, 2 wrong usage, 130 interrupted.',
    )
    parser.add_argument(
        '-n', type=integer(1, 64), default=2, help='workers (default: 2)', metavar='N'
    )
    parser.add_argument(
        '-s', type=integer(1, 64), default=1, help='servers (default: 1)', metavar='N'
    )
    parser.add_argument(
        '--port',
        type=integer(1, 65535),
        help="the scheduler's (default: one that is free)",
    )
    parser.add_argument('arguments', nargs=argparse.REMAINDER, help='-- train ...')
    parser.set_defaults(run=_run, usage_error=parser.error)


def _run(args):
    from d2l_dropout.distributed.launch import launch

    command = args.arguments[args.arguments[:1] == ['--'] :]
    if command[:1] != ['train']:
        args.usage_error("what is launched is 'train', after '--'")
    launch(['-m', 'd2l_dropout', *command], args.n, args.s, args.port)
    return 0
