"""Other people's tools that members use beside `coop`: Foundry's cast, ethers and viem."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).resolve().parents[2]
# The wrapper in node_modules/.bin ends with 0 whatever happens.
_CAST = _ROOT / "node_modules" / "@foundry-rs" / "cast-linux-amd64" / "bin" / "cast"

needs_cast = pytest.mark.skipif(not _CAST.exists(), reason="cast is not served for this platform")


def cast(*words: object, home: Path) -> str:
    """What cast prints on standard output; its own files are in `home`."""
    done = subprocess.run(
        [str(_CAST), *map(str, words)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(home)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def by_library(name: str, ask: str, **question: Any) -> Any:
    """What a JavaScript library (ethers, viem) answers."""
    script = Path(__file__).parent / "libraries" / f"{name}.js"
    done = subprocess.run(
        ["node", str(script)],
        input=json.dumps({"ask": ask, **question}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=_ROOT,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
