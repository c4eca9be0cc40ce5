"""Who may sign in, and what each was granted."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from models.errors import BadInput
from models.network import Department, Network
from models.office import Office


class Role(StrEnum):
    """What a grant lets its holder do; auth/permissions.py says it right by right."""

    OFFICE_AGENT = "office_agent"
    DEPARTMENT_MANAGER = "department_manager"
    NETWORK_MANAGER = "network_manager"
    ANALYST = "analyst"


class Account(Model):
    """A person or a machine. `label` is a function ("Caf du Rhône, accueil"), never a name."""

    id = fields.BigIntField(primary_key=True)
    subject = fields.CharField(max_length=64, unique=True)
    label = fields.CharField(max_length=255)
    deactivated_at = fields.DatetimeField(null=True)

    grants: fields.ReverseRelation["Grant"]

    class Meta:
        table = "account"


class Grant(Model):
    """A role over a scope: a network, narrowed to a department or to an office and those below.

    No network at all means the whole country, which only an analyst's grant may.
    """

    id = fields.BigIntField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="grants", on_delete=fields.CASCADE
    )
    role = fields.CharEnumField(Role, max_length=32)
    network: fields.ForeignKeyNullableRelation[Network] = fields.ForeignKeyField(
        "models.Network", related_name="grants", on_delete=fields.RESTRICT, null=True
    )
    department: fields.ForeignKeyNullableRelation[Department] = fields.ForeignKeyField(
        "models.Department", related_name="grants", on_delete=fields.RESTRICT, null=True
    )
    office: fields.ForeignKeyNullableRelation[Office] = fields.ForeignKeyField(
        "models.Office", related_name="grants", on_delete=fields.RESTRICT, null=True
    )

    network_id: int | None
    department_id: str | None
    office_id: int | None

    class Meta:
        table = "access_grant"

    @classmethod
    async def give(
        cls,
        account: Account,
        role: Role,
        *,
        network: Network | None = None,
        department: Department | None = None,
        office: Office | None = None,
    ) -> "Grant":
        """Grant `role` over a scope, once. Raises BadInput unless the scope suits the role."""
        scope = {"network": network, "department": department, "office": office}
        given = frozenset(name for name, value in scope.items() if value is not None)
        if given not in SCOPES[role]:
            wanted = " or ".join(" and ".join(sorted(names)) or "none" for names in SCOPES[role])
            raise BadInput(f"The role {role.value} is for this scope: {wanted}.", "role")
        if office is not None and network is not None and office.network_id != network.id:
            raise BadInput("The office is not of that network.", "office")
        grant, _ = await cls.get_or_create(
            account=account, role=role, network=network, department=department, office=office
        )
        return grant


SCOPES: dict[Role, tuple[frozenset[str], ...]] = {
    Role.OFFICE_AGENT: (frozenset({"network", "office"}),),
    Role.DEPARTMENT_MANAGER: (frozenset({"network", "department"}),),
    Role.NETWORK_MANAGER: (frozenset({"network"}),),
    Role.ANALYST: (frozenset(), frozenset({"network"})),
}
"""What each role may be granted over."""
