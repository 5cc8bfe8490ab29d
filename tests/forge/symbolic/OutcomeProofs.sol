// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Rule} from "../../../contracts/interfaces/IBylaws.sol";
import {Outcome, Tally} from "../../../contracts/modules/Outcome.sol";
import {VM} from "../Vm.sol";

/// @title OutcomeProofs
/// @notice Rounding never favours passing, a tie is lost and silence never passes (invariant 7), for every rule that
/// BylawBounds allows, every tally and every roll below 2^16.
contract OutcomeProofs {
    /// @dev A symbolic case: the rule's values that decide, a tally and a roll.
    struct Case {
        Rule rule;
        uint16 againstVotes;
        uint16 forVotes;
        uint16 abstainVotes;
        uint16 roll;
        bool secondCall;
    }

    function check_a_quorum_is_never_rounded_down(Case calldata c) external pure {
        _assumeLegal(c.rule);
        Rule memory rule = c.rule;
        if (!Outcome.hasQuorum(rule, _tally(c), c.roll, c.secondCall)) return;

        uint256 counted = c.forVotes;
        if (rule.presence) counted += uint256(c.againstVotes) + c.abstainVotes;
        uint256 bps = c.secondCall ? rule.secondCallBps : rule.quorumBps;
        assert(counted != 0);
        assert(counted >= rule.quorumMin || counted >= c.roll);
        assert(counted * 10_000 >= uint256(c.roll) * bps);
    }

    function check_a_quorum_is_the_least_number_that_suffices(Case calldata c) external pure {
        _assumeLegal(c.rule);
        VM.assume(c.roll != 0);
        uint256 quorum = Outcome.quorumVotes(c.rule, c.roll, c.secondCall);

        uint256 less = quorum - 1;
        uint256 bps = c.secondCall ? c.rule.secondCallBps : c.rule.quorumBps;
        assert(quorum <= c.roll);
        assert(less < c.rule.quorumMin || less * 10_000 < uint256(c.roll) * bps);
    }

    function check_a_tie_never_passes(Case calldata c) external pure {
        _assumeLegal(c.rule);
        VM.assume(c.forVotes <= c.againstVotes);
        assert(!Outcome.passes(c.rule, _tally(c), c.roll, c.secondCall));
    }

    function check_silence_never_passes(Case calldata c) external pure {
        VM.assume(c.forVotes == 0);
        assert(!Outcome.passes(c.rule, _tally(c), c.roll, c.secondCall));
    }

    function check_nothing_passes_without_a_quorum(Case calldata c) external pure {
        _assumeLegal(c.rule);
        if (Outcome.hasQuorum(c.rule, _tally(c), c.roll, c.secondCall)) return;
        assert(!Outcome.passes(c.rule, _tally(c), c.roll, c.secondCall));
    }

    function check_votes_against_above_the_limit_defeat(Case calldata c) external pure {
        _assumeLegal(c.rule);
        VM.assume(c.rule.maxAgainst != type(uint16).max && c.againstVotes > c.rule.maxAgainst);
        assert(!Outcome.passes(c.rule, _tally(c), c.roll, c.secondCall));
    }

    /// @dev The share is judged by adding up, not by the multiplication of the code. Denominators up to 4: the halves,
    /// thirds and quarters of laws.
    function check_the_threshold_is_never_rounded_down(Case calldata c) external pure {
        _assumeLegal(c.rule);
        VM.assume(c.rule.passDen <= 4);
        if (!Outcome.passes(c.rule, _tally(c), c.roll, c.secondCall)) return;

        uint256 basis = c.rule.basisRoll ? uint256(c.roll) : uint256(c.forVotes) + c.againstVotes;
        uint256 reached = _times(c.forVotes, c.rule.passDen);
        uint256 needed = _times(basis, c.rule.passNum);
        assert(c.rule.strict ? reached > needed : reached >= needed);
    }

    /// @dev Any denominator.
    function check_a_vote_that_goes_over_to_for_never_defeats(Case calldata c) external pure {
        _assumeLegal(c.rule);
        VM.assume(c.againstVotes != 0 && c.forVotes != type(uint16).max);
        if (!Outcome.passes(c.rule, _tally(c), c.roll, c.secondCall)) return;

        Tally memory after_ = Tally({
            againstVotes: c.againstVotes - 1,
            forVotes: c.forVotes + 1,
            abstainVotes: c.abstainVotes
        });
        assert(Outcome.passes(c.rule, after_, c.roll, c.secondCall));
    }

    function _assumeLegal(Rule calldata rule) private pure {
        VM.assume(rule.quorumMin != 0 && rule.quorumBps <= 10_000 && rule.secondCallBps <= rule.quorumBps);
        VM.assume(rule.passNum != 0 && rule.passNum <= rule.passDen && rule.passDen <= 100);
    }

    function _tally(Case calldata c) private pure returns (Tally memory) {
        return Tally({againstVotes: c.againstVotes, forVotes: c.forVotes, abstainVotes: c.abstainVotes});
    }

    /// @dev number × factor by adding up, for factors up to 4.
    function _times(uint256 number, uint256 factor) private pure returns (uint256 sum) {
        if (factor > 0) sum += number;
        if (factor > 1) sum += number;
        if (factor > 2) sum += number;
        if (factor > 3) sum += number;
    }
}
