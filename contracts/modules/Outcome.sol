// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Rule} from "../interfaces/IBylaws.sol";

/// @dev Votes of a proposal, in members.
struct Tally {
    uint256 againstVotes;
    uint256 forVotes;
    uint256 abstainVotes;
}

/// @title Outcome
/// @notice What a tally means under a rule. Rounding never favours passing; a tie is lost; silence never passes.
library Outcome {
    uint16 internal constant NO_LIMIT = type(uint16).max;
    uint256 private constant BPS = 10_000;

    /// @notice The votes that make a quorum of a roll of `roll` members: never more than there are, or a co-op
    /// that shrank below `quorumMin` could decide nothing any more, nor admit anybody. At least one.
    function quorumVotes(Rule memory rule, uint256 roll, bool secondCall) internal pure returns (uint256) {
        uint256 bps = secondCall ? rule.secondCallBps : rule.quorumBps;
        uint256 wanted = Math.max(rule.quorumMin, Math.ceilDiv(roll * bps, BPS));
        return Math.min(wanted, Math.max(roll, 1));
    }

    /// @notice Whether enough members took part (or, without `presence`, voted for).
    function hasQuorum(
        Rule memory rule,
        Tally memory tally,
        uint256 roll,
        bool secondCall
    ) internal pure returns (bool) {
        uint256 counted = tally.forVotes;
        if (rule.presence) counted += tally.againstVotes + tally.abstainVotes;
        return counted >= quorumVotes(rule, roll, secondCall);
    }

    /// @notice Whether the proposal passes with this tally.
    function passes(Rule memory rule, Tally memory tally, uint256 roll, bool secondCall) internal pure returns (bool) {
        if (!hasQuorum(rule, tally, roll, secondCall)) return false;
        if (tally.forVotes <= tally.againstVotes) return false;
        if (rule.maxAgainst != NO_LIMIT && tally.againstVotes > rule.maxAgainst) return false;

        uint256 basis = rule.basisRoll ? roll : tally.forVotes + tally.againstVotes;
        uint256 reached = tally.forVotes * rule.passDen;
        uint256 needed = basis * rule.passNum;
        return rule.strict ? reached > needed : reached >= needed;
    }
}
