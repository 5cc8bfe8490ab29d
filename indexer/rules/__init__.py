"""The rules of the house as pure functions: no clock, no network, no session, no database."""
