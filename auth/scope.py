"""THE gate. Every read and write of what is protected starts here, with one function per model.

Foreign and missing look the same: what is out of scope simply is not among the rows. Only this
module makes a `Scoped`, and nothing reads protected rows without one (tests/test_gate.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Generic, Self, TypeVar

from auth.permissions import Permission
from auth.viewer import Held, Viewer
from models.network import Department, Network, OfficeType, Region
from models.office import DirectoryFile, Office
from models.review import Reply, Review, ReviewStructure
from models.sql import NEVER, Sql, every, some

M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Scoped(Generic[M]):
    """The rows of `model` that a viewer may reach, and may be narrowed further, never widened.

    `parts` are conditions on one structure, aliased `s`; of a review that several structures in
    reach match, only the first is kept. `where` are conditions on the row of `model` itself.
    """

    model: type[M]
    parts: tuple[Sql, ...] = ()
    where: tuple[Sql, ...] = ()

    def narrow(self, where: Iterable[Sql] = (), parts: Iterable[Sql] = ()) -> Self:
        """Those among them that also meet every one of the conditions."""
        return replace(self, where=(*self.where, *where), parts=(*self.parts, *parts))


def reviews(viewer: Viewer) -> Scoped[Review]:
    """Reviews of which a structure is in reach, as rows `r` through that structure `s`."""
    return Scoped(Review, parts=(_reach(viewer, Permission.READ_VERBATIMS),))


def structures(viewer: Viewer) -> Scoped[ReviewStructure]:
    """Structures `s` of reviews in reach: who shares a review sees what the others answered."""
    return Scoped(ReviewStructure, where=(_shared(viewer),))


def replies(viewer: Viewer) -> Scoped[Reply]:
    """Replies `p` to reviews in reach, through their structures `s`."""
    return Scoped(Reply, where=(_shared(viewer),))


def answerable(viewer: Viewer) -> Scoped[ReviewStructure]:
    """Structures `s` for which the viewer may reply: one's own part of a review only."""
    return Scoped(ReviewStructure, where=(_reach(viewer, Permission.REPLY),))


def own_replies(viewer: Viewer) -> Scoped[Reply]:
    """Replies `p` that the viewer may edit or withdraw: those of structures they answer for."""
    return Scoped(Reply, where=(_reach(viewer, Permission.REPLY),))


def offices(_: Viewer) -> Scoped[Office]:
    """All offices `o`: the directory is open data, and every known viewer may read it."""
    return Scoped(Office)


def networks(_: Viewer) -> Scoped[Network]:
    """All networks `n`: open data."""
    return Scoped(Network)


def departments(_: Viewer) -> Scoped[Department]:
    """All departments `d`: open data."""
    return Scoped(Department)


def regions(_: Viewer) -> Scoped[Region]:
    """All regions `g`: open data."""
    return Scoped(Region)


def office_types(_: Viewer) -> Scoped[OfficeType]:
    """All types of offices `t`: open data."""
    return Scoped(OfficeType)


def directory_files(_: Viewer) -> Scoped[DirectoryFile]:
    """The directory files `f` that were imported: the sources of open data."""
    return Scoped(DirectoryFile)


def _shared(viewer: Viewer) -> Sql:
    mine = _reach(viewer, Permission.READ_VERBATIMS, alias="mine")
    text = (
        f"SELECT 1 FROM review_structure mine WHERE mine.review_id = s.review_id AND ({mine.text})"
    )
    return Sql(f"EXISTS ({text})", mine.args)


def _reach(viewer: Viewer, permission: Permission, alias: str = "s") -> Sql:
    """Whether one structure lies within a grant of `viewer` that carries `permission`."""
    return some(_within(held, alias) for held in viewer.grants_for(permission))


def _within(held: Held, alias: str) -> Sql:
    if held.network is None:
        return NEVER  # no role reads verbatims of the whole country
    network = Sql(f"{alias}.network_id = ?", (held.network,))
    if held.office is not None:
        return every((network, Sql(f"{alias}.office_id IN ??", (held.offices,))))
    if held.department is not None:
        return every((network, Sql(f"{alias}.department_id = ?", (held.department,))))
    return network
