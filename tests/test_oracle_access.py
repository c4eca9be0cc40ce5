"""Giving and taking, in any order by anyone: what tests/oracle.py says is what happens."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth import scope
from auth.permissions import Permission
from models.access import AccessToken
from models.account import Account
from models.account import Grant as GrantRow
from models.network import Network
from tests import oracle
from tests.client import Client
from tests.facts import Grant, Place, World
from tests.test_oracle import (
    CAF,
    COUNTER,
    EVERYWHERE,
    HOLDERS,
    NOWHERE,
    POLICE,
    RHONE,
    SEAT,
    Asker,
    bases,
    notices,
    organisation,
    slowly,
)
from tests.worlds import OTHERS, OVERSEER, VIEWER, grants, settle, worlds

FIELDS = {
    "shut": "accountDeactivate(id: {id})",
    "open": "accountReactivate(id: {id})",
    "rotate": "serviceAccountRotate(id: {id})",
    "end": "accessTokenRevoke(id: {id})",
    "revoke": "grantRevoke(id: {id})",
    "give": "grantGive(input: {{account: {id}, role: {role}, place: {place}{rights}}})",
}
TYPES = {"end": "AccessToken", "revoke": "Grant"}
BATCH = 8


@dataclass(frozen=True)
class Deed:
    kind: str
    key: int  # of an account, a token or a grant
    gift: Grant | None = None


@dataclass
class Ledger:
    """What became of a world: rights of the one who asks stay as they were when they came."""

    world: World
    shut: set[int] = field(default_factory=set)
    ended: set[int] = field(default_factory=set)
    revoked: set[int] = field(default_factory=set)
    given: list[Grant] = field(default_factory=list)

    def now(self) -> World:
        left = tuple(
            replace(one, state="revoked") if one.key in self.revoked else one
            for one in self.world.grants
        )
        return replace(self.world, grants=left + tuple(self.given))

    def settle(self, deed: Deed) -> str | None:
        """Do it, or say why not."""
        code = refusal(self, deed)
        if code is None and deed.gift is not None:
            same = (one for one in self.now().grants if one.state == "in force")
            if not any(alike(one) == alike(deed.gift) for one in same):
                self.given.append(deed.gift)
        elif code is None and deed.kind == "open":
            self.shut.remove(deed.key)
        elif code is None and deed.kind in {"shut", "end", "revoke"}:
            {"shut": self.shut, "end": self.ended, "revoke": self.revoked}[deed.kind].add(deed.key)
        return code


def alike(one: Grant) -> tuple[Any, ...]:
    return one.account, one.role, one.place, one.rights


def refusal(ledger: Ledger, deed: Deed) -> str | None:
    world, now, key = ledger.world, ledger.now(), deed.key
    machines = {account for _, account in world.tokens}
    if deed.gift is not None:
        return oracle.beyond(world, VIEWER, deed.gift, machines)
    if deed.kind == "revoke":
        found = [one for one in now.grants if one.key == key]
        if not any(oracle.administers(world, VIEWER, one) for one in found):
            return "NOT_FOUND"
        return "ALREADY_REVOKED" if found[0].state == "revoked" else None
    account = next((of for token, of in world.tokens if token == key), 0)
    account = account if deed.kind == "end" else key
    if account not in world.accounts or not oracle.governs(now, VIEWER, account):
        return "NOT_FOUND"
    codes = {
        "end": "ALREADY_REVOKED" if key in ledger.ended else None,
        "rotate": None if key in machines else "BAD_INPUT",
        "open": None if key in ledger.shut else "ALREADY_ACTIVE",
        "shut": "ALREADY_REVOKED" if key in ledger.shut else None,
    }
    return "BAD_INPUT" if (deed.kind, key) == ("shut", VIEWER) else codes[deed.kind]


def written(asker: Asker, deed: Deed) -> str:
    """A deed as a field of a mutation."""
    key = f'"{asker.id(TYPES.get(deed.kind, "Account"), deed.key)}"'
    if deed.gift is None:
        return FIELDS[deed.kind].format(id=key)
    place, rights = deed.gift.place, ", ".join(sorted(deed.gift.rights)).upper()
    parts = [
        f'{name}: "{value}"'
        for name, value in (
            ("network", place.network),
            ("department", place.department),
            ("office", place.office and asker.id("Office", place.office)),
        )
        if value
    ]
    return FIELDS["give"].format(
        id=key,
        role=deed.gift.role.upper(),
        place=f"{{{', '.join(parts)}}}",
        rights=f", permissions: [{rights}]" if rights else "",
    )


async def compare(asker: Asker, deeds: Sequence[Deed]) -> None:
    """Try deeds, several in a request; then look at what is in the database."""
    ledger = Ledger(asker.world)
    for at in range(0, len(deeds), BATCH):
        several = deeds[at : at + BATCH]
        fields = [
            f"d{n}: {written(asker, deed)} {{ userErrors {{ code }} }}"
            for n, deed in enumerate(several)
        ]
        data = await asker.data(f"mutation {{ {' '.join(fields)} }}")
        told = [
            [error["code"] for error in data[f"d{n}"]["userErrors"]] for n in range(len(fields))
        ]
        codes = [ledger.settle(deed) for deed in several]
        assert told == [[code] if code else [] for code in codes], several
    await compare_rows(ledger)


async def compare_rows(ledger: Ledger) -> None:
    """The database holds what the ledger says, and nothing else."""
    base = ledger.world.base
    networks = {one.id: one.code for one in await Network.all()}
    shut = {one.id - base for one in await Account.exclude(deactivated_at=None)}
    ended = {
        one.id - base
        for one in await AccessToken.filter(id__lt=base + NOWHERE, id__gt=base)
        if one.revoked_at
    }
    assert (shut, ended) == (ledger.shut, ledger.ended)
    rows = await GrantRow.filter(revoked_at=None)
    kept = sorted(
        repr(
            (
                row.account_id and row.account_id - base,
                row.role.value,
                Place(
                    networks[row.network_id] if row.network_id else None,
                    row.department_id,
                    row.office_id and row.office_id - base,
                ),
                sorted(row.rights.split()),
            )
        )
        for row in rows
    )
    said = [one for one in ledger.now().grants if one.state != "revoked"]
    assert kept == sorted(
        repr((one.account, one.role, one.place, sorted(one.rights))) for one in said
    )


def possible(world: World) -> list[Deed]:
    """Everything that can be tried on what is there, but to take what the viewer holds."""
    own = {one.key for one in world.grants if one.account == VIEWER}
    accounts = (*world.accounts, NOWHERE)
    return [
        *(Deed(kind, key) for kind in ("shut", "open", "rotate") for key in accounts),
        *(Deed("end", key) for key, _ in world.tokens),
        *(Deed("revoke", one.key) for one in world.grants if one.key not in own),
        Deed("end", NOWHERE),
        Deed("revoke", NOWHERE),
    ]


@st.composite
def gifts(draw: st.DrawFn, world: World) -> Deed:
    to = draw(st.sampled_from([VIEWER, OVERSEER, *OTHERS, NOWHERE]))
    gift = draw(grants(world.offices, iter([0]), to))
    return Deed("give", to, Grant(0, to, gift.role, gift.place, gift.rights))


@st.composite
def attempts(draw: st.DrawFn) -> tuple[World, list[Deed]]:
    world = draw(worlds())
    any_deed = st.sampled_from(possible(world)) | gifts(world)
    return world, draw(st.lists(any_deed, min_size=4, max_size=16))


@slowly
@given(drawn=attempts())
async def test_rights_are_given_and_taken_as_the_rules_say(api: Client, drawn: Any) -> None:
    world, deeds = drawn
    world = replace(world, base=next(bases))
    await settle(world)

    await compare(Asker(api, world, VIEWER), deeds)


PLACES = (CAF, POLICE, RHONE, SEAT, COUNTER, EVERYWHERE)


async def compare_all(api: Client, holder: str) -> None:
    """All that can be tried in the small organisation, and many gifts."""
    world = organisation(*HOLDERS[holder])
    await settle(world)
    some = {"reader", "network_manager", "department_manager", "office_agent", "administrator"}
    free = [
        Deed("give", to, Grant(0, to, role, place))
        for role in sorted(some)
        for place in PLACES
        for to in (VIEWER, *OTHERS[1:])
    ]
    free += [
        Deed("give", OTHERS[0], Grant(0, OTHERS[0], "service", place, frozenset({right})))
        for place in PLACES
        for right in ("reply", "intake", "administer")
    ]
    await compare(Asker(api, world, VIEWER), [*free, *possible(world), *possible(world)])


GIVERS = ["a manager of a department", "a manager of a network", "an administrator", "an agent"]


@pytest.mark.parametrize("holder", [*GIVERS, "an analyst"])
async def test_whoever_administers_gives_and_takes_within_it(api: Client, holder: str) -> None:
    await compare_all(api, holder)


FAULTS: dict[str, tuple[str, Any, str]] = {
    "any account may be shut out": ("auth.scope.governed", scope.accounts, GIVERS[1]),
    "any grant may be taken": ("auth.scope.grants", lambda _: scope.Scoped(GrantRow), GIVERS[0]),
    "any token may be ended": ("auth.scope.tokens", lambda _: scope.Scoped(AccessToken), GIVERS[1]),
    "anything may be given": ("auth.giving.allow", lambda *_, **__: None, GIVERS[1]),
    "a gift may be as wide as it likes": ("auth.giving._covers", lambda *_: True, GIVERS[0]),
    "a gift may hold any right": ("auth.giving.gives", lambda *_: frozenset(Permission), GIVERS[1]),
    "administrators give what they hold only": ("auth.giving.gives", lambda _, own: own, GIVERS[2]),
}


# On SQLite only: on PostgreSQL the wall hides some of these faults.
@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_the_oracle_sees_each_fault_in_giving(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    unseen = []
    for fault, (path, planted, holder) in FAULTS.items():
        with monkeypatch.context() as gate:
            gate.setattr(path, planted)
            if not await notices(compare_all(api, holder)):
                unseen.append(fault)

    assert unseen == []
