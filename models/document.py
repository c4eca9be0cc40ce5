"""Administrative documents that users find too hard: reports of the same one gather on it."""

import re
from typing import Self
from urllib.parse import urlsplit

from tortoise import fields
from tortoise.models import Model

from models.errors import BadInput
from models.network import Network
from models.text import fold, words

MAX_TITLE = 500
MAX_FORM = 64
MAX_URL = 1_000
_CERFA = re.compile(r"(\d{4,6})(?:[*_-]\d{1,2})?")
_CALLED = re.compile(r"\b(?:cerfa|formulaire|form|numero|no|n)\b")
_URL = re.compile(r"https?://[!-~]+", re.IGNORECASE)


class Document(Model):
    """A document of a network. `match` is what reports of the same one have in common."""

    id = fields.BigIntField(primary_key=True)
    network: fields.ForeignKeyRelation[Network] = fields.ForeignKeyField(
        "models.Network", related_name="documents", on_delete=fields.RESTRICT
    )
    match = fields.CharField(max_length=MAX_URL + 8)
    title = fields.CharField(max_length=MAX_TITLE)
    form = fields.CharField(max_length=MAX_FORM, null=True)
    url = fields.CharField(max_length=MAX_URL, null=True)

    network_id: int

    class Meta:
        table = "document"
        unique_together = (("network", "match"),)

    @classmethod
    async def of(cls, network: int, title: str, form: str | None, url: str | None) -> Self:
        """The document that is meant: made when it is met for the first time."""
        match = matched_by(title, form, url)
        made = cls(network_id=network, match=match, title=title, form=form, url=url)
        # Whoever makes the same at this moment waits, and finds it.
        await cls.bulk_create([made], ignore_conflicts=True)
        return await cls.get(network_id=network, match=match)


def matched_by(title: str, form: str | None, url: str | None) -> str:
    """What tells a document: its form number, else its address, else its title."""
    if form:
        return f"form:{form}"
    if url:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
        query = f"?{parts.query}" if parts.query else ""
        return f"url:{host}{parts.path.rstrip('/')}{query}"
    return f"title:{' '.join(words(title))}"


def form_number(received: str) -> str | None:
    """A form number in the way forms are compared: `Cerfa n° 12345*02` is `12345`.

    A revision, which follows the number of a Cerfa, does not make another form.
    """
    bare = "".join(_CALLED.sub(" ", fold(received).replace("°", " ").replace(".", "")).split())
    cerfa = _CERFA.fullmatch(bare)
    return (cerfa[1] if cerfa else re.sub(r"[^a-z0-9]", "", bare).upper()) or None


def address(received: str) -> str | None:
    """The address of a document, without what follows `#`. Raises BadInput, naming `url`."""
    bare = received.strip().partition("#")[0]
    if not bare:
        return None
    try:
        parts = urlsplit(bare)
        sound = _URL.fullmatch(bare) and parts.hostname and "@" not in parts.netloc
    except ValueError:
        sound = None
    if not sound or len(bare) > MAX_URL:
        message = "An address that begins with https:// is expected, of at most {most} characters."
        raise BadInput(message, "url", most=MAX_URL)
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()).geturl()
