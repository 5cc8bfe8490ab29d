// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAssembly} from "../../contracts/interfaces/IAssembly.sol";
import {IMembership, Standing} from "../../contracts/interfaces/IMembership.sol";
import {CoopTest} from "./CoopTest.sol";
import {BEN, CLEO, HAL} from "./Founding.sol";
import {VM} from "./Vm.sol";

/// @notice Orders about a person: whose they are, and that they hold only for what the person was when the vote opened.
contract MembershipOrders is CoopTest {
    function test_nobody_but_the_assembly_gives_orders_about_the_roll() external {
        bytes[5] memory orders = [
            abi.encodeCall(IMembership.admit, (VM.addr(HAL))),
            abi.encodeCall(IMembership.suspend, (3, 1 days)),
            abi.encodeCall(IMembership.expel, (3)),
            abi.encodeCall(IMembership.recover, (3, VM.addr(HAL))),
            abi.encodeCall(IMembership.setProbation, (1 days))
        ];
        bytes memory refused = abi.encodeWithSelector(IMembership.MembershipOnlyAssembly.selector, VM.addr(BEN));
        for (uint256 i; i < 5; ++i) {
            _refused(VM.addr(BEN), address(membership), orders[i], refused);
        }
    }

    function test_an_order_about_an_earlier_membership_does_not_touch_the_present_one() external {
        uint256 since = _leaveAndComeBack();
        bytes[3] memory orders = [
            abi.encodeCall(IMembership.suspend, (2, 1 days)),
            abi.encodeCall(IMembership.expel, (2)),
            abi.encodeCall(IMembership.recover, (2, VM.addr(HAL)))
        ];
        _voteOpenedAt(since - 1);
        for (uint256 i; i < 3; ++i) {
            _outdated(orders[i], since);
        }
        _voteOpenedAt(since);
        uint256 snapshot = VM.snapshotState();
        Standing[3] memory after_ = [Standing.Suspended, Standing.Expelled, Standing.Active];
        for (uint256 i; i < 3; ++i) {
            _obey(orders[i]);
            (Standing standing, ) = membership.standingOf(2);
            _same(uint8(standing), uint8(after_[i]), "as the vote decided");
            VM.revertToState(snapshot);
        }
    }

    function test_a_first_membership_is_never_later_than_the_vote() external {
        _voteOpenedAt(0);
        _obey(abi.encodeCall(IMembership.expel, (3)));
        (Standing standing, ) = membership.standingOf(3);
        _same(uint8(standing), uint8(Standing.Expelled), "expelled");
    }

    function test_the_assembly_ends_a_suspension_early_but_not_one_that_is_newer_than_its_vote() external {
        uint256 suspended = _now();
        _voteOpenedAt(suspended);
        _obey(abi.encodeCall(IMembership.suspend, (3, 10 days)));
        _warp(suspended + 1 days);
        _voteOpenedAt(suspended - 1);
        _outdated(abi.encodeCall(IMembership.reinstate, (3)), suspended);

        _voteOpenedAt(suspended);
        _obey(abi.encodeCall(IMembership.reinstate, (3)));
        _same(membership.activeMemberIdOf(VM.addr(CLEO)), 3, "nine days early");
    }

    function _voteOpenedAt(uint256 second) private {
        bytes memory question = abi.encodeCall(IAssembly.executionSnapshot, ());
        VM.mockCall(address(assembly_), question, abi.encode(second));
    }

    /// @dev Ben; since when he is a member again.
    function _leaveAndComeBack() private returns (uint256 since) {
        VM.startPrank(VM.addr(BEN));
        membership.leaveCooperative();
        membership.applyToJoin("again");
        VM.stopPrank();
        _warp(_now() + 5 days);
        _voteOpenedAt(_now());
        _obey(abi.encodeCall(IMembership.admit, (VM.addr(BEN))));
        since = _now();
        _warp(since + 3 days);
    }

    function _obey(bytes memory order) private {
        VM.prank(address(assembly_));
        // solhint-disable-next-line avoid-low-level-calls
        (bool ok, ) = address(membership).call(order);
        _so(ok, "the order is obeyed");
    }

    function _outdated(bytes memory order, uint256 changedAt) private {
        bytes memory refused = abi.encodeWithSelector(
            IMembership.MembershipOrderOutdated.selector,
            changedAt,
            changedAt - 1
        );
        _refused(address(assembly_), address(membership), order, refused);
    }
}
