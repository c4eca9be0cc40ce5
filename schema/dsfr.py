"""Pages in the State's design system (DSFR), for browsers that run no scripts."""

import hashlib
from collections.abc import Iterable, Sequence
from html import escape
from os import PathLike, stat_result
from pathlib import Path

from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "assets"
STYLES = (
    "dsfr/core/core.main.min.css",
    *(
        f"dsfr/component/{name}/{name}.main.min.css"
        for name in ("header", "skiplink", "form", "select", "button", "table", "footer")
    ),
    "relais.css",
)
HEADERS = {
    "cache-control": "no-store",
    "content-language": "fr",
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def _digest() -> str:
    """Of all that stands in the folder: browsers keep it until it is another."""
    files = sorted(path for path in FOLDER.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


ADDRESS = f"/assets/{_digest()}"


class _Files(StaticFiles):
    def file_response(
        self,
        full_path: str | PathLike[str],
        stat_result: stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """A file, which stays what it is at its address."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        response.headers["x-content-type-options"] = "nosniff"
        return response


def assets() -> Mount:
    """Where the styles and fonts of pages are."""
    return Mount(ADDRESS, _Files(directory=FOLDER))


def page(title: str, content: str, status: int = 200) -> Response:
    """A page in French. `content` is HTML."""
    styles = "".join(f'<link rel="stylesheet" href="{ADDRESS}/{path}">' for path in STYLES)
    return HTMLResponse(
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} - Relais</title>{styles}</head><body>{_HEADER}"
        '<main id="content" tabindex="-1" class="fr-container fr-py-4w">'
        f"<h1>{escape(title)}</h1>{content}</main>{_FOOTER}</body></html>",
        status,
        HEADERS,
    )


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column names its rows. Cells are HTML."""
    head = "".join(f'<th scope="col">{one}</th>' for one in heads)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{one}</td>" for one in rest)}</tr>'
        for first, *rest in rows
    )
    said = escape(caption)
    return (
        '<div class="fr-table"><div class="fr-table__wrapper"><div class="fr-table__container">'
        f'<div class="fr-table__content" role="region" aria-label="{said}" tabindex="0">'
        f"<table><caption>{said}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div></div></div></div>"
    )


_HEADER = """
<div class="fr-skiplinks"><nav class="fr-container" aria-label="Accès rapide">
<ul class="fr-skiplinks__list"><li><a class="fr-link" href="#content">Contenu</a></li></ul>
</nav></div>
<header class="fr-header"><div class="fr-header__body"><div class="fr-container">
<div class="fr-header__body-row"><div class="fr-header__brand"><div class="fr-header__service">
<a href="/barometer" title="Baromètre - Relais"><span class="fr-header__service-title">Relais</span>
</a><p class="fr-header__service-tagline">Ce que les usagers disent des services publics</p>
</div></div></div></div></div></header>"""
_FOOTER = """
<footer class="fr-footer" id="footer"><div class="fr-container"><div class="fr-footer__body">
<div class="fr-footer__content"><p class="fr-footer__content-desc">Chiffres tirés des avis publiés
sur Services Publics +, données ouvertes.</p></div></div></div></footer>"""
