"""The page as a file: complete, self-contained, and safe with hostile text."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import example_run
import pytest

from fedtranslate.records import Problem, Translation, Verdict
from fedtranslate.report.content import Migrated, NextStep, RunPage
from fedtranslate.report.page import render, write_report

SECTIONS = ["result", "compile", "curves", "gates", "samples", "migrated", "traffic"]
SECTIONS += ["settings", "next"]
VOID = {"meta", "link", "br", "hr", "img", "input", "wbr"}
ATTACK = "</code></pre><script>alert(1)</script><img src=x onerror=alert(1)>"


class Outline(HTMLParser):
    """Collects elements and attributes, and checks that elements are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def outline(text: str) -> Outline:
    found = Outline()
    found.feed(text)
    found.close()
    assert not found.open
    return found


def test_a_full_page_has_every_part() -> None:
    found = outline(render(example_run.page(seeds=3)))
    ids = [value for name, value in found.attributes if name == "id"]
    assert [name for name in ids if name in SECTIONS] == SECTIONS
    assert len(ids) == len(set(ids))


def test_the_gain_of_a_gate_has_a_unit() -> None:
    gates = render(example_run.page()).split('<section id="gates">')[1].split("</section>")[0]
    assert ">Gain, CodeBLEU points</th>" in gates


def test_a_page_of_a_plain_run_has_only_what_there_is() -> None:
    text = render(RunPage(title="plain", settings=[("rounds", "3")]))
    ids = [value for name, value in outline(text).attributes if name == "id"]
    assert ids == ["settings"]


def test_links_inside_the_page_lead_somewhere() -> None:
    for page in (example_run.page(), replace(example_run.page(), tables=(), traffic=())):
        attributes = outline(render(page)).attributes
        ids = {value for name, value in attributes if name == "id"}
        targets = {value for name, value in attributes if name == "href"} - {"data:,"}
        assert {f"#{name}" for name in ids} >= targets


def test_the_same_page_is_the_same_file() -> None:
    assert render(example_run.page(seeds=2)) == render(example_run.page(seeds=2))


def test_the_page_asks_for_nothing() -> None:
    found = outline(render(example_run.page(seeds=3)))
    assert not {"script", "iframe", "object", "embed", "form", "base", "img"} & set(found.tags)
    for name, value in found.attributes:
        if name in ("src", "href", "srcset", "action", "data", "poster", "xlink:href"):
            assert value == "data:," or (value or "").startswith("#")
        assert not name.startswith("on")
    text = render(example_run.page())
    assert "://" not in text
    assert "@import" not in text
    assert "url(" not in text
    assert "default-src 'none'" in text


def test_code_and_names_stay_text_whatever_they_hold() -> None:
    verdict = Verdict(False, problems=(Problem(1, 1, ATTACK, code=ATTACK, excerpt=ATTACK),))
    translation = Translation(ATTACK, ATTACK, ATTACK, ATTACK, verdict)
    sample = example_run.sample(0, source=ATTACK, reference=ATTACK)
    page = example_run.page(sites=(ATTACK, "other", "third"))
    page = replace(
        page,
        title=ATTACK,
        description=ATTACK,
        state="failed",
        reason=ATTACK,
        settings=[(ATTACK, ATTACK)],
        samples=[replace(sample, id=ATTACK, site=ATTACK, translations={ATTACK: translation})],
        migrated=[Migrated(ATTACK, translation)],
        next_steps=[NextStep(ATTACK, ATTACK)],
    )
    text = render(page)
    found = outline(text)
    assert "script" not in found.tags
    assert "img" not in found.tags
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


@pytest.mark.parametrize("row", ["x onmouseover=alert(1)", 'x" onmouseover="alert(1)'])
def test_names_of_rows_cannot_leave_their_attribute(row: str) -> None:
    cells = [replace(cell, row="local") for cell in example_run.cells()]
    table = example_run.tables_of(cells)[0]
    hostile = replace(table, lines=tuple(replace(line, row=row) for line in table.lines))
    found = outline(render(RunPage(title="rows", tables=(hostile,))))
    assert not [name for name, _ in found.attributes if name.startswith("on")]


def test_text_that_has_no_utf8_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.html"
    broken = "half \ud800 a pair, \x00 and \u202e turned"
    page = replace(example_run.page(), title=broken, samples=[example_run.sample(0, source=broken)])
    write_report(path, page)
    text = path.read_text("utf-8")
    assert "half [U+D800] a pair, [U+0000] and [U+202E] turned" in text
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]


def test_translations_that_are_the_same_share_a_card() -> None:
    text = render(RunPage(title="samples", samples=[example_run.sample(0)]))
    assert "right: personalised, central" in text
    assert text.count("same as the reference") == 1


def test_no_spread_is_shown_for_one_seed() -> None:
    assert "One seed" in render(example_run.page(seeds=1))
    assert re.search(r"\d ± \d", render(example_run.page(seeds=1))) is None
    assert re.search(r"\d ± \d", render(example_run.page(seeds=3)))


def test_a_failed_run_says_so() -> None:
    page = RunPage(title="run", state="failed", reason="Too few sites.")
    assert "This run has failed.</strong> Too few sites." in render(page)
