"""The audit trail: whether it is whole, and a copy for those who keep one."""

import re
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import AsyncIterator
from contextlib import ExitStack
from datetime import UTC
from pathlib import Path
from typing import Any

import orjson
from tqdm import tqdm

from jobs.command import Exit, say, show, with_database
from jobs.files import Unusable
from models import ids
from models.audit import GENESIS, AuditEntry, AuditHead
from models.network import Network

BATCH = 1000
_ANCHOR = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")


def verify_arguments(parser: ArgumentParser) -> None:
    """What `audit-verify` takes."""
    parser.add_argument(
        "--anchor",
        type=_anchor,
        metavar="NUMBER:SEAL",
        help="what an earlier run printed and you kept elsewhere: begin after that entry, and see "
        "that it still bears this seal",
    )


def _anchor(given: str) -> tuple[int, str]:
    found = _ANCHOR.fullmatch(given)
    if found is None:
        raise ArgumentTypeError("NUMBER:SEAL is expected, as an earlier run printed it")
    return int(found[1]), found[2]


def verify(args: Namespace) -> Exit:
    """See that no entry of the audit trail was changed, removed or put elsewhere.

    Prints the anchor of the last entry. Whoever can write the whole database could write the
    whole trail anew: keep anchors elsewhere, and give the last one with --anchor.
    """

    async def work() -> Exit:
        number, seal = args.anchor or (0, GENESIS)
        if args.anchor and not await AuditEntry.filter(id=number, seal=seal).exists():
            raise Unusable(f"Entry {number} does not bear the seal of the anchor any more.")
        head = await AuditHead.get(id=1)
        count = head.entries - number
        with tqdm(desc="verifying", total=max(count, 0), disable=None) as progress:
            async for entry in _entries(number):
                if entry.id != number + 1:
                    raise Unusable(f"Entry {number + 1} is missing.")
                if entry.seal != entry.sealed(seal):
                    raise Unusable(f"Entry {entry.id} was changed, or one before it was.")
                number, seal = entry.id, entry.seal
                progress.update()
        # Entries may have been added meanwhile, but the head never goes back.
        if number < head.entries or (number == head.entries and seal != head.seal):
            raise Unusable(f"The last entries are missing: there were {head.entries}.")
        say(f"{count} entries are whole; keep this anchor elsewhere:")
        show(f"{number}:{seal}")
        return Exit.DONE

    return with_database(work)


def export_arguments(parser: ArgumentParser) -> None:
    """What `audit-export` takes."""
    parser.add_argument("--network", help="code of the network: its entries only")
    parser.add_argument("--after", type=int, default=0, help="begin after the entry of this number")
    parser.add_argument("--out", type=Path, help="a file to write; standard output without")


def export(args: Namespace) -> Exit:
    """Write entries of the audit trail as JSON, one a line, the oldest first."""

    async def work() -> Exit:
        among = {"network__code": args.network} if args.network else {}
        networks = {network.id: network.code async for network in Network.all()}
        with ExitStack() as files:
            out = files.enter_context(args.out.open("wb")) if args.out else sys.stdout.buffer
            async for entry in _entries(args.after, **among):
                out.write(orjson.dumps(_told(entry, networks), option=orjson.OPT_APPEND_NEWLINE))
        return Exit.DONE

    return with_database(work)


async def _entries(after: int, **among: Any) -> AsyncIterator[AuditEntry]:
    while True:
        rows = await AuditEntry.filter(id__gt=after, **among).order_by("id").limit(BATCH)
        for entry in rows:
            yield entry
        if len(rows) < BATCH:
            return
        after = rows[-1].id


def _told(entry: AuditEntry, networks: dict[int, str]) -> dict[str, Any]:
    return {
        "number": entry.id,
        "at": entry.at.astimezone(UTC),
        "actor": ids.encode("Account", entry.actor) if entry.actor else None,
        "actorLabel": entry.actor_label,
        "action": entry.action,
        "subject": entry.subject,
        "network": networks[entry.network_id] if entry.network_id else None,
        "department": entry.department_id,
        "office": ids.encode("Office", entry.office_id) if entry.office_id else None,
        "facts": orjson.loads(entry.facts),
        "address": entry.address,
        "request": entry.request,
        "seal": entry.seal,
    }
