// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DecisionClass, Rule} from "../../../contracts/interfaces/IBylaws.sol";
import {ICooperativeFactory, Instance} from "../../../contracts/interfaces/ICooperativeFactory.sol";
import {IChronicle} from "../../../contracts/interfaces/IChronicle.sol";
import {Member, Standing} from "../../../contracts/interfaces/IMembership.sol";
import {Founding} from "../Founding.sol";
import {VM} from "../Vm.sol";
import {CoopInvariants} from "./CoopInvariants.sol";
import {Person, Seat} from "./Ghost.sol";

/// @title RollInvariants
/// @notice What must hold of members, rules and the instance after any sequence of acts.
contract RollInvariants is CoopInvariants {
    function invariant_09_only_passed_proposals_change_roll_and_bylaws() external looking {
        _noBreach(9, "somebody did what only a passed proposal may do");
        _same(membership.lastMemberId(), handler.people(), "members ever");
        _same(membership.probation(), handler.probation(), "probation");
        _same(membership.rollSize(), handler.sizeAt(handler.clock(), 0), "size of the roll");
        for (uint32 id = 1; id <= handler.people(); ++id) {
            Person memory noted = handler.person(id);
            Member memory found = membership.memberOf(id);
            (Standing standing, uint40 until) = membership.standingOf(id);
            _same(found.account, VM.addr(noted.key), "key");
            _same(found.epoch, noted.epoch, "epoch");
            _same(uint256(standing), uint256(noted.standing), "standing");
            _same(until, noted.suspendedUntil, "end of the suspension");
        }
        for (uint8 i; i < 7; ++i) {
            (uint32 version, Rule memory rule) = bylaws.inForce(DecisionClass(i));
            _same(version, handler.versions(DecisionClass(i)), "version of the rule");
            _same(keccak256(abi.encode(rule)), handler.inForce(DecisionClass(i)), "rule");
        }
    }

    function invariant_06_the_roll_of_every_past_moment_stays_as_it_was() external looking {
        uint256 count = handler.seatCount();
        for (uint256 i; i < count; ++i) {
            Seat memory seat = handler.seat(i);
            if (seat.from >= handler.clock()) continue;
            _same(membership.getPastTotalSupply(seat.from), handler.sizeAt(seat.from, 0), "size of a past roll");
            address then = handler.seatAt(seat.memberId, seat.from);
            _same(membership.accountAt(seat.memberId, seat.from), then, "account on a past roll");
            _same(
                membership.getPastTotalSupply(seat.from - 1),
                handler.sizeAt(seat.from - 1, 0),
                "size before a change"
            );
        }
    }

    function invariant_10_every_rule_that_was_set_could_be_met_by_the_roll() external view {
        _noBreach(10, "a rule that not even everybody could meet");
    }

    function invariant_13_an_account_belongs_to_one_memberId_for_ever() external looking {
        _noBreach(13, "an account was taken twice");
        for (uint256 i; i < handler.accountCount(); ++i) {
            address account = handler.accounts(i);
            _same(membership.memberIdOf(account), handler.idOf(account), "memberId of an account");
        }
    }

    function invariant_16_each_chronicle_head_is_the_fold_of_all_logs() external view {
        for (uint256 i; i < 4; ++i) {
            address own = handler.own(i);
            _same(IChronicle(own).chronicleHead(), handler.heads(own), "chronicle head");
        }
    }

    function invariant_18_guardians_replace_a_key_only_together_and_while_it_could_say_no() external view {
        _noBreach(18, "guardians did what they may not");
    }

    function invariant_17_nothing_begins_twice() external looking {
        bytes4 already = IChronicle.ChronicleAlreadyBegun.selector;
        Instance memory locked = ICooperativeFactory(handler.theFactory()).implementations();
        address[2] memory halls = [handler.own(2), locked.assembly_];
        address[2] memory rolls = [handler.own(0), locked.membership];
        address[2] memory books = [handler.own(1), locked.bylaws];
        address[2] memory rates = [handler.own(3), locked.payRates];
        for (uint256 i; i < 2; ++i) {
            address me = address(this);
            _refused(me, halls[i], abi.encodeCall(assembly_.initialize, ()), already);
            _refused(me, rolls[i], abi.encodeCall(membership.initialize, (me, 1, Founding.founders())), already);
            _refused(me, books[i], abi.encodeCall(bylaws.initialize, (me, 5)), already);
            bytes memory data = abi.encodeCall(payRates.initialize, (me, "GBP", Founding.payRule(), Founding.roles()));
            _refused(me, rates[i], data, already);
        }
    }
}
