"""Accounts of the command line, invitations by address, and the key that signs tokens."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from auth.tokens import ALGORITHMS, Keys, signing_keys
from jobs.command import Exit, say, show, with_database
from jobs.files import Unusable
from jobs.operator import audited
from models.account import OURS, Account, Grant, Role, address
from models.errors import BadInput
from models.network import Department, Network
from models.office import Office
from settings import WrongSettings, settings

MAX_MINUTES = 12 * 60


def key_arguments(parser: ArgumentParser) -> None:
    """What `key` takes."""
    parser.add_argument("--algorithm", choices=ALGORITHMS, default=ALGORITHMS[0])
    parser.add_argument(
        "--if-missing", action="store_true", help="leave a key file that is there, and succeed"
    )


def key(args: Namespace) -> Exit:
    """Make the key that signs tokens."""
    path = settings().token_key_file
    try:
        Keys.write(path, args.algorithm)
    except OSError as error:
        if not path.exists():
            problem = f"RELAIS_TOKEN_KEY_FILE: {path} can't be written ({error.strerror})."
            raise WrongSettings(problem) from None
        if not args.if_missing:
            say(f"{path} exists: move it away first. Nothing was changed.")
            return Exit.UNUSABLE
    else:
        say(f"{path} made, readable by its owner only")
    return Exit.DONE


def scope_arguments(parser: ArgumentParser) -> None:
    """What tells over what a grant holds."""
    parser.add_argument("--network", help="code of the network it is for, such as caf")
    parser.add_argument("--department", help="code of the department within that network")
    parser.add_argument("--office", help="directory id or pivot code of the office it is for")


def account_arguments(parser: ArgumentParser) -> None:
    """What `account` takes."""
    parser.add_argument("name", type=text(64), help="what to know it by, such as caf-lyon; unique")
    parser.add_argument(
        "--label", type=text(255), help="what to call it: a function, never a person's name"
    )
    _role_arguments(parser)


def invite_arguments(parser: ArgumentParser) -> None:
    """What `invite` takes."""
    parser.add_argument("email", type=text(255), help="the address that they sign in with")
    _role_arguments(parser)


def _role_arguments(parser: ArgumentParser) -> None:
    roles = [role.value for role in Role if role is not Role.SERVICE]
    parser.add_argument("--role", choices=roles, required=True)
    scope_arguments(parser)


def text(most: int) -> Callable[[str], str]:
    """What reads an argument of printable characters."""

    def read(given: str) -> str:
        if not (0 < len(given) <= most and given.isprintable()):
            raise ArgumentTypeError(f"1 to {most} printable characters are expected")
        return given

    return read


def account(args: Namespace) -> Exit:
    """Give an account a role over a scope; the account is made when there is none of that name."""

    async def work() -> Exit:
        async with in_transaction():
            grant = await give(args.name, args.label, Role(args.role), await Scope.of(args))
            await audited(grant.deed("grant.given"))
        say(f"{args.name} is {args.role}; `python -m jobs token {args.name}` prints a token")
        return Exit.DONE

    return with_database(work)


def invite(args: Namespace) -> Exit:
    """Give a role to whoever signs in with an address: so the first administrator comes in."""

    async def work() -> Exit:
        email = address(args.email.strip())
        if email is None:
            say(f"{args.email} is not an e-mail address.")
            return Exit.USAGE
        async with in_transaction():
            scope = await Scope.of(args)
            known = await Account.of_email(email)
            grant = await grant_to(known or email, Role(args.role), scope)
            await audited(grant.deed("grant.given"))
        say(f"{email} is {args.role}{'' if known else ' from their first sign-in on'}")
        return Exit.DONE

    return with_database(work)


@dataclass(frozen=True, slots=True)
class Scope:
    """Over what a grant holds."""

    network: Network | None = None
    department: Department | None = None
    office: Office | None = None

    @classmethod
    async def of(cls, args: Namespace) -> Self:
        """What the arguments tell. Raises Unusable for what there is not."""
        office = await _office(args.office)
        network = await _network(args.network) or (office.network if office else None)
        return cls(network, await _department(args.department), office)

    @property
    def parts(self) -> dict[str, Any]:
        """What `Grant.give` takes of it."""
        return {"network": self.network, "department": self.department, "office": self.office}


async def give(
    name: str, label: str | None, role: Role, scope: Scope, *, rights: str = ""
) -> Grant:
    """Give the account of `name` a role. Raises Unusable when the scope does not suit it."""
    called = {"label": label or name}
    made, _ = await Account.get_or_create(issuer=OURS, subject=name, defaults=called)
    return await grant_to(made, role, scope, rights)


async def grant_to(to: Account | str, role: Role, scope: Scope, rights: str = "") -> Grant:
    """Give a role to an account or an address. Raises Unusable when the scope does not suit it."""
    try:
        return await Grant.give(to, role, **scope.parts, rights=rights)
    except BadInput as refusal:
        raise Unusable(str(refusal)) from None


async def _network(code: str | None) -> Network | None:
    found = await Network.get_or_none(code=code) if code else None
    if code and found is None:
        raise Unusable(f"There is no network of code {code!r}: `networks {{ code }}` lists them.")
    return found


async def _department(code: str | None) -> Department | None:
    found = await Department.get_or_none(code=code) if code else None
    if code and found is None:
        raise Unusable(f"There is no department of code {code!r}.")
    return found


async def _office(code: str | None) -> Office | None:
    if not code:
        return None
    found = await Office.filter(Q(directory_id=code) | Q(pivot_code=code)).first()
    if found is None:
        raise Unusable(f"There is no office of directory id or pivot code {code!r}.")
    await found.fetch_related("network")
    return found


def token_arguments(parser: ArgumentParser) -> None:
    """What `token` takes."""
    parser.add_argument("name", type=text(64), help="the account's name")
    parser.add_argument(
        "--minutes", type=int, default=60, help=f"how long it is good for, at most {MAX_MINUTES}"
    )


def token(args: Namespace) -> Exit:
    """Print a token for an account."""
    if not 1 <= args.minutes <= MAX_MINUTES:
        say(f"--minutes must be between 1 and {MAX_MINUTES}.")
        return Exit.USAGE
    keys = signing_keys(settings().token_key_file)

    async def work() -> Exit:
        found = await Account.get_or_none(issuer=OURS, subject=args.name, deactivated_at=None)
        if found is None:
            raise Unusable(f"There is no active account of name {args.name!r}.")
        async with in_transaction():
            await audited(await found.deed("token.signed", minutes=args.minutes))
        show(keys.issue(found.subject, args.minutes * 60))
        return Exit.DONE

    return with_database(work)
