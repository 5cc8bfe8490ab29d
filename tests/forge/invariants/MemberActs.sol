// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Standing} from "../../../contracts/interfaces/IMembership.sol";
import {Rotation, Signing} from "../Signing.sol";
import {VM} from "../Vm.sol";
import {Ghost, Person, Seat} from "./Ghost.sol";

/// @title MemberActs
/// @notice What people do about their own membership and keys.
abstract contract MemberActs is Ghost {
    uint256 private _newKeys = 0x10000;

    /// @notice Someone from outside, or a former member, asks to join.
    function applyToJoin(uint256 seed) external acting {
        uint256 key = seed % 3 == 0 ? _people[_anyone(seed)].key : 0xF000 + (seed % 5);
        address account = VM.addr(key);
        Standing standing = _people[idOf[account]].standing;
        VM.prank(account);
        try membership.applyToJoin(keccak256("profile")) {
            bool former = standing == Standing.Left || standing == Standing.Expelled;
            if (applied[account] != 0 || (idOf[account] != 0 && !former)) ++breaches[13];
            applied[account] = clock;
            ++reached["applied"];
        } catch {
            _drop();
        }
    }

    /// @notice A member leaves, unless the co-op would be too small to go on.
    function leaveCoop(uint256 seed) external acting {
        uint32 id = _anyone(seed);
        if (seed % 4 != 0 || sizeAt(clock, 0) <= 4) return;
        Standing standing = _people[id].standing;
        VM.prank(VM.addr(_people[id].key));
        try membership.leaveCooperative() {
            if (standing != Standing.Active && standing != Standing.Suspended) ++breaches[9];
            if (standing == Standing.Active) _offRoll(id);
            _people[id].standing = Standing.Left;
            _people[id].suspendedUntil = 0;
            ++reached["left"];
        } catch {
            _drop();
        }
    }

    /// @notice A member changes the key; in one of four cases another one signs for it.
    function rotate(uint256 seed) external acting {
        uint32 id = _anyone(seed);
        uint256 newKey = ++_newKeys;
        uint256 signer = seed % 4 == 0 ? _people[_anyone(seed >> 8)].key : _people[id].key;
        Rotation memory wish = Rotation({
            memberId: id,
            presentAccount: VM.addr(_people[id].key),
            newAccount: VM.addr(newKey),
            epoch: _people[id].epoch,
            deadline: clock
        });
        bytes32 signed = _digest(wish);
        bytes memory old = Signing.short(signer, signed);
        try membership.rotate(id, wish.newAccount, clock, old, Signing.long(newKey, signed)) {
            if (signer != _people[id].key || (clock < _people[id].changedAt + 2 days && _changed(id))) ++breaches[9];
            _changeKey(id, newKey);
            ++reached["rotated"];
        } catch {
            _drop();
        }
    }

    /// @notice Anyone ends a suspension that has run out; before that it must be refused.
    function reinstate(uint256 seed) external acting {
        uint32 id = _anyone(seed);
        for (uint32 other = 1; other <= people; ++other) {
            if (_people[other].standing == Standing.Suspended) id = other;
        }
        try membership.reinstate(id) {
            if (_people[id].standing != Standing.Suspended || clock < _people[id].suspendedUntil) ++breaches[9];
            _reinstate(id);
            ++reached["reinstated"];
        } catch {
            _drop();
        }
    }

    function _reinstate(uint32 id) internal {
        Person storage one = _people[id];
        (one.standing, one.since, one.suspendedUntil) = (Standing.Active, clock, 0);
        (one.changedAt) = clock;
        _seats.push(Seat({from: clock, memberId: id, account: VM.addr(one.key)}));
    }

    function _changeKey(uint32 id, uint256 newKey) internal virtual {
        Person storage one = _people[id];
        (one.key, one.changedAt) = (newKey, clock);
        ++one.epoch;
        _noteAccount(VM.addr(newKey), id);
        if (one.standing == Standing.Active) _seats.push(Seat({from: clock, memberId: id, account: VM.addr(newKey)}));
    }

    function _freshKey() internal returns (uint256) {
        return ++_newKeys;
    }

    function _anyone(uint256 seed) internal view returns (uint32) {
        return uint32(1 + ((seed >> 16) % people));
    }

    function _changed(uint32 id) private view returns (bool) {
        return _people[id].changedAt != 0;
    }
}
