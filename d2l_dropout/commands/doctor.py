"""`d2l-dropout doctor`: what works on this machine, and what to do about the rest."""


def add(commands):
    """Add the parser of this command."""
    parser = commands.add_parser(
        'doctor',
        help='say what works on this machine and what to do about the rest',
        description='Check Python, NumPy, MXNet, contexts, threads and data. Exit '
        'code 1 if something that the chapter needs does not work.',
    )
    parser.set_defaults(run=_run)


def _run(args):
    from d2l_dropout import doctor

    checks = doctor.examine()
    print(doctor.report(checks))
    return 1 if any(check.ok is False for check in checks) else 0
