"""The one table of rights: what each role may do within the scope of its grant.

docs/roles.md and the API's `roles` are made from it.
"""

from enum import StrEnum

from models.account import Role


class Permission(StrEnum):
    """A right. Figures and verbatims are separate: many may count, fewer may read."""

    READ_AGGREGATES = "read_aggregates"
    READ_VERBATIMS = "read_verbatims"
    REPLY = "reply"
    VALIDATE = "validate"
    TRANSFER = "transfer"
    MODERATE = "moderate"
    READ_EVENTS = "read_events"
    EXPORT = "export"
    INTAKE = "intake"
    ADMINISTER = "administer"
    READ_AUDIT = "read_audit"


_READER = frozenset({Permission.READ_AGGREGATES, Permission.READ_VERBATIMS})
_AGENT = _READER | {Permission.REPLY, Permission.TRANSFER}
_MANAGER = _AGENT | {
    Permission.VALIDATE,
    Permission.READ_EVENTS,
    Permission.EXPORT,
    Permission.ADMINISTER,
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OFFICE_AGENT: _AGENT,
    Role.OFFICE_MANAGER: _MANAGER,
    Role.DEPARTMENT_MANAGER: _MANAGER,
    Role.NETWORK_MANAGER: _MANAGER | {Permission.READ_AUDIT},
    Role.VALIDATOR: _READER | {Permission.VALIDATE},
    Role.READER: _READER,
    Role.ANALYST: frozenset({Permission.READ_AGGREGATES}),
    Role.MODERATOR: _READER | {Permission.MODERATE, Permission.TRANSFER},
    Role.ADMINISTRATOR: frozenset(
        {Permission.READ_AGGREGATES, Permission.ADMINISTER, Permission.READ_AUDIT}
    ),
    Role.SERVICE: frozenset(),  # a machine's rights are named one by one in its grant
}


def gives(role: Role, own: frozenset[Permission]) -> frozenset[Permission]:
    """The rights that a grant of `role`, which carries `own`, lets its holder give to others.

    Nobody gives more than they hold, but for administrators: they hand out rights to read that
    they don't have, never to themselves, and each is in the audit trail.
    """
    if role is Role.ADMINISTRATOR:
        return frozenset(Permission)
    return own if Permission.ADMINISTER in own else frozenset()
