"""`python -m schema` writes schema.graphql; `--check` says whether it is still true."""

import difflib
import sys
from pathlib import Path

from graphql import build_schema, find_breaking_changes

from schema.root import schema

COMMITTED = Path(__file__).with_name("schema.graphql")


def main(arguments: list[str]) -> int:
    """Write the schema's definition, or compare it with the one that is committed."""
    now = f"{schema.as_str()}\n"
    if "--check" not in arguments:
        COMMITTED.write_text(now, encoding="utf-8")
        return 0
    then = COMMITTED.read_text(encoding="utf-8")
    changes = difflib.unified_diff(then.splitlines(), now.splitlines(), "committed", "now", n=1)
    sys.stdout.writelines(f"{line}\n" for line in changes)
    breaking = find_breaking_changes(build_schema(then), build_schema(now))
    sys.stdout.writelines(f"BREAKING: {change.description}\n" for change in breaking)
    if then != now:
        sys.stderr.write("The schema changed: run `make sdl`, and tell CHANGELOG.md.\n")
    return int(then != now)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
