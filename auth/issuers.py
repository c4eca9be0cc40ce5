"""The issuers whose signed bearer tokens are taken, and whom each vouches for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import httpx
import orjson
from joserfc import jws

from auth.jwks import RemoteKeys
from auth.refused import Refused
from models.account import address
from settings import Issuer, WrongSettings

_REQUIRED = ("iss", "aud", "exp", "nbf", "sub")
_SUBJECT = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,255}")


@dataclass(frozen=True, slots=True)
class Vouched:
    """Someone that an issuer knows; `email` only when the issuer verified it, in lower case."""

    issuer: str
    subject: str
    email: str | None


class Issuers:
    """Verifies tokens with the keys, the algorithms and the audience of the issuer they name."""

    def __init__(self, trusted: Sequence[Issuer], http: httpx.AsyncClient) -> None:
        self._trusted = {
            one.issuer: (one, RemoteKeys(http, one.issuer, one.jwks_url)) for one in trusted
        }
        if len(self._trusted) < len(trusted):
            raise WrongSettings("RELAIS_ISSUERS: an issuer is named twice; name each once.")

    async def person(self, token: str) -> Vouched | None:
        """Whom the token is for; None when it is not by one of these issuers, or is no JWT.

        Raises Refused unless it is whole, meant for this service and in time, Expired when its
        time is over, IssuerAway when there are no keys to verify it with.
        """
        issuer = _issuer(token)
        if issuer is None or issuer not in self._trusted:
            return None
        trusted, keys = self._trusted[issuer]
        claims = await keys.claims(token, trusted.algorithms, trusted.audience, _REQUIRED)
        return vouches(trusted.issuer, claims)


def vouches(issuer: str, claims: dict[str, object]) -> Vouched:
    """Whom the claims of `issuer`, which were verified, are of. Raises Refused."""
    subject = claims.get("sub")
    if not (isinstance(subject, str) and _SUBJECT.fullmatch(subject)):
        raise Refused("The token does not say whose it is.")
    return Vouched(issuer, subject, _verified_email(claims))


def _issuer(token: str) -> str | None:
    """Who the token says it is by, which is not verified; None when it does not say."""
    try:
        issuer = orjson.loads(jws.extract_compact(token.encode()).payload)["iss"]
    except Exception:  # noqa: BLE001  (what a stranger wrote is never a fault of ours)
        return None
    return issuer if isinstance(issuer, str) else None


def _verified_email(claims: dict[str, object]) -> str | None:
    email = claims.get("email") if claims.get("email_verified") is True else None
    return address(email) if isinstance(email, str) else None
