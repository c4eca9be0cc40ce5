"""The one table of rights: what each role may do within the scope of its grant."""

from enum import StrEnum

from models.account import Role


class Permission(StrEnum):
    """A right. Figures and verbatims are separate: many may count, fewer may read."""

    READ_AGGREGATES = "read_aggregates"
    READ_VERBATIMS = "read_verbatims"
    REPLY = "reply"


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OFFICE_AGENT: frozenset(Permission),
    Role.DEPARTMENT_MANAGER: frozenset(Permission),
    Role.NETWORK_MANAGER: frozenset(Permission),
    Role.ANALYST: frozenset({Permission.READ_AGGREGATES}),
}
