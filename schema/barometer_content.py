"""What the page of the barometer says: figures in words, in charts and in tables."""

from collections.abc import Iterable
from datetime import date, datetime
from html import escape
from typing import Any
from urllib.parse import urlencode

from models.paris import PARIS
from resolvers.figures import Days, months_before
from schema.chart import Rate, chart, spark
from schema.dsfr import table

YEARS = 5
"""Years that the page offers; others may be asked for."""

_NAMES = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
)
_MONTHS = "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.".split()

Cells = list[dict[str, Any]]


def content(data: dict[str, Any], days: Days, year: str, network: str) -> str:
    """What the page of `year` and `network`, each as it was asked for, says of `days`."""
    name = next((one["name"] for one in data["all"] if one["code"] == network), "Tous les réseaux")
    total, months = data["chosen"]["total"], _months(days)
    choice = _choice(data["all"], year, network)
    heading = f"<h2>{escape(name)}, {_span(days)}</h2>"
    if not total["count"]:
        return f"{choice}{heading}<p>Aucun avis publié sur cette période.</p>{_method()}"
    return (
        f"{choice}{heading}{_key(total)}{_over_time(data, name, months, network)}"
        f"{_by_network(data, months, year)}{_by_department(data['departments']['cells'], name)}"
        f"{_method()}"
    )


def _choice(networks: Cells, year: str, network: str) -> str:
    now = datetime.now(PARIS).year
    years = dict.fromkeys([year, *(str(now - ago) for ago in range(YEARS))])
    periods = [("", "Les douze derniers mois"), *((one, one) for one in years if one)]
    offered = [("", "Tous les réseaux"), *((one["code"], one["name"]) for one in networks)]
    return (
        '<form class="relais-choice" method="get" action="/barometer">'
        f"{_select('year', 'Période', periods, year)}"
        f"{_select('network', 'Réseau', offered, network)}"
        '<button class="fr-btn" type="submit">Afficher</button></form>'
    )


def _select(name: str, label: str, options: Iterable[tuple[str, str]], chosen: str) -> str:
    told = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>'
        f"{escape(text)}</option>"
        for value, text in options
    )
    return (
        f'<div class="fr-select-group"><label class="fr-label" for="{name}">{label}</label>'
        f'<select class="fr-select" id="{name}" name="{name}">{told}</select></div>'
    )


def _key(total: dict[str, Any]) -> str:
    return (
        f'<p class="relais-key"><strong>{_share(total["rate"])}</strong> d’avis positifs '
        f"({_interval(total['rate'])}), sur {_count(total)} avis. "
        f"Évolution\u00a0: {_change(total)}. "
        f"Taux de réponse\u00a0: {_share(total['replyRate'])}.</p>"
    )


def _over_time(data: dict[str, Any], name: str, months: list[date], network: str) -> str:
    chosen, country = _by_month(data["chosen"]["cells"]), _by_month(data["country"]["cells"])
    lines = [[_rate(chosen.get(month)) for month in months]]
    said = f"Part d’avis positifs par mois\u00a0: {name}"
    legend = "Trait plein et bande\u00a0: taux et intervalle à 95\u00a0%."
    if network:
        lines.append([_rate(country.get(month)) for month in months])
        legend = f"{legend} Tirets\u00a0: tous les réseaux."
    drawn = chart(said, [_month(month) for month in months], lines)
    rows = [[_month(month), *_cells(chosen.get(month))] for month in months]
    return (
        f'<h2>Mois par mois</h2><figure class="relais-figure">{drawn}'
        f"<figcaption>{legend} Les chiffres sont dans le tableau.</figcaption></figure>"
        f"{table('Satisfaction par mois', ('Mois', *_HEADS), rows)}"
    )


def _by_network(data: dict[str, Any], months: list[date], year: str) -> str:
    by_network: dict[str, Cells] = {}
    for cell in data["networkMonths"]["cells"]:
        by_network.setdefault(cell["network"]["code"], []).append(cell)
    rows, monthly = [], []
    for cell in data["networks"]["cells"]:
        code, found = cell["network"]["code"], _by_month(by_network[cell["network"]["code"]])
        query = urlencode({"year": year, "network": code})
        link = f'<a href="/barometer?{escape(query)}">{escape(cell["network"]["name"])}</a>'
        drawn = spark([_rate(found.get(month)) for month in months])
        rows.append([link, *_cells(cell), _change(cell), drawn])
        shares = (_share(found[month]["rate"]) if month in found else "–" for month in months)
        monthly.append([escape(cell["network"]["name"]), *shares])
    heads = ("Réseau", *_HEADS, "Évolution", "Mois par mois")
    return (
        "<h2>Par réseau</h2>"
        "<p>Par ordre alphabétique\u00a0: de peu d’avis, un taux dit peu"
        "\u00a0; l’intervalle le montre.</p>"
        f"{table('Satisfaction par réseau', heads, rows)}"
        f"{table('Taux par réseau et par mois', ('Réseau', *map(_month, months)), monthly)}"
    )


def _by_department(cells: Cells, name: str) -> str:
    rows = []
    for cell in cells:
        place = cell["department"]
        told = f"{place['name']} ({place['code']})" if place else "Sans département"
        rows.append([escape(told), *_cells(cell)])
    heading = f"<h2>Par département\u00a0: {escape(name)}</h2>"
    return f"{heading}{table('Satisfaction par département', ('Département', *_HEADS), rows)}"


def _method() -> str:
    return (
        "<h2>Comment lire ces chiffres</h2><p>Le taux est la part d’avis positifs parmi tous les "
        "avis publiés. Un avis qui concerne plusieurs structures compte pour chacune. Sur cent "
        "intervalles à 95\u00a0%, quatre-vingt-quinze contiennent la vraie valeur (Wilson, 1927). "
        "L’évolution, en points, compare avec la période précédente de même durée ; elle est dite "
        "significative quand le hasard seul l’expliquerait dans moins de 5\u00a0% des cas.</p>"
    )


_HEADS = ("Avis", "Taux", "Intervalle à 95\u00a0%", "Taux de réponse")


def _cells(cell: dict[str, Any] | None) -> list[str]:
    if cell is None:
        return ["0", "–", "–", "–"]
    return [_count(cell), _share(cell["rate"]), _interval(cell["rate"]), _share(cell["replyRate"])]


def _by_month(cells: Cells) -> dict[date, dict[str, Any]]:
    return {date.fromisoformat(cell["from"]): cell for cell in cells}


def _rate(cell: dict[str, Any] | None) -> Rate | None:
    return Rate(**cell["rate"]) if cell and cell["rate"] else None


def _months(days: Days) -> list[date]:
    return [months_before(days.first, -number) for number in range(12)]


def _month(month: date) -> str:
    return f"{_MONTHS[month.month - 1]} {month.year % 100:02}"


def _span(days: Days) -> str:
    first, last = (f"{_NAMES[day.month - 1]} {day.year}" for day in (days.first, days.last))
    return f"{first} à {last}"


def _count(cell: dict[str, Any]) -> str:
    return f"{cell['count']:,}".replace(",", "\u202f")


def _number(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def _share(estimate: dict[str, float] | None) -> str:
    return f"{_number(100 * estimate['value'])}\u00a0%" if estimate else "–"


def _interval(estimate: dict[str, float] | None) -> str:
    if estimate is None:
        return "–"
    low, high = (_number(100 * estimate[end]) for end in ("low", "high"))
    return f"de {low} à {high}\u00a0%"


def _change(cell: dict[str, Any]) -> str:
    change = cell["change"]
    if change is None:
        return "–"
    points = f"{change['points']:+.1f}".replace(".", ",").replace("-", "−")
    told = {True: "significatif", False: "non significatif", None: "trop peu d’avis"}
    return f"{points}\u00a0pt ({told[change['significant']]})"
