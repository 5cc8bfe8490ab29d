"""How many ballots a second a relayer takes and brings to the chain."""
