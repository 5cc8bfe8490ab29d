"""The collector of cycles rests while a question is answered, and no longer."""

import gc

import pytest

from indexer.collector import collector_resting


def test_the_collector_rests_meanwhile_and_is_as_before_afterwards() -> None:
    assert gc.isenabled()
    with collector_resting():
        assert not gc.isenabled()
        with collector_resting():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_collector_works_again_after_an_error() -> None:
    @collector_resting()
    def fail() -> None:
        assert not gc.isenabled()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert gc.isenabled()
