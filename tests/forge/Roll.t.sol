// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CoopTest} from "./CoopTest.sol";
import {FAY, GUS, HAL} from "./Founding.sol";
import {VM} from "./Vm.sol";

/// @notice The roll of any past moment, beside a copy of the whole roll that is kept after every change.
contract Roll is CoopTest {
    enum Is {
        Nobody,
        Active,
        Suspended,
        Gone
    }

    uint256 private constant PEOPLE = 8;

    /// @dev Of memberIds 1 to 8: where each stands, and the present account.
    Is[PEOPLE + 1] private standing;
    address[PEOPLE + 1] private account;
    /// @dev Who was on the roll after each change: moment, and each member's account or zero.
    uint40[] private moments;
    mapping(uint256 change => address[PEOPLE + 1]) private onRoll;
    address[] private everUsed;
    uint32 private lastId = 5;

    function testFuzz_the_roll_of_every_past_moment_is_what_it_was(uint256 seed) external {
        _takeOrdersAsNew();
        uint40 start = _now();
        for (uint32 id = 1; id <= 5; ++id) {
            (standing[id], account[id]) = (Is.Active, VM.addr(_voters()[id - 1]));
            everUsed.push(account[id]);
        }
        _keep();
        for (uint256 i; i < 30; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            // One change in three happens in the same second as the one before.
            if (dice % 3 != 0) _warp(_now() + ((dice >> 8) % 4 days));
            _change(uint32(1 + ((dice >> 40) % PEOPLE)), dice >> 64);
            _keep();
        }
        _warp(_now() + 1);
        for (uint256 i; i < 12; ++i) {
            uint256 dice = uint256(keccak256(abi.encode("moment", seed, i)));
            uint256 moment =
                dice & 1 == 0 ? moments[(dice >> 8) % moments.length] : start + ((dice >> 8) % (_now() - start));
            _compareAt(moment);
        }
        if (start > 1) _same(membership.getPastTotalSupply(start - 1), 0, "nobody before the founding");
    }

    /// @dev One act that is allowed where the member stands; of a number not given yet, an admission.
    function _change(uint32 id, uint256 dice) private {
        if (id > lastId) return _join();
        if (standing[id] == Is.Gone) return dice % 2 == 0 ? _comeBack(id) : _join();
        if (dice % 8 == 0) return _newKey(id, dice);
        if (standing[id] == Is.Suspended && dice % 2 == 0) {
            VM.prank(address(assembly_));
            membership.reinstate(id);
            standing[id] = Is.Active;
        } else if (standing[id] == Is.Active && dice % 3 == 0) {
            VM.prank(address(assembly_));
            membership.suspend(id, 1 days);
            standing[id] = Is.Suspended;
        } else {
            _end(id, dice % 5 == 0);
        }
    }

    function _end(uint32 id, bool expelled) private {
        VM.prank(expelled ? address(assembly_) : account[id]);
        if (expelled) membership.expel(id);
        else membership.leaveCooperative();
        standing[id] = Is.Gone;
    }

    function _newKey(uint32 id, uint256 dice) private {
        address fresh = VM.addr(_within(dice, 1 << 64, 1 << 200));
        VM.prank(address(assembly_));
        membership.recover(id, fresh);
        account[id] = fresh;
        everUsed.push(fresh);
    }

    function _join() private {
        if (lastId == PEOPLE) return;
        uint256[3] memory keys = [FAY, GUS, HAL];
        uint32 id = ++lastId;
        account[id] = VM.addr(keys[id - 6]);
        everUsed.push(account[id]);
        _comeBack(id);
    }

    function _comeBack(uint32 id) private {
        VM.prank(account[id]);
        membership.applyToJoin("profile");
        _warp(_now() + 5 days);
        VM.prank(address(assembly_));
        _same(membership.admit(account[id]), id, "memberId");
        standing[id] = Is.Active;
    }

    function _keep() private {
        for (uint256 id = 1; id <= PEOPLE; ++id) {
            onRoll[moments.length][id] = standing[id] == Is.Active ? account[id] : address(0);
        }
        moments.push(_now());
    }

    function _compareAt(uint256 moment) private view {
        uint256 change = moments.length;
        while (moments[change - 1] > moment) --change;
        address[PEOPLE + 1] memory then = onRoll[change - 1];
        uint32 size;
        for (uint32 id = 1; id <= PEOPLE; ++id) {
            if (then[id] != address(0)) ++size;
            _same(membership.accountAt(id, moment), then[id], "the account on the roll");
        }
        _same(membership.getPastTotalSupply(moment), size, "the size of the roll");
        _same(membership.rollAt(moment, 0), size, "the size of the roll, less nobody");
        for (uint32 id = 1; id <= PEOPLE; ++id) {
            uint256 others = then[id] == address(0) ? size : size - 1;
            _same(membership.rollAt(moment, id), others, "the size of the roll without one");
        }
        _votesAt(moment, then);
    }

    /// @dev Every account that was ever a key had a vote then if it was on the roll, and no other.
    function _votesAt(uint256 moment, address[PEOPLE + 1] memory then) private view {
        for (uint256 i; i < everUsed.length; ++i) {
            uint256 votes;
            for (uint256 id = 1; id <= PEOPLE; ++id) {
                if (then[id] == everUsed[i]) votes = 1;
            }
            _same(membership.getPastVotes(everUsed[i], moment), votes, "the account's vote");
        }
    }
}
