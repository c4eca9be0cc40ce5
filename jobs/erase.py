"""Erase for good what a user told, at the wish of who may ask for it."""

from argparse import ArgumentParser, Namespace

from tortoise.transactions import in_transaction

from auth.tokens import signing_keys
from jobs.command import Exit, say, with_database
from jobs.operator import audited
from models.erasure import REPORT, REVIEW, EraseReason, erase_report, erase_review
from models.event import Event
from models.tombstone import Marks, Tombstone
from settings import settings

KINDS = {REVIEW: erase_review, REPORT: erase_report}


def named_arguments(parser: ArgumentParser) -> None:
    """What names one thing that a user told."""
    parser.add_argument("source", help="the platform that it came from; relais for offices")
    parser.add_argument("source_id", help="its identifier there")
    parser.add_argument("--kind", choices=KINDS, default=REVIEW, help="what it is (review)")


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    named_arguments(parser)
    reasons = [reason.value for reason in EraseReason]
    parser.add_argument("--reason", choices=reasons, required=True, help="why: it is audited")


def run(args: Namespace) -> Exit:
    """Erase it for good, published or not, with all that was said of it: it can't come back.

    Receivers are told. The next purge, within the hour, takes it from files too.
    """

    async def work() -> Exit:
        keys = signing_keys(settings().token_key_file)
        async with in_transaction():
            erase, reason = KINDS[args.kind], EraseReason(args.reason)
            deeds = await erase(args.source, args.source_id, keys.marks(), reason)
            for deed in deeds:
                await Event.add(await audited(deed), [deed])
        if not deeds:
            say(f"there is no {args.kind} {args.source_id} of {args.source}; nothing was changed")
            return Exit.UNUSABLE
        say(f"erased: {args.kind} {args.source_id} of {args.source}")
        return Exit.DONE

    return with_database(work)


async def kept_marks() -> Marks:
    """What knows again what was erased: no key is needed before anything was."""
    erased = await Tombstone.exists()
    return signing_keys(settings().token_key_file).marks() if erased else Marks(())
