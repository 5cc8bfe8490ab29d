"""Whatever happens in a co-op, the mirror gives the same answers as the contracts."""

import pytest

from indexer.check import check
from tests.indexer.agreement import assert_agrees
from tests.indexer.mirrored import Mirrored, rows
from tests.indexer.season import Season


@pytest.mark.parametrize("seed", range(3))
def test_the_mirror_agrees_with_the_contracts_all_season_long(mirror: Mirrored, seed: int) -> None:
    season = Season(mirror.coop, seed)
    for _ in range(4):
        season.play(40)
        assert mirror.sync().chronicle_ok
        assert_agrees(mirror)
    assert check(mirror.store, mirror.chain).faults == ()
    assert len(rows(mirror.store)["ballots"]) > 20, season.done
