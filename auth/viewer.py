"""The viewer: whoever a request comes from, and the grants they hold."""

from dataclasses import dataclass

from starlette.authentication import BaseUser

from auth.permissions import PERMISSIONS, Permission
from models.account import Role


@dataclass(frozen=True, slots=True)
class Held:
    """A grant as the gate reads it. An office stands for itself and all those below."""

    role: Role
    network: int | None = None
    department: str | None = None
    office: int | None = None
    offices: tuple[int, ...] = ()

    def allows(self, permission: Permission) -> bool:
        """Whether the role of this grant carries `permission`."""
        return permission in PERMISSIONS[self.role]


@dataclass(frozen=True, slots=True)
class Viewer(BaseUser):
    """Who asks. Frozen: what it may do can't change in the middle of a request."""

    account: int | None
    label: str
    grants: tuple[Held, ...] = ()

    def grants_for(self, permission: Permission) -> tuple[Held, ...]:
        """The grants that carry `permission`."""
        return tuple(held for held in self.grants if held.allows(permission))

    @property
    def is_authenticated(self) -> bool:
        """Always: whoever could not be told is no Viewer."""
        return True

    @property
    def display_name(self) -> str:
        """What the account is called."""
        return self.label
