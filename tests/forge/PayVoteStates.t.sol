// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPayRates, PayVote, PayVoteState} from "../../contracts/interfaces/IPayRates.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA, BEN, CLEO, WEAVER} from "./Founding.sol";

/// @notice What is told of a pay vote at each moment.
contract PayVoteStates is CoopTest {
    uint256 private payVoteId;
    PayVote private vote;

    function setUp() public override {
        super.setUp();
        payVoteId = _openPayVote(ADA, WEAVER);
        vote = payRates.payVote(payVoteId);
    }

    function test_a_pay_vote_goes_from_state_to_state_to_the_second() external {
        _stands(vote.opensAt, PayVoteState.Pending);
        _stands(vote.opensAt + 1, PayVoteState.Open);
        _stands(vote.deadline, PayVoteState.Open);
        _stands(vote.deadline + 1, PayVoteState.Counting);
        _stands(vote.deadline + 5 days, PayVoteState.Counting);
        _stands(vote.deadline + 5 days + 1, PayVoteState.Expired);
        bytes memory expired = abi.encodeWithSelector(
            IPayRates.PayRatesUnexpectedState.selector,
            payVoteId,
            PayVoteState.Expired,
            PayVoteState.Counting
        );
        _refused(address(this), address(payRates), abi.encodeCall(IPayRates.closePayVote, (payVoteId)), expired);
    }

    function test_a_pay_vote_is_closed_on_the_last_second_of_its_grace_and_stays_closed() external {
        _warp(vote.deadline + 5 days);
        payRates.closePayVote(payVoteId);

        _so(payRates.payVote(payVoteId).closed, "closed");
        _stands(vote.deadline + 5 days + 1, PayVoteState.Closed);
    }

    function test_a_pay_vote_is_told_as_it_was_called() external view {
        _same(payRates.payVoteCount(), 1, "how many there are");
        _same(vote.role, WEAVER, "role");
        _same(vote.deadline, vote.opensAt + 3 days, "deadline");
        _same(vote.from, 1_800, "the lowest rung");
        _same(vote.step, 10, "step");
        _same(vote.rungs, 41, "rungs");
        _same(vote.presentRung, 20, "the present rate");
        _same(vote.ruleVersion, 1, "version");
        _same(payRates.payVoteRoll(payVoteId), 5, "roll");
        _same(payRates.membership(), address(membership), "who may vote");
    }

    function test_the_ballots_are_told_rung_by_rung() external {
        _warp(vote.opensAt + 1);
        _payVote(ADA, payVoteId, 1_800, 1);
        _payVote(BEN, payVoteId, 2_200, 1);
        _payVote(CLEO, payVoteId, 2_200, 1);

        uint256[] memory counts = payRates.histogram(payVoteId);
        _same(counts.length, 41, "as many as there are rungs");
        uint256[] memory expected = new uint256[](41);
        (expected[0], expected[40]) = (1, 2);
        _same(abi.encode(counts), abi.encode(expected), "ballots on each rung");
        _same(payRates.payVote(payVoteId).ballots, 3, "all of them");
    }

    function _stands(uint256 second, PayVoteState expected) private {
        _warp(second);
        _same(uint8(payRates.payVoteState(payVoteId)), uint8(expected), "state");
    }
}
