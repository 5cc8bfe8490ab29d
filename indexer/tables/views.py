"""Views for people who open a mirror with a tool of their own: numbers with units, moments in UTC.

No query of ours reads them. A moment's text is RFC 3339 to the second; a rate stays an integer in
minor units per hour.
"""

import re

from sqlalchemy import Connection

VIEWS: dict[str, str] = {
    "member_list": """
        SELECT member_id, last.change AS last_change, {moment:last_block.timestamp} AS changed_at,
               held.account, {moment:first_block.timestamp} AS admitted_at
        FROM (SELECT member_id, change, block,
                     row_number() OVER (PARTITION BY member_id ORDER BY block DESC, log_index DESC)
                       AS place
              FROM member_changes WHERE change NOT IN ('rotated', 'recovered')) AS last
        JOIN (SELECT member_id AS holder, account,
                     row_number() OVER (PARTITION BY member_id ORDER BY block DESC, log_index DESC)
                       AS place
              FROM member_changes WHERE account IS NOT NULL) AS held
          ON held.holder = last.member_id AND held.place = 1
        JOIN (SELECT member_id AS joiner, min(block) AS block FROM member_changes
              GROUP BY member_id) AS first ON first.joiner = last.member_id
        JOIN blocks AS first_block ON first_block.number = first.block
        JOIN blocks AS last_block ON last_block.number = last.block
        WHERE last.place = 1""",
    "proposal_list": """
        SELECT proposals.proposal_id, decision_class, proposer_id, {moment:opens_at} AS opens_at,
               {moment:closes_at} AS planned_closing_at,
               (SELECT step FROM proposal_steps AS steps
                WHERE steps.proposal_id = proposals.proposal_id
                ORDER BY block DESC, log_index DESC LIMIT 1) AS last_step,
               coalesce(tally.votes_for, 0) AS votes_for,
               coalesce(tally.votes_against, 0) AS votes_against,
               coalesce(tally.votes_abstain, 0) AS votes_abstain,
               description
        FROM proposals
        JOIN proposal_freezes ON proposal_freezes.proposal_id = proposals.proposal_id
        LEFT JOIN (SELECT proposal_id AS voted_on, votes_for, votes_against, votes_abstain,
                          row_number() OVER (PARTITION BY proposal_id
                                             ORDER BY block DESC, log_index DESC) AS place
                   FROM ballots) AS tally
          ON tally.voted_on = proposals.proposal_id AND tally.place = 1""",
    "ballot_list": """
        SELECT ballots.proposal_id, member_id, choice, sequence, {moment:timestamp} AS cast_at,
               NOT EXISTS (SELECT 1 FROM ballots AS later
                           WHERE later.proposal_id = ballots.proposal_id
                             AND later.member_id = ballots.member_id
                             AND (later.block > ballots.block
                                  OR later.block = ballots.block
                                     AND later.log_index > ballots.log_index)) AS stands,
               reason, ballots.block, tx_hash
        FROM ballots
        JOIN blocks ON blocks.number = ballots.block
        JOIN logs ON logs.block = ballots.block AND logs.log_index = ballots.log_index""",
    "rate_history": """
        SELECT names.name AS role_name, rate AS minor_units_per_hour,
               (SELECT currency FROM currencies ORDER BY block DESC, log_index DESC LIMIT 1)
                 AS currency,
               {moment:timestamp} AS in_force_from,
               nullif(pay_vote_id, 0) AS set_by_pay_vote
        FROM rates JOIN blocks ON blocks.number = rates.block
        JOIN role_changes AS names ON names.role = rates.role AND names.change = 'added'""",
    "pay_vote_list": """
        SELECT pay_votes.pay_vote_id, names.name AS role_name, {moment:opens_at} AS opens_at,
               {moment:closes_at} AS closes_at, from_ AS lowest_rate,
               from_ + pay_votes.step * (rungs - 1) AS highest_rate, pay_votes.step,
               from_ + pay_votes.step * present_rung AS present_rate,
               results.ballots AS ballots_cast, filled AS filled_in, median, result AS rate_after
        FROM pay_votes
        JOIN role_changes AS names ON names.role = pay_votes.role AND names.change = 'added'
        LEFT JOIN pay_vote_results AS results ON results.pay_vote_id = pay_votes.pay_vote_id""",
}
"""View -> its query; `{moment:X}` stands for the seconds X as text."""

_MOMENT = re.compile(r"\{moment:([a-z_.]+)\}")
_AS_TEXT = {
    "sqlite": r"strftime('%Y-%m-%dT%H:%M:%SZ', \1, 'unixepoch')",
    "postgresql": r"to_char(to_timestamp(\1) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
}


def make_views(connection: Connection) -> None:
    """Make all views in a database that has none of them."""
    as_text = _AS_TEXT[connection.dialect.name]
    for name, query in VIEWS.items():
        connection.exec_driver_sql(f"CREATE VIEW {name} AS {_MOMENT.sub(as_text, query)}")
