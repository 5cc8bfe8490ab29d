"""The write side and face: ballots, keys, outbox, relaying and the `coop` command."""
