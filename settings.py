"""Every setting of the service, read once from the environment (names begin with RELAIS_)."""

import os
import sys
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from pydantic import (
    BaseModel,
    Field,
    IPvAnyNetwork,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

EMBEDDED = Path("var")
"""Where the embedded default keeps its files."""

KEPT_ALIVE = {
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
"""When PostgreSQL asks whether the network carries: within a minute it knows that not."""


class Issuer(BaseModel, frozen=True, extra="forbid"):
    """Someone whose signed bearer tokens are taken."""

    issuer: str
    audience: str
    algorithms: tuple[Literal["RS256", "PS256", "ES256", "Ed25519"], ...] = ("RS256", "ES256")
    jwks_url: str | None = None


class Settings(BaseSettings):
    """One frozen object; `python -m jobs settings` prints it as a table."""

    model_config = SettingsConfigDict(
        env_prefix="RELAIS_",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    database_url: str = Field(
        default=f"sqlite://{EMBEDDED}/relais.sqlite3",
        repr=False,
        description="Where facts are kept: `sqlite://PATH` (one process on one machine) or "
        "`postgres://USER:PASSWORD@HOST:PORT/NAME`.",
    )
    database_password_file: Path | None = Field(
        default=None,
        description="A file that holds the database password, in place of one in the URL.",
    )
    database_direct_url: str = Field(
        default="",
        repr=False,
        description="Where `database_url` is a PgBouncer in transaction mode: PostgreSQL itself, "
        "for what lasts longer than a transaction. Each server listens there, on one connection; "
        "the worker and all commands use nothing else. Empty: `database_url` is PostgreSQL.",
    )
    replica_urls: tuple[str, ...] = Field(
        default=(),
        repr=False,
        description="Standbys of that PostgreSQL, which answer queries once they have what it "
        'has, as JSON: `["postgres://USER:PASSWORD@HOST:PORT/NAME"]`. Empty: it answers all.',
    )
    database_pool_size: int = Field(
        default=10,
        ge=2,
        le=200,
        description="Connections that each process may hold, of PostgreSQL and of each replica.",
    )
    database_timeout: float = Field(
        default=1.0,
        gt=0,
        le=60,
        description="Seconds to wait for a PostgreSQL connection: others hold them all, or it lets "
        "nobody in.",
    )
    database_statement_timeout: float = Field(
        default=5.0,
        gt=0,
        le=600,
        description="Seconds that a statement of a request may take in PostgreSQL, or wait for "
        "what others lock. A PostgreSQL that says nothing is given up a second later.",
    )
    cache_url: str = Field(
        default="",
        repr=False,
        description="A Valkey shared by all processes, `redis://HOST:PORT/NUMBER` (`rediss://` "
        "for TLS). Empty: each process remembers for itself.",
    )
    token_key_file: Path = Field(
        default=EMBEDDED / "token-keys.json",
        description="A JSON Web Key Set: the first key signs tokens, all of them verify. "
        "`python -m jobs key` makes one.",
    )
    issuers: tuple[Issuer, ...] = Field(
        default=(),
        description="Issuers whose bearer JWTs are taken, as JSON: `[{issuer, audience, "
        "algorithms, jwks_url}]`. Algorithms are RS256 and ES256 unless named; without `jwks_url` "
        "it is discovered.",
    )
    oidc_issuer: str = Field(
        default="",
        description="The identity provider by which people sign in (OpenID Connect, such as "
        "ProConnect). Empty: nobody signs in by a browser.",
    )
    oidc_client_id: str = Field(default="", description="Who this service is to the provider.")
    oidc_client_secret_file: Path | None = Field(
        default=None, description="A file that holds the secret that the provider gave."
    )
    oidc_scope: str = Field(
        default="openid email", description="The scopes that the provider is asked for."
    )
    oidc_acr: tuple[str, ...] = Field(
        default=(),
        description="Levels of authentication, one of which is required, as JSON: "
        '`["eidas2"]`. Empty: any.',
    )
    oidc_amr: tuple[str, ...] = Field(
        default=(),
        description="Methods of authentication, all of which are required, as JSON: "
        '`["mfa"]`. Empty: any.',
    )
    public_url: str = Field(
        default="",
        description="The address at which browsers find this service, `https://HOST`; the "
        "provider sends people back to `/auth/callback` below it.",
    )
    allowed_origins: tuple[str, ...] = Field(
        default=(),
        description="Origins whose pages may ask with a bearer token, as JSON: "
        '`["https://HOST"]`. Empty: only pages of this service ask.',
    )
    trusted_documents: Path | None = Field(
        default=None,
        description="A JSON file of documents that clients registered, `{SHA-256: document}`: "
        "they can be asked by their hash, and queries by GET.",
    )
    trusted_only: bool = Field(
        default=False, description="Whether only documents of `trusted_documents` are run."
    )
    cost_budget: int = Field(
        default=1_000_000,
        ge=0,
        description="What the requests of one account may cost at once, in each process: about the "
        "values in their answers. 0: no end of it.",
    )
    cost_restored: int = Field(
        default=50_000, ge=1, description="How much of `cost_budget` comes back each second."
    )
    explain: bool = Field(
        default=True,
        description="Whether those who may ask may ask for the schema too (introspection), and are "
        "told names that they might have meant.",
    )
    invalid_status: Literal["400", "422"] = Field(
        default="400",
        description="The status of a document or variables that do not fit the schema, in "
        "`application/graphql-response+json`.",
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=1, le=65535, description="TCP port to listen on.")
    trusted_proxies: tuple[IPvAnyNetwork, ...] = Field(
        default=(),
        description='Addresses or networks of the proxies in front, as JSON: `["10.0.0.0/8"]`. '
        "What they say of a caller's address (X-Forwarded-For) is believed, and stands in the "
        "audit trail; without, all who come through a proxy share its limits.",
    )
    workers: int = Field(
        default=1, ge=1, le=64, description="Server processes; more than one needs PostgreSQL."
    )
    import_dir: Path = Field(
        default=EMBEDDED / "imports",
        description="Where the worker looks for files to import, in `directory/`, "
        "`procedures/` and `reviews/`.",
    )
    contact_days: int = Field(
        default=30,
        ge=0,
        le=365,
        description="Days after which `python -m jobs purge` forgets how to reach a user who "
        "asked for a human contact, once they were met or could not be reached.",
    )
    contact_open_days: int = Field(
        default=180,
        ge=1,
        le=3650,
        description="Days after which it is forgotten how to reach a user who asked for a human "
        "contact, even if nobody called.",
    )
    rejected_days: int = Field(
        default=365,
        ge=1,
        le=3650,
        description="Days for which the texts are kept of what was rejected, or taken out again.",
    )
    original_days: int = Field(
        default=365,
        ge=1,
        le=3650,
        description="Days after publication for which moderators can read what was received, "
        "before words were taken out.",
    )
    attachment_days: int = Field(
        default=365,
        ge=1,
        le=3650,
        description="Days for which the file of a document report is kept once the document was "
        "rewritten, or it was declined.",
    )
    comment_days: int = Field(
        default=1095,
        ge=1,
        le=3650,
        description="Days for which internal comments are kept, and notes of demands to look at a "
        "review again.",
    )
    draft_days: int = Field(
        default=365,
        ge=1,
        le=3650,
        description="Days for which drafts of replies are kept that nobody works on, and withdrawn "
        "replies.",
    )
    session_days: int = Field(
        default=30,
        ge=1,
        le=3650,
        description="Days for which it is known that somebody had signed in.",
    )
    disclosure_k: int = Field(
        default=11,
        ge=11,
        description="The least count that figures of moderation show, in months closed from now "
        "on: no less is allowed.",
    )
    event_days: int = Field(
        default=30,
        ge=1,
        le=3650,
        description="Days for which events, and what was sent of them, are kept: who follows asks "
        "more often.",
    )
    webhook_loopback: bool = Field(
        default=False,
        description="Whether webhooks may go to this machine itself, by http too: to try them out "
        "only.",
    )
    attachment_dir: Path = Field(
        default=EMBEDDED / "attachments",
        description="Where the files that come with document reports are kept; all processes share "
        "it.",
    )
    export_dir: Path = Field(
        default=EMBEDDED / "exports",
        description="Where exports are written and fetched from, for less than a day. Servers and "
        "workers share it.",
    )
    public_barometer: bool = Field(
        default=False,
        description="Whether everybody may look at `/barometer`, which is of published reviews "
        "only. Without, people sign in before.",
    )
    drain_seconds: float = Field(
        default=0.0,
        ge=0,
        le=300,
        description="Seconds for which a server that is told to stop answers still, while "
        "`/readyz` says 503: as long as a load balancer in front takes to notice. Without one, 0.",
    )
    metrics_host: str = Field(
        default="127.0.0.1", description="Address at which `/metrics` is answered."
    )
    metrics_port: int = Field(
        default=0,
        ge=0,
        le=65000,
        description="TCP port of `/metrics`, for Prometheus; of several processes each takes the "
        "next. 0: there is none. It asks for no token: keep strangers from it.",
    )
    otlp_endpoint: str = Field(
        default="",
        description="Where traces are sent (OpenTelemetry, OTLP over HTTP), "
        "`http://HOST:4318/v1/traces`; sampling is set by the OTEL_ variables. Empty: nothing is "
        "traced.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least severe log lines that are written."
    )

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        parts = _split(url)
        if parts.scheme == "sqlite" and parts.netloc + parts.path and not parts.query:
            return url
        return _postgres(url, "must be sqlite://PATH or postgres://USER:PASSWORD@HOST:PORT/NAME")

    @field_validator("database_direct_url")
    @classmethod
    def _known_postgres(cls, url: str) -> str:
        return url and _postgres(url)

    @field_validator("replica_urls")
    @classmethod
    def _known_replicas(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(_postgres, urls))

    @field_validator("cache_url")
    @classmethod
    def _known_cache(cls, url: str) -> str:
        parts = _split(url)
        number = (parts.path.strip("/") or "0").isdecimal()
        if url and not (parts.scheme in {"redis", "rediss"} and parts.hostname and number):
            message = "must be redis://HOST:PORT/NUMBER or rediss://HOST:PORT/NUMBER"
            raise ValueError(message)
        return url

    @field_validator("public_url")
    @classmethod
    def _an_origin(cls, url: str) -> str:
        if url and not _is_origin(url):
            message = "must be https://HOST, with no path (http:// for localhost only)"
            raise ValueError(message)
        return url

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        if not all(map(_is_origin, origins)):
            message = "must be https://HOST each, with no path (http:// for localhost only)"
            raise ValueError(message)
        return origins

    @field_validator("database_password_file", "oidc_client_secret_file")
    @classmethod
    def _readable(cls, path: Path | None) -> Path | None:
        try:
            if path is not None:
                path.read_text()
        except (OSError, UnicodeDecodeError):
            message = f"must name a file that can be read: {path} can't"
            raise ValueError(message) from None
        return path

    @model_validator(mode="after")
    def _one_process_on_sqlite(self) -> Self:
        if self.workers > 1 and self.dialect == "sqlite":
            message = (
                "RELAIS_WORKERS is more than 1, but SQLite serves one process: "
                "set it to 1, or RELAIS_DATABASE_URL to a PostgreSQL"
            )
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _beside_postgres(self) -> Self:
        for name in ("database_direct_url", "replica_urls"):
            if getattr(self, name) and self.dialect == "sqlite":
                message = f"RELAIS_{name.upper()} needs RELAIS_DATABASE_URL to be a PostgreSQL"
                raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _something_trusted(self) -> Self:
        if self.trusted_only and self.trusted_documents is None:
            message = (
                "RELAIS_TRUSTED_ONLY is set, but nothing is trusted: set RELAIS_TRUSTED_DOCUMENTS"
            )
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _whole_sign_in(self) -> Self:
        needed = ("oidc_client_id", "oidc_client_secret_file", "public_url")
        missing = [name for name in needed if not getattr(self, name)]
        if self.oidc_issuer and missing:
            names = ", ".join(f"RELAIS_{name.upper()}" for name in missing)
            message = f"RELAIS_OIDC_ISSUER is set, so people sign in: set {names} too"
            raise ValueError(message)
        return self

    @property
    def dialect(self) -> Literal["sqlite", "postgres"]:
        """Which of the two databases `database_url` names."""
        return "sqlite" if self.database_url.startswith("sqlite:") else "postgres"

    def direct(self) -> Self:
        """These settings, but for what stands before the database and beside it."""
        url = self.database_direct_url or self.database_url
        alone = {"database_url": url, "database_direct_url": "", "replica_urls": ()}
        return self.model_copy(update=alone)

    def tortoise(self, *, system: bool = False) -> dict[str, Any]:
        """What Tortoise ORM is configured with; `system` for work that has no viewer.

        The connection is named for its dialect: Tortoise caches compiled queries by that name.
        """
        return {
            "connections": {self.dialect: self._connection(system)},
            "apps": {
                "models": {
                    "models": [
                        "models.network",
                        "models.office",
                        "models.procedure",
                        "models.account",
                        "models.access",
                        "models.audit",
                        "models.review",
                        "models.reply",
                        "models.template",
                        "models.contact",
                        "models.submission",
                        "models.routing",
                        "models.flag",
                        "models.comment",
                        "models.tag",
                        "models.improvement",
                        "models.saved_filter",
                        "models.attachment",
                        "models.document",
                        "models.report",
                        "models.indicator",
                        "models.moderation_figure",
                        "models.export",
                        "models.event",
                        "models.task",
                        "models.webhook",
                        "models.idempotency",
                        "models.tombstone",
                    ],
                    "default_connection": self.dialect,
                    "migrations": "models.migrations",
                }
            },
            "use_tz": True,
            "timezone": "UTC",
        }

    def _connection(self, system: bool) -> dict[str, Any]:
        if self.dialect == "sqlite":
            return {"engine": "models.engine.sqlite", "credentials": self._file()}
        direct = self._server(self.database_direct_url or self.database_url)
        direct["server_settings"] |= KEPT_ALIVE
        if system:
            # What row level security lets through: models/wall.py sets it for viewers.
            direct["server_settings"]["relais.everything"] = "on"
            direct["server_settings"] |= dict.fromkeys(self._limits(), "0")  # jobs take long
            return {"engine": "models.engine.asyncpg", "credentials": {**direct, "direct": direct}}
        found = [self._server(url) for url in (self.database_url, *self.replica_urls)]
        for one in found:
            one["command_timeout"] = self.database_statement_timeout + 1
            if self.database_direct_url:
                one["statement_cache_size"] = 0  # each transaction may be on another connection
            else:  # a PgBouncer takes no settings: there the role has them
                one["server_settings"] |= KEPT_ALIVE | self._limits()
        for one in found[1:]:
            one["command_timeout"] = 5  # then PostgreSQL itself is asked
        credentials = {**found[0], "direct": direct, "replicas": found[1:]}
        return {"engine": "models.engine.asyncpg", "credentials": credentials}

    def _file(self) -> dict[str, Any]:
        parts = urlsplit(self.database_url)
        path = Path(unquote(parts.netloc + parts.path))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            problem = f"RELAIS_DATABASE_URL: {path.parent} can't be made ({error.strerror})."
            raise WrongSettings(problem) from None
        credentials = {"file_path": str(path), "synchronous": "FULL", "busy_timeout": 5000}
        credentials["secure_delete"] = "ON"  # what is removed is overwritten
        return credentials

    def _server(self, url: str) -> dict[str, Any]:
        parts = urlsplit(url)
        password = unquote(parts.password or "")
        if self.database_password_file is not None:
            password = self.database_password_file.read_text().strip()
        return {
            "host": unquote(parts.hostname or "localhost"),
            "port": parts.port or 5432,
            "user": unquote(parts.username or "postgres"),
            "password": password,
            "database": parts.path.strip("/"),
            "minsize": 1,
            "maxsize": self.database_pool_size,
            "timeout": self.database_timeout,
            "reset": _as_it_was,
            "server_settings": {},
            **dict(parse_qsl(parts.query)),
        }

    def _limits(self) -> dict[str, str]:
        """What PostgreSQL ends by itself, lest whoever is gone holds locks."""
        limit = f"{self.database_statement_timeout * 1000:.0f}"
        return {"statement_timeout": limit, "idle_in_transaction_session_timeout": limit}


async def _as_it_was(_: object) -> None:
    """Nothing: asyncpg ends an open transaction itself, and no session has settings of its own."""


class WrongSettings(SystemExit):
    """The environment does not make sense: one sentence says which setting, and what to do."""

    def __init__(self, sentence: str) -> None:
        sys.stderr.write(f"{sentence}\n")
        super().__init__(2)


@cache
def settings() -> Settings:
    """The settings of this process; stops it with a sentence when one is wrong."""
    known = {f"RELAIS_{name.upper()}" for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.upper().startswith("RELAIS_") and name.upper() not in known:
            meant = get_close_matches(name.upper(), sorted(known), 1, 0.8)
            hint = f"did you mean {meant[0]}?" if meant else "`python -m jobs settings` lists them."
            raise WrongSettings(f"{name} is not a setting: {hint}")
    try:
        return Settings()
    except ValidationError as error:
        raise WrongSettings("\n".join(map(_sentence, error.errors(include_url=False)))) from None


def _sentence(error: Any) -> str:
    said = str(error["ctx"]["error"]) if "error" in error.get("ctx", {}) else error["msg"]
    if not error["loc"]:
        return f"{said}."
    name = f"RELAIS_{str(error['loc'][0]).upper()}"
    return f"{name}: {said[:1].lower()}{said[1:]}; `python -m jobs settings` says what it is."


def _split(url: str) -> SplitResult:
    """The parts of `url`. What can't be read is not repeated: it may be a piece of a password."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        message = "can't be read as a URL: write `/`, `@`, `:`, `[` and `%` in a password as %XX"
        raise ValueError(message) from None
    return parts


def _postgres(url: str, wrong: str = "must be postgres://USER:PASSWORD@HOST:PORT/NAME") -> str:
    """`url`, which must name a PostgreSQL; else what is `wrong` is said."""
    parts = _split(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ValueError(wrong)
    if not options.keys() <= {"host", "ssl"}:
        message = "takes no options but `host` (a socket's folder) and `ssl`"
        raise ValueError(message)
    return url


def _is_origin(url: str) -> bool:
    """Whether `url` is where pages come from: safe on the way, or of this machine."""
    parts = _split(url)
    here = parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"}
    return (parts.scheme == "https" or here) and url == f"{parts.scheme}://{parts.netloc}"


def __getattr__(name: str) -> dict[str, Any]:
    if name == "TORTOISE":  # what Tortoise's own command asks for, only when it runs
        return settings().tortoise(system=True)
    raise AttributeError(name)
