"""The command line as people and batch jobs use it: answers, exit statuses, and errors in words."""

import json

import pytest

from tests.cli.console import journeygraph, run

VISITS = """user_id,event,timestamp,channel,revenue
a,search ad,2024-03-01 09:00:00,advertising,
a,product page,2024-03-01 09:05:00,web,
a,purchase,2024-03-02 18:30:00,web,149.00
b,product page,2024-03-02 10:00:00,web,
b,cart,2024-03-02 10:01:00,web,
c,product page,yesterday,web,
"""
QUERY = """query Paths($first: Int!) {
  journeys { commonPaths(first: $first) { units nodes { items units share value } } }
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("commands")
    (folder / "visits.csv").write_text(VISITS)
    done = journeygraph(
        "load", "visits.csv", "--store", "shop", "--report", "report.json", folder=folder
    )
    assert done.returncode == 0, done.stderr
    return folder


def answer(folder, *words):
    done = journeygraph(*words, "--store", "shop", "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_conditions_that_have_no_option_are_given_as_json(folder):
    found = answer(folder, "paths", "--where", '{"excludeTouchpoints": ["search ad"]}')
    assert [path["items"] for path in found["nodes"]] == [
        ["product page", "cart"], ["product page", "purchase"]
    ]  # fmt: skip
    where = '{"customers": {"hasOutcome": true}, "notDid": "cart"}'
    assert answer(folder, "paths", "--where", where, "--channel", "web")["units"] == 1
    assert sum(path["outcomeRate"]["successes"] for path in found["nodes"]) == 1
    dear = answer(folder, "paths", "--outcome", '{"minValue": "200"}')
    assert sum(path["outcomeRate"]["successes"] for path in dear["nodes"]) == 0
    for options, code in (
        (["--where", '{"channels": ["web"]}', "--channel", "web"], "CONFLICTING_OPTIONS"),
        (["--where", '{"notDid": "cart"}', "--not-did", "cart"], "CONFLICTING_OPTIONS"),
        (["--where", '["web"]'], "INVALID_OPTION"),
        (["--where", '{"channel": ["web"]}'], "UNKNOWN_OPTION"),
    ):
        done = journeygraph("paths", *options, "--store", "shop", folder=folder)
        assert done.returncode == 1
        assert f"[{code}]" in done.stderr


def test_a_page_goes_on_behind_a_cursor(folder):
    one = answer(folder, "transitions", "--first", "1")
    rest = answer(folder, "transitions", "--after", one["pageInfo"]["endCursor"])
    whole = answer(folder, "transitions")
    assert [*one["nodes"], *rest["nodes"]] == whole["nodes"]
    assert len(whole["nodes"]) == 3


def test_the_report_says_what_became_of_every_row(folder):
    report = json.loads((folder / "report.json").read_text())
    assert report["read"] == 6
    assert report["accepted"] == 5
    assert report["quarantined"] == {"BAD_TIME": 1}
    assert report["duplicates"] == 0
    assert report["refused"] is None


def test_a_refused_load_still_writes_its_report(folder):
    (folder / "empty.csv").write_text("")
    done = journeygraph(
        "load", "empty.csv", "--store", "shop", "--report", "refused.json", folder=folder
    )
    assert done.returncode == 1
    report = json.loads((folder / "refused.json").read_text())
    assert report["refused"] == "EMPTY_FILE"
    assert report["read"] == report["accepted"] == 0


@pytest.mark.parametrize("report", ["nowhere/report.json", "."])
def test_a_report_that_cannot_be_written_stops_the_load(folder, report):
    done = journeygraph(
        "load", "visits.csv", "--store", "unmade", "--report", report, folder=folder
    )
    assert done.returncode == 1
    assert "[REPORT_NOT_WRITABLE]" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "unmade").exists()


def test_json_has_the_names_of_graphql(folder):
    (folder / "paths.graphql").write_text(QUERY)
    (folder / "variables.json").write_text('{"first": 5}')
    asked = journeygraph(
        "ask", "paths.graphql", "--store", "shop", "--variables", "variables.json", folder=folder
    )
    assert asked.returncode == 0, asked.stderr
    over_graphql = json.loads(asked.stdout)["data"]["journeys"]["commonPaths"]
    printed = answer(folder, "paths", "--first", 5)
    assert over_graphql["units"] == printed["units"] == 2
    for theirs, ours in zip(over_graphql["nodes"], printed["nodes"], strict=True):
        assert theirs == {name: ours[name] for name in theirs}


def test_a_query_from_standard_input(folder):
    done = run("echo '{ store { interactions } }' | journeygraph ask - --store shop", folder)
    assert json.loads(done.stdout) == {"data": {"store": {"interactions": 5}}}
    assert done.returncode == 0


def test_a_query_with_errors_prints_them_and_fails(folder):
    done = run("echo '{ store { interactoins } }' | journeygraph ask - --store shop", folder)
    assert done.returncode == 1
    (error,) = json.loads(done.stdout)["errors"]
    assert "interactoins" in error["message"]
    assert "interactions" in error["message"]


def test_options_select_the_population(folder):
    web = answer(folder, "summary", "--channel", "web")
    assert web["interactions"] == 4
    march = answer(folder, "summary", "--from", "2024-03-02")
    assert march["interactions"] == 3


def test_what_was_done_selects_the_population(folder):
    assert answer(folder, "summary", "--did", "cart")["customers"] == 1
    assert answer(folder, "summary", "--not-did", "cart")["customers"] == 1
    assert answer(folder, "summary", "--did", "'*page' .* purchase path_end")["customers"] == 1
    wrong = journeygraph("summary", "--store", "shop", "--did", "cart [crat", folder=folder)
    assert wrong.returncode == 1
    assert "where.did cannot be read at character 11" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_rules_clean_in_order(folder):
    paths = answer(
        folder, "paths", "--rename", "cart=basket", "--group", "*page=page", "--exclude", "search*"
    )
    assert {tuple(path["items"]) for path in paths["nodes"]} == {
        ("page", "purchase"),
        ("page", "basket"),
    }


def test_a_funnel(folder):
    funnel = answer(folder, "funnel", "--step", "product page", "--step", "cart|purchase")
    assert [step["units"] for step in funnel["steps"]] == [2, 2]
    assert funnel["steps"][1]["label"] == "cart or purchase"


def test_patterns_with_gaps(folder):
    def items(*words):
        nodes = answer(folder, "paths", "--form", "pattern", "--min-length", 2, *words)["nodes"]
        return {" ".join(node["items"]) for node in nodes}

    assert "search ad purchase" in items("--at-least-share", 0.5)
    assert items("--at-least", 1, "--max-gap", 0, "--keep", "maximal") == {
        "search ad product page purchase", "product page cart"
    }  # fmt: skip
    assert items("--at-least", 1, "--max-gap-time", "5m", "--max-span", "5m") == {
        "search ad product page", "product page cart"
    }  # fmt: skip


def test_contrast_patterns(folder):
    words = ("paths", "--form", "contrast", "--at-least", 1, "--max-length", 1)
    found = answer(folder, *words, "--against-outcome")
    assert (found["contrast"]["units"], found["contrast"]["againstUnits"]) == (1, 1)
    (cart,) = [node for node in found["nodes"] if node["items"] == ["cart"]]
    assert (cart["contrast"]["units"], cart["contrast"]["againstUnits"]) == (1, 0)
    shown = journeygraph(*words, "--against-touched", "cart", "--store", "shop", folder=folder)
    assert shown.returncode == 0, shown.stderr
    assert "against 1" in shown.stdout
    assert "fewer than 30" in shown.stderr


def test_one_customer(folder):
    customer = answer(folder, "customer", "a")
    assert customer["id"] == "a"


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (["paths", "--store", "nowhere"], "STORE_NOT_FOUND", "journeygraph load"),
        (["paths", "--store", "."], "NOT_A_STORE", "store.json"),
        (["paths", "--store", "shop", "--version", "9"], "UNKNOWN_VERSION", "1"),
        (["paths", "--store", "shop", "--channel", "wbe"], "UNKNOWN_CHANNEL", "'web'"),
        (["paths", "--store", "shop", "--by", "page"], "INVALID_OPTION", "TOUCHPOINT"),
        (["funnel", "--store", "shop", "--step", "basket"], "UNKNOWN_ITEM", "'cart'"),
        (["paths", "--store", "shop", "--form", "contrast"], "INVALID_OPTION", "condition"),
        (["paths", "--store", "shop", "--max-gap", "1"], "CONFLICTING_OPTIONS", "max_gap"),
        (["customer", "A", "--store", "shop"], "UNKNOWN_CUSTOMER", "exactly"),
        (["load", "nothing.csv", "--store", "shop"], "FILE_NOT_FOUND", "path"),
        (["load", "visits.csv", "--store", "shop", "--map", "customer"], "INVALID_OPTION", "="),
        (["unload", "7", "--store", "shop"], "UNKNOWN_LOAD", "1"),
    ],
)
def test_errors_say_what_is_wrong_and_what_to_do(folder, words, code, hint):
    done = journeygraph(*words, folder=folder)
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"[{code}]" in done.stderr
    assert hint in done.stderr
    assert "Traceback" not in done.stderr


def test_several_pairs_may_follow_one_map(folder):
    (folder / "other.csv").write_text("who,what,when\nd,cart,2024-03-05\n")
    done = journeygraph(
        "load", "other.csv", "--store", "other", "--map", "customer=who", "touchpoint=what",
        "at=when", folder=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    summary = journeygraph("summary", "--store", "other", "--json", folder=folder)
    assert json.loads(summary.stdout)["interactions"] == 1


def test_mended_rows_come_back_once(folder):
    exported = journeygraph(
        "quarantine", "export", "--store", "shop", "--to", "mend.csv", folder=folder
    )
    assert exported.returncode == 0, exported.stderr
    text = (folder / "mend.csv").read_text(encoding="utf-8-sig")
    (folder / "mend.csv").write_text(text.replace(",yesterday,", ",2024-03-03,"))
    first = journeygraph("quarantine", "retry", "mend.csv", "--store", "shop", folder=folder)
    assert first.returncode == 0, first.stderr
    assert answer(folder, "summary")["interactions"] == 6
    journeygraph("quarantine", "retry", "mend.csv", "--store", "shop", folder=folder)
    assert answer(folder, "summary")["interactions"] == 6
    assert answer(folder, "summary", "--version", 1)["interactions"] == 5


def test_nothing_heavy_is_imported_for_help(tmp_path):
    done = run(
        'python -X importtime -c \'import sys; sys.argv = ["journeygraph", "--help"]; '
        "from api.cli import main; main()'",
        tmp_path,
    )
    heavy = {"numpy", "numba", "pandas", "pyarrow", "polars", "deltalake", "scipy", "graphene"}
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "typer" in loaded
    assert heavy.isdisjoint(loaded)


def test_every_command_says_what_it_does(tmp_path):
    listed = journeygraph("--help", folder=tmp_path).stdout
    commands = [line.split()[0] for line in listed.partition("Commands:")[2].splitlines() if line]
    assert {"load", "paths", "dropoff", "referrals", "loyalty", "ask", "serve"} <= set(commands)
