// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BylawTerms} from "../../contracts/interfaces/ICooperativeFactory.sol";
import {IPayRates, PayVote, RoleTerms} from "../../contracts/interfaces/IPayRates.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA, Founding, WEAVER} from "./Founding.sol";
import {VM} from "./Vm.sol";

/// @notice Whole pay votes under any terms, beside a list of rates that is sorted.
contract PayVotes is CoopTest {
    function testFuzz_a_pay_vote_sets_the_middle_of_cast_and_filled_ballots(uint256 seed) external {
        BylawTerms memory terms = Founding.terms();
        terms.payRule.fillToRoll = seed & 1 == 1;
        terms.payRule.quorumBps = uint16((seed >> 8) % 10_001);
        terms.payRule.quorumMin = uint16(1 + ((seed >> 24) % 9));
        _found(terms, Founding.roles());
        uint256 payVoteId = _openPayVote(ADA, WEAVER);
        PayVote memory vote = payRates.payVote(payVoteId);
        _warp(vote.opensAt + 1);
        uint256[] memory rates = _cast(payVoteId, vote, seed >> 40);
        _warp(vote.deadline + 1);

        uint256 result = payRates.closePayVote(payVoteId);
        _same(result, _middle(rates, _filled(terms, rates.length), 2_000), "the result");
        _same(payRates.roleOf(WEAVER).rate, result, "the rate in force");
    }

    function testFuzz_the_ladder_and_the_result_are_within_the_bounds_of_the_role(uint256 seed, uint8 rung) external {
        BylawTerms memory terms = Founding.terms();
        terms.payRule.ratioCap = seed & 1 == 0 ? 0 : uint16(_within(seed >> 8, 200, 10_000));
        RoleTerms[] memory roles = Founding.roles();
        roles[0].step = uint48(_within(seed >> 24, 1, 300));
        roles[0].maxChangeBps = uint16(_within(seed >> 72, 1, 10_000));
        roles[0].floor = uint48(_within(seed >> 88, 0, 2_000));
        _found(terms, roles);
        uint256 payVoteId = _openPayVote(ADA, WEAVER);
        (uint256 lowest, uint256 highest) = payRates.bounds(WEAVER);
        PayVote memory vote = payRates.payVote(payVoteId);
        uint256 top = uint256(vote.from) + uint256(vote.rungs - 1) * vote.step;

        _so(vote.from >= lowest && top <= highest, "every rung is within the bounds");
        _same(uint256(vote.from) + uint256(vote.presentRung) * vote.step, 2_000, "the present rate is a rung");
        _so(vote.rungs <= 256, "at most 256 rungs");

        _warp(vote.opensAt + 1);
        _everybody(payVoteId, uint256(vote.from) + (rung % vote.rungs) * vote.step);
        _warp(vote.deadline + 1);
        uint256 result = payRates.closePayVote(payVoteId);
        _same(result, uint256(vote.from) + (rung % vote.rungs) * vote.step, "what all wanted");
        _so(result >= lowest && result <= highest, "within the bounds");
    }

    function testFuzz_a_rate_that_is_no_rung_is_refused(uint256 rate) external {
        uint256 payVoteId = _openPayVote(ADA, WEAVER);
        PayVote memory vote = payRates.payVote(payVoteId);
        _warp(vote.opensAt + 1);
        uint256 wanted = rate % 3 == 0 ? rate : _within(rate, 1_700, 2_300);
        VM.assume(wanted < 1_800 || wanted > 2_200 || wanted % 10 != 0);

        bytes memory call = abi.encodeCall(IPayRates.castPayBallot, (payVoteId, 1, wanted, 1, ""));
        _refused(VM.addr(ADA), address(payRates), call, IPayRates.PayRatesBallotRefused.selector);
    }

    /// @dev Each of the five casts or not, some of them twice; the rates that stand at the end.
    function _cast(uint256 payVoteId, PayVote memory vote, uint256 dice) private returns (uint256[] memory rates) {
        rates = new uint256[](5);
        uint256 count;
        for (uint256 i; i < 5; ++i) {
            uint256 own = uint256(keccak256(abi.encode(dice, i)));
            if (own & 3 == 0) continue;
            if (own & 3 == 1) _payVote(_voters()[i], payVoteId, vote.from, 1);
            rates[count] = uint256(vote.from) + ((own >> 8) % vote.rungs) * vote.step;
            _payVote(_voters()[i], payVoteId, rates[count++], 2);
        }
        assembly ("memory-safe") {
            mstore(rates, count)
        }
    }

    function _everybody(uint256 payVoteId, uint256 rate) private {
        for (uint256 i; i < 5; ++i) {
            _payVote(_voters()[i], payVoteId, rate, 1);
        }
    }

    /// @dev How many absences are filled, counted one by one.
    function _filled(BylawTerms memory terms, uint256 cast) private pure returns (uint256 filled) {
        uint256 wanted = terms.payRule.quorumMin;
        while (wanted * 10_000 < 5 * uint256(terms.payRule.quorumBps)) ++wanted;
        if (wanted > 5 || terms.payRule.fillToRoll) wanted = 5;
        while (cast + filled < wanted) ++filled;
        if ((cast + filled) % 2 == 0) ++filled;
    }

    function _middle(uint256[] memory cast, uint256 filled, uint256 present) private pure returns (uint256) {
        uint256[] memory all = new uint256[](cast.length + filled);
        for (uint256 i; i < all.length; ++i) {
            all[i] = i < cast.length ? cast[i] : present;
            for (uint256 at = i; at != 0 && all[at - 1] > all[at]; --at) {
                (all[at - 1], all[at]) = (all[at], all[at - 1]);
            }
        }
        return all[all.length / 2];
    }
}
