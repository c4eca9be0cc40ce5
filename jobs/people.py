"""Accounts, their grants, and tokens: until people sign in by themselves, this is how they come."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from auth.tokens import ALGORITHMS, Keys, signing_keys
from jobs.command import Exit, say, show, with_database
from jobs.files import Unusable
from models.account import OURS, Account, Grant, Role
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


def account_arguments(parser: ArgumentParser) -> None:
    """What `account` takes."""
    parser.add_argument("name", type=_text(64), help="what to know it by, such as caf-lyon; unique")
    parser.add_argument(
        "--label", type=_text(255), help="what to call it: a function, never a person's name"
    )
    parser.add_argument("--role", choices=[role.value for role in Role], required=True)
    parser.add_argument("--network", help="code of the network it is for, such as caf")
    parser.add_argument("--department", help="code of the department within that network")
    parser.add_argument("--office", help="directory id or pivot code of the office it is for")


def _text(most: int) -> Callable[[str], str]:
    def text(given: str) -> str:
        if not (0 < len(given) <= most and given.isprintable()):
            raise ArgumentTypeError(f"1 to {most} printable characters are expected")
        return given

    return text


def account(args: Namespace) -> Exit:
    """Give an account a role over a scope; the account is made when there is none of that name."""

    async def work() -> Exit:
        async with in_transaction():
            office = await _office(args.office)
            network = await _network(args.network) or (office.network if office else None)
            await give(args.name, args.label, Role(args.role), network, args.department, office)
        say(f"{args.name} is {args.role}; `python -m jobs token {args.name}` prints a token")
        return Exit.DONE

    return with_database(work)


async def give(
    name: str,
    label: str | None,
    role: Role,
    network: Network | None = None,
    department: str | None = None,
    office: Office | None = None,
    rights: str = "",
) -> None:
    """Give the account of `name` a role. Raises Unusable when the scope does not suit it."""
    place = await _department(department)
    called = {"label": label or name}
    made, _ = await Account.get_or_create(issuer=OURS, subject=name, defaults=called)
    try:
        await Grant.give(
            made, role, network=network, department=place, office=office, rights=rights
        )
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
    parser.add_argument("name", type=_text(64), help="the account's name")
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
        show(keys.issue(found.subject, args.minutes * 60))
        return Exit.DONE

    return with_database(work)
