"""The viewer: whoever a request comes from, and the grants they hold."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from starlette.authentication import BaseUser

from auth.permissions import Permission
from models.account import SCOPES, Role


@dataclass(frozen=True, slots=True)
class Held:
    """The grant of key `grant` as the gate reads it. An office stands for those below it too."""

    role: Role
    permissions: frozenset[Permission]
    network: int | None = None
    department: str | None = None
    office: int | None = None
    offices: tuple[int, ...] = ()
    ends_at: datetime | None = None
    grant: int = 0

    @property
    def sound(self) -> bool:
        """Whether its scope suits its role: one that does not reaches nothing."""
        named = ("network", "department", "office")
        given = frozenset(name for name in named if getattr(self, name) is not None)
        return given in SCOPES[self.role]


@dataclass(frozen=True)
class Viewer(BaseUser):
    """Who asks. Frozen: what it may do can't change in the middle of a request.

    `known` is for what follows from it, and is worked out once (auth/scope.py).
    """

    account: int
    label: str
    email: str | None = None
    grants: tuple[Held, ...] = ()
    known: dict[Callable[[Any], Any], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def grants_for(self, permission: Permission) -> tuple[Held, ...]:
        """The grants that carry `permission`."""
        return self._by_right[permission]

    def within(self, permission: Permission) -> Self:
        """The same viewer with no grants but those that carry `permission`."""
        return replace(self, grants=self.grants_for(permission))

    @cached_property
    def _by_right(self) -> dict[Permission, tuple[Held, ...]]:
        sound = [held for held in self.grants if held.sound]
        return {
            right: tuple(held for held in sound if right in held.permissions)
            for right in Permission
        }

    @property
    def can(self) -> frozenset[Permission]:
        """The rights that they hold somewhere."""
        return frozenset(right for right in Permission if self.grants_for(right))

    @property
    def is_authenticated(self) -> bool:
        """Always: whoever could not be told is no Viewer."""
        return True

    @property
    def display_name(self) -> str:
        """What the account is called."""
        return self.label


PUBLIC = Viewer(
    account=0,
    label="Public",
    grants=(Held(Role.ANALYST, frozenset({Permission.READ_AGGREGATES})),),
)
"""Whoever looks at the barometer: they count what is published of the whole country, and nothing
else. No request becomes this viewer by its credentials."""
