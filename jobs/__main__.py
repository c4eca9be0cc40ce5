"""The command line: `python -m jobs COMMAND`."""

import os
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable
from dataclasses import dataclass

from jobs import (
    audit,
    demonstration,
    directory,
    erase,
    indicators,
    machines,
    migrate,
    months,
    names,
    people,
    procedures,
    purge,
    reviews,
    rollup,
    subject,
    work,
)
from jobs.command import CODES, Exit, show
from settings import Settings


@dataclass(frozen=True, slots=True)
class Command:
    """A command, what it takes, and what it is for."""

    run: Callable[[Namespace], Exit]
    arguments: Callable[[ArgumentParser], None]
    about: str


def _nothing(_: ArgumentParser) -> None: ...


def _settings(_: Namespace) -> Exit:
    """Every setting: its name in the environment, its default, and what it is."""
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else field.default
        show(f"RELAIS_{name.upper()} ({default})\n    {field.description}")
    return Exit.DONE


COMMANDS = {
    "migrate": Command(migrate.run, migrate.arguments, "bring the database up to this release"),
    "key": Command(people.key, people.key_arguments, "make the key that signs tokens"),
    "account": Command(people.account, people.account_arguments, "give an account a role"),
    "invite": Command(people.invite, people.invite_arguments, "give a role to an e-mail address"),
    "machine": Command(machines.run, machines.arguments, "let machines in and out"),
    "token": Command(people.token, people.token_arguments, "print a token for an account"),
    "import-directory": Command(
        directory.run, directory.arguments, "import the national directory of offices"
    ),
    "import-procedures": Command(
        procedures.run, procedures.arguments, "import a list of procedures, CSV"
    ),
    "import-reviews": Command(
        reviews.run, reviews.arguments, "import an export of experiences, JSON or CSV"
    ),
    "import-indicators": Command(
        indicators.run_indicators, indicators.arguments, "import what the platform measures"
    ),
    "import-results": Command(
        indicators.run_results, indicators.arguments, "import the results of its indicators"
    ),
    "demo": Command(demonstration.run, demonstration.arguments, "make demo reviews"),
    "welcome": Command(demonstration.welcome, _nothing, "print address, demo tokens, a query"),
    "audit-verify": Command(
        audit.verify, audit.verify_arguments, "see that the audit trail is whole"
    ),
    "audit-export": Command(
        audit.export, audit.export_arguments, "write the audit trail as JSON lines"
    ),
    "detect-names": Command(
        names.run, names.arguments, "let a language model look for names in what is moderated"
    ),
    "purge": Command(purge.run, _nothing, "forget what is to be kept no longer"),
    "erase": Command(erase.run, erase.arguments, "erase for good what a user told"),
    "subject-export": Command(
        subject.run, erase.named_arguments, "print all that is kept of what a user told"
    ),
    "close-months": Command(
        months.run, _nothing, "count moderation in the months that are over, for good"
    ),
    "rollup-verify": Command(
        rollup.verify, rollup.arguments, "see that the figures are those of a recount"
    ),
    "work": Command(
        work.run, work.arguments, "send webhooks, purge, import files from RELAIS_IMPORT_DIR"
    ),
    "settings": Command(_settings, _nothing, "list every setting"),
}


def main(arguments: list[str]) -> int:
    """Run one command; the exit code is what `--help` says."""
    parser = ArgumentParser(prog="python -m jobs", epilog=CODES)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        its = commands.add_parser(
            name,
            help=command.about,
            description=command.run.__doc__,
            epilog=CODES,
            formatter_class=RawDescriptionHelpFormatter,
        )
        command.arguments(its)
    args = parser.parse_args(arguments)
    return COMMANDS[args.command].run(args)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
