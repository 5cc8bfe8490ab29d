"""The audit: a second way from the chain to every number, which takes no word of the mirror."""
