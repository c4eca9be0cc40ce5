"""The enums of the models, named for GraphQL once: import them from here, never from models."""

from enum import Enum

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from auth.permissions import Permission
from models.account import Role
from models.network import PublicationLevel
from models.review import Axis, Channel, Sentiment


def _name(enum: type[Enum], description: str, **values: str) -> None:
    """Name `enum` for GraphQL, with what each of its values means."""
    strawberry.enum(enum, description=description)
    definition: StrawberryEnumDefinition = enum.__strawberry_definition__  # type: ignore[attr-defined]
    for value in definition.values:
        value.description = values[value.name]


_name(
    Sentiment,
    "What the user felt: three values, there are no stars.",
    NEGATIVE='"Négatif".',
    NEUTRAL='"Neutre".',
    POSITIVE='"Positif".',
)
_name(
    Axis,
    "The five general tags that a review may carry.",
    ACCESSIBILITY='"Accessibilité".',
    INFORMATION='"Information / explication".',
    RELATION='"Relation".',
    RESPONSIVENESS='"Réactivité".',
    SIMPLICITY='"Simplicité / complexité".',
)
_name(
    Channel,
    "How the user met the structure.",
    COUNTER="At the counter.",
    PHONE="By telephone.",
    ONLINE="On a web site.",
    EMAIL="By e-mail.",
    MAIL="By letter.",
    APP="In an application.",
    OTHER="By a way that the source names otherwise.",
)
_name(
    PublicationLevel,
    'The level at which a network publishes its reviews ("maille").',
    NATIONAL="For the whole country.",
    REGION="By region.",
    DEPARTMENT="By department.",
    SITE="By office.",
)
_name(
    Role,
    "What a grant lets its holder do within its scope.",
    OFFICE_AGENT="Reads and answers for an office and those below it.",
    DEPARTMENT_MANAGER="Reads and answers for a network within a department.",
    NETWORK_MANAGER="Reads and answers for a network.",
    ANALYST="Reads figures, of a network or of the country; no verbatims.",
)
_name(
    Permission,
    "A right that a role carries.",
    READ_AGGREGATES="Read figures.",
    READ_VERBATIMS="Read what users wrote.",
    REPLY="Reply, edit and withdraw replies.",
)

__all__ = ["Axis", "Channel", "Permission", "PublicationLevel", "Role", "Sentiment"]
