"""What the server hands out of the explorer, and what it says where there is none."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api import application as module
from api.application import application
from api.explorer import ExplorerNotBuiltError, explorer_files
from api.settings import ServerSettings
from journeygraph.lake.store import Store


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "built"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>journeygraph</title>")
    (folder / "graphiql.html").write_text("<title>GraphiQL</title>")
    (folder / "assets" / "index-abc.js").write_text("export {};")
    (folder / ".built").touch()
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Path:
    Store.create_or_open(tmp_path / "store")
    return tmp_path / "store"


def test_files_have_the_names_of_their_places(built: Path) -> None:
    files = explorer_files(built)
    assert list(files) == ["assets/index-abc.js", "graphiql.html", "index.html"]
    assert files["index.html"].media_type == "text/html"
    assert files["index.html"].etag != files["assets/index-abc.js"].etag


def test_what_was_never_built_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(ExplorerNotBuiltError, match="make explorer"):
        explorer_files(tmp_path)


def test_the_page_is_asked_for_anew_and_its_parts_are_kept(
    store: Path, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "explorer_files", lambda: explorer_files(built))
    client = TestClient(application(store, ServerSettings()), base_url="http://127.0.0.1")
    page = client.get("/")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache")
    assert page.headers["content-type"].startswith("text/html")
    assert client.get("/", headers={"if-none-match": page.headers["etag"]}).status_code == 304
    part = client.get("/assets/index-abc.js")
    assert (part.status_code, part.text) == (200, "export {};")
    assert "immutable" in part.headers["cache-control"]
    assert client.get("/assets/..%2Findex.html").status_code == 404


def test_graphql_is_graphiql_for_a_browser(
    store: Path, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "explorer_files", lambda: explorer_files(built))
    client = TestClient(application(store, ServerSettings()), base_url="http://127.0.0.1")
    page = client.get("/graphql", headers={"accept": "text/html,*/*;q=0.8"})
    assert (page.status_code, page.text) == (200, "<title>GraphiQL</title>")
    assert page.headers["vary"] == "Accept"
    assert client.post("/graphql", json={"query": "{ store { version } }"}).json()["errors"]


def test_no_page_may_run_a_script_that_stands_in_it(
    store: Path, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "explorer_files", lambda: explorer_files(built))
    client = TestClient(application(store, ServerSettings()), base_url="http://127.0.0.1")
    for path in ("/", "/graphql", "/assets/index-abc.js", "/nothing"):
        answer = client.get(path, headers={"accept": "text/html"})
        (policy,) = answer.headers.get_list("content-security-policy")
        rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
        assert rules["default-src"] == "'self'"
        assert "script-src" not in rules
        assert rules["object-src"] == rules["frame-ancestors"] == rules["base-uri"] == "'none'"
        assert ("'unsafe-inline'" in policy) == (path == "/graphql")


def test_a_server_without_it_says_so_and_still_answers(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "explorer_files", lambda: explorer_files(tmp_path))
    client = TestClient(application(store, ServerSettings()), base_url="http://127.0.0.1")
    page = client.get("/")
    assert page.status_code == 503
    assert "make explorer" in page.text
    assert client.post("/graphql", json={"query": "{ store { version } }"}).status_code == 200
