"""The page in a real browser: no sideways scrolling, folded parts open on paper."""

import html
import shutil
import subprocess
from pathlib import Path

import example_run
import pytest

from fedtranslate.report.page import render

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="no Chromium was found; apt-get install chromium"
)
LONG = "an-organisation-with-a-name-that-has-no-end"
# The page runs no script, so it is looked at from outside, through a frame of the right width.
FRAME = """<!DOCTYPE html><body style="margin:0">
<iframe style="border:0" width="{width}" height="900" srcdoc="{page}"></iframe>
<script>
document.querySelector("iframe").onload = (event) => {{
  const page = event.target.contentDocument, root = page.documentElement;
  const boxes = [...page.querySelectorAll("main *:not(.scroll *):not(pre *):not(svg *)")];
  const right = Math.max(...boxes.map((box) => box.getBoundingClientRect().right));
  document.body.innerHTML =
    `<p>width ${{root.clientWidth}} scroll ${{root.scrollWidth}} right ${{Math.ceil(right)}}.</p>`;
}};
</script>"""


def browse(folder: Path, *arguments: str) -> str:
    command = [
        str(BROWSER),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        f"--user-data-dir={folder / 'profile'}",
        *arguments,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


@pytest.mark.parametrize("width", [360, 800, 1400])
@pytest.mark.parametrize("sites", [example_run.SITES, (LONG, f"{LONG}-2", *map(str, range(10)))])
def test_no_page_scrolls_sideways(tmp_path: Path, width: int, sites: tuple[str, ...]) -> None:
    page = render(example_run.page(sites=sites, seeds=3)).replace("<details>", "<details open>")
    frame = tmp_path / "frame.html"
    frame.write_text(FRAME.format(width=width, page=html.escape(page)), "utf-8")
    found = browse(tmp_path, "--dump-dom", frame.as_uri())
    assert f"width {width} scroll {width} " in found
    right = int(found.split(" right ")[1].split(".")[0])
    assert right <= width


def test_folded_parts_are_open_on_paper(tmp_path: Path) -> None:
    path, folded, opened = (tmp_path / name for name in ("page.html", "a.pdf", "b.pdf"))
    text = render(example_run.page())
    assert "<details>" in text
    sizes = []
    for content, target in (
        (text, folded),
        (text.replace("<details>", "<details open>"), opened),
    ):
        path.write_text(content, "utf-8")
        browse(tmp_path, f"--print-to-pdf={target}", path.as_uri())
        sizes.append(target.read_bytes().count(b"/Type /Page\n"))
    assert sizes[0] == sizes[1] > 5
