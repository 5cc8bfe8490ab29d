// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Refusal} from "../../contracts/interfaces/IAssembly.sol";
import {IPayRates, PayRule, PayVoteState} from "../../contracts/interfaces/IPayRates.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA, BEN, CARER, CLEO, EVE, FAY, Founding, WEAVER} from "./Founding.sol";
import {VM} from "./Vm.sol";

/// @notice Pay votes and pay ballots that are refused, each with its reason.
contract PayRefusals is CoopTest {
    function test_a_role_has_one_vote_at_a_time_and_then_rests() external {
        uint256 first = _openPayVote(ADA, WEAVER);
        bytes memory underWay = abi.encodeWithSelector(IPayRates.PayRatesVoteUnderWay.selector, WEAVER, first);
        _notCalled(WEAVER, _now() + 2 days, underWay);

        _warp(payRates.payVote(first).deadline + 1);
        payRates.closePayVote(first);
        uint256 until = _now() + 7 days;
        bytes memory resting = abi.encodeWithSelector(IPayRates.PayRatesResting.selector, WEAVER, until);
        _notCalled(WEAVER, _now() + 2 days, resting);
        _warp(until);
        _same(_openPayVote(ADA, WEAVER), first + 1, "the next");
    }

    function test_a_pay_vote_opens_within_a_fortnight_after_its_notice() external {
        uint40[2] memory moments = [_now() + 1 days - 1, _now() + 15 days + 1];
        for (uint256 i; i < 2; ++i) {
            bytes memory wrong = abi.encodeWithSelector(
                IPayRates.PayRatesOpeningOutOfBounds.selector,
                moments[i],
                _now() + 1 days,
                _now() + 15 days
            );
            _notCalled(WEAVER, moments[i], wrong);
        }
    }

    function test_a_stranger_calls_no_pay_vote() external {
        bytes memory call = abi.encodeCall(IPayRates.openPayVote, (WEAVER, _now() + 2 days));
        bytes memory refused = abi.encodeWithSelector(IPayRates.PayRatesNotMember.selector, VM.addr(FAY));
        _refused(VM.addr(FAY), address(payRates), call, refused);
    }

    function test_votes_that_end_together_are_closed_in_their_order() external {
        uint256 first = _openPayVote(ADA, WEAVER);
        uint256 second = _openPayVote(BEN, CARER);
        _warp(payRates.payVote(first).deadline + 1);
        _same(payRates.payVote(second).deadline, payRates.payVote(first).deadline, "they end together");
        bytes memory earlier = abi.encodeWithSelector(IPayRates.PayRatesEarlierVoteFirst.selector, second, first);
        _refused(address(this), address(payRates), abi.encodeCall(IPayRates.closePayVote, (second)), earlier);

        payRates.closePayVote(first);
        payRates.closePayVote(second);
        _same(uint8(payRates.payVoteState(second)), uint8(PayVoteState.Closed), "closed");
    }

    function test_a_vote_that_was_never_called_has_no_state() external {
        bytes memory unknown = abi.encodeWithSelector(IPayRates.PayRatesUnknownPayVote.selector, 9);
        _refused(address(this), address(payRates), abi.encodeCall(IPayRates.payVoteState, (9)), unknown);
    }

    function test_a_quorum_is_at_least_one_ballot() external {
        PayRule memory rule = Founding.payRule();
        rule.quorumMin = 0;
        bytes memory bounds = abi.encodeWithSelector(IPayRates.PayRatesOutOfBounds.selector, bytes32("quorumMin"));
        _refused(address(assembly_), address(payRates), abi.encodeCall(IPayRates.setPayRule, (rule)), bounds);
    }

    function test_a_pay_ballot_is_refused_for_who_casts_it_and_for_what_it_says() external {
        uint256 payVoteId = _openPayVote(ADA, WEAVER);
        VM.prank(VM.addr(EVE));
        membership.leaveCooperative();
        _warp(payRates.payVote(payVoteId).opensAt + 1);

        _notCast(BEN, 1, 1, "", Refusal.BadSignature);
        _notCast(ADA, 1, 1, string(new bytes(501)), Refusal.BadReason);
        _notCast(ADA, 9, 1, "", Refusal.UnknownMember);
        _notCast(EVE, 5, 1, "", Refusal.NotEligible);
        _notCast(ADA, 1, 0, "", Refusal.StaleSequence);
        _payVote(ADA, payVoteId, 2_000, 1);
        _notCast(ADA, 1, 1, "", Refusal.StaleSequence);
    }

    function test_a_pay_ballot_is_told_as_it_was_cast_with_the_longest_reason() external {
        uint256 payVoteId = _openPayVote(ADA, WEAVER);
        _warp(payRates.payVote(payVoteId).opensAt + 1);
        VM.prank(VM.addr(CLEO));
        payRates.castPayBallot(payVoteId, 3, 2_100, 7, string(new bytes(500)));

        (uint256 rate, uint8 epoch, uint8 sequence) = payRates.payBallotOf(payVoteId, 3);
        _same(rate, 2_100, "rate");
        _same(epoch, 0, "epoch");
        _same(sequence, 7, "sequence");
        (rate, epoch, sequence) = payRates.payBallotOf(payVoteId, 2);
        _same(rate + epoch + sequence, 0, "who has not cast");
    }

    function _notCalled(bytes32 role, uint40 opensAt, bytes memory error_) private {
        _refused(VM.addr(ADA), address(payRates), abi.encodeCall(IPayRates.openPayVote, (role, opensAt)), error_);
    }

    /// @dev In the first pay vote, for the present rate.
    function _notCast(uint256 key, uint32 memberId, uint8 sequence, string memory reason, Refusal why) private {
        bytes memory call = abi.encodeCall(IPayRates.castPayBallot, (1, memberId, 2_000, sequence, reason));
        bytes memory refused = abi.encodeWithSelector(IPayRates.PayRatesBallotRefused.selector, 1, memberId, why);
        _refused(VM.addr(key), address(payRates), call, refused);
    }
}
