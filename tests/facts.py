"""What a world of tests/oracle.py consists of. Keys count within a world; nothing knows a rule."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Place:
    """Where a grant holds, or what a part of a review concerns; the country when empty."""

    network: str | None = None
    department: str | None = None
    office: int | None = None

    @property
    def width(self) -> str:
        names = ("office", "department", "network")
        return next((name for name in names if getattr(self, name) is not None), "country")


@dataclass(frozen=True)
class Office:
    key: int
    network: str
    department: str | None
    parent: int | None = None

    @property
    def place(self) -> Place:
        return Place(self.network, self.department, self.key)


@dataclass(frozen=True)
class Grant:
    key: int
    account: int | None  # none yet when it waits for an address
    role: str
    place: Place
    rights: frozenset[str] = frozenset()
    state: str = "in force"  # or: until later, revoked, over, not begun


@dataclass(frozen=True)
class Reply:
    key: int
    body: str
    version: int = 1
    state: str = "published"  # or: draft, submitted, withdrawn

    @property
    def withdrawn(self) -> bool:
        return self.state == "withdrawn"


@dataclass(frozen=True)
class Part:
    """What of a review concerns one structure."""

    key: int
    place: Place
    answered: bool = False
    replied: datetime | None = None
    replies: tuple[Reply, ...] = ()
    channels: frozenset[str] = frozenset()

    @property
    def reply(self) -> Reply | None:
        return next((reply for reply in self.replies if reply.state == "published"), None)

    @property
    def draft(self) -> Reply | None:
        unpublished = {"draft", "submitted"}
        return next((reply for reply in self.replies if reply.state in unpublished), None)


@dataclass(frozen=True)
class Review:
    key: int
    published: datetime
    sentiment: str
    word: str
    relation: str | None
    parts: tuple[Part, ...]
    simplicity: str | None = None
    procedure: str | None = None


@dataclass(frozen=True)
class Submission:
    """What waits for moderation, or did, and who brought it in."""

    key: int
    by: int
    place: Place
    state: str = "submitted"  # or: published (and taken out since by hand), rejected, withdrawn
    version: int = 1


@dataclass(frozen=True)
class World:
    offices: tuple[Office, ...]
    reviews: tuple[Review, ...]
    accounts: tuple[int, ...]
    grants: tuple[Grant, ...]
    tokens: tuple[tuple[int, int], ...] = ()  # each with its account
    entries: tuple[tuple[int, Place], ...] = ()  # of the audit trail
    submissions: tuple[Submission, ...] = ()
    base: int = 0  # what is added to a key to make it one of the database


@dataclass(frozen=True)
class Question:
    """A filter and an order of reviews."""

    networks: frozenset[str] | None = None
    departments: frozenset[str] | None = None
    offices: frozenset[int] | None = None
    channels: frozenset[str] | None = None
    answered: bool | None = None
    sentiments: frozenset[str] | None = None
    axis: str | None = None  # what it says of the relation, or "any"
    since: date | None = None
    until: date | None = None
    word: str | None = None
    by: str = "published"  # or: replied
    descending: bool = True
