"""GraphQL over HTTP: methods, media types, statuses, bounds, and who may ask at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.application import application
from api.graphql_http import HTML, JSON, RESPONSE_JSON, accepted
from api.guard import is_loopback, own_names
from api.settings import ServerSettings
from journeygraph.lake.store import Store

QUERY = "{ store { version } }"
ANSWER = {"data": {"store": {"version": 3}}}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


def client_of(store: Path, host: str = "127.0.0.1", **settings: Any) -> TestClient:
    return TestClient(
        application(store, ServerSettings(**settings), host), base_url="http://127.0.0.1:8000"
    )


@pytest.fixture(scope="module")
def client(demo_store: Path) -> Iterator[TestClient]:
    with client_of(demo_store, body_bytes=100_000) as client:
        yield client


def code_of(response: Any) -> str:
    (error,) = response.json()["errors"]
    code: str = error["extensions"]["code"]
    assert error["message"]
    return code


def test_a_post_is_answered(client: TestClient) -> None:
    response = client.post("/graphql", json={"query": QUERY})
    assert (response.status_code, response.json()) == (200, ANSWER)
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in response.headers


def test_variables_and_an_operation_are_taken(client: TestClient) -> None:
    given: dict[str, Any] = {
        "query": "query a { store { version } } "
        "query b($v: BigInt) { store(version: $v) { version } }",
        "operationName": "b",
        "variables": {"v": 2},
        "extensions": {"anything": True},
    }
    response = client.post("/graphql", json=given)
    assert response.json() == {"data": {"store": {"version": 2}}}
    by_address = {**given, "variables": '{"v": 2}', "extensions": "{}"}
    assert client.get("/graphql", params=by_address).json() == response.json()


def test_a_query_may_stand_in_the_address(client: TestClient) -> None:
    response = client.get("/graphql", params={"query": QUERY})
    assert (response.status_code, response.json()) == (200, ANSWER)
    mutation = client.get("/graphql", params={"query": "mutation { load }"})
    assert mutation.json()["errors"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[]", "one by one"),
        (b'[{"query": "{ store { version } }"}]', "one by one"),
        (b"{}", "no `query`"),
        (b'{"query": null}', "no `query`"),
        (b'{"query": 1}', "no `query`"),
        (b'{"query": "{a}", "variables": []}', "`variables`"),
        (b'{"query": "{a}", "variables": 0}', "`variables`"),
        (b'{"query": "{a}", "variables": "{}"}', "`variables`"),
        (b'{"query": "{a}", "extensions": 1}', "`extensions`"),
        (b'{"query": "{a}", "operationName": 1}', "`operationName`"),
        (b"[" * 50_000, "not JSON"),
    ],
)
@pytest.mark.parametrize("accept", [JSON, RESPONSE_JSON])
def test_what_is_no_graphql_request_is_refused(
    client: TestClient, given: bytes, words: str, accept: str
) -> None:
    response = client.post(
        "/graphql", content=given, headers={"content-type": JSON, "accept": accept}
    )
    assert (response.status_code, code_of(response)) == (400, "BAD_REQUEST")
    assert words in response.json()["errors"][0]["message"]
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"


def test_an_address_is_checked_as_well(client: TestClient) -> None:
    assert client.get("/graphql").status_code == 400
    response = client.get("/graphql", params={"query": QUERY, "variables": "{"})
    assert (response.status_code, code_of(response)) == (400, "BAD_REQUEST")


def test_an_invalid_query_is_an_answer_or_a_status(client: TestClient) -> None:
    for query in ("{", "{ nothing }", "query($x: Int!) { store(version: $x) { version } }"):
        by_old = client.post("/graphql", json={"query": query}, headers={"accept": JSON})
        by_new = client.post("/graphql", json={"query": query}, headers={"accept": RESPONSE_JSON})
        assert (by_old.status_code, by_new.status_code) == (200, 400)
        assert by_old.json() == by_new.json()


def test_an_error_of_a_field_is_an_answer(client: TestClient) -> None:
    query = '{ store { version } customer(id: "x") { id } }'
    response = client.post("/graphql", json={"query": query}, headers={"accept": RESPONSE_JSON})
    assert response.status_code == 200
    assert response.json()["data"] == {**ANSWER["data"], "customer": None}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_refused(client: TestClient, method: str) -> None:
    response = client.request(method, "/graphql")
    assert (response.status_code, code_of(response)) == (405, "WRONG_METHOD")
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/graphql",
        "application/json; charset=latin-1",
        "",
    ],
)
def test_what_a_form_could_send_is_refused(client: TestClient, kind: str) -> None:
    """A page of another site can send these without asking the browser for leave."""
    content = b'{"query": "{ store { version } }"}'
    response = client.post("/graphql", content=content, headers={"content-type": kind})
    assert (response.status_code, code_of(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_json_may_name_its_charset(client: TestClient) -> None:
    for kind in ("application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'):
        response = client.post(
            "/graphql",
            content=b'{"query": "{ store { version } }"}',
            headers={"content-type": kind},
        )
        assert response.json() == ANSWER


def test_a_request_that_is_too_large_is_refused(client: TestClient) -> None:
    large = {"query": QUERY + " " * 100_000}
    declared = client.post("/graphql", json=large)
    assert (declared.status_code, code_of(declared)) == (413, "TOO_LARGE")

    def in_pieces() -> Iterator[bytes]:
        for _piece in range(30):
            yield b" " * 10_000

    streamed = client.post("/graphql", content=in_pieces(), headers={"content-type": JSON})
    assert (streamed.status_code, code_of(streamed)) == (413, "TOO_LARGE")


def test_an_address_that_is_too_long_is_refused(demo_store: Path) -> None:
    with client_of(demo_store, body_bytes=2_000) as client:
        response = client.get("/graphql", params={"query": QUERY + " " * 2_000})
        assert (response.status_code, code_of(response)) == (414, "TOO_LARGE")


@pytest.mark.parametrize(
    ("header", "offer"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (RESPONSE_JSON, RESPONSE_JSON),
        (f"{RESPONSE_JSON}, {JSON}", RESPONSE_JSON),
        (f"{JSON}, {RESPONSE_JSON}", JSON),
        (f"{RESPONSE_JSON}; charset=utf-8, {JSON}; charset=utf-8", RESPONSE_JSON),
        (f"{RESPONSE_JSON};q=0.5, {JSON};q=0.9", JSON),
        (f"{RESPONSE_JSON};q=0", None),
        (f"{JSON};q=much", None),
        ("image/png", None),
        (BROWSER, HTML),
        ("text/*;q=0.2, */*;q=0.1", HTML),
    ],
)
def test_the_media_type_is_the_one_wanted_most(header: str | None, offer: str | None) -> None:
    assert accepted(header, (JSON, RESPONSE_JSON, HTML)) == offer


def test_what_nobody_offers_is_refused(client: TestClient) -> None:
    response = client.post("/graphql", json={"query": QUERY}, headers={"accept": "image/png"})
    assert (response.status_code, code_of(response)) == (406, "NOT_ACCEPTABLE")
    page = client.post("/graphql", json={"query": QUERY}, headers={"accept": "text/html"})
    assert page.status_code == 406


def test_safe_headers_are_on_every_answer(client: TestClient) -> None:
    for response in (
        client.get("/graphql", headers={"accept": BROWSER}),
        client.post("/graphql", json={"query": QUERY}),
        client.get("/"),
        client.get("/nothing"),
        client.get("/health"),
        client.get("/graphql", headers={"host": "evil.example"}),
    ):
        policy = response.headers["content-security-policy"]
        assert policy.startswith("default-src 'self';")
        assert "unsafe" not in policy.replace("style-src 'self' 'unsafe-inline'", "")
        assert "frame-ancestors 'none'" in policy
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"
        assert not any(name.startswith("access-control") for name in response.headers)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_pages_of_other_sites_cannot_ask(client: TestClient, site: str) -> None:
    headers = {"sec-fetch-site": site}
    post = client.post("/graphql", json={"query": QUERY}, headers=headers)
    get = client.get("/graphql", params={"query": QUERY}, headers=headers)
    assert (post.status_code, code_of(post)) == (403, "CROSS_SITE")
    assert (get.status_code, code_of(get)) == (403, "CROSS_SITE")
    link = client.get("/graphql", headers={**headers, "accept": BROWSER})
    assert link.status_code != 403  # somebody followed a link to the page
    own = client.post("/graphql", json={"query": QUERY}, headers={"sec-fetch-site": "same-origin"})
    assert own.json() == ANSWER


@pytest.mark.parametrize(
    ("host", "is_known"),
    [
        ("127.0.0.1:8000", True),
        ("localhost", True),
        ("LOCALHOST:9", True),
        ("[::1]:8000", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example:8000", False),
        ("localhost.evil.example", False),
        ("", False),
    ],
)
def test_other_names_for_this_machine_are_refused(
    client: TestClient, host: str, is_known: bool
) -> None:
    response = client.post("/graphql", json={"query": QUERY}, headers={"host": host})
    assert response.status_code == (200 if is_known else 421)
    if not is_known:
        assert code_of(response) == "UNKNOWN_HOST"


def test_who_listens_for_all_may_be_asked_by_all_names(demo_store: Path) -> None:
    headers = {"host": "journeys.example"}
    with client_of(demo_store, "0.0.0.0") as client:
        assert client.get("/health", headers=headers).status_code == 200
    with client_of(demo_store, "0.0.0.0", hosts="a.example, Journeys.Example") as client:
        assert client.get("/health", headers=headers).status_code == 200
        assert client.get("/health").status_code == 421
    assert [is_loopback(host) for host in ("127.0.0.2", "::1", "localhost", "0.0.0.0", "x")] == [
        True, True, True, False, False,
    ]  # fmt: skip
    assert set(own_names("127.0.0.2") or ()) == {"127.0.0.1", "127.0.0.2", "::1", "localhost"}
    assert own_names("0.0.0.0") is None


def test_health_says_which_version_there_is(tmp_path: Path, demo_store: Path) -> None:
    with client_of(demo_store) as client:
        assert client.get("/health").json() == {"status": "ok", "version": 3}
    store = tmp_path / "store"
    Store.create_or_open(store)
    with client_of(store) as client:
        assert client.get("/health").json() == {"status": "ok", "version": None}
        response = client.post("/graphql", json={"query": QUERY})
        assert response.json()["data"] == {"store": None}
        assert code_of(response) == "EMPTY_STORE"
        (store / "versions").mkdir(exist_ok=True)
        (store / "versions" / "00000001.json").write_text("{")
        broken = client.get("/health")
        assert broken.status_code == 503
        assert broken.json() == {"status": "failing", "code": "DAMAGED_STORE"}


def test_what_breaks_is_not_told(demo_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: object) -> None:
        raise ZeroDivisionError("secret")

    app = application(demo_store, ServerSettings())
    with TestClient(app, "http://127.0.0.1", raise_server_exceptions=False) as client:
        monkeypatch.setattr("api.application.read_query", broken)
        response = client.post("/graphql", json={"query": QUERY})
    assert (response.status_code, code_of(response)) == (500, "INTERNAL_ERROR")
    assert "secret" not in response.text
