"""In which media type an answer is told: that of GraphQL over HTTP, or plain JSON."""

JSON = "application/json"
"""Its status is 200 for whatever could be read: clients of old take others for no answer."""

RESPONSE = "application/graphql-response+json"
"""Its status tells what became of the operation."""

MAX_RANGES = 32
"""Parts of an Accept header that are read."""


def negotiated(accept: str) -> str | None:
    """The media type that an Accept header likes best; None when it takes neither.

    JSON is for those who do not name the other one.
    """
    likes = dict(map(_range, (accept.strip() or "*/*").split(",")[:MAX_RANGES]))
    wild = likes.get("application/*", likes.get("*/*", 0.0))
    offered = {RESPONSE: likes.get(RESPONSE, 0.0), JSON: likes.get(JSON, wild)}
    best = max(offered, key=lambda media: offered[media])
    return best if offered[best] > 0 else None


def _range(part: str) -> tuple[str, float]:
    """A part of an Accept header: a media type, and from 0 to 1 how much it is liked."""
    name, *parameters = (one.strip().lower() for one in part.split(";"))
    quality = next((one[2:] for one in parameters if one.startswith("q=")), "1")
    try:
        weight = float(quality)
    except ValueError:
        weight = 1.0
    return name, weight if 0 <= weight <= 1 else 1.0
