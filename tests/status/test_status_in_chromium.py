"""The status page in a real browser: it lives, it is safe, and it is legible."""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import BROWSER, Page, browser
from example_place import (
    SITES,
    TOKEN,
    at,
    example,
    member,
    put_round,
    put_run,
    put_sites,
    served,
    tell,
    write,
)

from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.coordinator.worth import Contribution, Worth
from fedtranslate.federation.membership.requests import State

pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="no Chromium was found; apt-get install chromium"
)
DASH = "\N{EN DASH}"
LONG = "an-organisation-with-a-name-that-has-no-end-and-goes-on-and-on"
HOSTILE = (
    "<script>document.title = 'broken'</script><img src=x onerror=\"document.title='broken'\">"
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A browser for all tests."""
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture
def place(tmp_path: Path) -> CoordinatorPlace:
    return example(tmp_path, int(time.time()))


@pytest.fixture
def address(place: CoordinatorPlace, page: Page) -> Iterator[str]:
    with served(place) as port:
        yield f"http://127.0.0.1:{port}/"
        # Ends the stream, and forgets the token.
        page.run("sessionStorage.clear()")
        page.visit("about:blank#end")
    page.said.clear()
    page.asked.clear()


def wait(page: Page, expression: str, seconds: float = 10) -> Any:  # noqa: ANN401
    end = time.monotonic() + seconds
    while not (value := page.run(expression)):
        assert time.monotonic() < end, f"never came true: {expression}\n{page.said}"
        time.sleep(0.02)
    return value


def show(page: Page, address: str) -> None:
    page.visit(address)
    wait(page, "document.getElementById('connection').textContent === 'Live'")


def rows(page: Page, body: str) -> list[list[str]]:
    cells = f"[...document.querySelectorAll('#{body} tr')].map((row) => [...row.cells]"
    found: list[list[str]] = page.run(f"{cells}.map((cell) => cell.innerText.trim()))")
    return found


def test_everything_is_on_the_page(page: Page, address: str) -> None:
    show(page, address)
    assert [row[0] for row in rows(page, "site-rows")] == list(SITES)
    assert rows(page, "site-rows")[2][-1] == "Round 3: it did not answer in time"
    elm, oak = rows(page, "run-rows")
    assert (elm[0], elm[1], elm[2]) == ("elm", "running", "3 of 8")
    assert (oak[0], oak[1], oak[6]) == ("oak", "completed", "2.5 MB")
    assert rows(page, "score-rows")[0] == ["3", DASH, DASH, "left out", DASH]
    assert rows(page, "traffic-rows")[0] == ["3", "200.0 kB", "200.0 kB", "left out", "400.0 kB"]
    assert rows(page, "release-rows")[0][1] == "in use"
    lineage = rows(page, "lineage-rows")
    assert [row[2] for row in lineage[:-1]] == [row[1] for row in lineage[1:]]
    assert rows(page, "event-rows")[0][4] == "Round 3 joined the adapters of alder, birch."
    assert page.run("document.querySelectorAll('#loss-chart path').length") == 4
    assert page.run("document.querySelectorAll('#traffic-chart path').length") == 2
    told = page.run("document.querySelector('#loss-chart svg').getAttribute('aria-label')")
    assert "cedar: 2.6000 in round 0, 1.8500 in round 2" in told
    assert page.said == []


def facts(page: Page) -> dict[str, str]:
    told = "[...document.querySelectorAll('#facts > div')]"
    pairs = f"{told}.map((one) => [...one.children].map((part) => part.textContent))"
    return dict(page.run(pairs))


def test_how_a_run_joins_adapters_is_on_the_page(
    page: Page, place: CoordinatorPlace, address: str
) -> None:
    show(page, address)
    assert facts(page)["Method"] == "fra"
    run = json.loads((place.run("elm") / "run.json").read_text())
    more = {"method": "fra-then-ffa", "method_options": {"fra_rounds": 2}, "robust": "median"}
    more["traffic"] = {"up": "int4", "down": "int8", "top_k": 0.25}
    write(place.run("elm") / "run.json", run | {"settings": run["settings"] | more})
    write(place.run("elm") / "status.json", {"state": "waiting", "reason": ""})
    wait(page, "document.getElementById('facts').innerText.includes('median')")
    told = facts(page)
    assert told["Method"] == "fra-then-ffa (fra_rounds 2)"
    assert told["Robust rule"] == "median"
    formats = "int4 up, the largest 25% of the entries, int8 down"
    assert told["Numbers travel as"] == formats
    assert page.said == []


def test_what_replies_are_worth_is_on_the_page_where_it_was_found_out(
    page: Page, place: CoordinatorPlace, address: str
) -> None:
    show(page, address)
    part = "document.getElementById('worth-part').hidden"
    assert page.run(part)
    worth = {"alder": Worth(0.0812, 0.004), "birch": Worth(-0.01, None)}
    found = Contribution("shapley", ("alder",), {}, 9, 2, 0.4, 0.5, worth)
    put_round(place.run("elm"), 4, losses=dict.fromkeys(SITES, 1.0), worth=found)
    wait(page, f"!{part}")
    assert rows(page, "worth-rows") == [
        ["alder", "+0.0812", "0.0040"],
        ["birch", "\N{MINUS SIGN}0.0100", DASH],
    ]
    said = page.run("document.getElementById('worth-said').textContent")
    assert said.startswith("Round 4. What each reply is worth: Shapley values estimated from 2")
    assert "cannot be relied on" in said
    assert "These are estimates" in said
    assert page.run(CONTRAST) == []
    unknown = Contribution("shapley", problem="Nobody stayed.")
    put_round(place.run("elm"), 5, worth=unknown)
    wait(page, "document.getElementById('worth-said').textContent.includes('Nobody stayed.')")
    assert page.run("document.getElementById('worth-table').hidden")
    assert page.said == []


def test_news_come_by_themselves(page: Page, place: CoordinatorPlace, address: str) -> None:
    show(page, address)
    began = time.monotonic()
    tell(place.run("elm"), "evaluated", 3, "A new event.", at(0, int(time.time())))
    wait(page, "document.querySelector('#event-rows tr').innerText.includes('A new event.')")
    assert time.monotonic() - began < 2
    put_round(place.run("elm"), 4, losses=dict.fromkeys(SITES, 1.0))
    wait(page, "document.querySelector('#run-rows tr').innerText.includes('4 of 8')")
    wait(page, "document.querySelectorAll('#score-rows tr').length === 5")
    write(place.run("elm") / "status.json", {"state": "completed", "reason": ""})
    wait(page, "document.querySelector('#run-rows tr').innerText.includes('completed')")
    put_sites(place, member("dogwood", State.PENDING))
    wait(page, "document.querySelectorAll('#site-rows tr').length === 4")
    assert page.said == []


def test_a_run_that_failed_says_why(page: Page, place: CoordinatorPlace, address: str) -> None:
    reason = (
        "Round 4 has 1 valid replies, but 2 are needed (birch: gone at 10.0.0.7:9443). Help it."
    )
    show(page, address)
    write(place.run("elm") / "status.json", {"state": "failed", "reason": reason})
    wait(page, "document.querySelector('#run-rows tr').innerText.includes('failed')")
    assert "1 valid replies, but 2 are needed (birch: gone at …)." in rows(page, "run-rows")[0][1]
    assert "10.0.0.7" not in page.run("document.body.innerText")


def test_a_lost_connection_is_told_and_mends(page: Page, place: CoordinatorPlace) -> None:
    pill = "document.getElementById('connection').textContent"
    with served(place) as port:
        show(page, f"http://127.0.0.1:{port}/")
    wait(page, f"{pill} === 'Connection lost, trying again'")
    tell(place.run("elm"), "evaluated", 3, "While it was away.", at(0, int(time.time())))
    with served(place, port=port):
        wait(page, f"{pill} === 'Live'", 20)
        wait(page, "document.querySelector('#event-rows').innerText.includes('While it was away')")
        # The same events come from a new process under other numbers, and none stands twice.
        texts = [row[4] for row in rows(page, "event-rows")]
        assert texts.count("Round 3 joined the adapters of alder, birch.") == 2
        page.visit("about:blank#end")
    page.said.clear()
    page.asked.clear()


def test_the_token_opens_what_is_shut_and_stays_in_the_tab(
    page: Page, place: CoordinatorPlace, address: str
) -> None:
    tell(place.run("elm"), "left-out", 3, "No route to 10.0.0.7:9443.", at(0, int(time.time())))
    show(page, address)
    text = "document.querySelector('#event-rows tr').innerText"
    assert "No route to …" in page.run(text)
    assert page.run("document.querySelector('#stop-elm')") is None
    page.run("document.getElementById('token').value = 'wrong'")
    page.run("document.querySelector('#token-form [type=submit]').click()")
    wait(page, "document.getElementById('token-said').textContent.includes('wrong')")
    assert page.run("sessionStorage.length") == 0
    page.run("document.getElementById('token').focus()")
    page.press(*TOKEN, "Enter")
    wait(page, f"{text}.includes('10.0.0.7:9443')")
    assert page.run("document.getElementById('token').value") == ""
    assert page.run("localStorage.length + document.cookie.length") == 0
    page.visit(address + "?again")
    wait(page, "document.querySelector('#stop-elm') !== null")
    page.run("document.getElementById('forget').click()")
    wait(page, "document.querySelector('#stop-elm') === null")
    assert page.run("sessionStorage.length") == 0
    assert not any(TOKEN in asked for asked in page.asked)
    assert len(page.said) == 1  # the wrong token
    assert "401" in page.said[0]


def test_a_run_is_stopped_only_after_a_question(
    page: Page, place: CoordinatorPlace, address: str
) -> None:
    wish = place.run("elm") / "stop-requested"
    page.visit(address)
    page.run(f"sessionStorage.setItem('fedtranslate-token', {json.dumps(TOKEN)})")
    page.visit(address + "?again")
    wait(page, "document.querySelector('#stop-elm') !== null")
    page.run("document.getElementById('stop-elm').focus()")
    page.press("Enter")
    wait(page, "document.getElementById('confirm').open")
    page.press("Escape")
    wait(page, "!document.getElementById('confirm').open")
    assert not wish.exists()
    page.run("document.getElementById('stop-elm').click()")
    assert page.run("document.getElementById('confirm-title').textContent") == "Stop the run elm?"
    page.run("document.getElementById('confirm-yes').click()")
    wait(page, "!document.getElementById('confirm').open")
    wait(page, "document.querySelector('#run-rows tr').innerText.includes('stopping')")
    assert wish.exists()
    assert page.said == []


def test_hostile_texts_stay_texts(page: Page, place: CoordinatorPlace, address: str) -> None:
    run = put_run(place, "zelkova", 1, sites=(HOSTILE, "b\u202eevil"), now=int(time.time()) + 60)
    status = {"state": "failed", "reason": HOSTILE}
    write(run / "status.json", status)
    put_round(run, 2, (HOSTILE, "b"), {HOSTILE: HOSTILE}, {HOSTILE: 1.0})
    tell(run, HOSTILE, 2, HOSTILE, at(90, int(time.time())))
    put_sites(place, member(HOSTILE, version=HOSTILE))
    show(page, address)
    wait(page, "document.querySelector('#run-title').textContent === 'Run zelkova'")
    text = page.run("document.body.innerText")
    assert text.count("<script>document.title") >= 5
    assert "b[U+202E]evil" in text
    page.settle()
    assert page.run("document.title") == f"grove {DASH} fedtranslate"
    assert page.run("document.querySelectorAll('img, main script, iframe').length") == 0
    assert page.said == []


def test_nothing_is_asked_of_another_host(page: Page, address: str) -> None:
    show(page, address)
    page.settle()
    asked = {url for url in page.asked if not url.startswith(("data:", "about:"))}
    assert len(asked) >= 5
    assert all(url.startswith(address) for url in asked)
    # And the page could not, even if it were made to.
    refused = "fetch('http://127.0.0.2:9/').then(() => 'asked', (error) => 'refused')"
    assert page.run(refused) == "refused"
    assert any("Content Security Policy" in said for said in page.said)


@pytest.mark.parametrize("width", [360, 800, 1400])
def test_the_page_never_scrolls_sideways(
    page: Page, place: CoordinatorPlace, address: str, width: int
) -> None:
    sites = (LONG, f"{LONG}2", *(f"site-{number}" for number in range(12)))
    put_run(place, "w" * 64, 20, of=20, sites=sites, now=int(time.time()) + 60)
    put_sites(place, member(LONG, version="1" * 64))
    (place.run("w" * 64) / "round-00003" / "round.json").write_text("{")
    place.settings.write_text(place.settings.read_text("utf-8").replace('grove"', f'{"G" * 60}"'))
    page.resize(width)
    show(page, f"{address}?run={'w' * 64}")
    page.run("document.getElementById('all-rounds').click()")
    assert page.run("document.querySelectorAll('#score-rows tr').length") == 21
    seen = page.run("document.documentElement.clientWidth")
    assert page.run("document.documentElement.scrollWidth") == seen <= width
    boxes = "[...document.querySelectorAll('main *:not(.scroll *):not(svg *)')]"
    right = page.run(f"Math.max(...{boxes}.map((box) => box.getBoundingClientRect().right))")
    assert right <= seen
    page.resize(0)


def test_keys_are_enough(page: Page, address: str) -> None:
    show(page, address)
    page.run("document.body.focus()")
    page.press("Tab")
    assert page.run("document.activeElement.className") == "skip"
    page.run("document.getElementById('show-oak').focus()")
    page.press("Enter")
    wait(page, "document.getElementById('run-title').textContent === 'Run oak'")
    # The row was drawn anew under the hand, and the hand is still there.
    assert page.run("document.activeElement.id") == "show-oak"
    assert page.run("location.search") == "?run=oak"
    page.visit(address + "?run=oak")
    wait(page, "document.getElementById('run-title').textContent === 'Run oak'")
    scrolling = "[...document.querySelectorAll('.scroll')]"
    assert page.run(f"{scrolling}.every((one) => one.tabIndex === 0 && one.role === 'region')")


def test_it_can_be_read_aloud(page: Page, address: str) -> None:
    show(page, address)
    for landmark in ("header", "main", "nav[aria-label]", "footer"):
        assert page.run(f"document.querySelectorAll('body {landmark}').length") == 1
    heads = "[...document.querySelectorAll('thead th')]"
    assert page.run(f"{heads}.every((head) => head.scope === 'col' && head.textContent.trim())")
    ids = "[...document.querySelectorAll('[id]')].map((one) => one.id)"
    assert page.run(f"{ids}.length === new Set({ids}).size")
    named = "[...document.querySelectorAll('button, input:not([hidden]), select, [role=img]')]"
    unnamed = (
        f"{named}.filter((one) => !(one.labels?.length || one.textContent.trim() || one.ariaLabel))"
    )
    assert page.run(f"{unnamed}.map((one) => one.outerHTML)") == []
    levels = page.run("[...document.querySelectorAll('h1, h2, h3')].map((one) => one.tagName)")
    assert levels[0] == "H1"
    assert levels.count("H1") == 1


CONTRAST = """(() => {
  const light = (text) => {
    const [r, g, b] = text.match(/[\\d.]+/g).map(Number).map((v) => v / 255)
      .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (one) => {
    for (; one; one = one.parentElement) {
      const color = getComputedStyle(one).backgroundColor;
      if (!/, 0\\)$/.test(color)) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const poor = [];
  for (const one of document.querySelectorAll("body *")) {
    const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !one.checkVisibility() || one.closest("noscript")) continue;
    const style = getComputedStyle(one);
    const text = light(one.closest("svg") ? style.fill : style.color), back = light(ground(one));
    const contrast = (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05);
    if (contrast < 4.5) poor.push(`${contrast} ${one.outerHTML}`);
  }
  return poor;
})()"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_in_both_schemes(page: Page, address: str, scheme: str) -> None:
    page.emulate(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
    show(page, address)
    assert page.run(CONTRAST) == []
    paper = page.run("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(21, 23, 27)") == (scheme == "dark")
    moving = "document.getAnimations().filter((one) => one.playState === 'running').length"
    assert page.run(moving) == 0
    page.emulate()


def test_a_page_of_much_is_drawn_fast_and_shows_it_all(
    page: Page, place: CoordinatorPlace, address: str
) -> None:
    run = put_run(place, "sequoia", 500, of=500, now=int(time.time()) + 60)
    with (run / "events.jsonl").open("a") as file:
        for number in range(10_000):
            event = {"kind": "round", "round": number, "text": f"No. {number}.", "values": {}}
            file.write(json.dumps({**event, "time": at(61, int(time.time()))}) + "\n")
    began = time.monotonic()
    show(page, f"{address}?run=sequoia")
    assert time.monotonic() - began < 8
    wait(page, "document.getElementById('run-title').textContent === 'Run sequoia'")
    assert len(rows(page, "score-rows")) == 12
    before = page.run("document.querySelectorAll('#event-rows tr').length")
    page.run("document.getElementById('earlier').click()")
    wait(page, f"document.querySelectorAll('#event-rows tr').length === {before} + 200")
    page.run("document.getElementById('all-rounds').click()")
    assert len(rows(page, "score-rows")) == 501
    shutil.rmtree(run)
    wait(page, "document.getElementById('run-title').textContent === 'Run elm'")
    # Between two looks the run may be asked for once more, and is not there.
    assert all("404" in said for said in page.said)
