"""The server of the tests is a real one: it keeps what it acknowledged when it is killed."""

import neo4j
import pytest
from neo4j.exceptions import AuthError

pytestmark = pytest.mark.neo4j


def count(server) -> int:
    with server.driver() as driver:
        return driver.execute_query("MATCH (n) RETURN count(n) AS n").records[0]["n"]


def test_it_is_the_community_edition_of_5_26(neo4j_server):
    with neo4j_server.driver() as driver:
        record = driver.execute_query("CALL dbms.components()").records[0]
    assert record["edition"] == "community"
    assert record["versions"][0].startswith("5.26.")


def test_a_wrong_password_is_refused(neo4j_server):
    wrong = neo4j.GraphDatabase.driver(neo4j_server.uri, auth=("neo4j", "wrong"))
    with wrong, pytest.raises(AuthError):
        wrong.verify_connectivity()


def test_it_keeps_what_it_acknowledged_through_a_kill_and_answers_at_the_same_address(empty_neo4j):
    uri = empty_neo4j.uri
    with empty_neo4j.driver() as driver:
        driver.execute_query("UNWIND range(1, 1000) AS n CREATE (:Kept {n: n})")
    empty_neo4j.kill()
    empty_neo4j.start()
    assert empty_neo4j.uri == uri
    assert count(empty_neo4j) == 1000


def test_it_is_empty_when_it_is_asked_for_empty(empty_neo4j):
    with empty_neo4j.driver() as driver:
        driver.execute_query("CREATE (:Left)-[:BY]->(:Another)")
        driver.execute_query("CREATE CONSTRAINT FOR (n:Left) REQUIRE n.n IS UNIQUE")
        driver.execute_query("CREATE INDEX FOR (n:Another) ON (n.n)")
        empty_neo4j.empty()
        empty_neo4j.forget_schema()
        assert driver.execute_query("SHOW CONSTRAINTS").records == []
        assert [r["type"] for r in driver.execute_query("SHOW INDEXES").records] == ["LOOKUP"] * 2
    assert count(empty_neo4j) == 0


def test_it_offers_tls_with_a_certificate_of_its_own(neo4j_server):
    trusted = neo4j.TrustCustomCAs(str(neo4j_server.home / "certificates" / "ca.pem"))
    uri = f"bolt://127.0.0.1:{neo4j_server.port}"
    auth = ("neo4j", "journeys-of-tests")
    secure = neo4j.GraphDatabase.driver(
        uri, auth=auth, encrypted=True, trusted_certificates=trusted
    )
    with secure:
        assert secure.encrypted
        assert secure.execute_query("RETURN 1 AS one").records[0]["one"] == 1
    strangers = neo4j.TrustSystemCAs()  # who does not know the certificate is not let in
    unknown = neo4j.GraphDatabase.driver(
        uri, auth=auth, encrypted=True, trusted_certificates=strangers, max_transaction_retry_time=0
    )
    with unknown, pytest.raises(neo4j.exceptions.ServiceUnavailable):
        unknown.verify_connectivity()
