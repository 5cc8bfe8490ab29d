"""What a mirror's tables, columns and views mean, as metadata that Datasette reads.

Descriptions come from the tables' own docstrings, so that nothing is said twice.
"""

from inspect import cleandoc
from typing import Any

from indexer.tables import FACTS, Block, ChronicleHead, Cursor, Log, Mirror, Table

_MOMENT, _RATE = "Seconds since 1970, UTC.", "Minor units of the co-op's currency per hour."
COLUMNS: dict[str, str] = {
    "block": "The block's number; with log_index the place of the event.",
    "log_index": "The place of the log in its block.",
    "tx_hash": "The transaction.",
    "timestamp": _MOMENT,
    "opens_at": _MOMENT,
    "closes_at": _MOMENT,
    "deadline": _MOMENT,
    "eta": _MOMENT,
    "ends_at": _MOMENT,
    "rate": _RATE,
    "from_": f"The lowest rate of the ladder. {_RATE}",
    "floor": f"The lowest rate that the role may have. {_RATE}",
    "median": f"The middle ballot. {_RATE}",
    "result": f"The rate after the vote. {_RATE}",
    "step": _RATE,
    "max_change_bps": "Hundredths of a percent.",
    "quorum_bps": "Hundredths of a percent of the roll.",
    "member_id": "A member's number for life.",
    "epoch": "How often the member's key had been changed.",
    "sequence": "Which of the member's ballots here this is.",
    "votes_for": "The tally with this ballot, as all votes_….",
    "value": "Wei, as decimal text.",
    "weight": "Always 1: one member, one vote.",
    "minor_units_per_hour": _RATE,
    "lowest_rate": _RATE,
    "highest_rate": _RATE,
    "present_rate": f"When the vote was called. {_RATE}",
    "rate_after": _RATE,
    "ballots_cast": "Members who cast a ballot.",
    "filled_in": "Ballots for the present rate that the rule filled in for those absent.",
    "stands": "1 unless the member changed this ballot later.",
}
"""Column -> what it means, with its unit; where tables share a name, they share the meaning."""
_NOT_A_RATE = {"proposal_steps": {"step"}}

VIEW_WORDS: dict[str, str] = {
    "member_list": "Members: number, present account, last change of standing.",
    "proposal_list": "Proposals with their last step and their tally.",
    "ballot_list": "Every counted ballot, and whether it stands.",
    "rate_history": "Every rate with the moment from which it is in force.",
    "pay_vote_list": "Pay votes: ladder, ballots, result.",
}

QUERIES: dict[str, tuple[str, str]] = {
    "ballots_on_a_proposal": (
        "Who voted what on a proposal, as it stands",
        "SELECT member_id, choice, reason, cast_at, tx_hash FROM ballot_list"
        " WHERE proposal_id = :proposal_id AND stands ORDER BY member_id",
    ),
    "ballots_of_a_member": (
        "All ballots of a member, the changed ones too",
        "SELECT proposal_id, choice, sequence, stands, reason, cast_at FROM ballot_list"
        " WHERE member_id = :member_id ORDER BY block",
    ),
    "changed_ballots": (
        "Ballots that their members changed later",
        "SELECT proposal_id, member_id, choice, sequence, cast_at FROM ballot_list"
        " WHERE NOT stands ORDER BY proposal_id, member_id, sequence",
    ),
    "skipped_ballots": (
        "Ballots in batches that were not counted, and why",
        "SELECT coalesce(proposal_id, pay_vote_id) AS voted_on, pay_vote_id IS NOT NULL"
        " AS pay_vote, member_id, sequence, refusal, block FROM skipped_ballots"
        " ORDER BY block, log_index",
    ),
    "rates_at": (
        "The rate of every role at a moment (such as 2026-01-31T12:00:00Z)",
        "SELECT role_name, minor_units_per_hour, currency, max(in_force_from) AS since"
        " FROM rate_history WHERE in_force_from <= :moment GROUP BY role_name",
    ),
}
"""Name -> title and query."""


def metadata(database: str) -> dict[str, Any]:
    """Return Datasette's metadata for a mirror in the file `database`.db."""
    described: dict[str, dict[str, Any]] = {}
    models: tuple[type[Table], ...] = (Mirror, Cursor, Block, Log, ChronicleHead, *FACTS)
    for model in models:
        name = str(model.__tablename__)
        described[name] = {
            "description": cleandoc(model.__doc__ or ""),
            "columns": _meanings(name, list(model.model_fields)),
        }
    for name, words in VIEW_WORDS.items():
        described[name] = {"description": words}
    return {
        "databases": {
            database: {
                "description": "The mirror of a co-operative: what its contracts logged.",
                "tables": dict(sorted(described.items())),
                "queries": {
                    name: {"title": title, "sql": query} for name, (title, query) in QUERIES.items()
                },
            }
        }
    }


def _meanings(table: str, columns: list[str]) -> dict[str, str]:
    not_here = _NOT_A_RATE.get(table, set())
    return {name: COLUMNS[name] for name in columns if name in COLUMNS and name not in not_here}
