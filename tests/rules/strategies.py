"""What hypothesis draws in the tests of the rules."""

from dataclasses import replace

from hypothesis import strategies as st

from indexer.rules.bylaws import NO_LIMIT, Rule, Tally

HOUR, DAY = 3_600, 86_400

PLAIN = Rule(
    notice=2 * DAY,
    voting_period=4 * DAY,
    execution_delay=DAY,
    grace=10 * DAY,
    second_call_delay=0,
    cool_down=0,
    swing_window=0,
    swing_cap=0,
    quorum_min=2,
    quorum_bps=5_000,
    second_call_bps=0,
    max_against=NO_LIMIT,
    pass_num=1,
    pass_den=2,
    strict=True,
    basis_roll=False,
    presence=True,
    subject_votes=False,
)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """A rule within the bounds, with any quorum and threshold."""
    second_call = draw(st.sampled_from([0, HOUR, 30 * DAY]))
    quorum_bps = draw(st.integers(0, 10_000))
    pass_den = draw(st.integers(1, 100))
    pass_num = draw(st.integers(1, pass_den))
    return replace(
        PLAIN,
        second_call_delay=second_call,
        quorum_min=draw(st.integers(1, 20)),
        quorum_bps=quorum_bps,
        second_call_bps=draw(st.integers(0, quorum_bps)) if second_call else 0,
        max_against=draw(st.sampled_from([NO_LIMIT, 0, 1, 2])),
        pass_num=pass_num,
        pass_den=pass_den,
        strict=draw(st.booleans()) and pass_num < pass_den,
        basis_roll=draw(st.booleans()),
        presence=draw(st.booleans()),
        subject_votes=draw(st.booleans()),
    )


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, Tally]:
    """A roll and a tally that it can bring forth."""
    roll = draw(st.integers(1, 200))
    in_favour = draw(st.integers(0, roll))
    against = draw(st.integers(0, roll - in_favour))
    abstain = draw(st.integers(0, roll - in_favour - against))
    return roll, Tally(in_favour, against, abstain)
