"""What is sent arrives, what comes back is bounded, and nothing leads where it should not."""

from __future__ import annotations

import asyncio
import datetime
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from groundlevel.webhooks import transport as module
from groundlevel.webhooks.egress import UNRESTRICTED, Address, EgressPolicy
from groundlevel.webhooks.transport import Answer, Transport
from tests.webhooks.receiver import Receiver, Reply, becomes

HEADERS = {b"content-type": b"application/json"}


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    """One that may send anywhere."""
    transport = Transport(UNRESTRICTED)
    yield transport
    await transport.close()


async def sent(transport: Transport, url: str) -> Answer:
    """What came of sending an empty object."""
    return await transport.send(url, HEADERS, b"{}")


Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def speaking(handle: Handle, *, secure: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """The port of a receiver that treats each connection as it is told; all of them are closed afterwards."""
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        with suppress(ConnectionError):
            await handle(reader, writer)
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()
        connections -= 1

    async def left() -> int:
        return connections

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=secure)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await becomes(left, lambda count: count == 0)


async def test_connections_are_kept(transport: Transport) -> None:
    connections = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while not reader.at_eof():
            with suppress(asyncio.IncompleteReadError):
                await reader.readuntil(b"{}")
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")

    async with speaking(answer) as port:
        answers = [await sent(transport, f"http://127.0.0.1:{port}/{n}") for n in range(3)]
        await transport.close()
    assert [answer.head for answer in answers] == ["ok"] * 3
    assert connections == 1


async def test_a_redirect_is_an_answer_and_not_followed(transport: Transport, receiver: Receiver) -> None:
    receiver.reply = Reply(302, headers=(("location", f"{receiver.url}/elsewhere"),))
    answer = await sent(transport, receiver.url)
    assert (answer.status, [each.path for each in receiver.received]) == (302, ["/"])


async def test_a_huge_answer_is_cut(transport: Transport, receiver: Receiver) -> None:
    receiver.reply = Reply(200, "é".encode() * 5_000_000)
    answer = await sent(transport, receiver.url)
    assert (answer.status, answer.head) == (200, "é" * 500)
    receiver.reply = Reply(200, b"\xff\0short")
    assert (await sent(transport, receiver.url)).head == "\ufffd\ufffdshort"


async def test_a_receiver_that_takes_its_time_is_given_up(
    transport: Transport, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.2)
    gate = threading.Event()

    def wait(_: object) -> Reply:
        gate.wait(20)
        return Reply()

    receiver.answer = wait
    answer = await sent(transport, receiver.url)
    gate.set()
    assert (answer.status, answer.head) == (None, "")
    assert "no answer" in str(answer.error)


async def test_an_answer_that_trickles_in_is_given_up_too(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.3)

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"x: y\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with speaking(trickle) as port:
        answer = await sent(transport, f"http://127.0.0.1:{port}/")
    assert answer.status is None


async def test_a_kept_connection_that_the_receiver_has_closed_is_no_failure(transport: Transport) -> None:
    served = 0

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal served
        await reader.readuntil(b"{}")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        served += 1
        # It promises to stay, and hangs up when it is asked again.
        await reader.read(1)

    async with speaking(once) as port:
        answers = [await sent(transport, f"http://127.0.0.1:{port}/") for _ in range(3)]
        await transport.close()
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert served == 3


@pytest.mark.parametrize(
    ("reply", "error"),
    [(b"", "disconnected"), (b"nonsense\r\n\r\n", ""), (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx", "")],
)
async def test_what_is_no_answer_is_an_error(reply: bytes, error: str, transport: Transport) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        writer.write(reply)

    async with speaking(answer) as port:
        answered = await sent(transport, f"http://127.0.0.1:{port}/")
    assert answered.status is None
    assert error in str(answered.error)


async def test_nobody_there(transport: Transport) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert "cannot connect" in str((await sent(transport, f"http://127.0.0.1:{free.getsockname()[1]}/")).error)
    assert "has no address" in str((await sent(transport, "http://nobody.invalid/")).error)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
async def test_loopback_is_refused_however_it_is_written(host: str, receiver: Receiver) -> None:
    port = receiver.url.rpartition(":")[2]
    answer = await sent(Transport(EgressPolicy()), f"http://{host}:{port}/")
    assert answer.status is None
    assert "public address" in str(answer.error)
    assert receiver.received == []


class Rebinding:
    """A name that means something else each time it is looked up."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> list[Address]:
        self.asked += 1
        return [ip_address(each) for each in self.answers[min(self.asked, len(self.answers)) - 1]]


async def test_a_name_that_turns_inwards_is_refused(receiver: Receiver) -> None:
    port = receiver.url.rpartition(":")[2]
    resolve = Rebinding(["169.254.169.254"], ["10.0.0.1", "127.0.0.1"], [])
    transport = Transport(EgressPolicy(), resolve=resolve)
    for _ in range(3):
        answer = await sent(transport, f"http://rebound.example:{port}/")
        assert "no public address" in str(answer.error)
    assert receiver.received == []


async def test_the_address_that_was_checked_is_the_one_that_is_called(receiver: Receiver) -> None:
    """The name is looked up once; had it been again, it would lead where nothing listens."""
    port = receiver.url.rpartition(":")[2]
    resolve = Rebinding(["10.9.9.9", "127.0.0.1"], ["192.0.2.1"])
    transport = Transport(EgressPolicy((ip_network("127.0.0.0/8"),)), resolve=resolve)
    answer = await sent(transport, f"http://rebound.example:{port}/")
    await transport.close()
    assert answer.status == 200
    assert resolve.asked == 1
    assert receiver.received[0].headers["host"] == f"rebound.example:{port}"


# --- secure connections --------------------------------------------------------------------------------------------


def certificate(name: str, directory: Path) -> tuple[Path, Path]:
    """The paths of a certificate that vouches for a name and for itself, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = directory / "certificate.pem", directory / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


async def test_the_certificate_has_to_be_of_the_name_and_not_of_the_address(tmp_path: Path) -> None:
    chain, key = certificate("hooks.example", tmp_path)
    names: list[str | None] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()

    here = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    here.load_cert_chain(chain, key)
    here.set_servername_callback(lambda _socket, name, _context: names.append(name))
    trust = ssl.create_default_context(cafile=str(chain))
    transport = Transport(UNRESTRICTED, resolve=Rebinding(["127.0.0.1"]), trust=trust)
    async with speaking(answer, secure=here) as port:
        good = await sent(transport, f"https://hooks.example:{port}/")
        other = await sent(transport, f"https://other.example:{port}/")
        stranger = await sent(
            Transport(UNRESTRICTED, resolve=Rebinding(["127.0.0.1"])), f"https://hooks.example:{port}/"
        )
        await transport.close()
    assert (good.status, good.error) == (200, None)
    assert names == ["hooks.example", "other.example", "hooks.example"]
    assert "no secure connection" in str(other.error)
    assert "no secure connection" in str(stranger.error)
