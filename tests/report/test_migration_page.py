"""The page to review a migration with, in a real browser: keys, filters, hostile content."""

import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import example_migration as example
import pytest
from chromium import BROWSER, Page, browser

from fedtranslate.records import Problem
from fedtranslate.report.migration.writing import write_report

pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="no Chromium was found; apt-get install chromium"
)
NAMES = "[...document.querySelectorAll('#rows .open')].map((one) => one.textContent)"
FOCUS = "document.activeElement.textContent"
DETAIL = "document.querySelector('tr.detail')?.innerText"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A browser for all tests."""
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """The page of a migration with a unit of each sort."""
    with example.migration(tmp_path / "out") as journal:
        write_report(journal, tmp_path / "out", tmp_path / "page.html")
    return tmp_path / "page.html"


def test_what_needs_a_human_comes_first(page: Page, report: Path) -> None:
    page.open(report)
    names = ["Account.deposit", "Account.close", "Account.balance", "Account.owner"]
    assert page.run(NAMES) == names
    assert page.run("document.getElementById('count').textContent") == "4 units"


def test_a_column_sorts_both_ways(page: Page, report: Path) -> None:
    page.open(report)
    head = "document.querySelector('th[data-key=confidence]')"
    page.run(f"{head}.firstElementChild.click()")
    assert page.run(f"{head}.getAttribute('aria-sort')") == "ascending"
    assert page.run(NAMES)[:2] == ["Account.balance", "Account.close"]
    page.run(f"{head}.firstElementChild.click()")
    assert page.run(f"{head}.getAttribute('aria-sort')") == "descending"
    # What has no confidence comes last either way.
    assert page.run(NAMES)[:2] == ["Account.close", "Account.balance"]


def test_a_search_looks_into_code_and_messages(page: Page, report: Path) -> None:
    page.open(report)
    page.press("/", *"RETURN 40")
    page.settle()
    assert page.run("document.activeElement.id") == "search"
    assert page.run(NAMES) == ["Account.close"]
    assert page.run("document.getElementById('count').textContent") == "1 of 4 units"
    page.press("Escape")
    assert len(page.run(NAMES)) == 4
    page.press(*"no such name", "Enter")
    assert page.run(NAMES) == ["Account.deposit"]
    assert page.run(FOCUS) == "Account.deposit"


def test_filters_choose_by_state_and_file(page: Page, report: Path) -> None:
    page.open(report)
    choose = "(() => {{ const one = document.getElementById('{}'); one.value = '{}';"
    choose += " one.dispatchEvent(new Event('change')); }})()"
    page.run(choose.format("by-state", "done"))
    assert page.run(NAMES) == ["Account.close", "Account.balance"]
    page.run(choose.format("by-need", "4"))
    assert page.run(NAMES) == ["Account.balance"]
    page.run("document.getElementById('clear').click()")
    assert len(page.run(NAMES)) == 4


def test_keys_are_enough(page: Page, report: Path) -> None:
    page.open(report)
    page.press("j")
    assert page.run(FOCUS) == "Account.deposit"
    page.press("j", "j", "k")
    assert page.run(FOCUS) == "Account.close"
    page.press("Enter")
    assert page.run("document.activeElement.getAttribute('aria-expanded')") == "true"
    assert "return 40" in page.run(DETAIL)
    page.press("Tab")
    assert page.run("document.activeElement.closest('tr.detail') !== null")
    page.press("Escape")
    assert page.run(DETAIL) is None
    assert page.run(FOCUS) == "Account.close"
    page.press("?")
    assert page.run("document.getElementById('help').open")
    page.press("Escape")
    assert not page.run("document.getElementById('help').open")
    assert page.said == []


def test_a_problem_stands_at_its_line(page: Page, report: Path) -> None:
    page.open(report)
    page.press("j", "Enter")
    found = page.run(
        "[...document.querySelectorAll('.problem')].map((one) =>"
        " [one.previousElementSibling.dataset.n, one.textContent])"
    )
    assert found == [["2", "line 2, column 5: no such name (CS0103)"]]
    numbers = page.run("[...document.querySelectorAll('.line')].map((one) => one.dataset.n)")
    assert numbers == ["21", "22", "23", "24", "1", "2", "3", "4"]
    assert "nothing was written" in page.run(DETAIL)
    page.run("document.querySelector('.tries button').click()")
    assert "NOT MIGRATED" in page.run(DETAIL)


def test_a_link_opens_a_unit(page: Page, report: Path) -> None:
    page.open(report, "#unit-2")
    assert "lost comment: cents only" in page.run(DETAIL)


@pytest.mark.parametrize(
    "text",
    [example.HOSTILE, example.HIDDEN, f"<!--<script>{example.HOSTILE}"],
    ids=["script", "hidden", "comment"],
)
def test_hostile_content_is_only_shown(page: Page, tmp_path: Path, text: str) -> None:
    # SQLite keeps no half of a surrogate pair but in what is JSON.
    plain = text.replace("\ud800", "")
    path = f"src/{plain.replace('/', '_')}.java"
    one = replace(
        example.unit("deposit", 20, path),
        id=f"{path}#{plain}",
        name=plain,
        text=plain,
        reason=plain,
        lost=(text,),
        behaves=plain,
    )
    file = example.file(path, [example.slot(20, "deposit")], reason=plain, losses=(text,))
    wrong = Problem(99, 1, text, text)
    tried = [
        example.attempt(one, text=plain),
        example.attempt(one, 1, text=plain, rejected=True, problems=(wrong,)),
    ]
    out = tmp_path / "out"
    with example.migration(out, [file], [one], tried, instruction=plain) as journal:
        journal.put_left_out([(plain, plain)])
        journal.note({"engine": text})
        write_report(journal, out, tmp_path / "page.html", tmp_path / "all.json")
    html = (tmp_path / "page.html").read_text()
    assert not {"\x00", "\u202e", "\ufffd"} & set(html)
    page.said.clear()
    page.open(tmp_path / "page.html")
    page.press("j", "Enter")
    page.run("[...document.querySelectorAll('.tries button')].at(-1).click()")
    assert page.run("window.hacked === undefined && document.images.length === 0")
    assert page.run("document.querySelectorAll('script:not([type])').length") == 1
    assert page.said == []
    seen = page.run("document.body.innerText")
    if text == example.HIDDEN:
        assert seen.count("nul [U+0000] half [U+D800] turned [U+202E]") >= 4
        assert page.run("document.querySelectorAll('.line .hidden').length") == 4
    else:
        assert seen.count(text) >= 4
    assert json.loads((tmp_path / "all.json").read_text())["units"][0]["lost"] == [text]


def test_nothing_that_is_slipped_in_runs(page: Page, report: Path) -> None:
    text = report.read_text()
    slipped = "<script>window.hacked = 1</script><p onclick='window.hacked = 1' id='bait'>x</p>"
    report.write_text(text.replace("<main", f"{slipped}<main"))
    page.open(report)
    page.run("document.getElementById('bait').click()")
    assert page.run("window.hacked === undefined")
    write = (
        "(() => { try { document.body.innerHTML = 'x'; return 'written' } catch { return '' } })()"
    )
    assert page.run(write) == ""
    page.said.clear()


@pytest.mark.parametrize("width", [360, 800, 1400])
def test_no_page_scrolls_sideways(page: Page, report: Path, width: int) -> None:
    page.resize(width)
    page.open(report)
    page.press("j", "Enter")
    assert page.run("document.documentElement.scrollWidth") <= width
    page.resize(0)


def test_thousands_of_units_are_drawn_as_they_are_needed(page: Page, tmp_path: Path) -> None:
    files, units, tried = [], [], []
    for number in range(50):
        path = f"src/File{number}.java"
        slots = [example.slot(20 * place, f"m{place}") for place in range(100)]
        files.append(example.file(path, slots))
        some = [example.unit(f"m{place}", 20 * place, path) for place in range(100)]
        units += some
        tried += [example.attempt(one) for one in some]
    with example.migration(tmp_path / "out", files, units, tried) as journal:
        del units, tried, files
        tracemalloc.start()
        write_report(journal, tmp_path / "out", tmp_path / "page.html")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 30_000_000
    page.open(tmp_path / "page.html")
    assert page.run("document.getElementById('count').textContent") == "5000 units"
    assert len(page.run(NAMES)) <= 600
    began = page.run("performance.now()")
    page.press("/", *"m77")
    page.settle()
    assert len(page.run(NAMES)) == 50
    assert page.run("performance.now()") - began < 5000


def test_the_document_has_the_same_content(tmp_path: Path) -> None:
    with example.migration(tmp_path / "out") as journal:
        write_report(journal, tmp_path / "out", None, tmp_path / "new" / "all.json")
    found = json.loads((tmp_path / "new" / "all.json").read_text())
    assert found["form"] == 1
    assert found["summary"]["states"] == {"done": 2, "failed": 1, "rule": 1}
    assert found["summary"]["characters"]["model"] > 0
    assert [unit["need"] for unit in found["units"]] == ["failed", "unchecked", "lost", "rule"]
    failed = found["units"][0]
    assert failed["output"]["origin"] == "stub"
    assert [one["verdict"] for one in failed["attempts"]] == ["rejected", "rejected"]
    assert failed["attempts"][0]["why"] == "it was cut off at the length limit; nothing was written"
    assert {file["path"]: file["state"] for file in found["files"]} == {
        "src/Account.java": "written",
        "src/Kept.java": "kept",
    }
    assert len(found["left_out"]) == 2
