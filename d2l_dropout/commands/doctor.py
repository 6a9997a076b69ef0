"""`d2l-dropout doctor`: what works on this machine, and what to do about the rest."""

from d2l_dropout.commands import DONE, FAILED
from d2l_dropout.messages import printable_lines


def add(commands):
    """Add the parser of this command."""
    parser = commands.add_parser(
        'doctor',
        help='print what works on this machine, and what to do about the rest',
        description='Check Python, MXNet, NumPy, contexts, GPUs, threads, notebook '
        'tools and data. Nothing is downloaded or changed.',
        epilog='Exit code: 0 if all that the chapter needs works, otherwise 1.',
    )
    parser.set_defaults(run=_run)


def _run(args):
    from d2l_dropout import doctor

    checks = doctor.examine()
    print(printable_lines(doctor.report(checks)))
    return FAILED if any(check.ok is False for check in checks) else DONE
