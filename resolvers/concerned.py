"""The structures that a review concerns, as whoever brings it in names them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Self

import strawberry

from auth import scope
from models import ids, text
from models.errors import BadInput, NotFound
from models.sql import Sql
from models.submission import Concerned
from resolvers import procedures, reference
from resolvers.context import Info
from resolvers.names import Channel
from resolvers.offices import OFFICE
from resolvers.rows import Row, select
from resolvers.selection import NOTHING, Selection

MAX_NAME = 512


@strawberry.input(description="A structure that a review concerns.")
class ConcernedInput:
    network: str | None = strawberry.field(
        default=None, description="Code of the network; may be left out where the office is named."
    )
    office: strawberry.ID | None = strawberry.field(default=None, description="Id of the office.")
    department: str | None = strawberry.field(
        default=None, description="Code of the department, where no office is named."
    )
    name: str | None = strawberry.field(
        default=None, description="Its name as it was received, at most 512 characters."
    )
    channels: list[Channel] = strawberry.field(
        default_factory=list, description="How the user met it."
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What may be named: read once, however many reviews are brought in."""

    networks: dict[str, int]
    departments: frozenset[str]
    offices: dict[int, Row]
    procedures: dict[str, int]

    @classmethod
    async def of(
        cls, info: Info, given: Iterable[ConcernedInput], codes: Collection[str] = ()
    ) -> Self:
        """All networks and departments, the offices in `given`, and the procedures of `codes`."""
        keys = {key for one in given if (key := _key(one.office)) is not None}
        among = scope.offices(info.context.viewer).narrow(where=[Sql("o.id IN ??", ([*keys],))])
        offices = await select(OFFICE, among, _WHERE)
        return cls(
            {one.code: one.key for one in await reference.networks(info)},
            frozenset(one.code for one in await reference.departments(info)),
            {one.key: one for one in offices},
            await procedures.known(info, codes) if codes else {},
        )

    def procedure(self, code: str, *field: str) -> int:
        """The key of the procedure of `code`. Raises BadInput, naming `field`."""
        if code not in self.procedures:
            raise BadInput("There is no procedure of that code.", *field)
        return self.procedures[code]

    def concerned(self, given: ConcernedInput, *at: str) -> Concerned:
        """The structure that is named. Raises BadId, NotFound or BadInput, naming a field `at`."""
        office = None
        if given.office is not None:
            office = self.offices.get(ids.key_of("Office", given.office, *at, "office"))
            if office is None:
                raise NotFound("There is nothing by this id.", *at, "office")
        network = self._network(given, office, *at)
        department = given.department
        if office is not None:
            department = office.department.key if office.department else None
        elif department is not None and department not in self.departments:
            raise BadInput("There is no department of that code.", *at, "department")
        name = text.line(given.name or "")
        if len(name) > MAX_NAME:
            raise BadInput("This is longer than {most} characters.", *at, "name", most=MAX_NAME)
        return Concerned(
            network_id=network,
            department_id=department,
            office_id=office.key if office else None,
            received_name=name or None,
            channels=sum(set(given.channels)),
        )

    def _network(self, given: ConcernedInput, office: Row | None, *at: str) -> int:
        own: int | None = office.network.key if office else None
        if given.network is None:
            if own is None:
                raise BadInput("Name a network or an office.", *at, "network")
            return own
        if given.network not in self.networks:
            raise BadInput("There is no network of that code.", *at, "network")
        named = self.networks[given.network]
        if own not in {None, named}:
            raise BadInput("The office is not of that network.", *at, "office")
        return named


_WHERE = Selection({"network": NOTHING, "department": NOTHING})


def _key(office: str | None) -> int | None:
    try:
        return None if office is None else ids.key_of("Office", office)
    except ids.BadId:
        return None  # told for the review that names it
