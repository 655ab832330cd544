"""A receiver of webhooks that reads what is sent and says thanks; a process of its own, as receivers are."""

from __future__ import annotations

import asyncio
import json
import re

import uvloop

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers the requests of one connection."""
    while not reader.at_eof():
        try:
            length = _LENGTH.search(await reader.readuntil(b"\r\n\r\n"))
            await reader.readexactly(int(length[1]) if length else 0)
            writer.write(_ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            break
    writer.close()


async def main() -> None:
    """Says where it is and receives until it is ended."""
    server = await asyncio.start_server(receive, "127.0.0.1", 0)
    print(json.dumps({"url": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
