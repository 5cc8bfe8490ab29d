// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Rule} from "../../contracts/interfaces/IBylaws.sol";
import {Outcome, Tally} from "../../contracts/modules/Outcome.sol";
import {Founding} from "./Founding.sol";
import {Test} from "./Test.sol";

/// @notice What a tally means, beside formulas that count up instead of multiplying across.
contract OutcomeTest is Test {
    uint16 private constant NO_LIMIT = 65_535;

    function testFuzz_the_quorum_is_the_least_number_that_is_enough(
        uint16 least,
        uint16 bps,
        uint32 members,
        bool second
    ) external pure {
        Rule memory rule = Founding.plainRule();
        rule.quorumMin = uint16(_within(least, 1, 65_535));
        (rule.quorumBps, rule.secondCallBps) = (bps % 10_001, bps % 10_001);
        if (second) rule.quorumBps = 10_000;
        else rule.secondCallBps = 0;
        uint256 quorum = Outcome.quorumVotes(rule, members, second);

        _so(quorum >= 1, "silence makes no quorum");
        _so(quorum <= members || quorum == 1, "never more than there are");
        if (members > 0 && quorum == members) return;
        _so(quorum >= rule.quorumMin || quorum >= members, "the least number");
        _so(quorum * 10_000 >= uint256(members) * (bps % 10_001) || members == 0, "the part, rounded up");
        bool enough = quorum - 1 >= rule.quorumMin && (quorum - 1) * 10_000 >= uint256(members) * (bps % 10_001);
        _so(!enough, "one less is not enough");
    }

    function testFuzz_passing_equals_a_count_of_the_votes_needed(uint256 seed) external pure {
        (Rule memory rule, Tally memory tally, uint256 roll, bool second) = _case(seed);

        bool expected = _reference(rule, tally, roll, second);
        _so(Outcome.passes(rule, tally, roll, second) == expected, "the outcome is another");
    }

    /// @dev In exact fractions, without rounding: what passes has quorum, majority and threshold.
    function testFuzz_rounding_never_favours_passing(uint256 seed) external pure {
        (Rule memory rule, Tally memory tally, uint256 roll, bool second) = _case(seed);
        if (!Outcome.passes(rule, tally, roll, second)) return;

        uint256 present = rule.presence ? tally.againstVotes + tally.forVotes + tally.abstainVotes : tally.forVotes;
        uint256 bps = second ? rule.secondCallBps : rule.quorumBps;
        _so(present * 10_000 >= roll * bps, "the quorum's part of the roll");
        _so(present >= rule.quorumMin || present >= roll, "the quorum's least number");
        uint256 basis = rule.basisRoll ? roll : tally.forVotes + tally.againstVotes;
        _so(tally.forVotes * rule.passDen >= basis * rule.passNum, "the threshold");
        _so(!rule.strict || tally.forVotes * rule.passDen != basis * rule.passNum, "above it where that is asked");
        _so(tally.forVotes > tally.againstVotes, "a tie is lost");
        _so(rule.maxAgainst == NO_LIMIT || tally.againstVotes <= rule.maxAgainst, "the limit of votes against");
    }

    function testFuzz_a_vote_more_for_never_defeats_and_one_more_against_never_passes(uint256 seed) external pure {
        (Rule memory rule, Tally memory tally, uint256 roll, bool second) = _case(seed);
        if (Outcome.passes(rule, tally, roll, second)) {
            ++tally.forVotes;
            _so(Outcome.passes(rule, tally, roll, second), "a vote more for defeated it");
            return;
        }
        if (!Outcome.hasQuorum(rule, tally, roll, second)) return;
        ++tally.againstVotes;
        _so(!Outcome.passes(rule, tally, roll, second), "a vote more against passed it");
    }

    function testFuzz_silence_and_ties_are_lost_under_any_rule(uint256 seed, uint32 votes) external pure {
        (Rule memory rule, , uint256 roll, bool second) = _case(seed);
        Tally memory tie = Tally({againstVotes: votes, forVotes: votes, abstainVotes: 0});

        _so(!Outcome.passes(rule, tie, roll, second), "a tie passed");
        tie = Tally({againstVotes: 0, forVotes: 0, abstainVotes: votes});
        _so(!Outcome.passes(rule, tie, roll, second), "abstentions alone passed it");
    }

    function testFuzz_a_threshold_met_exactly_passes_unless_more_is_asked(
        uint8 part,
        uint8 whole,
        uint8 times
    ) external pure {
        Rule memory rule = Founding.plainRule();
        rule.passDen = uint8(_within(whole, 3, 100));
        rule.passNum = uint8(_within(part, rule.passDen / 2 + 1, rule.passDen - 1));
        uint256 many = _within(times, 1, 9);
        uint256 roll = many * rule.passDen;
        Tally memory tally = Tally({againstVotes: 0, forVotes: many * rule.passNum, abstainVotes: 0});
        tally.againstVotes = roll - tally.forVotes;

        _so(!Outcome.passes(rule, tally, roll, false), "more is asked");
        rule.strict = false;
        _so(Outcome.passes(rule, tally, roll, false), "this much is asked");
    }

    /// @dev Three, one and two: numbers whose bits overlap, so that only their sum is six.
    function test_a_quorum_by_presence_counts_every_ballot_and_otherwise_those_for_alone() external pure {
        Rule memory rule = Founding.plainRule();
        (rule.quorumMin, rule.quorumBps) = (6, 0);
        Tally memory tally = Tally({againstVotes: 1, forVotes: 3, abstainVotes: 2});

        _so(Outcome.hasQuorum(rule, tally, 9, false), "six took part");
        rule.quorumMin = 7;
        _so(!Outcome.hasQuorum(rule, tally, 9, false), "seven did not");
        (rule.quorumMin, rule.presence) = (3, false);
        _so(Outcome.hasQuorum(rule, tally, 9, false), "three voted for it");
        rule.quorumMin = 4;
        _so(!Outcome.hasQuorum(rule, tally, 9, false), "four did not");
    }

    /// @dev Small rolls, so that thresholds are met exactly and missed by one often enough.
    function _case(
        uint256 seed
    ) private pure returns (Rule memory rule, Tally memory tally, uint256 roll, bool second) {
        seed = uint256(keccak256(abi.encode(seed)));
        rule = Founding.plainRule();
        rule.passDen = uint8(1 + ((seed >> 8) % 12));
        rule.passNum = uint8(1 + ((seed >> 16) % rule.passDen));
        rule.strict = rule.passNum != rule.passDen && (seed >> 24) & 1 == 1;
        rule.basisRoll = (seed >> 25) & 1 == 1;
        rule.presence = (seed >> 26) & 1 == 1;
        rule.quorumMin = uint16(1 + ((seed >> 32) % 9));
        rule.quorumBps = uint16((seed >> 48) % 10_001);
        rule.secondCallBps = uint16((seed >> 64) % (uint256(rule.quorumBps) + 1));
        rule.maxAgainst = (seed >> 27) & 1 == 1 ? NO_LIMIT : uint16((seed >> 80) % 9);
        second = (seed >> 28) & 1 == 1;
        roll = (seed >> 96) % 41;
        tally.againstVotes = (seed >> 128) % (roll + 1);
        tally.forVotes = (seed >> 160) % (roll - tally.againstVotes + 1);
        tally.abstainVotes = (seed >> 192) % (roll - tally.againstVotes - tally.forVotes + 1);
    }

    /// @dev Counts up to the least number of votes that is enough, by comparing with fractions of the whole.
    function _reference(Rule memory rule, Tally memory tally, uint256 roll, bool second) private pure returns (bool) {
        uint256 quorum = rule.quorumMin;
        while (quorum * 10_000 < roll * (second ? rule.secondCallBps : rule.quorumBps)) ++quorum;
        if (quorum > roll) quorum = roll == 0 ? 1 : roll;
        uint256 present = tally.forVotes;
        if (rule.presence) present += tally.againstVotes + tally.abstainVotes;

        uint256 basis = rule.basisRoll ? roll : tally.forVotes + tally.againstVotes;
        uint256 needed = (basis * rule.passNum) / rule.passDen;
        bool exact = (basis * rule.passNum) % rule.passDen == 0;
        if (rule.strict || !exact) ++needed;
        bool limited = rule.maxAgainst != NO_LIMIT && tally.againstVotes > rule.maxAgainst;
        return present >= quorum && tally.forVotes >= needed && tally.forVotes > tally.againstVotes && !limited;
    }
}
