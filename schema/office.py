"""Networks, their offices, and where they are."""

from datetime import date, datetime

import strawberry

from resolvers.names import PublicationLevel
from schema.estimate import OfficeFigures
from schema.node import Node


@strawberry.type(description='A network of offices under one administration ("réseau").')
class Network(Node):
    code: str = strawberry.field(description="Its short code, such as `caf`.")
    name: str = strawberry.field(description="Its full name, as the open data writes it.")
    level: PublicationLevel = strawberry.field(
        description="The level at which its reviews are published."
    )
    validates_replies: bool = strawberry.field(
        description="Whether someone else validates replies before they are published."
    )
    reply_days: int = strawberry.field(
        description="Days after that of publication within which it means to reply."
    )
    bulk_replies: bool = strawberry.field(
        description="Whether its offices may give several reviews one same reply at once."
    )


@strawberry.type(description='A kind of office in the national directory ("type de service").')
class OfficeType:
    code: str = strawberry.field(description="Its code in the directory, such as `cpam`.")
    name: str = strawberry.field(description="What it is called.")


@strawberry.type(description="A region, by the official geographic code (INSEE).")
class Region:
    code: str = strawberry.field(description="Its code, such as `84`.")
    name: str = strawberry.field(description="Its name.")


@strawberry.type(
    description="A department or overseas collectivity, by the official geographic code (INSEE)."
)
class Department:
    code: str = strawberry.field(description="Its code, such as `69`, `2A` or `974`.")
    name: str = strawberry.field(description="Its name.")
    region: Region | None = strawberry.field(
        description="Its region; none for overseas collectivities."
    )


@strawberry.type(description="The file of the national directory that an office was read from.")
class DirectoryFile:
    name: str = strawberry.field(description="Name of the file.")
    published_on: date | None = strawberry.field(description="The day in its name.")
    source: str = strawberry.field(description="Who publishes it.")
    licence: str = strawberry.field(description="The licence it is published under.")
    imported_at: datetime = strawberry.field(description="When it was imported here.")


@strawberry.type(description='A place or unit where a network meets its users ("structure").')
class Office(Node):
    directory_id: str = strawberry.field(description="Its identifier in the national directory.")
    pivot_code: str | None = strawberry.field(
        description="Its former identifier there (`ancien_code_pivot`), which other lists use."
    )
    name: str = strawberry.field(description="Its name.")
    type: OfficeType = strawberry.field(description="What kind of office it is.")
    network: Network = strawberry.field(description="The network it belongs to.")
    parent: "Office | None" = strawberry.field(description="The office above it, where known.")
    department: Department | None = strawberry.field(description="Where it is.")
    address: str | None = strawberry.field(description="Number, street and the like.")
    postal_code: str | None = strawberry.field(description="Its postal code.")
    city: str | None = strawberry.field(description="Its town, as in the address.")
    commune_code: str | None = strawberry.field(description="Code of its commune (INSEE).")
    latitude: float | None = strawberry.field(description="Degrees north, WGS 84.")
    longitude: float | None = strawberry.field(description="Degrees east, WGS 84.")
    distance_km: float | None = strawberry.field(
        description="Kilometres from the centre of `near` as the crow flies; null without `near`."
    )
    satisfaction: OfficeFigures | None = strawberry.field(
        description="What users say of it, where it was asked for by `offices`, `office` or "
        "`node`; null for offices that the viewer may not count, and elsewhere."
    )
    phone: str | None = strawberry.field(description="Its telephone number.")
    email: str | None = strawberry.field(description="Its e-mail address.")
    website: str | None = strawberry.field(description="Its web site.")
    closed_at: datetime | None = strawberry.field(
        description="When the directory was first seen without it; null while it is listed."
    )
    file: DirectoryFile = strawberry.field(
        description="The file it was last changed by: its source."
    )
