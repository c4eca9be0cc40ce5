"""The operator: who runs a command, as the audit trail knows them."""

import getpass
import socket

from models.audit import AuditEntry, Deed, Doer


async def audited(deed: Deed) -> AuditEntry:
    """Write what a command did to the audit trail, in the transaction that does it."""
    return await AuditEntry.add(deed, Doer(None, f"command: {_user()}", socket.gethostname()[:64]))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number that has no name
        return "unknown"
