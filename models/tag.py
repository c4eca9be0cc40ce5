"""Business tags: what a network sorts what it is told by, beside the five general ones."""

from collections.abc import Mapping
from typing import Self

from tortoise import fields
from tortoise.models import Model

from models.errors import BadInput, NameTaken
from models.network import Network
from models.review import ReviewStructure, Sentiment
from models.said import MAX_NAME, named
from models.text import fold
from models.workflow import next_version

MAX_TAGS = 200
"""Tags of one network, those that are out of use included."""

MAX_PUT = 10
"""Tags on one structure's part of a review."""


class BusinessTag(Model):
    """A subject of a network ("étiquette métier"): not used any more, it stays where it was put."""

    id = fields.BigIntField(primary_key=True)
    network: fields.ForeignKeyRelation[Network] = fields.ForeignKeyField(
        "models.Network", related_name="tags", on_delete=fields.RESTRICT
    )
    name = fields.CharField(max_length=MAX_NAME)
    folded = fields.CharField(max_length=2 * MAX_NAME)
    active = fields.BooleanField(default=True)
    version = fields.IntField(default=1)

    network_id: int

    class Meta:
        table = "business_tag"
        unique_together = (("network", "folded"),)

    @classmethod
    async def add(cls, network: Network, name: str) -> Self:
        """A new tag of `network`, which is locked. Raises BadInput or NameTaken."""
        if await cls.filter(network=network).count() >= MAX_TAGS:
            raise BadInput("At most {most} can be kept: remove one.", "name", most=MAX_TAGS)
        made = cls(network_id=network.id)
        await made._call(name)
        await made.save()
        return made

    async def change(self, name: str | None, active: bool | None, *, expected_version: int) -> None:
        """Call it otherwise, or take it out of use; what is None stays."""
        self.version = next_version(self.version, expected_version)
        if name is not None:
            await Network.filter(id=self.network_id).select_for_update().first()
            await self._call(name)
        self.active = self.active if active is None else active
        await self.save()

    async def _call(self, name: str) -> None:
        self.name = named(name, "name")
        self.folded = fold(self.name)[: 2 * MAX_NAME]
        others = BusinessTag.filter(network_id=self.network_id, folded=self.folded)
        if await others.exclude(id=self.id or 0).exists():
            raise NameTaken("This name is taken: choose another.", "name")


class StructureTag(Model):
    """A tag on a structure's part of a review, and what the user felt of that subject."""

    id = fields.BigIntField(primary_key=True)
    structure: fields.ForeignKeyRelation[ReviewStructure] = fields.ForeignKeyField(
        "models.ReviewStructure", related_name="tags", on_delete=fields.CASCADE
    )
    tag: fields.ForeignKeyRelation[BusinessTag] = fields.ForeignKeyField(
        "models.BusinessTag", related_name="uses", on_delete=fields.RESTRICT
    )
    polarity = fields.IntEnumField(Sentiment)

    tag_id: int

    class Meta:
        table = "structure_tag"
        unique_together = (("structure", "tag"),)


async def put_tags(
    structure: ReviewStructure, tags: Mapping[int, Sentiment], *, expected_version: int
) -> None:
    """Let these be the tags of its network on `structure`, which is locked.

    Tags of a network that it was moved away from stay aside. Raises StaleVersion, or BadInput for
    a tag that is not in use in its network, and was not there before.
    """
    structure.version = next_version(structure.version, expected_version)
    of_network = StructureTag.filter(structure=structure, tag__network_id=structure.network_id)
    before = await of_network
    usable = await BusinessTag.filter(network_id=structure.network_id, active=True)
    if not tags.keys() <= {one.id for one in usable} | {one.tag_id for one in before}:
        message = "This tag is not in use in the network of that structure."
        raise BadInput(message, "tags")
    await StructureTag.filter(id__in=[one.id for one in before]).delete()
    await StructureTag.bulk_create(
        [StructureTag(structure=structure, tag_id=tag, polarity=felt) for tag, felt in tags.items()]
    )
    await structure.save(update_fields=["version"])
