"""The commands of `coop`, one file per group: parse, call one function, print."""
