"""Every setting of the service, read once from the environment (names begin with RELAIS_)."""

import sys
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

EMBEDDED = Path("var")
"""Where the embedded default keeps its files."""


class Settings(BaseSettings):
    """One frozen object; `python -m jobs settings` prints it as a table."""

    model_config = SettingsConfigDict(env_prefix="RELAIS_", frozen=True, extra="ignore")

    database_url: str = Field(
        default=f"sqlite://{EMBEDDED}/relais.sqlite3",
        description="Where facts are kept: `sqlite://PATH` (one process on one machine) or "
        "`postgres://USER:PASSWORD@HOST:PORT/NAME`.",
    )
    database_password_file: Path | None = Field(
        default=None,
        description="A file that holds the database password, in place of one in the URL.",
    )
    database_pool_size: int = Field(
        default=10, ge=2, le=200, description="PostgreSQL connections that each process may hold."
    )
    database_timeout: float = Field(
        default=2.0, gt=0, le=60, description="Seconds to wait for a free PostgreSQL connection."
    )
    cache_url: str = Field(
        default="",
        pattern=r"^$|^rediss?://.+",
        description="A Valkey shared by all processes, `redis://HOST:PORT/NUMBER` (`rediss://` "
        "for TLS). Empty: each process remembers for itself.",
    )
    token_key_file: Path = Field(
        default=EMBEDDED / "token-keys.json",
        description="A JSON Web Key Set: the first key signs tokens, all of them verify. "
        "`python -m jobs key` makes one.",
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=1, le=65535, description="TCP port to listen on.")
    workers: int = Field(
        default=1, ge=1, le=64, description="Server processes; more than one needs PostgreSQL."
    )
    import_dir: Path = Field(
        default=EMBEDDED / "imports",
        description="Where the worker looks for files to import, in `directory/` and `reviews/`.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least severe log lines that are written."
    )

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme == "sqlite" and parts.netloc + parts.path:
            return url
        if parts.scheme in {"postgres", "postgresql"} and parts.path.strip("/"):
            return url
        message = "must be sqlite://PATH or postgres://USER:PASSWORD@HOST:PORT/NAME"
        raise ValueError(message)

    @field_validator("database_password_file")
    @classmethod
    def _readable(cls, path: Path | None) -> Path | None:
        if path is not None and not path.is_file():
            message = f"names {path}, which is not a file"
            raise ValueError(message)
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

    @property
    def dialect(self) -> Literal["sqlite", "postgres"]:
        """Which of the two databases `database_url` names."""
        return "sqlite" if self.database_url.startswith("sqlite:") else "postgres"

    def tortoise(self) -> dict[str, Any]:
        """What Tortoise ORM is configured with.

        The connection is named for its dialect: Tortoise caches compiled queries by that name.
        """
        return {
            "connections": {self.dialect: self._connection()},
            "apps": {
                "models": {
                    "models": [
                        "models.network",
                        "models.office",
                        "models.account",
                        "models.review",
                    ],
                    "default_connection": self.dialect,
                    "migrations": "models.migrations",
                }
            },
            "use_tz": True,
            "timezone": "UTC",
        }

    def _connection(self) -> dict[str, Any]:
        parts = urlsplit(self.database_url)
        if self.dialect == "sqlite":
            path = Path(unquote(parts.netloc + parts.path))
            path.parent.mkdir(parents=True, exist_ok=True)
            credentials = {"file_path": str(path), "synchronous": "FULL", "busy_timeout": 5000}
            return {"engine": "tortoise.backends.sqlite", "credentials": credentials}
        password = unquote(parts.password or "")
        if self.database_password_file is not None:
            password = self.database_password_file.read_text().strip()
        return {
            "engine": "tortoise.backends.asyncpg",
            "credentials": {
                "host": unquote(parts.hostname or "localhost"),
                "port": parts.port or 5432,
                "user": unquote(parts.username or "postgres"),
                "password": password,
                "database": parts.path.strip("/"),
                "minsize": 1,
                "maxsize": self.database_pool_size,
                "timeout": self.database_timeout,
                **dict(parse_qsl(parts.query)),
            },
        }


class WrongSettings(SystemExit):
    """The environment does not make sense: one sentence says which setting, and what to do."""

    def __init__(self, sentence: str) -> None:
        sys.stderr.write(f"{sentence}\n")
        super().__init__(2)


@cache
def settings() -> Settings:
    """The settings of this process; stops it with a sentence when one is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        raise WrongSettings("\n".join(map(_sentence, error.errors(include_url=False)))) from None


def _sentence(error: Any) -> str:
    said = str(error["ctx"]["error"]) if "error" in error.get("ctx", {}) else error["msg"]
    if not error["loc"]:
        return f"{said}."
    name = str(error["loc"][0])
    about = Settings.model_fields[name].description
    return f"RELAIS_{name.upper()}: {said[:1].lower()}{said[1:]}. It is: {about}"


def __getattr__(name: str) -> dict[str, Any]:
    if name == "TORTOISE":  # what Tortoise's own command asks for, only when it runs
        return settings().tortoise()
    raise AttributeError(name)
