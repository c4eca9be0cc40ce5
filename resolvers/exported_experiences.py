"""Reviews under the names of the platform's own open data: "expériences"."""

from collections.abc import Sequence
from datetime import time
from typing import Any

from auth.viewer import Viewer
from models.paris import PARIS
from resolvers.exported_reviews import NUMBERS, parts_of, published, whole
from resolvers.exporting import Field, Flat, Listed
from resolvers.names import Channel, Sentiment
from resolvers.review_rows import AXES, REVIEW
from resolvers.rows import Row, as_datetime, everything

PLATFORM = "services-publics-plus"
OURS = 10**17
"""`id_experience` of what did not come from the platform begins here, beyond all of its own."""

_SAID = {Sentiment.POSITIVE: "Positif", Sentiment.NEUTRAL: "Neutre", Sentiment.NEGATIVE: "Négatif"}
_BY = {
    Channel.COUNTER: "Guichet",
    Channel.PHONE: "Téléphone",
    Channel.ONLINE: "Internet",
    Channel.EMAIL: "Courriel",
    Channel.MAIL: "Courrier",
    Channel.APP: "Application",
    Channel.OTHER: "Autre",
}
_TAGS = dict(
    zip(
        AXES.values(),
        ("accessibilite", "information_explication", "relation", "reactivite", "simplicite"),
        strict=True,
    )
)
_OPEN_FIELDS = (
    *map(Field, ("id_experience", "etat_experience", "ecrit_le", "date_de_publication")),
    *map(Field, ("titre", "description", "poste_comme", "ressenti_usager", "pays")),
    *map(Field, ("code_postal_usager", "amelioration_de_service_a_considerer", "action")),
    *map(Field, _TAGS.values()),
    Field("date_de_premiere_reponse"),
    *(
        Field(f"{name}_{number}")
        for number in NUMBERS
        for name in (
            "intitule_typologie",
            "intitule_structure",
            "canaux_typologie",
            "reponse_structure",
        )
    ),
)


async def _flat_open_data(viewer: Viewer, rows: Sequence[Row]) -> list[Flat]:
    parts = await parts_of(viewer, rows)
    return [_flat_experience(row, parts[row.key]) for row in rows]


def _flat_experience(row: Row, parts: Sequence[Row]) -> Flat:
    own = row.source == PLATFORM and row.source_id.isascii() and row.source_id.isdecimal()
    replied = [part.replied_at for part in parts if part.replied_at is not None]
    flat: Flat = dict.fromkeys(field.name for field in _OPEN_FIELDS)
    flat |= {
        "id_experience": row.source_id if own else str(OURS + row.key),
        "etat_experience": "Traitée" if any(part.answered for part in parts) else None,
        "ecrit_le": row.written_on and row.written_on.isoformat(),
        "date_de_publication": _day_or_moment(row.published_at),
        "titre": row.title,
        "description": row.description,
        "poste_comme": row.posted_as,
        "ressenti_usager": _SAID[row.sentiment],
        "pays": row.country,
        "code_postal_usager": row.postal_code,
        "amelioration_de_service_a_considerer": row.improvement,
        "action": row.action,
        "date_de_premiere_reponse": _day_or_moment(min(replied)) if replied else None,
    }
    for axis, name in _TAGS.items():
        flat[name] = _SAID.get(getattr(row.axes, axis))
    for number, part in enumerate(parts, 1):
        flat |= {
            f"intitule_typologie_{number}": part.network.name,
            f"intitule_structure_{number}": part.office.name if part.office else part.received_name,
            f"canaux_typologie_{number}": ",".join(_BY[one] for one in part.channels) or None,
            f"reponse_structure_{number}": whole(part.reply),
        }
    return flat


def _day_or_moment(value: Any) -> str:
    """As the platform tells time: the day, where that is all that is known; else the moment."""
    moment = as_datetime(value)
    there = moment.astimezone(PARIS)
    return there.date().isoformat() if there.time() == time() else moment.isoformat()


OPEN_DATA = Listed(
    fields=_OPEN_FIELDS,
    noun=REVIEW,
    key="s.review_id",
    selection=everything(REVIEW),
    scoped=published,
    flat=_flat_open_data,
)
