"""Makes go wrong what can, and says what came of it: `make faults`."""

import asyncio
import sys
from argparse import ArgumentParser
from importlib import import_module
from time import monotonic

from tests.faults.ground import Figure

FAULTS = (
    "killed",
    "restarted",
    "silent",
    "deaf",
    "failover",
    "valkey",
    "full",
    "exhausted",
    "cut",
    "slow",
    "crowd",
)
SHORT = ("killed", "restarted", "silent", "exhausted", "cut")
"""Those that CI tries."""


async def happened(name: str, *, short: bool) -> list[Figure]:
    """What came of one of FAULTS."""
    found: list[Figure] = await import_module(f"tests.faults.{name}").faults(short=short)
    return found


def main() -> int:
    """Run those that are named, or all; 1 if a promise was not kept."""
    parser = ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=f"any of {', '.join(FAULTS)}")
    parser.add_argument(
        "--short", action="store_true", help=f"a few of {', '.join(SHORT)}, as in CI"
    )
    args = parser.parse_args()
    kept = True
    sys.stdout.write("| fault | what | figure | as promised |\n|---|---|---|---|\n")
    for name in args.faults or (SHORT if args.short else FAULTS):
        begun = monotonic()
        for one in asyncio.run(happened(name, short=args.short)):
            kept = kept and one.kept
            word = "yes" if one.kept else "NO"
            sys.stdout.write(f"| {one.fault} | {one.what} | {one.figure} | {word} |\n")
            sys.stdout.flush()
        sys.stderr.write(f"{name}: {monotonic() - begun:.0f} s\n")
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
