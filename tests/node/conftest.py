"""Fixtures of the tests that need a co-op with its members' keys, or a season that was played."""

from tests.indexer.audit.conftest import played
from tests.node.courier_post import post
from tests.node.village import factory, village

__all__ = ["factory", "played", "post", "village"]
