// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMembership, Standing} from "../../contracts/interfaces/IMembership.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA, BEN, CLEO, FAY, GUS, HAL} from "./Founding.sol";
import {VM} from "./Vm.sol";

/// @notice What the roll says of a person now, in every standing, and what each standing rules out.
contract Standings is CoopTest {
    function setUp() public override {
        super.setUp();
        _takeOrdersAsNew();
    }

    function test_a_founder_is_on_the_roll_under_their_number() external view {
        _stands(2, BEN, Standing.Active, 0);
        _same(membership.assembly_(), address(assembly_), "whom the roll obeys");
        _same(membership.probation(), 5 days, "probation");
        _same(membership.lastMemberId(), 5, "the last number");
        _same(membership.rollSize(), 5, "how many there are");
        bytes memory ids = abi.encode(2, 9);
        uint256[2] memory slots = abi.decode(membership.slotsOf(ids), (uint256[2]));
        _same(slots[0], membership.slotOf(2), "the record of a member");
        _same(address(uint160(slots[0])), VM.addr(BEN), "begins with their account");
        _same(slots[1], 0, "nobody has no record");
    }

    function test_a_stranger_is_nobody() external {
        (Standing standing, ) = membership.standingOf(9);
        _same(uint8(standing), uint8(Standing.None), "none");
        _same(membership.rollAt(_now(), 9), 5, "the roll without nobody is the roll");
        _same(membership.getVotes(VM.addr(FAY)), 0, "no vote");
        _warp(_now() + 1);
        _same(membership.getPastVotes(address(0), _now() - 1), 0, "no account has no vote");
        _refusedBy(FAY, abi.encodeCall(IMembership.leaveCooperative, ()), IMembership.MembershipNotMember.selector);
        _refusedByVote(abi.encodeCall(IMembership.expel, (9)), IMembership.MembershipUnknownMember.selector);
    }

    function test_a_suspended_member_keeps_number_and_key_but_no_vote() external {
        VM.prank(address(assembly_));
        membership.suspend(2, 3 days);

        _stands(2, BEN, Standing.Suspended, _now() + 3 days);
        bytes4 taken = IMembership.MembershipAccountTaken.selector;
        _refusedBy(BEN, abi.encodeCall(IMembership.applyToJoin, ("profile")), taken);
        bytes4 wrong = IMembership.MembershipWrongStanding.selector;
        _refusedByVote(abi.encodeCall(IMembership.suspend, (2, 1 days)), wrong);
        // Their key can be replaced, and it stays off the roll.
        VM.prank(address(assembly_));
        membership.recover(2, VM.addr(FAY));
        _stands(2, FAY, Standing.Suspended, _now() + 3 days);
        _warp(_now() + 1);
        _same(membership.accountAt(2, _now() - 1), address(0), "off the roll");
        _warp(_now() + 3 days);
        membership.reinstate(2);
        _stands(2, FAY, Standing.Active, 0);
        _same(membership.memberOf(2).since, _now(), "since then");
        _warp(_now() + 1);
        _same(membership.accountAt(2, _now() - 1), VM.addr(FAY), "back on the roll");
    }

    function test_who_left_or_was_expelled_comes_back_with_the_last_key_only() external {
        _rotate(BEN, GUS);
        VM.prank(VM.addr(GUS));
        membership.leaveCooperative();
        _stands(2, GUS, Standing.Left, 0);
        VM.prank(address(assembly_));
        membership.expel(3);
        _stands(3, CLEO, Standing.Expelled, 0);

        bytes4 wrong = IMembership.MembershipWrongStanding.selector;
        _refusedBy(GUS, abi.encodeCall(IMembership.leaveCooperative, ()), wrong);
        _refusedByVote(abi.encodeCall(IMembership.expel, (2)), wrong);
        _refusedByVote(abi.encodeCall(IMembership.recover, (3, VM.addr(FAY))), wrong);
        bytes4 taken = IMembership.MembershipAccountTaken.selector;
        _refusedBy(BEN, abi.encodeCall(IMembership.applyToJoin, ("profile")), taken);
        _readmit(GUS, 2);
        _readmit(CLEO, 3);
        _same(membership.lastMemberId(), 5, "no new number");
        _same(membership.memberOf(2).epoch, 1, "the epoch stays");
    }

    function test_only_a_suspension_is_ended_by_reinstatement() external {
        bytes memory active = abi.encodeCall(IMembership.reinstate, (1));
        bytes4 wrong = IMembership.MembershipWrongStanding.selector;
        VM.prank(VM.addr(BEN));
        membership.leaveCooperative();
        VM.prank(address(assembly_));
        membership.expel(3);

        _refusedByVote(active, wrong);
        _refusedByVote(abi.encodeCall(IMembership.reinstate, (2)), wrong);
        _refusedByVote(abi.encodeCall(IMembership.reinstate, (3)), wrong);
        _refusedByVote(abi.encodeCall(IMembership.reinstate, (9)), wrong);
        _same(membership.rollSize(), 3, "nobody came back");
    }

    function test_a_new_key_must_be_free() external {
        VM.prank(VM.addr(FAY));
        membership.applyToJoin("profile");
        _same(membership.appliedAt(VM.addr(FAY)), _now(), "since when they apply");

        bytes4 taken = IMembership.MembershipAccountTaken.selector;
        _refusedByVote(abi.encodeCall(IMembership.recover, (2, VM.addr(FAY))), taken);
        _refusedByVote(abi.encodeCall(IMembership.recover, (2, VM.addr(ADA))), taken);
        _refusedByVote(abi.encodeCall(IMembership.recover, (2, address(0))), taken);
    }

    function test_a_replaced_key_has_neither_vote_nor_membership_but_its_number() external {
        VM.prank(address(assembly_));
        membership.recover(2, VM.addr(HAL));

        _stands(2, HAL, Standing.Active, 0);
        _same(membership.memberOf(2).epoch, 1, "the next epoch");
        _same(membership.memberIdOf(VM.addr(BEN)), 2, "its number");
        _same(membership.activeMemberIdOf(VM.addr(BEN)), 0, "no member");
        _same(membership.getVotes(VM.addr(BEN)), 0, "no vote");
        _refusedBy(BEN, abi.encodeCall(IMembership.leaveCooperative, ()), IMembership.MembershipNotMember.selector);
    }

    function test_the_past_ends_a_second_before_now() external {
        bytes4 future = IMembership.MembershipFutureLookup.selector;
        _refusedBy(ADA, abi.encodeCall(IMembership.accountAt, (2, _now())), future);
        _refusedBy(ADA, abi.encodeCall(IMembership.getPastTotalSupply, (_now())), future);

        _warp(_now() + 1);
        _same(membership.getPastTotalSupply(_now() - 1), 5, "the founders");
        _same(membership.accountAt(2, _now() - 1), VM.addr(BEN), "a founder");
    }

    // Private

    /// @dev All that the roll says of a member now.
    function _stands(uint32 id, uint256 key, Standing expected, uint40 until) private view {
        bool active = expected == Standing.Active;
        (Standing standing, uint40 suspendedUntil) = membership.standingOf(id);
        _same(uint8(standing), uint8(expected), "standing");
        _same(suspendedUntil, until, "the end of a suspension");
        _same(membership.memberOf(id).account, VM.addr(key), "account");
        _same(membership.memberIdOf(VM.addr(key)), id, "number");
        _same(membership.activeMemberIdOf(VM.addr(key)), active ? id : 0, "number of an active member");
        _same(membership.getVotes(VM.addr(key)), active ? 1 : 0, "votes");
        _same(membership.rollAt(_now(), id), membership.rollSize() - (active ? 1 : 0), "the roll without them");
        _same(membership.rollAt(_now() + 1, 0), membership.rollSize(), "the roll to come");
    }

    function _readmit(uint256 key, uint32 id) private {
        VM.prank(VM.addr(key));
        membership.applyToJoin("profile");
        _warp(_now() + 5 days);
        VM.prank(address(assembly_));
        _same(membership.admit(VM.addr(key)), id, "under the same number");
        _stands(id, key, Standing.Active, 0);
        _same(membership.memberOf(id).since, _now(), "since then");
    }

    function _refusedBy(uint256 key, bytes memory call, bytes4 why) private {
        _refused(VM.addr(key), address(membership), call, why);
    }

    function _refusedByVote(bytes memory call, bytes4 why) private {
        _refused(address(assembly_), address(membership), call, why);
    }
}
