"""The command line: `python -m jobs COMMAND`."""

import os
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from jobs.command import CODES, Exit


@dataclass(frozen=True, slots=True)
class Command:
    """A command: the module of jobs that does it, what it is for, and what does it there.

    A module is imported when it is asked for: a command starts in a third of the time.
    """

    module: str
    about: str
    verb: str = "run"
    takes: str = "arguments"

    @property
    def run(self) -> Callable[[Namespace], Exit]:
        """Does it."""
        return cast(Callable[[Namespace], Exit], self._named(self.verb))

    def arguments(self, parser: ArgumentParser) -> None:
        """Say what it takes, if anything."""
        if self.takes:
            self._named(self.takes)(parser)

    def _named(self, name: str) -> Any:
        return getattr(import_module(f"jobs.{self.module}"), name)


COMMANDS = {
    "migrate": Command("migrate", "bring the database up to this release"),
    "key": Command("people", "make the key that signs tokens", "key", "key_arguments"),
    "account": Command("people", "give an account a role", "account", "account_arguments"),
    "invite": Command("people", "give a role to an e-mail address", "invite", "invite_arguments"),
    "machine": Command("machines", "let machines in and out"),
    "token": Command("people", "print a token for an account", "token", "token_arguments"),
    "import-directory": Command("directory", "import the national directory of offices"),
    "import-procedures": Command("procedures", "import a list of procedures, CSV"),
    "import-reviews": Command("reviews", "import an export of experiences, JSON or CSV"),
    "import-indicators": Command(
        "indicators", "import what the platform measures", "run_indicators"
    ),
    "import-results": Command("indicators", "import the results of its indicators", "run_results"),
    "demo": Command("demonstration", "make demo reviews"),
    "welcome": Command("demonstration", "print address, demo tokens, a query", "welcome", ""),
    "audit-verify": Command(
        "audit", "see that the audit trail is whole", "verify", "verify_arguments"
    ),
    "audit-export": Command(
        "audit", "write the audit trail as JSON lines", "export", "export_arguments"
    ),
    "detect-names": Command("names", "let a language model look for names in what is moderated"),
    "purge": Command("purge", "forget what is to be kept no longer", takes=""),
    "erase": Command("erase", "erase for good what a user told"),
    "subject-export": Command("subject", "print all that is kept of what a user told"),
    "close-months": Command(
        "months", "count moderation in the months that are over, for good", takes=""
    ),
    "rollup-verify": Command("rollup", "see that the figures are those of a recount", "verify"),
    "work": Command("work", "send webhooks, purge, import files from RELAIS_IMPORT_DIR"),
    "settings": Command("command", "list every setting", "list_settings", ""),
}


def main(arguments: list[str]) -> int:
    """Run one command; the exit code is what `--help` says."""
    parser = ArgumentParser(prog="python -m jobs", epilog=CODES)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        its = commands.add_parser(
            name, help=command.about, epilog=CODES, formatter_class=RawDescriptionHelpFormatter
        )
        if name in arguments[:1]:
            its.description = command.run.__doc__
            command.arguments(its)
    args = parser.parse_args(arguments)
    return COMMANDS[args.command].run(args)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
