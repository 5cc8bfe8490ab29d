"""What is known of each chain: what is not listed counts as public."""

import pytest

from node import chains


@pytest.mark.parametrize(
    ("chain_id", "name"),
    [
        (11155111, "Sepolia"),
        (560048, "Hoodi"),
        (84532, "Base Sepolia"),
        (10200, "Gnosis Chiado"),
        (11155420, "Optimism Sepolia"),
    ],
)
def test_a_testnet_is_known_and_public(chain_id: int, name: str) -> None:
    found = chains.profile(chain_id)
    assert (found.name, found.public) == (name, True)
    assert str(chain_id) in found.title


@pytest.mark.parametrize("chain_id", [31337, 1337])
def test_a_local_chain_is_not_public(chain_id: int) -> None:
    assert not chains.profile(chain_id).public


@pytest.mark.parametrize("chain_id", [1, 100, 8453, 2**40])
def test_an_unlisted_chain_counts_as_public(chain_id: int) -> None:
    found = chains.profile(chain_id)
    assert found.public
    assert found.chain_id == chain_id


def test_every_profile_says_how_many_blocks_to_ask_for() -> None:
    assert all(1 <= found.log_range <= 10_000 for found in chains.profiles().values())


def test_no_profile_names_a_node_s_address() -> None:
    for found in chains.profiles().values():
        assert "://" not in "".join(str(value) for value in vars(found).values())
