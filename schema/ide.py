"""GraphiQL at /graphiql, from our own files: the schema to read, and examples to begin with."""

from pathlib import Path

from starlette.authentication import AuthenticationError
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from auth.credentials import Credentials
from auth.viewer import Viewer
from schema.language import language

STATIC = Path(__file__).parent / "static"
JAVASCRIPT, CSS = "text/javascript; charset=utf-8", "text/css; charset=utf-8"
FILES = {
    "react.production.min.js": JAVASCRIPT,
    "react-dom.production.min.js": JAVASCRIPT,
    "graphiql.min.js": JAVASCRIPT,
    "start.js": JAVASCRIPT,
    "graphiql.min.css": CSS,
    "start.css": CSS,
    "examples.graphql": "text/plain; charset=utf-8",
}
"""What the page is made of, in the order in which it is read."""

_HEADERS = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
# The editor sets the style of its lines, and has its fonts in its style sheet.
_PAGE_HEADERS = _HEADERS | {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; script-src 'self'; connect-src 'self'; "
    "style-src 'self' 'unsafe-inline'; font-src data:; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}


class Ide:
    """The page and its files. Who is not signed in is sent to do so, where people sign in."""

    def __init__(self, *, sign_in: bool) -> None:
        self._sign_in = sign_in

    def routes(self, credentials: Credentials) -> list[Route]:
        """Its addresses."""
        known = Middleware(AuthenticationMiddleware, backend=credentials, on_error=_signed_out)
        return [
            Route("/graphiql", self.page, middleware=[known]),
            Route("/graphiql/{name}", file),
        ]

    async def page(self, request: Request) -> Response:
        """The page itself, which holds nothing of anybody."""
        if self._sign_in and not isinstance(request.user, Viewer):
            return _to_sign_in()
        return HTMLResponse(_page(), headers=_PAGE_HEADERS)


async def file(request: Request) -> Response:
    """One of the files, which are the same for all."""
    name = request.path_params["name"]
    kind = FILES.get(name)
    if kind is None:
        return Response(status_code=404, headers=_HEADERS)
    path, headers = STATIC / name, _HEADERS | {"cache-control": "public, max-age=3600"}
    if not path.exists():
        path = STATIC / f"{name}.gz"
        headers |= {"content-encoding": "gzip"}
    return Response(path.read_bytes(), 200, headers, kind)


def _signed_out(_: HTTPConnection, __: AuthenticationError) -> Response:
    return _to_sign_in()


def _to_sign_in() -> Response:
    return RedirectResponse("/auth/login?next=/graphiql", 303, headers=_HEADERS)


def _page() -> str:
    styles = [name for name, kind in FILES.items() if kind is CSS]
    scripts = [name for name, kind in FILES.items() if kind is JAVASCRIPT]
    return (
        f'<!doctype html><html lang="{language()}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>GraphiQL - Relais</title>'
        + "".join(f'<link rel="stylesheet" href="/graphiql/{name}">' for name in styles)
        + '</head><body><div id="graphiql"></div>'
        + "".join(f'<script src="/graphiql/{name}"></script>' for name in scripts)
        + "</body></html>"
    )
