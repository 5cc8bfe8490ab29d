"""Fixtures of the tests that need a co-op with its members' keys."""

from tests.node.village import factory, village

__all__ = ["factory", "village"]
