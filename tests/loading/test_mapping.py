"""Columns are recognised by their names, or named; what is open is asked for."""

import json
from pathlib import Path

import pytest

from journeygraph.loading.errors import (
    AmbiguousColumnsError,
    BadMappingFileError,
    MappedColumnError,
    MissingColumnsError,
    MissingFileError,
    UnknownTargetError,
)
from journeygraph.loading.mapping import aliases_of, map_columns, targets_of
from journeygraph.loading.mapping_file import read_mapping_file
from journeygraph.schema import CUSTOMERS, FEEDBACK, INTERACTIONS, REFERRALS, TABLES
from tests.loading.reading import write

FILE = Path("data.csv")


def mapped(columns, table=INTERACTIONS, **said):
    return dict(map_columns(FILE, columns, table, said).sources)


@pytest.mark.parametrize(
    "columns",
    [
        ("case:concept:name", "time:timestamp", "concept:name"),
        ("user_id", "timestamp", "event"),
        ("User ID", "Time Stamp", "Event-Name"),
        ("userId", "eventTime", "eventName"),
        ("CUSTOMER_ID", "DATE", "ACTIVITY"),
        ("customer", "at", "touchpoint"),
        ("case_id", "event_date", "event_type"),
        ("distinct.id", "ts", "page"),
    ],
)
def test_common_names_are_recognised(columns):
    customer, at, touchpoint = columns
    assert mapped(columns) == {"customer": customer, "at": at, "touchpoint": touchpoint}
    assert mapped(columns[::-1]) == mapped(columns)


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_alias_of_the_registry_is_recognised(table):
    for column in table.columns:
        for alias in aliases_of(column):
            said = {
                other.name: f"their {place}" for place, other in enumerate(table.columns)
                if other.required and other is not column
            }  # fmt: skip
            others = {other.name: "" for other in table.columns if other is not column} | said
            assert mapped([alias, *said.values()], table, **others)[column.name] == alias


def test_the_surest_name_wins():
    assert mapped(["date", "user", "customer_id", "page", "event", "timestamp"]) == {
        "customer": "customer_id", "at": "timestamp", "touchpoint": "event",
    }  # fmt: skip
    columns = ["case:concept:name", "customer_id", "concept:name", "Activity", "time:timestamp"]
    assert mapped(columns)["customer"] == "case:concept:name"
    assert mapped(columns)["touchpoint"] == "concept:name"


def test_optional_columns_are_recognised_too():
    found = mapped(
        ["user_id", "timestamp", "event", "utm_medium", "Revenue", "session", "currency"]
    )
    assert found | {"channel": "utm_medium", "value": "Revenue", "session": "session",
                    "currency": "currency"} == found  # fmt: skip


def test_referrals_take_each_column_once():
    assert mapped(
        ["customer_id", "timestamp", "referrer_id", "source", "target", "value"], REFERRALS
    ) == {"referrer": "referrer_id", "referred": "customer_id", "at": "timestamp"}
    assert mapped(["source", "target"], REFERRALS) == {"referrer": "source", "referred": "target"}
    assert mapped(["inviter", "invitee"], REFERRALS) == {
        "referrer": "inviter", "referred": "invitee",
    }  # fmt: skip


def test_referrals_need_a_column_of_referrers_or_a_word_that_nobody_knows():
    columns = ["customer_id", "timestamp", "gender"]
    with pytest.raises(MissingColumnsError, match="holds 'referrer'") as caught:
        mapped(columns, REFERRALS)
    assert "--map referrer=COLUMN" in str(caught.value)
    assert "--map referrer= " in str(caught.value)
    assert mapped(columns, REFERRALS, referrer="") == {
        "referred": "customer_id", "at": "timestamp",
    }  # fmt: skip
    with pytest.raises(AmbiguousColumnsError, match="'Referrer ID', 'ReferrerId'"):
        mapped(["customer", "Referrer ID", "ReferrerId"], REFERRALS)


def test_customers_and_feedback():
    assert mapped(["id", "customer_id", "Churn"], CUSTOMERS) == {"customer": "customer_id"}
    assert mapped(["customer", "type", "date", "closed", "ticket_id"], FEEDBACK) == {
        "customer": "customer", "kind": "type", "opened_at": "date", "closed_at": "closed",
        "id": "ticket_id",
    }  # fmt: skip


def test_what_the_user_says_goes_first():
    columns = ["user_id", "account", "timestamp", "event", "revenue"]
    assert mapped(columns, customer="account", value="") == {
        "customer": "account", "at": "timestamp", "touchpoint": "event",
    }  # fmt: skip
    assert mapped(columns, customer="Account")["customer"] == "account"


def test_one_column_may_serve_twice_where_the_user_says_so():
    columns = ["user_id", "timestamp", "channel"]
    found = mapped(columns, touchpoint="channel", channel="channel")
    assert (found["touchpoint"], found["channel"]) == ("channel", "channel")


def test_missing_columns_are_asked_for_with_those_found():
    with pytest.raises(MissingColumnsError) as caught:
        mapped(["who", "when", "what"])
    assert "'customer', 'at', 'touchpoint'" in str(caught.value)
    assert "'who', 'when', 'what'" in str(caught.value)
    assert "--map customer=COLUMN at=COLUMN touchpoint=COLUMN" in str(caught.value)


def test_missing_columns_are_asked_for_with_near_misses():
    with pytest.raises(MissingColumnsError) as caught:
        mapped(["costumer_id", "timestap", "what", "event"])
    assert "Did you mean 'costumer_id', 'timestap'? " in str(caught.value)
    assert "--map customer=costumer_id at=timestap" in str(caught.value)


def test_names_that_read_alike_are_asked_about():
    with pytest.raises(AmbiguousColumnsError, match="'userId', 'User ID'"):
        mapped(["userId", "User ID", "timestamp", "event"])
    assert mapped(["user_id", "User ID", "timestamp", "event"])["customer"] == "user_id"
    columns = ["customer", "at", "touchpoint", "Session ID", "SessionId"]
    answer = map_columns(FILE, columns, INTERACTIONS, {})
    assert "session" not in answer.sources
    assert "'Session ID' and 'SessionId'" in answer.warnings[0]


def test_errors_have_near_misses():
    with pytest.raises(UnknownTargetError, match="Did you mean 'customer'"):
        mapped(["a"], costumer="a")
    with pytest.raises(MappedColumnError, match="Did you mean 'user_id'"):
        mapped(["user_id", "b"], customer="usr_id")


def test_currency_can_be_named_where_there_is_money():
    assert "currency" in targets_of(INTERACTIONS)
    assert "currency" not in targets_of(REFERRALS)


def test_mapping_files(tmp_path):
    path = write(tmp_path, 'customer: user_id\ntouchpoint: "no"\nchannel:\n', "map.yaml")
    assert read_mapping_file(path, INTERACTIONS) == {
        "customer": "user_id", "touchpoint": "no", "channel": "",
    }  # fmt: skip
    path = write(tmp_path, json.dumps({"customer": "user_id"}), "map.json")
    assert read_mapping_file(path, INTERACTIONS) == {"customer": "user_id"}
    path = write(tmp_path, "interactions: {customer: a}\nreferrals: {referred: b}\n", "map.yaml")
    assert read_mapping_file(path, INTERACTIONS) == {"customer": "a"}
    assert read_mapping_file(path, REFERRALS) == {"referred": "b"}
    assert read_mapping_file(path, FEEDBACK) == {}


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        ("customer: a\ncostumer: b\n", 2, "Did you mean 'customer'"),
        ("customer: a\ncustomer: b\n", 2, "line 1"),
        ("- a\n- b\n", 1, "name: value"),
        ("customer: [a]\n", 1, "name: value"),
        ("customer: {a: b}\n", 1, "not one of the tables"),
        ("interactions: {customer: {a: b}}\n", 1, "needs one column name"),
        ("customer: 'a\n", None, "no YAML"),
        ("", None, "empty"),
        (b"\xff\xfe\x00", None, "text"),
    ],
)
def test_a_bad_mapping_file_is_refused_with_its_line(tmp_path, content, line, says):
    with pytest.raises(BadMappingFileError, match=says) as caught:
        read_mapping_file(write(tmp_path, content, "map.yaml"), INTERACTIONS)
    assert line is None or caught.value.line == line


def test_a_missing_mapping_file(tmp_path):
    with pytest.raises(MissingFileError):
        read_mapping_file(tmp_path / "map.yaml", INTERACTIONS)
