"""The audit's report in a real browser as wide as a phone, where Chromium is installed."""

import html
import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer.audit.replay import Mismatch
from node.report import page
from tests.indexer.audit.conftest import Played

BROWSER = shutil.which("chromium-headless-shell") or shutil.which("chromium")
PHONE = 360  # CSS pixels

# Measures the page in a frame as wide as a phone, and leaves what it found in the frame's document.
_MEASURE = """
<body style="margin:0"><iframe width="%d" height="800" style="border:0" srcdoc="%s"></iframe>
<pre id="measured"></pre>
<script>
addEventListener("load", () => {
  const frame = document.querySelector("iframe"), page = frame.contentDocument;
  const all = [...page.body.querySelectorAll("*")];
  const box = each => each.getBoundingClientRect();
  const outside = each => !each.closest(".table") && box(each).right > frame.clientWidth + 0.5;
  document.getElementById("measured").textContent = JSON.stringify({
    width: frame.contentWindow.innerWidth,
    scrolls: page.documentElement.scrollWidth,
    wide: all.filter(outside).map(each => each.outerHTML.slice(0, 80)),
    boxes: [...page.querySelectorAll(".table")].filter(
      each => each.scrollWidth > each.clientWidth
    ).length,
    smallest: Math.min(...[...page.querySelectorAll("svg text")].map(each => box(each).height)),
    columns: new Set([...page.querySelectorAll("section")].map(each => box(each).left)).size,
  });
});
</script>
"""


@pytest.mark.skipif(BROWSER is None, reason="Chromium is not installed (see .ci/browser)")
@pytest.mark.parametrize("amiss", [False, True], ids=["honest", "with long mismatches"])
def test_on_a_phone_only_tables_scroll_sideways_and_words_in_charts_can_be_read(
    played: Played, tmp_path: Path, amiss: bool
) -> None:
    audit = played.plain.run.audit
    if amiss:
        long = "x" * 300
        audit = replace(
            audit, title=long, mismatches=(Mismatch("4.4.4", "late", long, long, long),)
        )
    seen = measured(page(audit, "0x" + "ab" * 32), tmp_path)
    assert seen["width"] == PHONE
    assert seen["scrolls"] == PHONE
    assert seen["wide"] == []
    assert seen["boxes"] >= 1  # the table of turnout is wider, and has its own box
    assert seen["columns"] == 1
    assert seen["smallest"] >= 11  # pixels


def measured(text: str, folder: Path) -> Any:
    """Show a page as wide as a phone, and return what was measured."""
    assert BROWSER is not None
    path = folder / "measure.html"
    path.write_text(_MEASURE % (PHONE, html.escape(text)), encoding="utf-8")
    # The tests may run as root, where Chromium's own sandbox does not start; the page is ours.
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    command += [f"--user-data-dir={folder / 'profile'}", "--dump-dom", path.as_uri()]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    (found,) = re.findall(r'<pre id="measured">(.*?)</pre>', ran.stdout, re.DOTALL)
    return json.loads(html.unescape(found))
