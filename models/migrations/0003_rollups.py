"""Rollups: figures kept by triggers, in the transaction that changes what they count."""

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

AXES = ("accessibility", "information", "relation", "responsiveness", "simplicity")
STRUCTURE = (
    "published_at",
    "network_id",
    "department_id",
    "office_id",
    "channels",
    "sentiment",
    "answered",
    "replied_at",
)
REVIEW = (*AXES, "procedure_id")
DELAYS = 22
MEASURES = (
    "n",
    "positive",
    "negative",
    *(f"{axis}_{polarity}" for axis in AXES for polarity in ("positive", "neutral", "negative")),
    "answered",
    *(f"delay_{bucket}" for bucket in range(DELAYS)),
)
KEY = "level, month, day, network_id, department_id, office_id, procedure_id, channels"
DELTA = (
    "sign",
    "month",
    "day",
    "network_id",
    "department_id",
    "office_id",
    "procedure_id",
    "channels",
    "sentiment",
    *AXES,
    "answered",
    "delay",
)
PLACE = """month integer NOT NULL, day integer NOT NULL, network_id bigint NOT NULL,
    department_id varchar(3) NOT NULL, office_id bigint NOT NULL, procedure_id bigint NOT NULL,
    channels smallint NOT NULL"""


def _local_sqlite(moment: str) -> str:
    """A moment in the time of Paris: summer is from the last Sunday of March to that of October."""
    year = f"strftime('%Y', {moment})"
    begins, ends = (
        f"date({year} || '-{month}-25', 'weekday 0') || ' 01:00:00'" for month in ("03", "10")
    )
    summer = f"datetime({moment}) >= {begins} AND datetime({moment}) < {ends}"
    return f"datetime({moment}, CASE WHEN {summer} THEN '+2 hours' ELSE '+1 hours' END)"


def _month(moment: str, sqlite: bool) -> str:
    if sqlite:
        return f"CAST(strftime('%Y%m', {_local_sqlite(moment)}) AS integer)"
    return f"to_char({moment} AT TIME ZONE 'Europe/Paris', 'YYYYMM')::integer"


def _day(moment: str, sqlite: bool) -> str:
    if sqlite:
        return f"CAST(julianday(date({_local_sqlite(moment)})) - 2440587.5 AS integer)"
    return f"(({moment} AT TIME ZONE 'Europe/Paris')::date - DATE '1970-01-01')"


def _seconds(moment: str, sqlite: bool) -> str:
    if sqlite:
        return f"CAST(strftime('%s', {moment}) AS integer)"
    return f"floor(extract(epoch FROM {moment}))::bigint"


def _told(structure: str, review: str, sqlite: bool) -> str:
    """What a structure of a review counts for, as the columns of a delta but for its sign."""
    published, replied = f"{structure}.published_at", f"{structure}.replied_at"
    took = f"{_seconds(replied, sqlite)} - {_seconds(published, sqlite)}"
    most = "max" if sqlite else "greatest"
    return ", ".join(
        (
            _month(published, sqlite),
            _day(published, sqlite),
            f"{structure}.network_id",
            f"coalesce({structure}.department_id, '')",
            f"coalesce({structure}.office_id, 0)",
            f"coalesce({review}.procedure_id, 0)",
            f"{structure}.channels",
            f"{structure}.sentiment",
            *(f"{review}.{axis}" for axis in AXES),
            f"CASE WHEN {structure}.answered THEN 1 ELSE 0 END",
            f"CASE WHEN {structure}.answered AND {replied} IS NOT NULL THEN {most}(0, {took}) END",
        )
    )


def _write(sign: int, structure: str, review: str, source: str, sqlite: bool) -> str:
    told = _told(structure, review, sqlite)
    return f"INSERT INTO rollup_delta ({', '.join(DELTA)}) SELECT {sign}, {told} FROM {source};"


def _of_structure(sign: int, row: str, sqlite: bool) -> str:
    """Nothing when the review is gone: that has told of all its structures before."""
    return _write(sign, row, "r", f"review r WHERE r.id = {row}.review_id", sqlite)


def _of_review(sign: int, row: str, sqlite: bool) -> str:
    return _write(sign, "s", row, f"review_structure s WHERE s.review_id = {row}.id", sqlite)


def _changed(columns: tuple[str, ...], sqlite: bool) -> str:
    differ = "IS NOT" if sqlite else "IS DISTINCT FROM"
    return " OR ".join(f"old.{name} {differ} new.{name}" for name in columns)


def _tables(sqlite: bool) -> list[str]:
    key = "integer PRIMARY KEY AUTOINCREMENT" if sqlite else "bigserial PRIMARY KEY"
    counts = ", ".join(f"{name} integer NOT NULL" for name in MEASURES)
    axes = ", ".join(f"{axis} smallint" for axis in AXES)
    return [
        f"CREATE TABLE rollup (level smallint NOT NULL, {PLACE}, {counts},"
        f" delay bigint NOT NULL, PRIMARY KEY ({KEY}))" + (" WITHOUT ROWID" if sqlite else ""),
        "CREATE INDEX rollup_department ON rollup (level, network_id, department_id, month, day)",
        "CREATE INDEX rollup_office ON rollup (level, office_id, month, day) WHERE office_id <> 0",
        "CREATE INDEX rollup_empty ON rollup (month) WHERE n = 0",
        f"CREATE TABLE rollup_delta (id {key}, sign smallint NOT NULL, {PLACE},"
        f" sentiment smallint NOT NULL, {axes}, answered smallint NOT NULL, delay bigint)",
        "CREATE TABLE rollup_state (folded bigint NOT NULL)",
        "INSERT INTO rollup_state VALUES (0)",
        # As the viewer sees it, not as the owner of the view does.
        f"CREATE VIEW rollup_fact ({', '.join(DELTA)})"
        + ("" if sqlite else " WITH (security_invoker = true)")
        + f" AS SELECT 1, {_told('s', 'r', sqlite)}"
        " FROM review_structure s JOIN review r ON r.id = s.review_id",
        f"INSERT INTO rollup_delta ({', '.join(DELTA)}) SELECT {', '.join(DELTA)} FROM rollup_fact",
    ]


SQLITE_TRIGGERS = (
    "CREATE TRIGGER rollup_structure_told AFTER INSERT ON review_structure BEGIN"
    f" {_of_structure(1, 'new', sqlite=True)} END",
    f"CREATE TRIGGER rollup_structure_changed AFTER UPDATE OF {', '.join(STRUCTURE)}"
    f" ON review_structure WHEN {_changed(STRUCTURE, sqlite=True)} BEGIN"
    f" {_of_structure(-1, 'old', sqlite=True)} {_of_structure(1, 'new', sqlite=True)} END",
    "CREATE TRIGGER rollup_structure_gone AFTER DELETE ON review_structure BEGIN"
    f" {_of_structure(-1, 'old', sqlite=True)} END",
    f"CREATE TRIGGER rollup_review_changed AFTER UPDATE OF {', '.join(REVIEW)} ON review"
    f" WHEN {_changed(REVIEW, sqlite=True)} BEGIN"
    f" {_of_review(-1, 'old', sqlite=True)} {_of_review(1, 'new', sqlite=True)} END",
    "CREATE TRIGGER rollup_review_gone BEFORE DELETE ON review BEGIN"
    f" {_of_review(-1, 'old', sqlite=True)} END",
)
FUNCTION = "RETURNS trigger LANGUAGE plpgsql SET relais.everything = 'on' AS $$ BEGIN"
POSTGRES_TRIGGERS = (
    f"CREATE FUNCTION rollup_structure() {FUNCTION}"
    f" IF TG_OP <> 'INSERT' THEN {_of_structure(-1, 'old', sqlite=False)} END IF;"
    f" IF TG_OP <> 'DELETE' THEN {_of_structure(1, 'new', sqlite=False)} END IF;"
    " RETURN NULL; END $$",
    f"CREATE FUNCTION rollup_review() {FUNCTION} {_of_review(-1, 'old', sqlite=False)}"
    f" IF TG_OP = 'DELETE' THEN RETURN old; END IF; {_of_review(1, 'new', sqlite=False)}"
    " RETURN NULL; END $$",
    "CREATE TRIGGER rollup_structure_told AFTER INSERT OR DELETE ON review_structure"
    " FOR EACH ROW EXECUTE FUNCTION rollup_structure()",
    "CREATE TRIGGER rollup_structure_changed AFTER UPDATE ON review_structure FOR EACH ROW"
    f" WHEN ({_changed(STRUCTURE, sqlite=False)}) EXECUTE FUNCTION rollup_structure()",
    "CREATE TRIGGER rollup_review_changed AFTER UPDATE ON review FOR EACH ROW"
    f" WHEN ({_changed(REVIEW, sqlite=False)}) EXECUTE FUNCTION rollup_review()",
    "CREATE TRIGGER rollup_review_gone BEFORE DELETE ON review"
    " FOR EACH ROW EXECUTE FUNCTION rollup_review()",
)


BACKWARD = (
    "DROP VIEW rollup_fact",
    "DROP TABLE rollup",
    "DROP TABLE rollup_delta",
    "DROP TABLE rollup_state",
)


async def forward(_: Any, editor: Any) -> None:
    sqlite = editor.client.capabilities.dialect == "sqlite"
    triggers = SQLITE_TRIGGERS if sqlite else POSTGRES_TRIGGERS
    for statement in (*_tables(sqlite), *triggers):
        await editor.client.execute_query(statement)


async def backward(_: Any, editor: Any) -> None:
    sqlite = editor.client.capabilities.dialect == "sqlite"
    names = ["structure_told", "structure_changed", "review_changed", "review_gone"]
    for name in [*names, "structure_gone"] if sqlite else names:
        table = "review" if name.startswith("review") else "review_structure"
        on = "" if sqlite else f" ON {table}"
        await editor.client.execute_query(f"DROP TRIGGER rollup_{name}{on}")
    functions = () if sqlite else ("rollup_structure", "rollup_review")
    for statement in (*(f"DROP FUNCTION {name}" for name in functions), *BACKWARD):
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("models", "0002_indexes")]

    initial = False

    operations = [ops.RunPython(forward, backward)]
