// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {IMembership, Member, Standing} from "../interfaces/IMembership.sol";
import {Chronicle} from "./Chronicle.sol";
import {Timestamps} from "./Timestamps.sol";
import {Words} from "./Words.sol";

/// @title Roll
/// @notice What is stored of members and candidates, how it changes, and what it was at any past moment.
abstract contract Roll is IMembership, Chronicle, Timestamps {
    using Checkpoints for Checkpoints.Trace208;
    using Words for bytes;

    /// @dev What a member's record has no room for.
    struct Course {
        /// 0 unless suspended
        uint40 suspendedUntil;
        bool expelled;
        /// when a former member was last admitted anew; 0 if never
        uint40 readmittedAt;
    }

    // Storage

    address internal _assembly;
    uint32 internal _probation;
    uint32 internal _lastMemberId;
    uint32 internal _rollSize;

    mapping(uint32 memberId => Member) internal _members;
    mapping(uint32 memberId => Course) internal _courses;
    /// @dev Accounts stay here for ever, also rotated ones.
    mapping(address account => uint32 memberId) internal _memberIds;
    mapping(address account => uint40 appliedAt) internal _candidates;
    /// @dev The roll's size from each moment on. Empty until the first change: till then it is the founders'.
    Checkpoints.Trace208 internal _rollSizes;
    /// @dev A member's account on the roll from each moment on (0 = off the roll). Empty until the first
    /// change after admission: till then the record itself is the history.
    mapping(uint32 memberId => Checkpoints.Trace208) internal _accounts;

    // Views

    /// @inheritdoc IMembership
    function assembly_() external view returns (address) {
        return _assembly;
    }

    /// @inheritdoc IMembership
    function probation() external view returns (uint32) {
        return _probation;
    }

    /// @inheritdoc IMembership
    function lastMemberId() external view returns (uint32) {
        return _lastMemberId;
    }

    /// @inheritdoc IMembership
    function rollSize() external view returns (uint32) {
        return _rollSize;
    }

    /// @inheritdoc IMembership
    function memberIdOf(address account) external view returns (uint32 memberId) {
        return _memberIds[account];
    }

    /// @inheritdoc IMembership
    function activeMemberIdOf(address account) public view returns (uint32 memberId) {
        memberId = _memberIds[account];
        Member storage member = _members[memberId];
        if (member.account != account || member.until != 0) return 0;
    }

    /// @inheritdoc IMembership
    function memberOf(uint32 memberId) external view returns (Member memory) {
        return _members[memberId];
    }

    /// @inheritdoc IMembership
    function slotsOf(bytes memory memberIds) external view returns (bytes memory slots) {
        slots = memberIds; // in the same place
        for (uint256 i; i < slots.count(); ++i) {
            slots.set(i, slotOf(uint32(slots.get(i))));
        }
    }

    /// @inheritdoc IMembership
    function slotOf(uint32 memberId) public view returns (uint256 slot) {
        Member storage member = _members[memberId];
        assembly ("memory-safe") {
            slot := sload(member.slot)
        }
    }

    /// @inheritdoc IMembership
    function standingOf(uint32 memberId) external view returns (Standing standing, uint40 suspendedUntil) {
        return (_standing(memberId), _courses[memberId].suspendedUntil);
    }

    /// @inheritdoc IMembership
    function appliedAt(address account) external view returns (uint40) {
        return _candidates[account];
    }

    /// @inheritdoc IMembership
    function accountAt(uint32 memberId, uint256 timepoint) public view returns (address account) {
        uint48 past = _past(timepoint);
        Checkpoints.Trace208 storage history = _accounts[memberId];
        if (history.length() != 0) return address(uint160(history.upperLookup(past)));

        Member storage member = _members[memberId];
        return member.since <= past ? member.account : address(0);
    }

    /// @inheritdoc IMembership
    function rollAt(uint256 timepoint, uint32 without) external view returns (uint32) {
        if (timepoint >= block.timestamp) {
            return _members[without].account != address(0) && _members[without].until == 0 ? _rollSize - 1 : _rollSize;
        }
        uint32 size = uint32(getPastTotalSupply(timepoint));
        return accountAt(without, timepoint) == address(0) ? size : size - 1;
    }

    /// @inheritdoc IMembership
    function getVotes(address account) external view returns (uint256) {
        return activeMemberIdOf(account) == 0 ? 0 : 1;
    }

    /// @inheritdoc IMembership
    function getPastVotes(address account, uint256 timepoint) external view returns (uint256) {
        if (account == address(0)) return 0;
        return accountAt(_memberIds[account], timepoint) == account ? 1 : 0;
    }

    /// @inheritdoc IMembership
    function getPastTotalSupply(uint256 timepoint) public view returns (uint256) {
        uint48 past = _past(timepoint);
        if (_rollSizes.length() != 0) return _rollSizes.upperLookupRecent(past);
        return _members[1].since <= past ? _rollSize : 0;
    }

    // Internal

    function _enrol(address account) internal returns (uint32 memberId) {
        memberId = ++_lastMemberId;
        _members[memberId] = Member({account: account, since: _now(), until: 0, epoch: 0});
        _memberIds[account] = memberId;

        _record(MemberAdmitted.selector, bytes32(uint256(memberId)), _topic(account), "");
    }

    function _readmit(uint32 memberId, address account) internal virtual {
        _refuseUnlessFormer(memberId, account);

        _courses[memberId] = Course({suspendedUntil: 0, expelled: false, readmittedAt: _now()});
        Member storage member = _members[memberId];
        (member.since, member.until) = (_now(), 0);
        _accounts[memberId].push(_now(), uint160(account));

        _record(MemberAdmitted.selector, bytes32(uint256(memberId)), _topic(account), "");
    }

    function _takeOffRoll(uint32 memberId) internal {
        _keepHistory(memberId);
        _accounts[memberId].push(_now(), 0);
        _members[memberId].until = _now();
        _setRollSize(_rollSize - 1);
    }

    /// @dev Also of a suspended member, whose history stays off the roll until reinstatement; the checkpoint
    /// tells when the key was changed.
    function _changeKey(uint32 memberId, address newAccount) internal virtual returns (uint16 epoch) {
        _refuseUnlessFree(newAccount);

        Member storage member = _members[memberId];
        _keepHistory(memberId);
        _accounts[memberId].push(_now(), member.until == 0 ? uint160(newAccount) : 0);
        _memberIds[newAccount] = memberId;
        member.account = newAccount;
        epoch = ++member.epoch;
    }

    /// @dev Before the first change, writes down what the record alone said until now.
    function _keepHistory(uint32 memberId) internal {
        Checkpoints.Trace208 storage history = _accounts[memberId];
        Member storage member = _members[memberId];
        if (history.length() == 0) history.push(member.since, uint160(member.account));
    }

    function _setRollSize(uint32 size) internal {
        // Before the first change, writes down the founders, of whom none has gone or come back yet.
        if (_rollSizes.length() == 0) _rollSizes.push(_members[1].since, _rollSize);
        _rollSize = size;
        _rollSizes.push(_now(), size);
    }

    function _standing(uint32 memberId) internal view returns (Standing) {
        Member storage member = _members[memberId];
        if (member.account == address(0)) return Standing.None;
        if (member.until == 0) return Standing.Active;
        Course storage course = _courses[memberId];
        if (course.expelled) return Standing.Expelled;
        return course.suspendedUntil == 0 ? Standing.Left : Standing.Suspended;
    }

    function _refuseUnlessMember(uint32 memberId) internal view returns (Standing standing) {
        standing = _standing(memberId);
        if (standing == Standing.None) revert MembershipUnknownMember(memberId);
        if (standing == Standing.Left || standing == Standing.Expelled) {
            revert MembershipWrongStanding(memberId, standing);
        }
    }

    /// @dev The caller's memberId, if the caller is the present key of an active or suspended member.
    function _refuseUnlessPresentKey() internal view returns (uint32 memberId, Standing standing) {
        memberId = _memberIds[msg.sender];
        if (_members[memberId].account != msg.sender) revert MembershipNotMember(msg.sender);
        standing = _refuseUnlessMember(memberId);
    }

    function _refuseUnlessFree(address account) internal view {
        if (account == address(0) || _memberIds[account] != 0 || _candidates[account] != 0) {
            revert MembershipAccountTaken(account);
        }
    }

    /// @dev Someone who left or was expelled may come back with the key they had last, under the same number.
    function _refuseUnlessFormer(uint32 memberId, address account) internal view {
        if (_members[memberId].account != account) revert MembershipAccountTaken(account);
        Standing standing = _standing(memberId);
        if (standing == Standing.Active || standing == Standing.Suspended) revert MembershipAccountTaken(account);
    }

    function _past(uint256 timepoint) internal view returns (uint48) {
        if (timepoint >= clock()) revert MembershipFutureLookup(timepoint, clock());
        return SafeCast.toUint48(timepoint);
    }
}
