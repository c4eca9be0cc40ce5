"""Global ids: opaque to clients, one for each thing of each type."""

import base64
import binascii
import re

from models.errors import BadInput

_FORM = re.compile(r"([A-Za-z]{1,32}):([1-9][0-9]{0,17})")


class BadId(BadInput):
    """An id that this service did not issue, or one of a thing of another type."""

    code = "BAD_ID"


def encode(type_name: str, key: int) -> str:
    """The global id of the thing of `type_name` whose key is `key`."""
    return binascii.b2a_base64(f"{type_name}:{key}".encode(), newline=False).decode()


def decode(global_id: str, *field: str) -> tuple[str, int]:
    """The type name and the key in `global_id`. Raises BadId, naming `field`."""
    try:
        text = base64.b64decode(global_id, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    match = _FORM.fullmatch(text)
    if match is None or encode(match[1], int(match[2])) != global_id:
        message = "This is not an id of this service."
        raise BadId(message, *field)
    return match[1], int(match[2])


def key_of(type_name: str, global_id: str, *field: str) -> int:
    """The key in `global_id`, which must be of `type_name`. Raises BadId, naming `field`."""
    found, key = decode(global_id, *field)
    if found != type_name:
        message = "This id is of type {found}, not {wanted}."
        raise BadId(message, *field, found=found, wanted=type_name)
    return key
