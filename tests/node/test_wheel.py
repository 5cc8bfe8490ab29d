"""What is installed: two packages, and nobody else's files in them."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parents[2]


def test_the_wheel_holds_the_two_packages_with_their_data_and_nothing_else(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")

    names = ZipFile(wheel).namelist()
    folders = {name.split("/")[0] for name in names}
    assert {name for name in folders if not name.endswith(".dist-info")} == {"node", "indexer"}
    assert "indexer/artifacts/Assembly.json" in names
    assert "node/presets/uk-worker-coop.toml" in names
    assert not any("__pycache__" in name or name.endswith(".pyc") for name in names)


def test_no_other_distribution_owns_files_in_our_packages() -> None:
    owners = {
        dist.metadata["Name"]
        for dist in metadata.distributions()
        for file in dist.files or ()
        if file.parts[0] in ("node", "indexer")
    }
    assert owners <= {"rochdale"}
