"""A language model proposes names that the rules missed. A person decides, as always."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable

from tortoise.transactions import in_transaction

from jobs.command import Exit, say, with_database
from jobs.files import Unusable
from models.redaction import Span
from models.submission import TEXTS, Submission

MODEL = "fr_core_news_md"
MISSING = (
    "detect-names needs spaCy and its French model, which are not installed: "
    "`pip install --group names` beside pyproject.toml."
)

Recogniser = Callable[[str], Iterable[Span]]
"""Where in a text somebody is named."""


def arguments(_: ArgumentParser) -> None:
    """It takes none."""


def run(_: Namespace) -> Exit:
    """Read the submissions that wait for moderation, and add the names of people to `findings`.

    Each is read once, and again when it was told otherwise. Needs the optional group `names`.
    """

    async def work() -> Exit:
        read, found = await detect(recogniser())
        say(f"read {read} submissions, found {found} names more")
        return Exit.DONE

    return with_database(work)


def recogniser() -> Recogniser:
    """SpaCy's. Raises Unusable where it is not installed."""
    try:
        import spacy  # noqa: PLC0415  (optional, and slow to load)

        model = spacy.load(MODEL, disable=["parser", "lemmatizer", "attribute_ruler"])
    except (ImportError, OSError):
        raise Unusable(MISSING) from None

    def names(text: str) -> Iterable[Span]:
        return [Span(one.start_char, one.end_char) for one in model(text).ents if _person(one)]

    return names


def _person(entity: object) -> bool:
    return getattr(entity, "label_", "") == "PER"


async def detect(names: Recogniser) -> tuple[int, int]:
    """How many submissions were read, and how many names were found in them."""
    read = found = 0
    for key in await Submission.unread():
        async with in_transaction():
            waiting = await Submission.filter(id=key).select_for_update().first()
            if waiting is not None and waiting.state == "submitted":
                texts = {name: [*names(getattr(waiting, name))] for name in TEXTS}
                found += await waiting.propose(texts)
                read += 1
    return read, found
