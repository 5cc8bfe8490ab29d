"""The read side: mirrors one co-op instance from chain data and answers from the mirror."""
