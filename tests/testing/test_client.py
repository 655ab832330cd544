"""The client of the control plane: one connection, opened again when that is needed, and errors that say what to do."""

from __future__ import annotations

import select
import socket
import threading

import pytest

from groundlevel.control.client import ControlClient, ControlError
from groundlevel.testing import Double
from tests.world import wait_until


def test_a_connection_that_the_server_has_closed_is_opened_again() -> None:
    with Double(idle_timeout_seconds=0.1) as session:
        session.control.ask("GET", "/clock")
        closed = session.control._connection.sock
        assert closed is not None
        wait_until(lambda: bool(select.select([closed], [], [], 0)[0]))
        assert session.control.ask("GET", "/clock")["frozen"] is False
        assert session.control._connection.sock is not closed


def test_a_refusal_has_its_status_and_its_hint() -> None:
    with Double() as session:
        with pytest.raises(ControlError, match="There is no checkpoint nowhere") as caught:
            session.control.ask("POST", "/checkpoints/nowhere/restore")
        assert (caught.value.status, "last as long" in caught.value.hint) == (404, True)
        with pytest.raises(ControlError, match="advance must be a duration") as caught:
            session.control.ask("PUT", "/clock", {"advance": "soon"})
        assert caught.value.status == 422


def test_a_server_without_control_is_told_from_a_path_that_is_not_there() -> None:
    with Double(control=False) as session, pytest.raises(ControlError) as caught:
        session.control.ask("GET", "/clock")
    assert "--control true" in caught.value.hint


def test_what_is_no_answer_of_ours_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\n<h1>")

        thread = threading.Thread(target=answer)
        thread.start()
        client = ControlClient(f"http://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(ControlError, match="<h1>") as caught:
            client.ask("GET", "/clock")
        thread.join()
        client.close()
    assert caught.value.status == 502


def test_where_nobody_listens_it_is_said_how_to_start_one() -> None:
    with pytest.raises(ControlError, match="does not answer") as caught:
        ControlClient("http://127.0.0.1:9").ask("GET", "/clock")
    assert (caught.value.status, "groundlevel double" in caught.value.hint) == (0, True)
