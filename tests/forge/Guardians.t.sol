// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GuardianList, Guardianship, IMembership} from "../../contracts/interfaces/IMembership.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA, BEN, IDA, JON} from "./Founding.sol";
import {VM} from "./Vm.sol";

/// @notice Guardians of ada, two of three, at the edges of every delay and of every list.
contract Guardians is CoopTest {
    uint40 private constant DELAY = 7 days;
    uint40 private constant MONTH = 30 days;

    GuardianList private list;

    function setUp() public override {
        super.setUp();
        list = _list(3, 2);
        _name(list);
        _warp(_now() + DELAY);
    }

    // The list

    function test_guardians_come_into_force_after_seven_days_and_not_before() external {
        GuardianList memory other = _list(4, 1);
        _name(other);
        Guardianship memory found = membership.guardiansOf(1);
        _same(found.listHash, _hash(list), "in force till then");
        _same(found.nextHash, _hash(other), "the one that waits");
        _same(found.nextFrom, _now() + DELAY, "till when it waits");

        _warp(_now() + DELAY - 1);
        _refusedSupport(1, IDA, other, IMembership.MembershipBadGuardianList.selector);
        _warp(_now() + 1);
        _support(1, IDA, other);
        found = membership.guardiansOf(1);
        _same(found.listHash, _hash(other), "in force");
        _same(uint256(found.nextHash) | found.nextFrom, 0, "nothing waits any more");
        _same(found.round, 2, "each list that came into force began a round");
    }

    function test_naming_those_in_force_again_ends_a_change_that_waits() external {
        _name(_list(4, 1));
        _name(list);

        Guardianship memory found = membership.guardiansOf(1);
        _same(uint256(found.nextHash) | found.nextFrom, 0, "nothing waits");
        _warp(_now() + DELAY);
        _same(membership.guardiansOf(1).listHash, _hash(list), "in force");
    }

    function test_a_list_must_have_one_to_ten_accounts_in_order_and_no_more_needed_than_there_are() external {
        _refusedList(_list(3, 0));
        _refusedList(_list(3, 4));
        _refusedList(_list(11, 1));
        GuardianList memory wrong = _list(3, 1);
        wrong.accounts[1] = wrong.accounts[0];
        _refusedList(wrong);
        (wrong.accounts[1], wrong.accounts[2]) = (_list(3, 1).accounts[2], _list(3, 1).accounts[1]);
        _refusedList(wrong);
    }

    function test_all_of_ten_guardians_have_a_voice() external {
        GuardianList memory ten = _list(10, 10);
        _name(ten);
        _warp(_now() + DELAY);
        for (uint256 i; i < 10; ++i) {
            _due(IDA, 0);
            _support(i, IDA, ten);
        }

        _due(IDA, _now() + DELAY);
        (uint16 supporters, , ) = membership.recoveryOf(1, VM.addr(IDA));
        _same(supporters, 1_023, "a bit each");
    }

    function test_nobody_but_those_on_the_list_supports_and_nobody_their_own_recovery() external {
        bytes memory call = abi.encodeCall(IMembership.supportRecovery, (1, VM.addr(IDA), list));
        _refused(VM.addr(BEN), address(membership), call, IMembership.MembershipNotGuardian.selector);

        GuardianList memory own = _list(1, 1);
        own.accounts[0] = VM.addr(ADA);
        _name(own);
        _warp(_now() + DELAY);
        call = abi.encodeCall(IMembership.supportRecovery, (1, VM.addr(IDA), own));
        _refused(VM.addr(ADA), address(membership), call, IMembership.MembershipNotGuardian.selector);
    }

    // Support

    function test_a_recovery_waits_seven_days_from_the_last_support_it_needs() external {
        _support(0, IDA, list);
        _refusedSupport(0, IDA, list, IMembership.MembershipAlreadySupported.selector);
        _refusedCompletion(IDA, IMembership.MembershipNoRecovery.selector);
        _warp(_now() + 3 days);
        _support(1, IDA, list);
        _due(IDA, _now() + DELAY);
        _refusedSupport(2, IDA, list, IMembership.MembershipSupportSuffices.selector);

        _warp(_now() + DELAY - 1);
        _refusedCompletion(IDA, IMembership.MembershipRecoveryNotDue.selector);
        _warp(_now() + 1);
        _complete(IDA);
        _same(membership.memberOf(1).account, VM.addr(IDA), "the new key");
        _same(membership.guardiansOf(1).recoveredAt, _now(), "when guardians replaced it");
        _same(membership.guardiansOf(1).listHash, _hash(list), "guardians stay");
    }

    function test_support_lives_thirty_days() external {
        _support(0, IDA, list);
        uint40 given = _now();
        (, , uint40 expiresAt) = membership.recoveryOf(1, VM.addr(IDA));
        _same(expiresAt, given + MONTH, "when it ends");

        _warp(given + MONTH - 1);
        _refusedSupport(0, IDA, list, IMembership.MembershipAlreadySupported.selector);
        _warp(given + MONTH);
        (uint16 supporters, uint40 dueAt, uint40 ends) = membership.recoveryOf(1, VM.addr(IDA));
        _same(uint256(supporters) | dueAt | ends, 0, "nothing is left");
        _support(1, IDA, list);
        _due(IDA, 0);
    }

    function test_the_present_key_cancels_a_recovery_and_what_was_begun_is_void() external {
        _support(0, IDA, list);
        _support(1, IDA, list);
        _support(0, JON, list);
        bytes memory call = abi.encodeCall(IMembership.cancelRecovery, (VM.addr(IDA)));
        _refused(VM.addr(JON), address(membership), call, IMembership.MembershipNotMember.selector);
        VM.prank(VM.addr(ADA));
        membership.cancelRecovery(VM.addr(IDA));

        _refused(VM.addr(ADA), address(membership), call, IMembership.MembershipNoRecovery.selector);
        _warp(_now() + DELAY);
        _refusedCompletion(IDA, IMembership.MembershipNoRecovery.selector);
        _support(1, JON, list);
        _due(JON, 0);
    }

    function test_other_guardians_and_another_key_void_what_was_begun() external {
        GuardianList memory other = _list(4, 2);
        _name(other);
        _support(0, IDA, list);
        _warp(_now() + DELAY);
        _support(1, IDA, other);
        _due(IDA, 0);

        _name(list);
        _rotate(ADA, JON);
        Guardianship memory found = membership.guardiansOf(1);
        _same(uint256(found.nextHash) | found.nextFrom, 0, "no change waits");
        _same(found.listHash, _hash(other), "guardians stay");
        _support(2, IDA, other);
        _due(IDA, 0);
    }

    function test_a_new_membership_voids_what_was_begun_and_keeps_the_guardians() external {
        _support(0, IDA, list);
        _support(1, IDA, list);
        VM.startPrank(VM.addr(ADA));
        membership.leaveCooperative();
        membership.applyToJoin("profile");
        VM.stopPrank();
        _warp(_now() + DELAY);
        _takeOrdersAsNew();
        VM.prank(address(assembly_));
        membership.admit(VM.addr(ADA));

        _refusedCompletion(IDA, IMembership.MembershipNoRecovery.selector);
        _support(2, IDA, list);
        _due(IDA, 0);
        _support(0, IDA, list);
        _due(IDA, _now() + DELAY);
    }

    function test_guardians_replace_a_key_once_in_thirty_days() external {
        _recover(IDA);
        uint40 recovered = _now();
        _warp(recovered + MONTH - DELAY - 1);
        _support(0, JON, list);
        _support(1, JON, list);

        _warp(recovered + MONTH - 1);
        _refusedCompletion(JON, IMembership.MembershipRecoveryTooSoon.selector);
        _warp(recovered + MONTH);
        _complete(JON);
        _same(membership.memberOf(1).epoch, 2, "twice in all");
    }

    function test_a_key_replaced_by_vote_takes_the_guardians_away() external {
        VM.prank(address(assembly_));
        membership.recover(1, VM.addr(IDA));

        _same(membership.guardiansOf(1).listHash, 0, "no guardians");
        _refusedSupport(0, JON, list, IMembership.MembershipBadGuardianList.selector);
    }

    function test_neither_a_taken_account_nor_who_left_is_recovered() external {
        _refusedSupport(0, BEN, list, IMembership.MembershipAccountTaken.selector);
        _support(0, IDA, list);
        _support(1, IDA, list);
        _warp(_now() + DELAY);
        VM.prank(VM.addr(ADA));
        membership.leaveCooperative();

        _refusedSupport(0, JON, list, IMembership.MembershipWrongStanding.selector);
        _refusedCompletion(IDA, IMembership.MembershipWrongStanding.selector);
    }

    // Private

    /// @dev So many guardians, in the order of their accounts.
    function _list(uint256 count, uint8 needed) private pure returns (GuardianList memory made) {
        made.needed = needed;
        made.salt = "salt";
        made.accounts = new address[](count);
        for (uint160 i; i < count; ++i) {
            made.accounts[i] = address(0xA0000 + i);
        }
    }

    function _hash(GuardianList memory named) private pure returns (bytes32) {
        return keccak256(abi.encode(uint32(1), named));
    }

    function _name(GuardianList memory named) private {
        VM.prank(VM.addr(ADA));
        membership.setGuardians(_hash(named));
    }

    function _support(uint256 guardian, uint256 newKey, GuardianList memory of_) private {
        VM.prank(of_.accounts[guardian]);
        membership.supportRecovery(1, VM.addr(newKey), of_);
    }

    function _complete(uint256 newKey) private {
        VM.prank(VM.addr(newKey));
        membership.completeRecovery(1);
    }

    function _recover(uint256 newKey) private {
        _support(0, newKey, list);
        _support(1, newKey, list);
        _warp(_now() + DELAY);
        _complete(newKey);
    }

    function _due(uint256 newKey, uint40 expected) private view {
        (, uint40 dueAt, ) = membership.recoveryOf(1, VM.addr(newKey));
        _same(dueAt, expected, "when the recovery is due");
    }

    function _refusedSupport(uint256 guardian, uint256 newKey, GuardianList memory of_, bytes4 why) private {
        bytes memory call = abi.encodeCall(IMembership.supportRecovery, (1, VM.addr(newKey), of_));
        _refused(of_.accounts[guardian], address(membership), call, why);
    }

    function _refusedCompletion(uint256 newKey, bytes4 why) private {
        bytes memory call = abi.encodeCall(IMembership.completeRecovery, (1));
        _refused(VM.addr(newKey), address(membership), call, why);
    }

    /// @dev Named, in force, and yet of no use to its first account.
    function _refusedList(GuardianList memory wrong) private {
        _name(wrong);
        _warp(_now() + DELAY);
        _refusedSupport(0, IDA, wrong, IMembership.MembershipBadGuardianList.selector);
    }
}
