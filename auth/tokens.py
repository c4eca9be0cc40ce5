"""Tokens that the service signs itself, and what a request's token says of its viewer."""

import time
import warnings
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import orjson
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError, SecurityWarning
from joserfc.jwk import KeySet, OctKey, OKPKey
from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError
from starlette.requests import HTTPConnection

from auth.viewer import Held, Viewer
from models.account import Account, Role
from models.cache import Cache
from models.office import below
from settings import WrongSettings

ISSUER = "relais"
AUDIENCE = "relais"
ALGORITHMS = ("HS256", "Ed25519")

VIEWER_TTL = 2.0
"""Seconds for which a process may go on with the grants it read: revocation takes that long."""

_CLAIMS = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": ISSUER},
    aud={"essential": True, "value": AUDIENCE},
    sub={"essential": True},
    iat={"essential": True},
    exp={"essential": True},
)


class TokenRefused(AuthenticationError):
    """A bearer token that does not open anything. `code` is stable."""

    code = "TOKEN_INVALID"


class TokenExpired(TokenRefused):
    """A token of ours whose time is over: ask for another."""

    code = "TOKEN_EXPIRED"


class Keys:
    """The keys that sign and verify: the first signs, all verify, so that keys can be rotated."""

    def __init__(self, path: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error", SecurityWarning)
            self._set = KeySet.import_key_set(orjson.loads(path.read_bytes()))
        self._first = self._set.keys[0]
        algorithm = self._first.alg
        if algorithm not in ALGORITHMS or not self._first.is_private:
            message = f"the first key must sign by one of {', '.join(ALGORITHMS)}"
            raise ValueError(message)
        self._header = {"alg": algorithm, "kid": self._first.kid}

    @staticmethod
    def write(path: Path, algorithm: str = "HS256") -> None:
        """Make a key and put it in a new file that only its owner can read."""
        kind: Callable[..., OctKey | OKPKey] = (
            OctKey.generate_key if algorithm == "HS256" else OKPKey.generate_key
        )
        size: int | str = 256 if algorithm == "HS256" else "Ed25519"
        key = kind(size, parameters={"use": "sig", "alg": algorithm}, auto_kid=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(orjson.dumps({"keys": [key.as_dict(private=True)]}))

    def issue(self, subject: str, seconds: int) -> str:
        """A signed token for the account of `subject`, good for `seconds`."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "iat": now,
            "exp": now + seconds,
            "jti": uuid4().hex,
        }
        return jwt.encode(self._header, claims, self._first, algorithms=list(ALGORITHMS))

    def subject(self, token: str) -> str:
        """Whose token it is. Raises TokenRefused unless it is ours, whole and in time."""
        try:
            claims = jwt.decode(token, self._set, algorithms=list(ALGORITHMS)).claims
            _CLAIMS.validate(claims)
        except ExpiredTokenError:
            message = "The token has expired."
            raise TokenExpired(message) from None
        except Exception:  # noqa: BLE001  (what a stranger wrote is never a fault of ours)
            message = "The token is not one that this service issued."
            raise TokenRefused(message) from None
        return str(claims["sub"])


def signing_keys(path: Path) -> Keys:
    """The keys in the file that the settings name; stops the process when there are none."""
    try:
        return Keys(path)
    except FileNotFoundError:
        problem = "does not exist: make it with `python -m jobs key`"
    except (OSError, JoseError, SecurityWarning, ValueError, KeyError, TypeError, IndexError):
        problem = "is not a JSON Web Key Set: make one with `python -m jobs key`"
    raise WrongSettings(f"RELAIS_TOKEN_KEY_FILE: {path} {problem}.")


class BearerTokens(AuthenticationBackend):
    """Starlette's way to a viewer: `Authorization: Bearer TOKEN`.

    Grants are remembered within the process only, never in a cache that others can write.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._viewers = Cache("")

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, Viewer] | None:
        """The viewer of a request; None when it brings no token."""
        scheme, _, token = conn.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        subject = self._keys.subject(token.strip())
        found = await self._viewers.remember(subject, VIEWER_TTL, lambda: _look_up(subject))
        if not found:
            message = "The account of this token is not active."
            raise TokenRefused(message)
        grants = tuple(
            Held(**{**held, "role": Role(held["role"]), "offices": tuple(held["offices"])})
            for held in found["grants"]
        )
        return AuthCredentials(), Viewer(found["account"], found["label"], grants)


async def _look_up(subject: str) -> dict[str, object]:
    """The account of `subject` and its grants as JSON; empty when it has none or was closed."""
    account = await Account.get_or_none(subject=subject, deactivated_at=None)
    if account is None:
        return {}
    grants = [
        {
            "role": grant.role,
            "network": grant.network_id,
            "department": grant.department_id,
            "office": grant.office_id,
            "offices": await below([grant.office_id]) if grant.office_id else [],
        }
        for grant in await account.grants.all().order_by("id")
    ]
    return {"account": account.id, "label": account.label, "grants": grants}
