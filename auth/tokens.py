"""Tokens that the service signs itself."""

import base64
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError, SecurityWarning
from joserfc.jwk import KeySet, OctKey, OKPKey

from auth.refused import Expired, Refused
from models.account import OURS as ISSUER
from models.tombstone import Marks
from settings import WrongSettings

AUDIENCE = "relais"
ALGORITHMS = ("HS256", "Ed25519")

_CLAIMS = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": ISSUER},
    aud={"essential": True, "value": AUDIENCE},
    sub={"essential": True},
    iat={"essential": True},
    exp={"essential": True},
)


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
        """Whose token it is. Raises Refused unless it is ours, whole and in time."""
        try:
            claims = jwt.decode(token, self._set, algorithms=list(ALGORITHMS)).claims
            _CLAIMS.validate(claims)
        except ExpiredTokenError:
            message = "The token has expired."
            raise Expired(message) from None
        except Exception:  # noqa: BLE001  (what a stranger wrote is never a fault of ours)
            message = "The token is not one that this service issued."
            raise Refused(message) from None
        return str(claims["sub"])

    def seals(self, purpose: str) -> MultiFernet:
        """What seals things kept for `purpose`: by the first key, and opens what any has sealed."""
        return MultiFernet(
            [Fernet(base64.urlsafe_b64encode(key)) for key in self._derived(purpose)]
        )

    def secret(self, purpose: str) -> bytes:
        """32 bytes that all know who have the file, for `purpose`."""
        return self._derived(purpose)[0]

    def marks(self) -> Marks:
        """What knows again what was erased: by the first key, and by all that are in the file.

        A key that is to sign and verify no more stays there with `"use": "enc"`.
        """
        return Marks(self._derived("erased"))

    def _derived(self, purpose: str) -> list[bytes]:
        material = [key.as_dict(private=True) for key in self._set.keys if key.is_private]
        return [
            HKDF(SHA256(), 32, None, f"{AUDIENCE}:{purpose}".encode()).derive(
                str(key.get("k") or key["d"]).encode()
            )
            for key in material
        ]

    def seal(self, claims: dict[str, Any], purpose: str, seconds: int) -> str:
        """What a browser keeps for `purpose`, signed. It opens nothing as a bearer token."""
        whole = claims | {"aud": f"{AUDIENCE}:{purpose}", "exp": int(time.time()) + seconds}
        return jwt.encode(self._header, whole, self._first, algorithms=list(ALGORITHMS))

    def unseal(self, token: str, purpose: str) -> dict[str, Any]:
        """What was sealed for `purpose`. Raises Refused unless it is whole and in time."""
        aud = {"essential": True, "value": f"{AUDIENCE}:{purpose}"}
        wanted: dict[str, Any] = {"aud": aud, "exp": {"essential": True}}
        try:
            claims = jwt.decode(token, self._set, algorithms=list(ALGORITHMS)).claims
            jwt.JWTClaimsRegistry(**wanted).validate(claims)
        except Exception:  # noqa: BLE001  (as above)
            raise Refused from None
        return dict(claims)


def ends(authorization: str) -> float | None:
    """When a signed token ends that was found good, in seconds since 1970; None for others."""
    try:
        content = authorization.split()[1].split(".")[1]
        return float(
            orjson.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))["exp"]
        )
    except (IndexError, ValueError, KeyError, TypeError):
        return None


def signing_keys(path: Path) -> Keys:
    """The keys in the file that the settings name; stops the process when there are none."""
    try:
        return Keys(path)
    except FileNotFoundError:
        problem = "does not exist: make it with `python -m jobs key`"
    except (OSError, JoseError, SecurityWarning, ValueError, KeyError, TypeError, IndexError):
        problem = "is not a JSON Web Key Set: make one with `python -m jobs key`"
    raise WrongSettings(f"RELAIS_TOKEN_KEY_FILE: {path} {problem}.")
