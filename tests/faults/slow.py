"""Clients that stall: in the head of a request, in its body, and before they read the answer."""

from tests.faults.crowd import beside
from tests.faults.ground import Figure
from tests.faults.ledger import READ

STALLED = 500


async def faults(*, short: bool) -> list[Figure]:
    """Others ask meanwhile."""
    begun = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    whole = b'{"query": "%s"}' % READ.encode()
    said = [begun, b"%scontent-length: 100\r\nAUTH\r\n\r\n{" % begun]
    said.append(b"%scontent-length: %d\r\nAUTH\r\n\r\n%s" % (begun, len(whole), whole))
    return await beside("clients stalled", STALLED, said, seconds=1 if short else 10)
