"""Fixtures: the server of this process's tests, and the same with nothing in it.

Each worker of pytest-xdist that meets a test of Neo4j starts one server, since Community holds
one database and tests kill their server. Workers share nothing but the jars.
"""

from collections.abc import Iterator

import pytest

from tests.neo4j_server import certificates, runtime
from tests.neo4j_server.process import Neo4jServer


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jServer]:
    """The one server of this process; tests that change it leave it running."""
    home = tmp_path_factory.mktemp("neo4j") / "home"
    server = runtime.server_in(home)
    certificates.make_certificates(home / "certificates")
    with server:
        server.start()
        yield server


@pytest.fixture
def empty_neo4j(neo4j_server: Neo4jServer) -> Neo4jServer:
    """The server with an empty database."""
    neo4j_server.empty()
    return neo4j_server
