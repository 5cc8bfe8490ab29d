"""An honest history holds no mismatch, every check is made, and the state is the contracts'."""

from collections import Counter

from indexer.audit.replay.checks import TABLE
from indexer.handlers import HANDLERS
from tests.indexer.audit.histories import History

# What each of these checks counts is the events of that name, or of these.
COUNTED: dict[str, int | tuple[str, ...]] = {
    "4.0.6": 17,
    "4.0.7": 17,
    "4.0.8": 10,
    "4.1.1": 6,  # five founders, and how many they are
    "4.1.2": ("Membership.MemberAdmitted",),
    "4.1.4": 5,
    "4.1.5": ("Membership.CandidateApplied", "Membership.CandidateWithdrew"),
    "4.1.6": ("Membership.MemberLeft",),
    "4.1.7": ("Membership.MemberSuspended",),
    "4.1.8": ("Membership.MemberReinstated",),
    "4.1.9": ("Membership.MemberExpelled",),
    "4.1.10": ("Membership.KeyRotated", "Membership.KeyRecovered"),
    "4.1.11": ("Membership.KeyRotated",),
    "4.1.12": ("Membership.GuardiansNamed",),
    "4.1.15": ("Membership.ProbationSet",),
    "4.2.1": ("Bylaws.RuleSet",),
    "4.2.2": ("Bylaws.RuleSet",),
    "4.2.3": ("Bylaws.RuleSet",),
    "4.3.2": 23,  # all but the confirming vote
    "4.3.7": ("Assembly.ProposalFrozen",),
    "4.3.8": ("Assembly.ProposalFrozen",),
    "4.3.11": ("Assembly.ProposalExtended",),
    "4.3.12": ("Assembly.SecondCallOpened",),
    "4.3.14": ("Assembly.ProposalQueued",),
    "4.3.15": ("Assembly.ProposalExecuted",),
    "4.3.16": ("Assembly.ReplyRecorded",),
    "4.4.2": ("Assembly.VoteCast",),
    "4.4.3": ("Assembly.VoteCast",),
    "4.4.4": ("Assembly.VoteCast", "Assembly.BallotSkipped"),
    "4.4.10": ("Assembly.VoteCast",),
    "4.4.11": ("Assembly.BallotSkipped",),
    "4.5.7": ("PayRates.PayVoteOpened",),
    "4.5.9": ("PayRates.PayVoteOpened",),
    "4.5.11": ("PayRates.PayBallotCast", "PayRates.PayBallotCastWithReason"),
    "4.5.16": ("PayRates.PayBallotSkipped",),
    "4.5.17": ("PayRates.PayVoteClosed",),
    "4.5.18": ("PayRates.PayVoteClosed",),
    "4.5.19": ("PayRates.PayVoteClosed",),
    "4.5.21": ("PayRates.RateSet",),
}


def test_an_honest_season_holds_no_mismatch_and_every_check_is_made(told: History) -> None:
    replay = told.replayed()
    assert replay.mismatches == []
    assert {each.id: each.words for each in replay.checks} == TABLE
    assert [each.id for each in replay.checks if each.counted == 0] == []
    assert [each.id for each in replay.checks if each.failed] == []


def test_each_check_counts_the_events_that_it_is_about(told: History) -> None:
    events = Counter(event.key for event, _ in told.events)
    expected = {
        check: about if isinstance(about, int) else sum(events[key] for key in about)
        for check, about in COUNTED.items()
    }
    counted = {each.id: each.counted for each in told.replayed().checks}
    assert {check: counted[check] for check in COUNTED} == expected


def test_the_season_holds_every_event_that_the_contracts_log(told: History) -> None:
    possible = {key for key in HANDLERS if not key.endswith("EIP712DomainChanged")}
    assert {event.key for event, _ in told.events} == possible


def test_the_replay_knows_every_event_that_the_contracts_log(told: History) -> None:
    replay = told.replayed([])
    assert set(replay._handlers) == {
        key for key in HANDLERS if not key.endswith("EIP712DomainChanged")
    }


def test_every_tally_deadline_and_state_is_the_contracts(told: History) -> None:
    replay = told.replayed()
    found = {
        number: (
            replay.state_of(each),
            (each.tally.against, each.tally.for_, each.tally.abstain),
            each.roll,
            each.opens_at,
            replay.session_of(each).deadline,
            each.content,
        )
        for number, each in replay.proposals.items()
    }
    assert found == told.said.proposals
    lanes = {
        (number, member): (ballot.choice, ballot.lane.epoch, ballot.lane.sequence)
        for number, each in replay.proposals.items()
        for member, ballot in each.ballots.items()
    }
    assert lanes == told.said.ballots


def test_roll_guardians_and_bylaws_are_the_contracts(told: History) -> None:
    replay = told.replayed()
    members = {
        number: (each.account, each.since, each.until, each.epoch)
        for number, each in replay.roll.members.items()
    }
    assert members == told.said.members
    assert replay.roll.size_at(told.last) == told.said.roll
    assert replay.probation == told.said.probation
    guardians = {
        number: bytes.fromhex(replay.guardians.of(number, told.last).list_hash[2:])
        for number in members
    }
    assert guardians == told.said.guardians
    assert {int(each): len(rules) for each, rules in replay.bylaws.items()} == told.said.versions


def test_rates_and_histograms_are_the_contracts(told: History) -> None:
    replay = told.replayed()
    assert {name: each.rate for name, each in replay.roles.items()} == told.said.rates
    histograms = {
        number: [each.counts[rate] for rate in each.ladder.rates]
        for number, each in replay.pay_votes.items()
    }
    assert histograms == told.said.histograms


def test_the_findings_tell_what_happened(told: History) -> None:
    findings = told.replayed().findings
    assert [each.voted for each in findings.turnout[:3]] == [4, 4, 7]
    assert {each.word: each.proposals for each in findings.by_class} == {
        "admission": 3,
        "bylaws": 1,
        "external": 1,
        "ordinary": 8,
        "pay": 5,
        "recovery": 2,
        "removal": 4,
    }
    assert [tuple(each) for each in findings.changed] == [
        ("proposal 2", 2),
        ("proposal 8", 1),
        ("pay vote 1", 1),
    ]
    assert ("proposal 3", "already_voted", 1) in findings.skipped
    assert [tuple(each) for each in findings.last_minute] == [(2, 1), (3, 1)]
    assert [tuple(each) for each in findings.rotated_mid_vote] == [(8, 6)]
    weaver = [each.rate for each in findings.pay_history if each.role == "weaver"]
    assert weaver == [1_500, 1_580, 1_490]
