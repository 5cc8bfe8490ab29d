"""A whole season of a worker co-op, played with real transactions and ballots on a local chain."""
