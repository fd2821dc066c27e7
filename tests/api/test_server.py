"""A real server on loopback: many at once, time limits, new versions, addresses, its end."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.errors import AddressInUseError, UnusableAddressError, UnusableSettingError
from api.graphql.execution import Executor
from api.server import Server, listen
from api.settings import ServerSettings, read_settings
from journeygraph.lake.errors import NotAStoreError
from journeygraph.lake.store import Store
from tests.api.asking import ISSUE_QUERY
from tests.api.serving import serving
from tests.graph.stores import write_load
from tests.strategies import World

VERSION = "{ store { version } }"


def ask(port: int, query: str, timeout: float = 60) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        headers = {"content-type": "application/json"}
        connection.request("POST", "/graphql", json.dumps({"query": query}), headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Queries that name `slow` wait for this event; the others do not."""
    release = threading.Event()
    answer = Executor.answer

    def waiting(self: Executor, query: str, request: Any, *more: Any, **how: Any) -> Any:
        if "slow" in query:
            release.wait(20)
        return answer(self, query, request, *more, **how)

    monkeypatch.setattr(Executor, "answer", waiting)
    yield release
    release.set()


def test_the_query_of_the_issue_is_answered(demo_store: Path) -> None:
    with serving(demo_store) as port:
        status, body = ask(port, ISSUE_QUERY)
        assert status == 200
        assert "errors" not in body
        assert body["data"]["store"]["version"] == 3


def test_one_slow_query_does_not_hold_up_the_others(
    demo_store: Path, slow: threading.Event
) -> None:
    with serving(demo_store, at_once=2) as port:
        ask(port, VERSION)  # until the server is warm both threads are busy
        answers: list[Any] = []
        waiting = threading.Thread(
            target=lambda: answers.append(ask(port, "{ slow: store { version } }"))
        )
        waiting.start()
        for _again in range(20):
            assert ask(port, VERSION)[1]["data"] == {"store": {"version": 3}}
        assert not answers
        slow.set()
        waiting.join(20)
        assert answers == [(200, {"data": {"slow": {"version": 3}}})]


def test_there_is_an_end_to_waiting(demo_store: Path, slow: threading.Event) -> None:
    with serving(demo_store, at_once=2, seconds=0.8) as port:
        began = time.monotonic()
        status, body = ask(port, "{ slow: store { version } }")
        assert time.monotonic() - began < 5
        assert status == 503
        (error,) = body["errors"]
        assert error["extensions"] == {"code": "TIME_LIMIT"}
        assert "within 0.8 seconds" in error["message"]
        slow.set()


def test_who_is_too_many_is_turned_away(demo_store: Path, slow: threading.Event) -> None:
    with serving(demo_store, at_once=1, waiting=1) as port:
        ask(port, VERSION)
        answers: list[tuple[int, dict[str, Any]]] = []
        threads = [
            threading.Thread(
                target=lambda: answers.append(ask(port, "{ slow: store { version } }"))
            )
            for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 10
        while len(answers) < 4 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert [status for status, _body in answers] == [503] * 4
        assert answers[0][1]["errors"][0]["extensions"] == {"code": "SERVER_BUSY"}
        slow.set()
        for thread in threads:
            thread.join(20)
        assert sorted(status for status, _body in answers) == [200] * 2 + [503] * 4


def test_work_stops_when_the_caller_has_gone(
    demo_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = threading.Event()
    answer = Executor.answer

    def watched(self: Executor, query: str, request: Any, *more: Any, **how: Any) -> Any:
        while "slow" in query and not stopped.wait(0.01):
            if request._abandoned:
                stopped.set()
        return answer(self, query, request, *more, **how)

    monkeypatch.setattr(Executor, "answer", watched)
    with serving(demo_store) as port:
        with pytest.raises(TimeoutError):
            ask(port, "{ slow: store { version } }", timeout=1.0)
        assert stopped.wait(10)
        assert ask(port, VERSION)[0] == 200


def test_many_ask_at_once(demo_store: Path) -> None:
    with serving(demo_store) as port:
        expected = ask(port, ISSUE_QUERY)
        answers: list[Any] = []
        threads = [
            threading.Thread(target=lambda: answers.append(ask(port, ISSUE_QUERY)))
            for _ in range(12)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert answers == [expected] * 12


def test_a_new_version_is_served_without_a_restart(tmp_path: Path) -> None:
    store = tmp_path / "store"
    Store.create_or_open(store)
    with serving(store) as port:
        assert ask(port, VERSION)[1]["errors"][0]["extensions"] == {"code": "EMPTY_STORE"}
        for version in (1, 2, 3):
            write_load(store, World(rows=[("a", version, "home", None, None, None)]))
            assert ask(port, VERSION)[1] == {"data": {"store": {"version": version}}}


def test_a_port_in_use_is_an_error(demo_store: Path) -> None:
    with contextlib.closing(listen("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressInUseError, match=f"port {port} of 127.0.0.1"):
            Server(demo_store, "127.0.0.1", port, ServerSettings())


@pytest.mark.parametrize("port", [-1, 65_536, 70_000])
def test_a_port_that_does_not_exist_is_an_error(port: int) -> None:
    with pytest.raises(UnusableAddressError, match="there is no such port"):
        listen("127.0.0.1", port)


def test_an_address_that_is_not_ours_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_given, **_options: found)
    with pytest.raises(UnusableAddressError, match=r"192\.0\.2\.1.* cannot assign"):
        listen("192.0.2.1", 0)


def test_a_name_that_nobody_knows_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_given: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(UnusableAddressError, match="'no.such.host' here: name or service"):
        listen("no.such.host", 0)


def test_a_store_that_is_not_one_is_an_error_before_anything_listens(tmp_path: Path) -> None:
    with pytest.raises(NotAStoreError):
        Server(tmp_path, "127.0.0.1", 0, ServerSettings())


def test_the_address_is_one_to_open(demo_store: Path) -> None:
    for host, shown in (("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::1", "[::1]")):
        try:
            server = Server(demo_store, host, 0, ServerSettings())
        except UnusableAddressError:
            assert host == "::1"  # a machine without IPv6
            continue
        assert server.address.startswith(f"http://{shown}:")
        assert server.address.endswith("/graphql")
        server.close()


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings() == ServerSettings()
    monkeypatch.setenv("JOURNEYGRAPH_SERVER_SECONDS", "2.5")
    monkeypatch.setenv("JOURNEYGRAPH_SERVER_HOSTS", "a.example, B.example")
    monkeypatch.setenv("JOURNEYGRAPH_SERVER_WAITING", "")
    assert read_settings().seconds == 2.5
    assert read_settings().waiting == 64
    assert read_settings().host_names == {"a.example", "b.example"}
    monkeypatch.setenv("JOURNEYGRAPH_SERVER_AT_ONCE", "none")
    with pytest.raises(UnusableSettingError, match="JOURNEYGRAPH_SERVER_AT_ONCE='none'"):
        read_settings()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_when_told_to(demo_store: Path, how: signal.Signals) -> None:
    program = "import sys; from pathlib import Path; from api.server import run; "
    program += "run(Path(sys.argv[1]), port=0)"
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(demo_store)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": "."},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Open http://127.0.0.1:")
        port = int(line.partition("127.0.0.1:")[2].partition("/")[0])
        assert ask(port, VERSION)[1] == {"data": {"store": {"version": 3}}}
        process.send_signal(how)
        said, complained = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, said, complained) == (0, "Stopped.\n", "")
    with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.1", port)):
        pass


SLOW_SERVER = """
import sys, time
from pathlib import Path
from api.graphql.execution import Executor
from api.server import run
answer = Executor.answer
def slowly(self, query, *more, **how):
    time.sleep(60 * ("slow" in query))
    return answer(self, query, *more, **how)
Executor.answer = slowly
run(Path(sys.argv[1]), port=0)
"""


def test_it_waits_for_nobody_for_long(demo_store: Path) -> None:
    """A thread cannot be stopped; the program ends all the same, and says so to who waits."""
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW_SERVER, str(demo_store)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": "."},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline().partition("127.0.0.1:")[2].partition("/")[0])
        answers: list[tuple[int, dict[str, Any]]] = []
        waiting = threading.Thread(
            target=lambda: answers.append(ask(port, "{ slow: store { version } }"))
        )
        waiting.start()
        time.sleep(0.3)
        assert ask(port, VERSION)[0] == 200
        process.send_signal(signal.SIGINT)
        said, complained = process.communicate(timeout=30)
        waiting.join(10)
    finally:
        process.kill()
    assert (process.returncode, said, complained) == (0, "Stopped.\n", "")
    ((status, body),) = answers
    assert status == 503
    assert body["errors"][0]["extensions"] == {"code": "SERVER_STOPS"}
