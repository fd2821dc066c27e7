"""Getting in, over TLS or not; every way in which it fails has a code and never a password."""

from __future__ import annotations

import logging
import shlex
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from journeygraph.backends import neo4j_errors as errors
from journeygraph.backends.neo4j_connection import Neo4jConnection, Neo4jSettings, password_from
from journeygraph.errors import JourneyGraphError
from tests.backends.fake_servers import old_neo4j, serving
from tests.backends.in_neo4j import connect
from tests.cli.console import journeygraph, run
from tests.neo4j_server.process import PASSWORD

SECRET = "swordfish-42"


@pytest.mark.neo4j
def test_tls_with_an_authority_of_our_own(neo4j_server):
    ca = neo4j_server.home / "certificates" / "ca.pem"
    uri = f"bolt+s://127.0.0.1:{neo4j_server.port}"
    with connect(neo4j_server, uri=uri, ca=ca) as connection:
        assert connection.read("RETURN 1") == [[1]]


@pytest.mark.neo4j
def test_any_certificate_will_do_where_that_is_said(neo4j_server):
    with connect(neo4j_server, uri=f"bolt+ssc://127.0.0.1:{neo4j_server.port}") as connection:
        assert connection.read("RETURN 1") == [[1]]


@pytest.mark.neo4j
@pytest.mark.parametrize(
    ("host", "authority"),
    [("127.0.0.1", None), ("127.0.0.1", "other-ca.pem"), ("localhost", "ca.pem")],
    ids=["that of the system", "another one", "another host's name"],
)
def test_a_certificate_that_is_not_to_be_trusted(neo4j_server, host, authority):
    ca = None if authority is None else neo4j_server.home / "certificates" / authority
    with pytest.raises(errors.UntrustedCertificateError, match="NEO4J_UNTRUSTED_CERTIFICATE"):
        connect(neo4j_server, uri=f"bolt+s://{host}:{neo4j_server.port}", ca=ca)


@pytest.mark.neo4j
def test_a_wrong_password_is_said_and_not_shown(neo4j_server, caplog):
    with caplog.at_level(logging.DEBUG), pytest.raises(errors.WrongPasswordError) as raised:
        connect(neo4j_server, password=SECRET)
    assert "'neo4j'" in str(raised.value)
    assert SECRET not in f"{raised.value!r} {raised.value} {caplog.text}"


@pytest.mark.neo4j
def test_a_database_that_is_not_there(neo4j_server):
    with pytest.raises(errors.UnknownDatabaseError, match="no database 'shop'"):
        connect(neo4j_server, database="shop")
    with connect(neo4j_server, database="neo4j") as connection:
        assert connection.read("RETURN 1") == [[1]]


@pytest.mark.neo4j
def test_a_transaction_that_takes_too_long(neo4j_server):
    slow = "UNWIND range(1, 1000000000) AS n RETURN sum(n)"
    with (
        connect(neo4j_server, transaction_timeout="1s", patience="1s") as connection,
        pytest.raises(errors.TimedOutError, match="longer than 1 seconds"),
    ):
        connection.read(slow)


@pytest.mark.neo4j
def test_what_the_server_refuses_is_told_in_its_words(neo4j_server):
    with (
        connect(neo4j_server) as connection,
        pytest.raises(errors.RefusedByServerError, match=r"Neo\.ClientError\.Statement"),
    ):
        connection.run("CREATE (:Half {")


def refused(port: int, **options: Any) -> JourneyGraphError:
    settings: dict[str, Any] = {
        "uri": f"bolt://127.0.0.1:{port}",
        "password": SECRET,
        "connect_timeout": "2s",
    }
    with pytest.raises(JourneyGraphError) as raised:
        Neo4jConnection.open(Neo4jSettings(**{**settings, **options}))
    assert SECRET not in str(raised.value)
    return raised.value


def test_nobody_at_the_address():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = refused(port)
    assert error.code == "NEO4J_UNREACHABLE"
    assert f"127.0.0.1:{port}" in str(error)


def test_a_host_that_does_not_exist(monkeypatch):
    def resolve(*_address: object, **_options: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    error = refused(0, uri="bolt://nowhere.example:7687")
    assert error.code == "NEO4J_UNREACHABLE"
    assert "Name or service not known" in str(error)


def test_a_server_that_says_nothing_is_given_up():
    began = time.monotonic()
    with serving(lambda _client: time.sleep(60)) as port:
        assert refused(port, connect_timeout="1s").code == "NEO4J_UNREACHABLE"
    assert time.monotonic() - began < 50


def test_something_else_answers():
    def web_server(client: socket.socket) -> None:
        client.recv(1024)
        client.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    with serving(web_server) as port:
        assert refused(port).code == "NOT_NEO4J"


def test_a_version_that_is_too_old():
    with serving(old_neo4j) as port:
        error = refused(port)
    assert error.code == "NEO4J_TOO_OLD"
    assert "5.23 or later is needed" in str(error)


@pytest.mark.parametrize(
    "uri",
    [
        "localhost:7687", "http://localhost:7474", "bolt://", "bolt://host:port", "",
        f"bolt://neo4j:{SECRET}@localhost:7687",
    ],
)  # fmt: skip
def test_what_is_no_address(uri):
    with pytest.raises(errors.BadAddressError, match="NEO4J_BAD_ADDRESS") as raised:
        Neo4jSettings(uri=uri, password="x")
    assert SECRET not in str(raised.value)


def test_an_authority_needs_tls_and_a_file(tmp_path):
    with pytest.raises(errors.BadAddressError, match="--ca"):
        Neo4jSettings(uri="bolt://localhost", password="x", ca=tmp_path / "ca.pem")
    with pytest.raises(errors.UntrustedCertificateError, match="there is no file"):
        Neo4jSettings(uri="bolt+s://localhost", password="x", ca=tmp_path / "ca.pem")
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(errors.UntrustedCertificateError, match="ca.pem"):
        Neo4jSettings(uri="bolt+s://localhost", password="x", ca=tmp_path / "ca.pem")


def test_no_repr_shows_the_password():
    assert SECRET not in repr(Neo4jSettings(uri="bolt://localhost", password=SECRET))


def test_the_password_of_a_file_goes_before_that_of_the_environment(tmp_path):
    file = tmp_path / "password"
    file.write_text(f"{SECRET}\n")
    there = {"JOURNEYGRAPH_NEO4J_PASSWORD": "another"}
    assert password_from(file, there) == SECRET
    assert password_from(None, there) == "another"


@pytest.mark.parametrize("content", ["", "two\nlines\n", "\n", None])
def test_a_file_without_a_password(tmp_path: Path, content: str | None):
    file = tmp_path / "password"
    if content is not None:
        file.write_text(content)
    with pytest.raises(errors.PasswordFileError, match="NEO4J_PASSWORD_FILE"):
        password_from(file, {})


def test_no_password_at_all():
    with pytest.raises(errors.NoPasswordError, match="JOURNEYGRAPH_NEO4J_PASSWORD"):
        password_from(None, {})


@pytest.mark.neo4j
@pytest.mark.usefixtures("shop")
def test_the_commands_push_and_pull(empty_neo4j, tmp_path, monkeypatch):
    (tmp_path / "password").write_text(PASSWORD)
    ca = empty_neo4j.home / "certificates" / "ca.pem"
    address = f"bolt+s://127.0.0.1:{empty_neo4j.port}"
    where = ["--uri", address, "--ca", ca, "--password-file", "password"]
    push = ["neo4j", "push", "--store", "shop"]
    pushed = run(shlex.join(["journeygraph", *push, *map(str, where)]), tmp_path)
    assert pushed.returncode == 0, pushed.stderr
    assert "The graph is version 4 now" in pushed.stdout
    assert "interactions created" in pushed.stdout
    again = journeygraph(*push, *where, folder=tmp_path)
    assert again.stdout == "Nothing to do: the graph is version 4 already.\n"
    pulled = journeygraph("neo4j", "pull", "--store", "other", *where, folder=tmp_path)
    assert pulled.returncode == 0, pulled.stderr
    assert "interactions:" in pulled.stdout
    monkeypatch.setenv("JOURNEYGRAPH_NEO4J_PASSWORD", SECRET)
    wrong = journeygraph(*push, "--uri", empty_neo4j.uri, folder=tmp_path)
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr.endswith("[NEO4J_WRONG_PASSWORD]\n")
    assert SECRET not in wrong.stderr
