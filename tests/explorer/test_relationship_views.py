"""Journey map, word of mouth, loyalty, customer: their numbers are the API's; what clicks do."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.conftest import Ask
from tests.explorer.browsing import Address, closed, look, number, numbers, opened, shown

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

_MAP = """query($where: WhereInput) { journeys(where: $where) { journeyMap(first: 10) {
  stages { stage units exits open withOutcome rate { value low high } emotion { value low high ratings } }
  nodes { stage item units exits open withOutcome rate { value low high } emotion { value low high ratings } }
  otherCells otherCount
} } }"""  # noqa: E501
_REFERRALS = """{ journeys { referrals {
  tree { ids referrers size }
  cascades { generations { depth size medianSeconds } nodes { root size virality } }
  kFactor { overall { observed k low high } nodes { cohort observed brought k low high } }
  advocates(first: 15) { customer brought downstream downstreamValue }
} } }"""
_LOYALTY = """{ journeys { loyaltyTouchpoints(first: 25, strata: ["tenure"],
    loyalty: {repeatPurchaseWithin: "60d"}) {
  nodes { touchpoint exposed exposedLoyal unexposed qValue riskDifference { value low high }
          adjusted { oddsRatio { value low high } qValue } } }
  attribution(method: LINEAR) { nodes { item credit share value } } } }"""


def agree(row: dict[str, str], expected: dict[str, Any]) -> None:
    for column, value in expected.items():
        if isinstance(value, str):
            assert row[column] == value, column
        else:
            assert number(row[column]) == value, column


def opened_at(browser: "Browser", address: Address, **state: Any) -> "Page":
    return opened(browser, address, look(**state))


def test_the_map_has_the_numbers_of_the_api(browser: "Browser", address: Address, ask: Ask) -> None:
    page = opened_at(browser, address, view="map", attribute="segment~ office", v_first=10)
    where = {"customers": {"attributes": [{"name": "segment", "values": ["office"]}]}}
    answer = ask(_MAP, where=where)["journeys"]["journeyMap"]
    *rows, other = numbers(page, "journey-map")
    known = answer["stages"] + answer["nodes"]
    assert len(known) == len(rows) > 12
    for row, node in zip(rows, known, strict=True):
        rate, felt = node["rate"], node["emotion"]
        agree(row, {
            "stage": node["stage"], "item": node.get("item", "(all)"), "units": node["units"],
            "exits": node["exits"], "open": node["open"], "withOutcome": node["withOutcome"],
            "rate": rate["value"], "rateLow": rate["low"], "rateHigh": rate["high"],
            "emotion": felt["value"], "emotionLow": felt["low"], "emotionRatings": felt["ratings"],
        })  # fmt: skip
    agree(other, {"stage": "(other)", "count": answer["otherCount"]})
    closed(page)


def test_a_card_of_the_map_leads_to_who_left_there(page: "Page", ask: Ask) -> None:
    page.get_by_role("link", name="Journey map", exact=True).click()
    shown(page)
    card = page.locator("""[data-figure='journey-map'] [data-key='["purchase","delivery page"]']""")
    card.click()
    answer = ask(
        "{ journeys { journeyMap { nodes { stage item exits exitCustomers { nodes { id } } } } } }"
    )
    nodes = answer["journeys"]["journeyMap"]["nodes"]
    node = next(node for node in nodes if node["item"] == "delivery page")
    panel = page.get_by_role("complementary", name="Details")
    panel.get_by_text(f"{node['exits']:,} left here").click()
    ids = [customer["id"] for customer in node["exitCustomers"]["nodes"]]
    listed = panel.get_by_role("listitem")
    listed.nth(25 + min(len(ids), 25) - 1).wait_for()  # behind those who were here
    assert listed.all_inner_texts()[25:] == ids[:25]


def test_word_of_mouth_has_the_numbers_of_the_api(
    browser: "Browser", address: Address, ask: Ask
) -> None:
    page = opened_at(browser, address, view="word-of-mouth")
    answer = ask(_REFERRALS)["journeys"]["referrals"]
    tree = answer["tree"]
    rows = numbers(page, "referral-tree")
    assert [row["customer"] for row in rows] == tree["ids"]
    above = [tree["ids"][place] if place >= 0 else "" for place in tree["referrers"]]
    assert [row["referredBy"] for row in rows] == above
    drawn = page.locator("[data-figure='referral-tree'] [data-generation]")
    assert sum(map(int, drawn.evaluate_all("dots => dots.map(dot => dot.dataset.count)"))) == len(
        rows
    )
    _roots, *generations = numbers(page, "generations")
    for row, generation in zip(generations, answer["cascades"]["generations"], strict=True):
        agree(row, {"generation": generation["depth"], "customers": generation["size"],
                    "medianSeconds": generation["medianSeconds"]})  # fmt: skip
    for row, node in zip(numbers(page, "cascades"), answer["cascades"]["nodes"], strict=True):
        agree(row, node)
    everybody, *cohorts = numbers(page, "k-factor")
    agree(everybody, answer["kFactor"]["overall"])
    for row, node in zip(cohorts, answer["kFactor"]["nodes"], strict=True):
        agree(row, node)
    for row, node in zip(numbers(page, "advocates"), answer["advocates"], strict=True):
        agree(row, node)
    closed(page)


def test_a_cascade_is_shown_as_a_tree(page: "Page") -> None:
    page.get_by_role("link", name="Word of mouth").click()
    shown(page)
    second = numbers(page, "cascades")[1]
    page.locator(f"""[data-figure='cascades'] g[data-key='"{second["root"]}"']""").click()
    page.get_by_role("button", name="Show it as a tree").click()
    shown(page)
    rows = numbers(page, "referral-tree")
    assert (rows[0]["customer"], len(rows)) == (second["root"], int(second["size"]))
    page.go_back()
    shown(page)
    assert numbers(page, "referral-tree")[0]["customer"] != second["root"]


def test_the_forest_has_the_numbers_of_the_api(
    browser: "Browser", address: Address, ask: Ask
) -> None:
    state = {"view": "loyalty", "v_length": "60d", "v_strata": "tenure", "v_credit": "yes"}
    answer = ask(_LOYALTY)["journeys"]
    adjusted = opened_at(browser, address, **state, v_method="LINEAR")
    rows = numbers(adjusted, "loyalty-adjusted-odds-ratio")
    nodes = answer["loyaltyTouchpoints"]["nodes"]
    for row, node in zip(rows, nodes, strict=True):
        pooled = node["adjusted"]["oddsRatio"]
        agree(row, {"touchpoint": node["touchpoint"], "exposed": node["exposed"],
                    "exposedLoyal": node["exposedLoyal"], "unexposed": node["unexposed"],
                    "value": pooled["value"], "low": pooled["low"], "high": pooled["high"],
                    "qValue": node["adjusted"]["qValue"]})  # fmt: skip
    credited = numbers(adjusted, "attribution")
    for row, node in zip(credited, answer["attribution"]["nodes"], strict=True):
        agree(row, node)
    adjusted.get_by_label("Measure").select_option("risk-difference")
    shown(adjusted)
    for row, node in zip(numbers(adjusted, "loyalty-risk-difference"), nodes, strict=True):
        agree(row, {**node["riskDifference"], "qValue": node["qValue"]})
    closed(adjusted)


def test_a_history_is_that_of_the_api(browser: "Browser", address: Address, ask: Ask) -> None:
    query = """{ customer(id: "c3") { interactions(first: 1000) { nodes {
      at touchpoint channel stage value emotion } } links { referred { nodes { id } } }
      feedback { nodes { kind openedAt touchpoint } } } }"""
    answer = ask(query)["customer"]
    page = opened_at(browser, address, view="customer", v_id="c3")
    rows = numbers(page, "customer-history")
    history = answer["interactions"]["nodes"]
    brought = answer["links"]["referred"]["nodes"]
    said = answer["feedback"]["nodes"]
    assert len(rows) == len(history) + len(said) + len(brought)
    for row, node in zip(rows, history, strict=False):
        agree(row, {name: value for name, value in node.items() if value is not None})
    for row, one in zip(rows[len(history) :], said, strict=False):
        assert row["kind"].startswith(one["kind"].lower())
        agree(row, {"at": one["openedAt"], "touchpoint": one["touchpoint"]})
    below = rows[len(history) + len(said) :]
    assert {row["touchpoint"] for row in below} == {one["id"] for one in brought}
    page.get_by_label("Along").select_option("steps")
    shown(page)
    assert len(numbers(page, "customer-steps")) == len(rows)
    page.get_by_role("textbox", name="Customer").fill("nobody at all")
    page.keyboard.press("Enter")
    page.get_by_text("UNKNOWN_CUSTOMER").wait_for()
    assert page.get_by_text("knows this customer's id").count() == 0
    vars(page)["strange"].clear()
    closed(page)
