"""Machines from the command line: let one in, list them, rotate and revoke their tokens."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from tortoise.transactions import in_transaction

from auth.permissions import Permission
from jobs.command import Exit, say, show, with_database
from jobs.files import Unusable
from jobs.operator import audited
from jobs.people import Scope, grant_to, scope_arguments, text
from models.access import MAX_DAYS, MAX_OVERLAP, AccessToken
from models.account import Account, AccountKind, Role
from models.audit import Deed
from models.errors import AlreadyRevoked


def arguments(parser: ArgumentParser) -> None:
    """What `machine` takes."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    create = verbs.add_parser("create", help="let a machine in; its token alone is printed")
    create.add_argument("label", type=text(255), help="what to call it: a function, not a name")
    create.add_argument(
        "--rights",
        required=True,
        type=_rights,
        help=f"its rights, parted by commas, among {', '.join(Permission)}",
    )
    scope_arguments(create)
    _days(create)
    verbs.add_parser("list", help="every machine, its grants and its tokens")
    rotate = verbs.add_parser("rotate", help="give a machine a new token, which alone is printed")
    rotate.add_argument("machine", help="its name, as `list` shows it")
    _days(rotate)
    rotate.add_argument(
        "--overlap-minutes",
        type=_within(0, MAX_OVERLAP),
        default=60,
        help="how long the tokens it has now go on (60)",
    )
    revoke = verbs.add_parser("revoke", help="end a token, or shut a machine out")
    revoke.add_argument("what", help="the beginning of a token, or the name of a machine")


def _days(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--days", type=_within(1, MAX_DAYS), default=90, help="how long its token lives (90)"
    )


def _within(least: int, most: int) -> Callable[[str], int]:
    def number(given: str) -> int:
        if not given.isdecimal() or not least <= int(given) <= most:
            message = f"between {least} and {most} is expected"
            raise ArgumentTypeError(message)
        return int(given)

    return number


def _rights(given: str) -> frozenset[Permission]:
    try:
        return frozenset(map(Permission, given.split(",")))
    except ValueError:
        raise ArgumentTypeError(f"rights are {', '.join(Permission)}") from None


def run(args: Namespace) -> Exit:
    """Let machines in and out. Secrets are printed once: keep them safe."""

    async def work() -> Exit:
        async with in_transaction():
            await _VERBS[args.verb](args)
        return Exit.DONE

    return with_database(work)


async def _create(args: Namespace) -> None:
    scope = await Scope.of(args)
    rights = " ".join(sorted(args.rights))
    machine = await Account.machine(args.label)
    await grant_to(machine, Role.SERVICE, scope, rights)
    deed = await machine.deed("machine.created", permissions=rights.split(), days=args.days)
    await _issue(machine, args.days, deed)


async def _rotate(args: Namespace) -> None:
    machine = await _machine(args.machine)
    if machine is None:
        raise Unusable(f"There is no machine of name {args.machine!r}: `machine list` lists them.")
    await AccessToken.run_out(machine, timedelta(minutes=args.overlap_minutes))
    facts = {"days": args.days, "overlapMinutes": args.overlap_minutes}
    await _issue(machine, args.days, await machine.deed("machine.rotated", **facts))


async def _revoke(args: Namespace) -> None:
    machine = await _machine(args.what)
    if machine is not None:
        try:
            await machine.deactivate()
        except AlreadyRevoked as refusal:
            raise Unusable(str(refusal)) from None
        await audited(await machine.deed("account.deactivated"))
        say(f"{machine.label} is shut out")
        return
    live = AccessToken.filter(prefix=args.what, revoked_at=None)
    tokens = await live.select_for_update()
    if len(tokens) != 1:
        problem = "There is no live token that begins like this, and no machine of this name"
        raise Unusable(f"{problem}: `machine list` lists them.")
    (token,) = tokens
    await token.revoke()
    await audited(await token.deed("token.revoked"))
    say(f"{token.prefix} of {token.account.label} opens nothing within two seconds")


async def _list(_: Namespace) -> None:
    machines = Account.filter(kind=AccountKind.MACHINE).order_by("id")
    async for machine in machines.prefetch_related("tokens", "grants__network", "grants__office"):
        show(f"{machine.subject}  {machine.label}{_ended(machine.deactivated_at, ' (shut out)')}")
        for grant in machine.grants:
            where = grant.network.code if grant.network else "the whole country"
            where += f" {grant.department_id}" if grant.department_id else ""
            where += f", {grant.office.name}" if grant.office else ""
            show(f"    {grant.rights} over {where}{_ended(grant.revoked_at, ' (revoked)')}")
        for token in machine.tokens:
            used = f"{token.last_used_at:%Y-%m-%d %H:%M}" if token.last_used_at else "never"
            ends = f"until {token.expires_at:%Y-%m-%d %H:%M}"
            show(
                f"    {token.prefix}... {_ended(token.revoked_at, 'revoked, ')}{ends}, used {used}"
            )


_VERBS: dict[str, Callable[[Namespace], Coroutine[Any, Any, None]]] = {
    "create": _create,
    "rotate": _rotate,
    "revoke": _revoke,
    "list": _list,
}


async def _machine(name: str) -> Account | None:
    return await Account.get_or_none(kind=AccountKind.MACHINE, subject=name)


async def _issue(machine: Account, days: int, deed: Deed) -> None:
    _, secret = await AccessToken.issue(machine, datetime.now(UTC) + timedelta(days=days))
    await audited(deed)
    say(f"{machine.subject} ({machine.label}); its token, shown this once:")
    show(secret)


def _ended(at: datetime | None, said: str) -> str:
    return said if at else ""
