"""Founding a co-op: its terms, where it will stand, what is sent, step after step."""
