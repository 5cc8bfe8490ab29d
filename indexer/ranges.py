"""How many blocks to ask a node for at once: as many as bring some megabytes."""

FIRST, SMALLEST, LARGEST = 32, 1, 10_000
"""Blocks a request; many nodes answer no larger range."""
FEW, MANY = 2_000, 5_000
"""Logs a request: some nodes give no more than 10,000, and memory grows with them."""


def next_size(size: int, logs: int) -> int:
    """Return the blocks to ask for next, after a range of `size` blocks brought so many logs."""
    if logs > MANY:
        return max(SMALLEST, size // 2)
    if logs >= FEW:
        return size
    return min(LARGEST, size * (8 if logs * 8 < FEW else 2))
