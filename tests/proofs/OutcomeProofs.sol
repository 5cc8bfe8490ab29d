// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Rule} from "../../contracts/interfaces/IBylaws.sol";
import {Outcome, Tally} from "../../contracts/modules/Outcome.sol";
import {VM} from "../forge/Vm.sol";

/// @title OutcomeProofs
/// @notice Rounding never favours passing, a tie is lost and silence never passes (invariant 7): any number of votes up
/// to 2^32, under the usual thresholds; quorums of the usual parts of any roll of up to 255 members.
contract OutcomeProofs {
    /// @dev Votes of a case.
    struct Votes {
        uint32 against;
        uint32 for_;
        uint32 abstain;
        uint32 roll;
    }

    function check_a_quorum_is_never_rounded_down(uint8 roll, uint16 least, uint8 part, bool secondCall) external pure {
        VM.assume(least != 0);
        uint256 bps = _part(part);
        Rule memory rule;
        rule.quorumMin = least;
        if (secondCall) rule.secondCallBps = uint16(bps);
        else rule.quorumBps = uint16(bps);

        uint256 quorum = Outcome.quorumVotes(rule, roll, secondCall);
        assert(quorum >= 1);
        assert(quorum >= least || quorum >= roll);
        assert(quorum * 10_000 >= uint256(roll) * bps);
    }

    /// @dev The share is judged by adding up, not by the multiplication of the code.
    function check_a_threshold_is_never_rounded_down(
        Votes calldata v,
        uint8 share,
        bool strict,
        bool basisRoll
    ) external pure {
        Rule memory rule = _rule(share, strict, basisRoll);
        if (!Outcome.passes(rule, _tally(v), v.roll, false)) return;

        uint256 basis = basisRoll ? uint256(v.roll) : uint256(v.for_) + v.against;
        uint256 reached = _times(v.for_, rule.passDen);
        uint256 needed = _times(basis, rule.passNum);
        assert(strict ? reached > needed : reached >= needed);
    }

    function check_a_tie_and_silence_never_pass(
        Votes calldata v,
        uint8 share,
        bool strict,
        bool basisRoll
    ) external pure {
        Rule memory rule = _rule(share, strict, basisRoll);
        bool passes = Outcome.passes(rule, _tally(v), v.roll, false);

        assert(!passes || (v.for_ > v.against && v.for_ != 0));
    }

    function check_nothing_passes_without_a_quorum(
        Votes calldata v,
        uint16 least,
        uint8 share,
        bool presence
    ) external pure {
        Rule memory rule = _rule(share, false, false);
        (rule.quorumMin, rule.presence) = (least, presence);
        if (!Outcome.passes(rule, _tally(v), v.roll, false)) return;

        uint256 counted = v.for_;
        if (presence) counted += uint256(v.against) + v.abstain;
        assert(counted >= least || counted >= v.roll);
    }

    function check_more_votes_against_than_the_limit_defeat(Votes calldata v, uint16 limit, uint8 share) external pure {
        Rule memory rule = _rule(share, false, false);
        rule.maxAgainst = limit;
        bool passes = Outcome.passes(rule, _tally(v), v.roll, false);

        assert(!passes || limit == Outcome.NO_LIMIT || v.against <= limit);
    }

    function check_a_vote_that_goes_over_to_for_never_defeats(
        Votes calldata v,
        uint16 least,
        uint16 limit,
        uint8 share,
        bool strict,
        bool basisRoll
    ) external pure {
        VM.assume(v.against != 0);
        Rule memory rule = _rule(share, strict, basisRoll);
        (rule.quorumMin, rule.maxAgainst) = (least, limit);
        Tally memory tally = _tally(v);
        if (!Outcome.passes(rule, tally, v.roll, false)) return;

        (tally.againstVotes, tally.forVotes) = (tally.againstVotes - 1, tally.forVotes + 1);
        assert(Outcome.passes(rule, tally, v.roll, false));
    }

    /// @dev Without a quorum or limit; the threshold is one of those that bylaws use.
    function _rule(uint8 share, bool strict, bool basisRoll) private pure returns (Rule memory rule) {
        (rule.passNum, rule.passDen) = _share(share);
        (rule.strict, rule.basisRoll, rule.maxAgainst) = (strict, basisRoll, Outcome.NO_LIMIT);
    }

    /// @dev Each branch knows its numbers for sure, so that they are multiplied by constants.
    function _share(uint8 number) private pure returns (uint8 passNum, uint8 passDen) {
        VM.assume(number < 6);
        if (number == 0) return (1, 2);
        if (number == 1) return (1, 3);
        if (number == 2) return (2, 3);
        if (number == 3) return (3, 4);
        return number == 4 ? (3, 5) : (1, 1);
    }

    /// @dev Of a roll, in 1/10,000.
    function _part(uint8 number) private pure returns (uint256 bps) {
        VM.assume(number < 6);
        if (number == 0) return 0;
        if (number == 1) return 2_500;
        if (number == 2) return 3_334;
        if (number == 3) return 5_000;
        return number == 4 ? 6_667 : 10_000;
    }

    function _tally(Votes calldata v) private pure returns (Tally memory) {
        return Tally({againstVotes: v.against, forVotes: v.for_, abstainVotes: v.abstain});
    }

    function _times(uint256 number, uint256 factor) private pure returns (uint256 sum) {
        for (uint256 i; i < factor; ++i) {
            sum += number;
        }
    }
}
