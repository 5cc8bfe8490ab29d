"""Measures the mirror beside other ways to the same rows, on histories made by the contracts."""
