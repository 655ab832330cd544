"""What is sent arrives, what comes back is bounded, and nothing leads where it should not."""

from __future__ import annotations

import asyncio
import datetime
import gzip
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
from groundlevel.webhooks.client import Client
from groundlevel.webhooks.egress import UNRESTRICTED, Address, EgressPolicy
from groundlevel.webhooks.transport import Answer, Transport
from tests.needs import missing
from tests.webhooks.receiver import Receiver, Reply, becomes

HEADERS = {"content-type": "application/json"}


@asynccontextmanager
async def closing(transport: Transport) -> AsyncIterator[Transport]:
    """A transport for the length of a block."""
    try:
        yield transport
    finally:
        await transport.close()


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    """One that may send anywhere."""
    async with closing(Transport(UNRESTRICTED)) as transport:
        yield transport


async def sent(transport: Transport, url: str) -> Answer:
    """What came of sending an empty object."""
    return await transport.send(url, HEADERS, b"{}")


Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def speaking(
    handle: Handle, *, host: str = "127.0.0.1", secure: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """The port of a receiver that treats each connection as it is told; all of them are closed afterwards."""
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        # The sender may give up before it has sent anything.
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await handle(reader, writer)
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()
        connections -= 1

    async def left() -> int:
        return connections

    server = await asyncio.start_server(serve, host, 0, ssl=secure)
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
            await asyncio.sleep(0.05)  # so that the head stays small

    async with speaking(trickle) as port:
        answer = await sent(transport, f"http://127.0.0.1:{port}/")
    assert answer.status is None
    assert "no answer" in str(answer.error)


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


async def test_the_request_is_what_was_asked_for_and_no_more(transport: Transport, receiver: Receiver) -> None:
    await sent(transport, f"{receiver.url}/a%2Fb/é?x=%20&y=a+b#c".replace("é", "%c3%A9"))
    (received,) = receiver.received
    assert (received.path, received.raw) == ("/a%2Fb/%c3%A9?x=%20&y=a+b", b"{}")
    host = receiver.url.removeprefix("http://")
    assert received.headers == {"host": host, "content-type": "application/json", "content-length": "2"}


async def test_no_proxy_is_taken_from_the_environment(
    transport: Transport, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert (await sent(transport, receiver.url)).status == 200


async def test_a_receiver_cannot_have_cookies_kept(transport: Transport, receiver: Receiver) -> None:
    receiver.reply = Reply(200, headers=(("set-cookie", "a=b"),))
    for _ in range(2):
        await sent(transport, receiver.url)
    assert ["cookie" in each.headers for each in receiver.received] == [False, False]


async def test_a_packed_answer_is_not_unpacked(transport: Transport, receiver: Receiver) -> None:
    receiver.reply = Reply(200, gzip.compress(b"thanks"), headers=(("content-encoding", "gzip"),))
    answer = await sent(transport, receiver.url)
    assert answer.status == 200
    assert "thanks" not in answer.head


async def test_a_new_connection_that_is_cut_is_not_tried_again(transport: Transport) -> None:
    """The receiver may have acted on what it got; whether it gets it again is the policy's affair."""
    served = 0

    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal served
        await reader.readuntil(b"{}")
        served += 1

    async with speaking(cut) as port:
        answer = await sent(transport, f"http://127.0.0.1:{port}/")
    assert answer.status is None
    assert served == 1


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[::1]"]
)
async def test_loopback_is_refused_however_it_is_written(host: str, receiver: Receiver) -> None:
    port = receiver.url.rpartition(":")[2]
    async with closing(Transport(EgressPolicy())) as transport:
        answer = await sent(transport, f"http://{host}:{port}/")
    assert answer.status is None
    assert "public address" in str(answer.error)
    assert receiver.received == []


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::ffff:127.0.0.1]"])
async def test_an_admitted_address_is_called_however_it_is_written(host: str, receiver: Receiver) -> None:
    port = receiver.url.rpartition(":")[2]
    async with closing(Transport(EgressPolicy((ip_network("127.0.0.0/8"),)))) as transport:
        answer = await sent(transport, f"http://{host}:{port}/")
    assert (answer.status, answer.error) == (200, None)


async def test_a_receiver_on_ipv6(transport: Transport) -> None:
    heads: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"{}"))
        writer.write(b"HTTP/1.1 204 None\r\n\r\n")

    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            missing("this machine has no IPv6")
    async with speaking(answer, host="::1") as port:
        assert (await sent(transport, f"http://[::1]:{port}/")).status == 204
        await transport.close()
    assert f"host: [::1]:{port}\r\n".encode() in heads[0].lower()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "127.1", "name"]
)
async def test_no_socket_is_made_for_what_is_not_admitted(host: str) -> None:
    """Even if the library should find an address in another way than it is told to."""
    client = Client(EgressPolicy(), None, ssl.create_default_context())
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with pytest.raises(PermissionError):
        client.open_socket((family, socket.SOCK_STREAM, 0, "", (host, 80)))
    client.open_socket((family, socket.SOCK_STREAM, 0, "", ("1.1.1.1", 80))).close()
    await client.close()


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
    async with closing(Transport(EgressPolicy(), resolve=resolve)) as transport:
        for _ in range(3):
            answer = await sent(transport, f"http://rebound.example:{port}/")
            assert "no public address" in str(answer.error)
    assert receiver.received == []


async def test_the_address_that_was_checked_is_the_one_that_is_called(receiver: Receiver) -> None:
    """The name is looked up once; had it been again, it would lead where nothing listens."""
    port = receiver.url.rpartition(":")[2]
    resolve = Rebinding(["10.9.9.9", "127.0.0.1"], ["192.0.2.1"])
    async with closing(Transport(EgressPolicy((ip_network("127.0.0.0/8"),)), resolve=resolve)) as transport:
        answer = await sent(transport, f"http://rebound.example:{port}/")
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
    async with (
        closing(Transport(UNRESTRICTED, resolve=Rebinding(["127.0.0.1"]), trust=trust)) as transport,
        closing(Transport(UNRESTRICTED, resolve=Rebinding(["127.0.0.1"]))) as mistrustful,
        speaking(answer, secure=here) as port,
    ):
        good = await sent(transport, f"https://hooks.example:{port}/")
        other = await sent(transport, f"https://other.example:{port}/")
        stranger = await sent(mistrustful, f"https://hooks.example:{port}/")
        await transport.close()
    assert (good.status, good.error) == (200, None)
    assert names == ["hooks.example", "other.example", "hooks.example"]
    assert "no secure connection" in str(other.error)
    assert "no secure connection" in str(stranger.error)
