"""The service speaks to the public internet only, whatever a name is made to stand for."""

import datetime as dt
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from jobs.sending import Resolve, Sender, Unsent
from models.errors import BadInput
from models.outward import Outward
from tests.receivers import Receiver, raw, receiving
from tests.servers import free_port

SEALS = MultiFernet([Fernet(Fernet.generate_key())])
STRICT, LOCAL = Outward(SEALS), Outward(SEALS, loopback=True)
INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",  # noqa: S104
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "3fff::1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "fc00::1",
    "fd12::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "x",
    "",
]
PUBLIC = ["8.8.8.8", "185.24.184.1", "2606:4700:4700::1111", "2a01:e0a::1"]


def lying(*answers: list[str]) -> Resolve:
    """A resolver that says something else each time."""
    left = list(answers)

    async def resolve(_: str, __: int) -> list[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


async def trouble(sender: Sender, url: str) -> str:
    try:
        await sender.send(url, {}, b"{}")
    except Unsent as unsent:
        return unsent.trouble.value
    finally:
        await sender.close()
    return ""


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_that_are_not_public_are_not_spoken_to(address: str) -> None:
    assert not STRICT.allows(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_spoken_to(address: str) -> None:
    assert STRICT.allows(address)


def test_this_machine_is_spoken_to_where_a_setting_says_so_and_nothing_else_inside() -> None:
    assert [one for one in INSIDE if LOCAL.allows(one)] == ["127.0.0.1", "127.8.8.8", "::1"]


@pytest.mark.parametrize("url", ["http://localhost:1/", "http://127.0.0.1/", "https://127.0.0.1/"])
def test_this_machine_may_be_named_where_a_setting_says_so_only(url: str) -> None:
    assert LOCAL.checked(url, "url") == url
    with pytest.raises(BadInput):
        STRICT.checked(url.replace("localhost", "127.0.0.1"), "url")


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"]]
)
async def test_a_name_that_stands_for_an_address_inside_is_not_connected_to(
    addresses: list[str],
) -> None:
    async def answer(_: object) -> None: ...

    async with raw(answer) as inside:
        url = f"https://receiver.example:{inside.port}/"
        found = await trouble(Sender(STRICT, resolve=lying(addresses)), url)

        assert (found, inside.calls) == ("not_public", 0)


@pytest.mark.parametrize("url", ["https://2130706433:{}/", "https://0x7f.1:{}/", "https://0:{}/"])
async def test_other_ways_to_write_an_address_inside_lead_nowhere(url: str) -> None:
    async def answer(_: object) -> None: ...

    async with raw(answer) as inside:
        found = await trouble(Sender(STRICT), url.format(inside.port))

        assert (found in {"not_public", "unreachable"}, inside.calls) == (True, 0)


async def test_the_address_that_was_checked_is_the_one_that_is_connected_to() -> None:
    async def answer(_: object) -> None: ...

    async with raw(answer) as inside:
        asked = []

        async def rebinding(host: str, _: int) -> list[str]:
            asked.append(host)
            # The public one is of a net for documentation: nobody is there.
            return ["203.0.113.1"] if len(asked) == 1 else ["127.0.0.1"]

        class Believing(Outward):
            """Takes the address of documentation for a public one."""

            def allows(self, address: str) -> bool:
                return address == "203.0.113.1" or super().allows(address)

        sender = Sender(Believing(SEALS), resolve=rebinding)
        found = await trouble(sender, f"https://receiver.example:{inside.port}/")

        assert (found in {"unreachable", "timeout"}, inside.calls, len(asked)) == (True, 0, 1)


async def test_a_redirect_leads_nowhere() -> None:
    async with receiving() as inside, receiving() as receiver:
        receiver.statuses, receiver.location = [307], inside.address

        assert await trouble(Sender(LOCAL), receiver.address) == "redirect"
        assert inside.headers == []


# --- The certificate is that of the name ------------------------------------------------------


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for `name`, signed by its own key; and that key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "cert.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


@pytest.fixture
async def secure(tmp_path: Path) -> AsyncIterator[tuple[Receiver, int, ssl.SSLContext]]:
    """A receiver by TLS whose certificate is for receiver.example; and who trusts it."""
    cert, key = certificate(tmp_path, "receiver.example")
    trust = ssl.create_default_context(cafile=str(cert))
    port = free_port()
    async with receiving(port, ssl_certfile=str(cert), ssl_keyfile=str(key)) as receiver:
        yield receiver, port, trust


async def test_the_name_stays_that_of_the_certificate_and_of_the_request(
    secure: tuple[Receiver, int, ssl.SSLContext],
) -> None:
    receiver, port, trust = secure
    sender = Sender(LOCAL, resolve=lying(["127.0.0.1"]), trust=trust)

    assert await sender.send(f"https://receiver.example:{port}/", {}, b"{}") == 204
    await sender.close()

    assert receiver.headers[0]["host"] == f"receiver.example:{port}"


@pytest.mark.parametrize("name", ["other.example", "receiver.example"])
async def test_a_certificate_of_another_name_or_of_nobody_is_not_trusted(
    secure: tuple[Receiver, int, ssl.SSLContext], name: str
) -> None:
    _, port, trust = secure
    trusted = trust if name == "other.example" else None
    sender = Sender(LOCAL, resolve=lying(["127.0.0.1"]), trust=trusted)

    assert await trouble(sender, f"https://{name}:{port}/") == "untrusted"
