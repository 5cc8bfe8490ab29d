// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Choice, ProposalState} from "../../contracts/interfaces/IAssembly.sol";
import {Action} from "../../contracts/interfaces/IBylaws.sol";
import {ADA, BEN, FAY, GUS, WEAVER} from "./Founding.sol";
import {CoopTest} from "./CoopTest.sol";

/// @notice The acts that every other test builds on do what they say.
contract CoopTestTest is CoopTest {
    function test_a_founded_coop_has_five_members() external view {
        _same(membership.rollSize(), 5, "roll");
        _same(payRates.roles().length, 3, "roles");
    }

    function test_a_resolution_passes_and_is_executed() external {
        uint256 proposalId = _resolve(ADA);
        _pass(proposalId);
        _execute(proposalId, new Action[](0), "A resolution");

        _so(assembly_.state(proposalId) == ProposalState.Executed, "it is executed");
    }

    function test_a_candidate_is_admitted_and_changes_the_key() external {
        uint32 memberId = _admit(FAY);
        _same(memberId, 6, "memberId");

        _rotate(FAY, GUS);
        _same(_id(GUS), 6, "memberId of the new key");
    }

    function test_a_batch_of_two_signed_ballots_is_counted() external {
        uint256 proposalId = _resolve(ADA);
        _open(proposalId);
        bytes memory packed = bytes.concat(
            _entry(ADA, _ballot(ADA, proposalId, Choice.For, 1)),
            _entry(BEN, _ballot(BEN, proposalId, Choice.Against, 1))
        );

        _same(assembly_.castBallots(proposalId, packed), 2, "counted");
    }

    function test_signed_pay_ballots_are_counted_and_a_pay_vote_is_closed() external {
        uint256 payVoteId = _openPayVote(ADA, WEAVER);
        _warp(_now() + 2 days + 1);
        bytes memory packed = bytes.concat(
            _entry(ADA, _payBallot(ADA, payVoteId, 25, 1), 25),
            _entry(BEN, _payBallot(BEN, payVoteId, 22, 1), 22)
        );
        _same(payRates.castPayBallots(payVoteId, packed), 2, "counted");

        _warp(payRates.payVote(payVoteId).deadline + 1);
        _same(payRates.closePayVote(payVoteId), 2_000 + 2 * 10, "result");
    }
}
