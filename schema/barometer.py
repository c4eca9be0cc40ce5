"""The barometer as a page: what is published of the whole country, for people who rather look."""

import re
from datetime import date, datetime, timedelta
from html import escape

from starlette.authentication import AuthenticationError
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from auth.credentials import Credentials
from auth.refused import Refused
from auth.viewer import PUBLIC, Viewer
from models.cache import Cache
from models.errors import BadPeriod, Refusal
from models.outward import Outward
from models.paris import PARIS
from resolvers.context import Context
from resolvers.figures import Days, months_before
from resolvers.statistics import FIRST, LAST
from schema.barometer_content import content
from schema.dsfr import assets, page
from schema.errors import CODES
from schema.french import FRENCH
from schema.http import doer, refusals
from schema.language import translate
from schema.root import schema

TITLE = "Baromètre de la satisfaction des usagers"
STATUS = {"FOREIGN_ORIGIN": 403, "TOO_MANY_ATTEMPTS": 429, "ISSUER_UNAVAILABLE": 503}
"""The status of each refusal to let somebody in; 401 of all others."""

_BACK = '<a class="fr-btn" href="/barometer">Revenir au baromètre</a>'
_SIGN_IN = '<a class="fr-btn" href="/auth/login?next=/barometer">Se connecter</a>'
_FIGURES = "count rate { value low high } replyRate { value }"
_CHANGE = "change { points significant }"
QUERY = f"""
query Barometer($period: Period!, $where: FigureFilter) {{
  country: satisfaction(period: $period, by: MONTH) {{ cells {{ from {_FIGURES} }} }}
  chosen: satisfaction(period: $period, by: MONTH, where: $where) {{
    total {{ {_FIGURES} {_CHANGE} }} cells {{ from {_FIGURES} }} }}
  networks: satisfaction(period: $period, groupBy: [NETWORK]) {{
    cells {{ network {{ code name }} {_FIGURES} {_CHANGE} }} }}
  networkMonths: satisfaction(period: $period, groupBy: [NETWORK], by: MONTH) {{
    cells {{ from network {{ code }} {_FIGURES} }} }}
  departments: satisfaction(period: $period, groupBy: [DEPARTMENT], where: $where) {{
    cells {{ department {{ code name }} {_FIGURES} }} }}
  all: networks {{ code name }}
}}"""


class Barometer:
    """The page. Everybody sees the same; `public` if they need not sign in before."""

    def __init__(self, cache: Cache, outward: Outward, *, public: bool, sign_in: bool) -> None:
        self._cache = cache
        self._outward = outward
        self._public = public
        self._in = _SIGN_IN if sign_in else ""

    def routes(self, credentials: Credentials) -> list[BaseRoute]:
        """Its address, and those of its styles."""
        known = Middleware(AuthenticationMiddleware, backend=credentials, on_error=self._not_in)
        guarded = [] if self._public else [known]
        return [Route("/barometer", self.serve, middleware=guarded), assets()]

    async def serve(self, request: Request) -> Response:
        """The page of a year or the last twelve whole months, of all networks or one."""
        if not self._public and not isinstance(request.user, Viewer):
            return _refused("UNAUTHENTICATED", 401, self._in)
        year, network = (request.query_params.get(name, "") for name in ("year", "network"))
        try:
            days = _days(year)
        except BadPeriod as bad:
            return _refused(bad.code, 400, _BACK, bad)
        result = await schema.execute(
            QUERY,
            variable_values={
                "period": {"from": str(days.first), "to": str(days.last)},
                "where": {"networks": [network]} if network else None,
            },
            context_value=Context(
                PUBLIC, self._cache, doer(request, PUBLIC), translate, self._outward
            ),
        )
        if result.data is None:
            errors, status = refusals(result)
            cause = result.errors[0].original_error if result.errors else None
            return _refused(errors[0]["extensions"]["code"], status, _BACK, cause)
        return page(TITLE, content(result.data, days, year, network))

    def _not_in(self, _: HTTPConnection, error: AuthenticationError) -> Response:
        code = error.code if isinstance(error, Refused) else "TOKEN_INVALID"
        return _refused(code, STATUS.get(code, 401), self._in)


def _days(year: str) -> Days:
    """The days of `year`, or of the last twelve whole months. Raises BadPeriod."""
    if not year:
        this_month = datetime.now(PARIS).date().replace(day=1)
        return Days(months_before(this_month, 12), this_month - timedelta(days=1))
    if not re.fullmatch("[0-9]{4}", year) or not FIRST.year <= int(year) <= LAST.year:
        message = "The period must lie between {first} and {last}."
        raise BadPeriod(message, "year", first=FIRST, last=LAST)
    return Days(date(int(year), 1, 1), date(int(year), 12, 31))


def _refused(code: str, status: int, way: str, cause: Exception | None = None) -> Response:
    """A page that says why there is no barometer, and the `way` on."""
    said = FRENCH[CODES[code]]
    if isinstance(cause, Refusal):
        said = FRENCH[cause.message].format(**cause.values)
    return page(TITLE, f"<p>{escape(said)}</p><p><code>{code}</code></p><p>{way}</p>", status)
