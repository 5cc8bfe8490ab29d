// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Rule} from "../../../contracts/interfaces/IBylaws.sol";
import {Outcome, Tally} from "../../../contracts/modules/Outcome.sol";

/// @notice The meaning of tallies, callable from a test: many tallies in one call.
contract OutcomeProbe {
    function passes(
        Rule calldata rule,
        Tally[] calldata tallies,
        uint256 roll,
        bool secondCall
    ) external pure returns (bool[] memory answers) {
        answers = new bool[](tallies.length);
        for (uint256 i; i < tallies.length; ++i) {
            answers[i] = Outcome.passes(rule, tallies[i], roll, secondCall);
        }
    }

    function quorums(
        Rule calldata rule,
        uint256[] calldata rolls,
        bool secondCall
    ) external pure returns (uint256[] memory votes) {
        votes = new uint256[](rolls.length);
        for (uint256 i; i < rolls.length; ++i) {
            votes[i] = Outcome.quorumVotes(rule, rolls[i], secondCall);
        }
    }
}
