"""The documents that clients registered beforehand: trusted, and known by their hash."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import orjson

from settings import WrongSettings


class Documents:
    """Trusted documents by their SHA-256; `only` they are run, if it says so."""

    def __init__(
        self, trusted: Mapping[str, str] = MappingProxyType({}), *, only: bool = False
    ) -> None:
        self._trusted = trusted
        self._only = only

    @classmethod
    def read(cls, path: Path | None, *, only: bool) -> "Documents":
        """Those in a manifest, `{SHA-256: document}`; stops the process when it is none."""
        if path is None:
            return cls(only=only)
        problem = "is not a JSON object of documents by their SHA-256"
        try:
            trusted = orjson.loads(path.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            raise WrongSettings(f"RELAIS_TRUSTED_DOCUMENTS: {path} {problem}.") from None
        if not isinstance(trusted, dict):
            raise WrongSettings(f"RELAIS_TRUSTED_DOCUMENTS: {path} {problem}.")
        for key, document in trusted.items():
            if not isinstance(document, str) or key != sha256(document):
                problem = f"{key[:64]} is not the SHA-256 of its document"
                raise WrongSettings(f"RELAIS_TRUSTED_DOCUMENTS: in {path}, {problem}.")
        return cls(trusted, only=only)

    def find(self, key: str) -> str | None:
        """The document of that SHA-256."""
        return self._trusted.get(key)

    def trusts(self, document: str) -> bool:
        """Whether `document` was registered."""
        return bool(self._trusted) and sha256(document) in self._trusted

    def admits(self, document: str) -> bool:
        """Whether `document` may be asked by POST."""
        return not self._only or self.trusts(document)


def sha256(document: str) -> str:
    """The SHA-256 of `document`, in hexadecimal."""
    return hashlib.sha256(document.encode(errors="surrogatepass")).hexdigest()
