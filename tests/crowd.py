"""A database of many reviews, reports and submissions, made by SQL: the same each time."""

import os

from jobs import reference
from models.sql import Sql, connection, fetch

REVIEWS = int(os.environ.get("PLANS_REVIEWS", "40000"))
"""`PLANS_REVIEWS=1000000` makes a country."""
OFFICES = REVIEWS // 200
ACCOUNTS = 50
WORDS = "attent accueil telephon rendez dossier aid guichet merc long form reponse conseill".split()
RARE = "prefectur"
"""A word that one review in five hundred holds."""


def _chance(seed: int, row: str = "n") -> str:
    """A number from 0 to 1 that is another for each row, and the same each time."""
    return f"(((hashint8extended({row}, {seed}) & 65535) + 0.5) / 65536)"


def _one_of(values: list[str], seed: int) -> str:
    return f"('{{{','.join(values)}}}'::text[])[1 + floor({len(values)} * {_chance(seed)})::int]"


_FELT = f"CASE WHEN {_chance(1)} < 0.7 THEN 1 WHEN {_chance(1)} < 0.8 THEN 0 ELSE -1 END"
_AT = f"now() - make_interval(secs => 900 * 86400 * {_chance(2)})"
_ANSWERED = f"{_chance(3)} < 0.6"
# Few offices have many reviews: the busiest has one in a hundred.
_OFFICE = f"1 + floor({OFFICES} * power({_chance(4)}, 2))"
_TEXT = (
    f"{_one_of(WORDS, 5)} || ' ' || {_one_of(WORDS, 6)}"
    f" || CASE WHEN {_chance(7)} < 0.002 THEN ' {RARE}' ELSE '' END"
)
_AXIS = f"CASE WHEN {_chance(8)} < 0.3 THEN {_FELT} END"
_STATES = "accepted acknowledged being_rewritten rewritten declined rejected".split()
_STATE = _one_of(_STATES, 11)
_ACCOUNT = f"(SELECT min(id) FROM account) + floor({ACCOUNTS} * {_chance(12)})::int"

_FILL = (
    # Triggers and foreign keys are for the careful: nothing here is wrong.
    "SET session_replication_role = replica",
    f"""INSERT INTO account (kind, issuer, subject, label)
    SELECT 'person', 'relais', 'crowd-' || n, 'crowd'
    FROM generate_series(1, {ACCOUNTS}) made (n)""",
    """INSERT INTO directory_file (name, sha256, source, licence, imported_at)
    VALUES ('crowd', repeat('0', 64), 'test', 'test', now())""",
    f"""INSERT INTO office (id, directory_id, name, type_id, network_id, department_id, parent_id,
      latitude, longitude, search, fingerprint, file_id)
    SELECT n, 'crowd-' || n, 'Accueil ' || n, t.code, t.network_id, d.code,
      CASE WHEN n % 20 > 1 THEN n - n % 20 + 1 END, 45, 5, ' accueil', '',
      (SELECT max(id) FROM directory_file)
    FROM generate_series(1, {OFFICES}) made (n)
    JOIN (SELECT *, row_number() OVER (ORDER BY code) AS at, count(*) OVER () AS of
      FROM office_type) t ON t.at = 1 + n / 20 % t.of
    JOIN (SELECT code, row_number() OVER (ORDER BY code) AS at, count(*) OVER () AS of
      FROM department) d ON d.at = 1 + n / 20 % d.of""",
    """INSERT INTO procedure (code, name, search)
    SELECT 'p' || n, 'Démarche ' || n, ' demarche' FROM generate_series(1, 200) made (n)""",
    f"""INSERT INTO review (id, source, source_id, title, description, sentiment, published_at,
      relation, simplicity, procedure_id, search, version)
    SELECT n, 'crowd', n::text, 'Attente', repeat('Trop longue. ', 20), {_FELT}, {_AT},
      {_AXIS}, {_AXIS}, CASE WHEN {_chance(9)} < 0.5 THEN (SELECT min(id) FROM procedure)
      + floor(200 * {_chance(10)})::int END, {_TEXT}, 1
    FROM generate_series(1, {REVIEWS}) made (n)""",
    f"""INSERT INTO review_structure (review_id, position, network_id, department_id, office_id,
      channels, sentiment, published_at, answered, replied_at, assignee_id, version)
    SELECT n, 1, o.network_id, o.department_id, o.id, (ARRAY[1, 2, 4, 8])[1 + n % 4], r.sentiment,
      r.published_at, {_ANSWERED},
      CASE WHEN {_ANSWERED} THEN r.published_at + make_interval(hours => (n % 900)::int) END,
      CASE WHEN {_chance(13)} < 0.05 THEN {_ACCOUNT} END, 1
    FROM (SELECT id AS n, sentiment, published_at FROM review) r
    JOIN office o ON o.id = ({_OFFICE})::int""",
    # One in ten is of two networks.
    """INSERT INTO review_structure (review_id, position, network_id, channels, sentiment,
      published_at, answered, version)
    SELECT review_id, 2, (SELECT max(id) FROM network), 1, sentiment, published_at, FALSE, 1
    FROM review_structure WHERE review_id % 10 = 0""",
    """INSERT INTO reply (structure_id, state, greeting, body, signature, published_at, version)
    SELECT id, 'published', '', 'Merci.', '', replied_at, 1 FROM review_structure
    WHERE answered""",
    "INSERT INTO review_search SELECT id, to_tsvector('simple', search) FROM review",
    f"""INSERT INTO document_report (source, source_id, entry, state, title, passage, suggestion,
      reason, network_id, department_id, office_id, findings, suspects, fingerprint, note, version,
      submitted_at, submitted_by_id)
    SELECT 'crowd', n::text, 'online', CASE WHEN {_chance(14)} < 0.01 THEN 'submitted'
      ELSE {_STATE} END, 'x', 'x', '', 'jargon', o.network_id, o.department_id, o.id, '{{}}',
      CASE WHEN {_chance(15)} < 0.1 THEN 1 ELSE 0 END, '', '', 1, {_AT}, {_ACCOUNT}
    FROM generate_series(1, {REVIEWS // 4}) made (n) JOIN office o ON o.id = ({_OFFICE})::int""",
    f"""INSERT INTO submission (source, source_id, entry, state, title, description, sentiment,
      parts, findings, suspects, fingerprint, note, version, submitted_at, submitted_by_id)
    SELECT 'crowd', n::text, CASE WHEN {_chance(16)} < 0.1 THEN 'counter' ELSE 'online' END,
      CASE WHEN {_chance(14)} < 0.01 THEN 'submitted' WHEN {_chance(14)} < 0.1 THEN 'rejected'
      ELSE 'published' END, 'x', 'x', {_FELT}, '[]', '{{}}',
      CASE WHEN {_chance(15)} < 0.1 THEN 1 ELSE 0 END, '', '', 1, {_AT}, {_ACCOUNT}
    FROM generate_series(1, {REVIEWS // 2}) made (n)""",
    *(
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
        for table in ("office", "review")
    ),
    "SET session_replication_role = origin",
)


async def crowd() -> None:
    """Fill the database, and let it be looked through, as autovacuum does."""
    await reference.load()
    async with connection().acquire_connection() as held:
        for statement in _FILL:
            await held.execute(statement)
        await held.execute("VACUUM ANALYZE")


async def large() -> set[str]:
    """The tables that hold more than a thousand rows."""
    rows = await fetch(Sql("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > 1000"))
    return {name for (name,) in rows}
