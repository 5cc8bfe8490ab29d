// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PayVote} from "../../contracts/interfaces/IPayRates.sol";
import {WEAVER} from "../forge/Founding.sol";
import {VM} from "../forge/Vm.sol";
import {ProvenCoop} from "./ProvenCoop.sol";

/// @title PayVotingProofs
/// @notice A pay vote counts one ballot a member, cast by nobody else, and its result is the middle ballot (invariants
/// 1 to 4, 14 and 15): on a real instance of three, with a ladder of 41 rungs from 1,800 to 2,200 around 2,000.
contract PayVotingProofs is ProvenCoop {
    uint256 private constant OPENS_AT = START + 2 days;

    uint256 private _payVoteId;
    PayVote private _vote;

    function setUp() public override {
        super.setUp();
        VM.prank(_account(1));
        _payVoteId = payRates.openPayVote(WEAVER, uint40(OPENS_AT));
        _vote = payRates.payVote(_payVoteId);
        VM.warp(OPENS_AT + 1);
    }

    function check_a_pay_ballot_counts_only_from_the_members_own_account(
        address caller,
        uint32 memberId,
        uint256 rate,
        uint8 sequence
    ) external {
        bool accepted = _cast(caller, memberId, rate, sequence);

        assert(!accepted || (memberId >= 1 && memberId <= ROLL && caller == _account(memberId)));
        assert(payRates.payVote(_payVoteId).ballots == (accepted ? 1 : 0));
    }

    function check_only_a_rung_of_the_ladder_is_taken(uint256 rate) external {
        bool accepted = _cast(_account(2), 2, rate, 1);

        assert(!accepted || (rate >= 1_800 && rate <= 2_200 && rate % 10 == 0));
    }

    function check_two_pay_ballots_of_a_member_are_one(
        uint8 rung,
        uint8 sequence,
        uint8 rung2,
        uint8 sequence2
    ) external {
        (rung, rung2) = (_known(rung), _known(rung2));
        bool first = _cast(_account(2), 2, _rate(rung), sequence);
        bool second = _cast(_account(2), 2, _rate(rung2), sequence2);

        assert(payRates.payVote(_payVoteId).ballots == (first || second ? 1 : 0));
        (uint256 rate, , ) = payRates.payBallotOf(_payVoteId, 2);
        if (second) assert(rate == _rate(rung2));
        else if (first) assert(rate == _rate(rung));
    }

    /// @dev Judged by sorting.
    function check_the_result_of_three_ballots_is_the_middle_one(uint8 a, uint8 b, uint8 c) external {
        (a, b, c) = (_known(a), _known(b), _known(c));
        assert(_cast(_account(1), 1, _rate(a), 1));
        assert(_cast(_account(2), 2, _rate(b), 1));
        assert(_cast(_account(3), 3, _rate(c), 1));
        VM.warp(_vote.deadline + 1);
        uint256 result = payRates.closePayVote(_payVoteId);

        if (a > b) (a, b) = (b, a);
        if (b > c) (b, c) = (c, b);
        if (a > b) (a, b) = (b, a);
        assert(result == _rate(b));
    }

    /// @dev One of four rungs, on both sides of a border of the packed counts; each branch knows for sure which one.
    function _known(uint8 number) private pure returns (uint8 rung) {
        VM.assume(number < 4);
        for (uint8 i; i < 4; ++i) {
            if (number == i) return 14 + i;
        }
    }

    function _rate(uint256 rung) private view returns (uint256) {
        return uint256(_vote.from) + rung * 10;
    }

    function _cast(address caller, uint32 memberId, uint256 rate, uint8 sequence) private returns (bool accepted) {
        VM.prank(caller);
        try payRates.castPayBallot(_payVoteId, memberId, rate, sequence, "") {
            accepted = true;
        } catch {}
    }
}
