"""In which language a request is answered: French or English, by Accept-Language."""

from contextvars import ContextVar

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schema.french import FRENCH

LANGUAGES = ("en", "fr")
"""The first is for those who do not say."""

_language: ContextVar[str] = ContextVar("language", default=LANGUAGES[0])


def language() -> str:
    """The language of the request."""
    return _language.get()


def translate(sentence: str) -> str:
    """`sentence` in the language of the request; as it is where there is no translation."""
    return FRENCH.get(sentence, sentence) if language() == "fr" else sentence


def preferred(header: str) -> str:
    """The language that an Accept-Language header likes best, of those there are."""
    liked: dict[str, float] = {}
    for part in header.split(",")[:16]:
        tag, _, quality = part.partition(";")
        name = tag.strip().lower().partition("-")[0]
        try:
            weight = float(quality.partition("=")[2]) if quality else 1.0
        except ValueError:
            continue
        if name in LANGUAGES and weight > liked.get(name, 0.0):
            liked[name] = weight
    return max(liked, key=lambda name: liked[name]) if liked else LANGUAGES[0]


class Language:
    """Middleware that takes note of the language of a request, and says that of the answer.

    A page that is in one language only says so itself.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in the language that was asked for."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        chosen = preferred(HTTPConnection(scope).headers.get("accept-language", ""))

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("content-language", chosen)
                headers.add_vary_header("Accept-Language")
            await send(message)

        token = _language.set(chosen)
        try:
            await self._app(scope, receive, told)
        finally:
            _language.reset(token)
