"""The enums of the models, named for GraphQL once: import them from here, never from models."""

import strawberry

from auth.permissions import Permission
from models.account import Role
from models.network import PublicationLevel
from models.review import Axis, Channel, Sentiment

strawberry.enum(Sentiment, description="What the user felt: three values, there are no stars.")
strawberry.enum(Axis, description="The five general tags a review may carry.")
strawberry.enum(Channel, description="How the user met the structure.")
strawberry.enum(
    PublicationLevel, description='The level at which a network publishes its reviews ("maille").'
)
strawberry.enum(Role, description="What a grant lets its holder do within its scope.")
strawberry.enum(Permission, description="A right that a role carries.")

__all__ = ["Axis", "Channel", "Permission", "PublicationLevel", "Role", "Sentiment"]
