"""The figures of `satisfaction` as CSV, for machines that take that."""

from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from auth.budget import Bill, Budgets
from auth.viewer import Viewer
from models.cache import Cache
from models.errors import BadInput
from models.outward import Outward
from models.sheet import BOM, lines, safe
from resolvers.context import Context
from schema.cost import values
from schema.errors import told
from schema.http import answer, doer, refusals
from schema.language import translate
from schema.root import schema

WHERE = ("networks", "offices", "departments", "regions", "procedures", "channels")
TAKEN = ("from", "to", "groupBy", "by", *WHERE)
"""Its parameters: the arguments of the field, lists with commas between."""

_ESTIMATE = "{ value low high }"
QUERY = f"""
query Figures($period: Period!, $groupBy: [Group!], $by: TimeGrain, $where: FigureFilter) {{
  satisfaction(period: $period, groupBy: $groupBy, by: $by, where: $where) {{ cells {{
    from to
    network {{ code name }} office {{ id name }} department {{ code name }}
    region {{ code name }} procedure {{ code name }} channel axis
    count positive neutral negative rate {_ESTIMATE} net {_ESTIMATE} score {_ESTIMATE}
    answered replyRate {_ESTIMATE} overdue
    delay {{ replies meanDays medianDays p75Days p90Days p95Days }}
    previous {{ count rate {{ value }} }} change {{ points pValue significant }}
  }} }}
}}"""

_NAMED = ("code", "name")
_VALUES = ("value", "low", "high")
COLUMNS: tuple[tuple[str, ...], ...] = (
    ("from",),
    ("to",),
    *(("network", part) for part in _NAMED),
    *(("office", part) for part in ("id", "name")),
    *((group, part) for group in ("department", "region", "procedure") for part in _NAMED),
    *((name,) for name in ("channel", "axis", "count", "positive", "neutral", "negative")),
    *((name, part) for name in ("rate", "net", "score") for part in _VALUES),
    ("answered",),
    *(("replyRate", part) for part in _VALUES),
    ("overdue",),
    *(
        ("delay", part)
        for part in ("replies", "meanDays", "medianDays", "p75Days", "p90Days", "p95Days")
    ),
    ("previous", "count"),
    ("previous", "rate", "value"),
    *(("change", part) for part in ("points", "pValue", "significant")),
)
"""Where each column stands in a cell; its name is that path with dots."""


class Figures:
    """The endpoint."""

    def __init__(self, cache: Cache, outward: Outward, budgets: Budgets) -> None:
        self._cache = cache
        self._outward = outward
        self._budgets = budgets

    async def serve(self, request: Request) -> Response:
        """The cells of `satisfaction`, a line each; refused as the field refuses."""
        viewer = request.user
        if not isinstance(viewer, Viewer):
            return answer({"errors": [told("UNAUTHENTICATED")]}, 401, www_authenticate="Bearer")
        bill = Bill(self._budgets, viewer.account)
        who = doer(request, viewer)
        context = Context(viewer, self._cache, who, translate, self._outward, bill=bill)
        try:
            asked = _asked(request)
        except BadInput as bad:
            message = translate(bad.message).format(**bad.values)
            return answer({"errors": [told(bad.code, message, field=list(bad.field))]}, 400)
        result = await schema.execute(QUERY, variable_values=asked, context_value=context)
        if result.data is None:
            errors, status = refusals(result)
            return answer({"errors": errors}, status, **bill.headers())
        bill.settle(values(result.data))
        cells = result.data["satisfaction"]["cells"]
        names = [".".join(path) for path in COLUMNS]
        return Response(
            BOM + lines([names, *map(list, map(_line, cells))]),
            headers={
                "cache-control": "no-store",
                "content-disposition": 'attachment; filename="figures.csv"',
                "x-content-type-options": "nosniff",
            },
            media_type="text/csv; charset=utf-8",
        )


def _asked(request: Request) -> dict[str, Any]:
    """The variables that the parameters stand for. Raises BadInput."""
    given = request.query_params.multi_items()
    named = dict(given)
    for number, (name, _) in enumerate(given):
        if name not in TAKEN or any(name == before for before, _ in given[:number]):
            message = "The parameters are {taken}, each of them once at most."
            raise BadInput(message, name[:50], taken=", ".join(TAKEN))
    lists = {name: named[name].split(",") for name in ("groupBy", *WHERE) if named.get(name)}
    return {
        "period": {name: named[name] for name in ("from", "to") if name in named},
        "groupBy": lists.pop("groupBy", None),
        "by": named.get("by") or None,
        "where": lists,
    }


def _line(cell: dict[str, Any]) -> Iterator[str]:
    for path in COLUMNS:
        value: Any = cell
        for name in path:
            value = None if value is None else value[name]
        yield _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return safe(value) if isinstance(value, str) else str(value)
