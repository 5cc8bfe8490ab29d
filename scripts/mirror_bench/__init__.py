"""Measures the mirror beside what else a member could use, in one run."""
