"""The page of the barometer: for whom it is, what it says, and that any browser can read it."""

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import build
from models.account import Role
from models.network import Network
from settings import Settings
from tests import factories as make
from tests.client import Client, asking
from tests.provider import providing
from tests.servers import served
from tests.test_sign_in import serving, with_sign_in
from tests.test_statistics import told

YEAR = "/barometer?year=2026"
VOID = {"meta", "link"}
CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Page(HTMLParser):
    """A page taken apart: its tables, headings and what is wrong with it."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.headings: list[tuple[int, str]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self._open: list[str] = []
        self._rows: list[list[str]] = []
        self._caption: str | None = None
        self.language = self.text = ""
        self.feed(answer.text)
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self._check(tag, given)
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.links.append(given["href"])
        if tag == "table":
            self._rows, self._caption = [], None
        if tag == "caption":
            self._caption = ""
        if tag == "tr":
            self._rows.append([])
        if tag in {"th", "td"}:
            self._rows[-1].append("")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))
        if tag not in VOID:
            self._open.append(tag)

    def _check(self, tag: str, given: dict[str, str]) -> None:
        self.faults += [f"{name} on <{tag}>" for name in given if re.match("on|style$", name)]
        if tag in {"script", "style"}:
            self.faults.append(f"<{tag}> in the page")
        if tag == "html":
            self.language = given.get("lang", "")
        if tag == "th" and given.get("scope") not in {"col", "row"}:
            self.faults.append("<th> without scope")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")
        if tag == "table":
            if not self._caption:
                self.faults.append("<table> without caption")
            self.tables[self._caption or ""] = self._rows

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._caption is not None and self._open[-1:] == ["caption"]:
            self._caption += data
        if {"th", "td"} & {*self._open} and "svg" not in self._open:
            self._rows[-1][-1] += data.replace("\xa0", " ")
        if self._open and re.fullmatch("h[1-6]", self._open[-1]):
            level, said = self.headings.pop()
            self.headings.append((level, said + data))


@pytest.fixture
async def public(config: Settings) -> AsyncIterator[Client]:
    async with asking(config.model_copy(update={"public_barometer": True})) as client:
        yield client


async def looked_at(client: Client, path: str = YEAR, **headers: str) -> Page:
    """A page that nothing is wrong with."""
    answer = await client.http.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return sound(answer)


def sound(answer: httpx.Response) -> Page:
    page = Page(answer)
    levels = [level for level, _ in page.headings]
    assert page.faults == []
    assert (page.language, levels.count(1)) == ("fr", 1)
    assert {"main", "header", "footer", "nav"} <= {*page.tags}
    assert "#content" in page.links
    assert "content" in page.ids
    assert len(page.ids) == len({*page.ids})
    assert answer.headers["content-security-policy"] == CSP
    assert answer.headers["content-language"] == "fr"
    assert answer.headers["cache-control"] == "no-store"
    return page


async def test_it_tells_the_country_networks_and_departments(public: Client) -> None:
    await told(await make.office(), 8, 1, 1, replied=2)
    await told(await make.office(), 6, 0, 4, day=31)
    await told(await make.office("police", None), 0, 0, 1, day=31)

    page = await looked_at(public)

    no = ["0", "–", "–", "–"]
    names = "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.".split()
    assert page.tables["Satisfaction par mois"] == [
        ["Mois", "Avis", "Taux", "Intervalle à 95 %", "Taux de réponse"],
        ["janv. 26", "10", "80,0 %", "de 49,0 à 94,3 %", "100,0 %"],
        ["févr. 26", "11", "54,5 %", "de 28,0 à 78,7 %", "0,0 %"],
        *([f"{name} 26", *no] for name in names[2:]),
    ]
    assert [row[:-1] for row in page.tables["Satisfaction par réseau"][1:]] == [
        ["Caisse d'Allocations Familiales", "20", "70,0 %", "de 48,1 à 85,5 %", "50,0 %", "–"],
        ["Police nationale", "1", "0,0 %", "de 0,0 à 79,3 %", "0,0 %", "–"],
    ]
    assert [row[:4] for row in page.tables["Taux par réseau et par mois"][1:]] == [
        ["Caisse d'Allocations Familiales", "80,0 %", "60,0 %", "–"],
        ["Police nationale", "–", "0,0 %", "–"],
    ]
    assert page.tables["Satisfaction par département"][1:] == [
        ["Rhône (69)", "20", "70,0 %", "de 48,1 à 85,5 %", "50,0 %"],
        ["Sans département", "1", "0,0 %", "de 0,0 à 79,3 %", "0,0 %"],
    ]
    assert page.tags.count("svg") == 3
    assert "/barometer?year=2026&network=police" in page.links


async def test_a_network_is_shown_beside_the_country(public: Client) -> None:
    await told(await make.office(), 8, 1, 1)
    await told(await make.office("police", "75"), 1, 0, 0)

    answer = await public.http.get(f"{YEAR}&network=police")
    page = sound(answer)

    assert page.headings[1] == (2, "Police nationale, janvier 2026 à décembre 2026")
    assert page.tables["Satisfaction par mois"][1][:2] == ["janv. 26", "1"]
    assert [row[0] for row in page.tables["Satisfaction par département"][1:]] == ["Paris (75)"]
    assert len(page.tables["Satisfaction par réseau"]) == 3
    assert "Tirets" in page.text
    assert answer.text.count('class="dashed"') == 1


async def test_a_change_is_told_with_whether_it_is_one(public: Client) -> None:
    office = await make.office()
    await told(office, 10, 0, 30, day=-300)
    await told(office, 30, 0, 10)

    page = await looked_at(public)

    assert page.tables["Satisfaction par réseau"][1][5] == "+50,0 pt (significatif)"


async def test_a_year_of_which_nothing_is_told_says_so(public: Client) -> None:
    for path in (YEAR, "/barometer", "/barometer?year=2000", f"{YEAR}&network=caf"):
        page = await looked_at(public, path)

        assert "Aucun avis publié sur cette période." in page.text
        assert page.tables == {}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"year": "1999"}, "BAD_PERIOD"),
        ({"year": "2100"}, "BAD_PERIOD"),
        ({"year": "9" * 5000}, "BAD_PERIOD"),
        ({"year": "²026"}, "BAD_PERIOD"),
        ({"year": "2026\n"}, "BAD_PERIOD"),
        ({"year": "2026\0"}, "BAD_PERIOD"),
        ({"network": "<b>"}, "BAD_INPUT"),
        ({"network": "caf\0"}, "BAD_INPUT"),
        ({"network": " "}, "BAD_INPUT"),
        ({"network": "é" * 9000}, "BAD_INPUT"),
    ],
)
async def test_what_makes_no_sense_is_told_on_a_page(
    public: Client, given: dict[str, Any], code: str
) -> None:
    answer = await public.http.get("/barometer", params=given)
    page = sound(answer)

    assert answer.status_code == 400
    assert code in page.text
    assert "/barometer" in page.links


async def test_names_are_shown_as_they_are(public: Client) -> None:
    await told(await make.office(), 1)
    await Network.filter(code="caf").update(name='<script>"Caf" & co')

    page = await looked_at(public)

    assert page.tables["Satisfaction par réseau"][1][0] == '<script>"Caf" & co'


async def test_unless_it_is_public_people_sign_in_before(api: Client) -> None:
    await told(await make.office("police", "75"), 1)
    agent = await make.person(Role.OFFICE_AGENT, office=await make.office())

    stranger = await api.http.get(YEAR)
    liar = await api.http.get(YEAR, headers={"authorization": "Bearer x"})
    page = await looked_at(api, YEAR, **api.headers(agent))

    assert (stranger.status_code, liar.status_code) == (401, 401)
    assert "UNAUTHENTICATED" in sound(stranger).text
    assert "TOKEN_INVALID" in sound(liar).text
    assert "/auth/login?next=/barometer" not in sound(stranger).links
    assert page.tables["Satisfaction par mois"][1][:2] == ["janv. 26", "1"]


async def test_who_signs_in_by_a_browser_is_led_there(config: Settings, tmp_path: Path) -> None:
    async with (
        providing() as provider,
        serving(with_sign_in(config, provider.issuer, tmp_path)) as browser,
    ):
        before = await browser.ask("GET", "/barometer")
        await browser.sign_in()
        after = await browser.ask("GET", "/barometer")

    assert before.status_code == 401
    assert "/auth/login?next=/barometer" in sound(before).links
    assert after.status_code == 200


async def test_a_public_one_asks_nobody_who_they_are(public: Client) -> None:
    await looked_at(public, YEAR, authorization="Bearer x", **{"accept-language": "en"})

    assert (await public.http.post("/graphql", json={"query": "{ viewer { label } }"})).json()[
        "errors"
    ][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_all_that_the_page_names_is_here_and_stays(public: Client) -> None:
    page = (await public.http.get(YEAR)).text
    styles = re.findall(r'<link rel="stylesheet" href="([^"]+)">', page)
    fonts = [
        f"{styles[0].rpartition('/core/')[0]}/fonts/Marianne-{weight}.woff2"
        for weight in ("Regular", "Medium", "Bold")
    ]

    assert len(styles) == 9
    for path in (*styles, *fonts):
        answer = await public.http.get(path)
        assert (path, answer.status_code) == (path, 200)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["", "/", "/../root.py", "/%2e%2e/root.py", "/no.css", "/dsfr"])
async def test_nothing_else_is_there(config: Settings, path: str) -> None:
    async with served(build(config)) as address, httpx.AsyncClient(base_url=address) as http:
        style = re.findall(r'href="(/assets/\w+)/', (await http.get("/barometer")).text)[0]
        answer = await http.get(f"{style}{path}")

    assert answer.status_code == 404
    assert answer.json()["errors"][0]["extensions"]["code"] == "NO_SUCH_PATH"
