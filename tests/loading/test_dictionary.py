"""The touchpoint dictionary: words checked with their line, patterns, and the store's version."""

import pytest

from journeygraph.lake.store import Store
from journeygraph.loading.dictionary import applied_to, read_dictionary, unknown_touchpoints
from journeygraph.loading.errors import BadDictionaryError
from journeygraph.loading.load import load
from journeygraph.loading.options import LoadOptions
from journeygraph.loading.store_changes import store_dictionary
from tests.loading.reading import write


def test_words_are_brought_to_their_normal_forms(tmp_path):
    content = """
pricing page: {stage: Consideration, channel: Website, initiator: direct, level: ''}
"no": {environment: ONLINE, level: Cognitive}
2024: {stage: support}
"""
    assert read_dictionary(write(tmp_path, content, "d.yaml")) == {
        "pricing page": {"stage": "comparison", "channel": "web", "initiator": "customer"},
        "no": {"environment": "digital", "level": "rational"},
        "2024": {"stage": "support"},
    }


def test_a_heading_is_allowed(tmp_path):
    content = "touchpoints:\n  cart: {stage: purchase}\n"
    assert read_dictionary(write(tmp_path, content, "d.yaml")) == {"cart": {"stage": "purchase"}}


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        ("cart:\n  stage: purchase\nhome:\n  stage: inquirry\n", 4, "Did you mean 'inquiry'"),
        ("cart: {stag: purchase}", 1, "Did you mean 'stage'"),
        ("cart: purchase", 1, "needs fields"),
        ("cart: {stage: {a: b}}", 1, "needs one word"),
        ("cart: {stage: purchase}\ncart: {stage: support}", 2, "line 1"),
        ("a: &x {stage: purchase}\nb: [*x]", 2, "name: value"),
        ("a: &x {b: *x}", None, "nested"),
        ("\tcart: {}", None, "no YAML"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, content, line, says):
    with pytest.raises(BadDictionaryError, match=says) as caught:
        read_dictionary(write(tmp_path, content, "d.yaml"))
    assert line is None or caught.value.line == line


def test_a_name_goes_before_a_pattern_and_the_first_pattern_before_the_others():
    dictionary = {
        "ad: *": {"stage": "inquiry"}, "ad: tv": {"stage": "comparison"}, "*": {"stage": "support"},
        "page ?": {"channel": "web"},
    }  # fmt: skip
    applied = applied_to(dictionary, ["ad: tv", "ad: radio", "page 1", "ad [x]"])
    assert applied["ad: tv"] == {"stage": "comparison"}
    assert applied["ad: radio"] == {"stage": "inquiry"}
    assert applied["page 1"] == applied["ad [x]"] == {"stage": "support"}
    assert applied_to({"any news?": {"stage": "inquiry"}}, ["any news?"]) == {
        "any news?": {"stage": "inquiry"}
    }


def test_entries_that_fit_nothing_are_named_with_near_misses():
    sentences = unknown_touchpoints({"Cart": {}, "ca*": {}, "x*": {}}, ["cart", "home"])
    assert sentences == [
        "The dictionary's 'Cart' fits no touchpoint of the store. Did you mean 'cart'?",
        "The dictionary's 'x*' fits no touchpoint of the store.",
    ]


def test_a_load_keeps_its_dictionary_and_applies_patterns_to_what_comes_later(tmp_path):
    dictionary = write(tmp_path, "'ad *': {stage: inquiry}\nhome: {channel: web}\n", "d.yaml")
    store = tmp_path / "store"
    first = write(tmp_path, "customer,at,touchpoint\na,2024-01-01,ad tv\n", "1.csv")
    report = load(store, [first], LoadOptions(dictionary=dictionary))
    assert report.warnings == ("The dictionary's 'home' fits no touchpoint of the store.",)
    version = Store.open(store).version()
    assert version.dictionary["ad tv"] == {"stage": "inquiry"}
    second = write(tmp_path, "customer,at,touchpoint\na,2024-01-02,ad radio\n", "2.csv")
    load(store, [second])
    version = Store.open(store).version()
    assert version.dictionary["ad radio"] == {"stage": "inquiry"}
    assert Store.open(store).version(1).dictionary.get("ad radio") is None


def test_a_dictionary_can_be_replaced_by_itself(tmp_path):
    store = tmp_path / "store"
    load(store, [write(tmp_path, "customer,at,touchpoint\na,2024-01-01,cart\n", "1.csv")])
    version = store_dictionary(store, write(tmp_path, "cart: {stage: purchase}\n", "d.yaml"))
    assert (version.number, version.kind, version.load) == (2, "dictionary", None)
    assert version.dictionary == {"cart": {"stage": "purchase"}}
    version = store_dictionary(store, write(tmp_path, "c*: {stage: support}\n", "d.yaml"))
    assert version.dictionary["cart"] == {"stage": "support"}


def test_a_dictionary_alone_makes_a_version_when_its_load_has_nothing_new(tmp_path):
    store = tmp_path / "store"
    data = write(tmp_path, "customer,at,touchpoint\na,2024-01-01,cart\n", "1.csv")
    load(store, [data])
    dictionary = write(tmp_path, "cart: {stage: purchase}\n", "d.yaml")
    report = load(store, [data], LoadOptions(dictionary=dictionary))
    assert (report.version, report.load, report.duplicates) == (2, None, 1)
    assert load(store, [data], LoadOptions(dictionary=dictionary)).version is None
