// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPayRates, PayRule, RoleTerms} from "../../contracts/interfaces/IPayRates.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA, CARER, DRIVER, Founding, WEAVER} from "./Founding.sol";
import {VM} from "./Vm.sol";

/// @notice Roles: which there may be, at what rate, and what a role was paid at any moment.
contract PayRoles is CoopTest {
    function test_a_role_that_never_was_or_is_retired_has_no_vote() external {
        bytes memory unknown = abi.encodeWithSelector(IPayRates.PayRatesUnknownRole.selector, bytes32("cook"));
        _refused(address(this), address(payRates), abi.encodeCall(IPayRates.roleOf, ("cook")), unknown);

        VM.prank(address(assembly_));
        payRates.retireRole(WEAVER);
        bytes memory call = abi.encodeCall(IPayRates.openPayVote, (WEAVER, _now() + 2 days));
        bytes memory retired = abi.encodeWithSelector(IPayRates.PayRatesUnknownRole.selector, WEAVER);
        _refused(VM.addr(ADA), address(payRates), call, retired);
    }

    function test_a_name_is_given_once() external {
        bytes memory exists = abi.encodeWithSelector(IPayRates.PayRatesRoleExists.selector, WEAVER);
        _notAdded(WEAVER, 2_000, exists);
    }

    function test_there_are_at_most_32_roles_at_a_time() external {
        for (uint256 i = 4; i <= 32; ++i) {
            _add(bytes32(bytes1(uint8(64 + i))));
        }
        bytes memory tooMany = abi.encodeWithSelector(IPayRates.PayRatesTooManyRoles.selector, 33);
        _notAdded("one more", 2_000, tooMany);
        VM.prank(address(assembly_));
        payRates.retireRole(WEAVER);
        _add("one more");
    }

    function test_there_are_at_most_255_roles_ever() external {
        for (uint256 i = 4; i <= 255; ++i) {
            bytes32 role = bytes32(bytes1(uint8(i)));
            _add(role);
            VM.prank(address(assembly_));
            payRates.retireRole(role);
        }
        bytes memory tooMany = abi.encodeWithSelector(IPayRates.PayRatesTooManyRoles.selector, 256);
        _notAdded("one more", 2_000, tooMany);
    }

    function test_where_present_rates_break_the_cap_a_new_one_lies_between_them() external {
        PayRule memory rule = Founding.payRule();
        rule.ratioCap = 110; // carers earn 1.33 times what drivers do
        VM.prank(address(assembly_));
        payRates.setPayRule(rule);
        uint48[2] memory outside = [uint48(1_799), 2_401];
        for (uint256 i; i < 2; ++i) {
            bytes memory bounds = abi.encodeWithSelector(
                IPayRates.PayRatesRateOutOfBounds.selector,
                bytes32("cook"),
                outside[i],
                1_800,
                2_400
            );
            _notAdded("cook", outside[i], bounds);
        }
        _add("cook");
    }

    function test_a_step_a_floor_and_a_largest_change_are_taken_up_to_their_bounds_and_refused_beyond() external {
        uint48 most = type(uint40).max;
        VM.startPrank(address(assembly_));
        payRates.changeRole(WEAVER, most, most, 10_000);
        payRates.changeRole(WEAVER, 0, 1, 1);
        VM.stopPrank();

        _notChanged(most + 1, 1, 1, "floor");
        _notChanged(0, most + 1, 1, "step");
        _notChanged(0, 0, 1, "step");
        _notChanged(0, 1, 10_001, "maxChangeBps");
        _notChanged(0, 1, 0, "maxChangeBps");
    }

    function test_a_retired_role_binds_no_other_and_those_before_it_still_do() external {
        PayRule memory rule = Founding.payRule();
        rule.ratioCap = 110;
        VM.startPrank(address(assembly_));
        payRates.setPayRule(rule);
        payRates.retireRole(DRIVER);
        VM.stopPrank();

        // 2,400 of a carer is at most 1.1 times what a weaver gets, who gets at most a tenth more than before.
        (uint256 lowest, uint256 highest) = payRates.bounds(WEAVER);
        _same(lowest, 2_182, "the lowest rate");
        _same(highest, 2_200, "the highest rate");
        (lowest, highest) = payRates.bounds(CARER);
        _same(lowest, 2_160, "the lowest rate of a carer");
        _same(highest, 2_200, "the highest rate of a carer");
    }

    function test_a_vote_on_a_retired_role_holds_up_no_other_and_those_before_it_still_do() external {
        uint256 weavers = _openPayVote(ADA, WEAVER);
        uint256 drivers = _openPayVote(ADA, DRIVER);
        uint256 carers = _openPayVote(ADA, CARER);
        VM.prank(address(assembly_));
        payRates.retireRole(DRIVER);
        _warp(payRates.payVote(carers).deadline + 1);

        bytes memory earlier = abi.encodeWithSelector(IPayRates.PayRatesEarlierVoteFirst.selector, carers, weavers);
        _refused(address(this), address(payRates), abi.encodeCall(IPayRates.closePayVote, (carers)), earlier);
        payRates.closePayVote(weavers);
        payRates.closePayVote(carers);
        bytes memory retired = abi.encodeWithSelector(IPayRates.PayRatesUnknownRole.selector, DRIVER);
        _refused(address(this), address(payRates), abi.encodeCall(IPayRates.closePayVote, (drivers)), retired);
    }

    function test_a_rate_is_told_for_every_moment() external {
        uint256 payVoteId = _openPayVote(ADA, WEAVER);
        _warp(payRates.payVote(payVoteId).opensAt + 1);
        uint256[5] memory keys = _voters();
        for (uint256 i; i < 5; ++i) {
            _payVote(keys[i], payVoteId, 2_100, 1);
        }
        uint256 closed = payRates.payVote(payVoteId).deadline + 1;
        _warp(closed);
        payRates.closePayVote(payVoteId);

        _same(payRates.rateAt(WEAVER, closed - 1), 2_000, "before");
        _same(payRates.rateAt(WEAVER, closed), 2_100, "from the closing on");
        _same(payRates.rateAt(WEAVER, closed + 365 days), 2_100, "what is to come is the present");
        _same(payRates.rateAt(WEAVER, 1), 0, "before the founding");
    }

    function _terms(bytes32 role, uint48 rate) private pure returns (RoleTerms memory) {
        return RoleTerms({role: role, rate: rate, floor: 1_000, step: 10, maxChangeBps: 1_000});
    }

    function _add(bytes32 role) private {
        VM.prank(address(assembly_));
        payRates.addRole(_terms(role, 2_000));
    }

    function _notChanged(uint48 floor, uint48 step, uint16 maxChangeBps, bytes32 field) private {
        bytes memory call = abi.encodeCall(IPayRates.changeRole, (WEAVER, floor, step, maxChangeBps));
        bytes memory bounds = abi.encodeWithSelector(IPayRates.PayRatesOutOfBounds.selector, field);
        _refused(address(assembly_), address(payRates), call, bounds);
    }

    function _notAdded(bytes32 role, uint48 rate, bytes memory error_) private {
        bytes memory call = abi.encodeCall(IPayRates.addRole, (_terms(role, rate)));
        _refused(address(assembly_), address(payRates), call, error_);
    }
}
