// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GuardianList, Guardianship, IMembership} from "../interfaces/IMembership.sol";
import {Roll} from "./Roll.sol";

/// @title Guardians
/// @notice How people whom a member named replace the member's lost key.
///
/// Nothing here changes a key but by `_changeKey`, so all that holds of accounts, epochs and history holds here too.
/// Each change of key or guardians, each cancellation and each new membership begins a new round: what was begun before
/// is void at once, for whichever account. So a recovery comes at least the delay after the change of key before it.
abstract contract Guardians is Roll {
    /// @dev What guardians did for one new account. `supporters` has bit i for account i of the list.
    struct Support {
        uint32 round;
        uint16 supporters;
        uint40 supportedAt;
        uint40 dueAt;
    }

    uint256 private constant MAX_GUARDIANS = 10;
    uint40 private constant DELAY = 7 days;
    uint40 private constant SUPPORT_LIFETIME = 30 days;
    uint256 private constant RECOVERY_PAUSE = 30 days;

    mapping(uint32 memberId => Guardianship) private _guardianships;
    mapping(uint32 memberId => mapping(address newAccount => Support)) private _supports;

    // Guardians

    /// @inheritdoc IMembership
    function setGuardians(bytes32 listHash) external {
        (uint32 memberId, ) = _refuseUnlessPresentKey();

        Guardianship memory guardianship = _settled(memberId);
        bool same = listHash == guardianship.listHash;
        uint40 from = same ? _now() : _now() + DELAY;
        (guardianship.nextHash, guardianship.nextFrom) = same ? (bytes32(0), 0) : (listHash, from);
        _guardianships[memberId] = guardianship;

        _recordNamed(memberId, listHash, from);
    }

    /// @inheritdoc IMembership
    function supportRecovery(uint32 memberId, address newAccount, GuardianList calldata list) external {
        _refuseUnlessMember(memberId);
        _refuseUnlessFree(newAccount);
        Guardianship memory guardianship = _settled(memberId);
        uint16 bit = _bitOf(memberId, guardianship.listHash, list);
        Support memory support = _valid(memberId, newAccount, guardianship.round);
        if (support.dueAt != 0) revert MembershipSupportSuffices(memberId, newAccount, support.dueAt);
        if (support.supporters & bit != 0) revert MembershipAlreadySupported(memberId, newAccount, msg.sender);

        support.round = guardianship.round;
        support.supporters |= bit;
        support.supportedAt = _now();
        bool suffices = _count(support.supporters) >= list.needed;
        if (suffices) support.dueAt = _now() + DELAY;
        _guardianships[memberId] = guardianship;
        _supports[memberId][newAccount] = support;

        bytes32 member = bytes32(uint256(memberId));
        _record(RecoverySupported.selector, member, _topic(newAccount), _topic(msg.sender), "");
        if (suffices) _record(RecoveryStarted.selector, member, _topic(newAccount), abi.encode(support.dueAt));
    }

    /// @inheritdoc IMembership
    function cancelRecovery(address newAccount) external {
        (uint32 memberId, ) = _refuseUnlessPresentKey();
        Guardianship memory guardianship = _settled(memberId);
        Support memory support = _valid(memberId, newAccount, guardianship.round);
        if (support.supporters == 0) revert MembershipNoRecovery(memberId, newAccount);

        ++guardianship.round;
        _guardianships[memberId] = guardianship;

        _record(RecoveryCancelled.selector, bytes32(uint256(memberId)), "");
    }

    /// @inheritdoc IMembership
    function completeRecovery(uint32 memberId) external {
        _refuseUnlessMember(memberId);
        Guardianship memory guardianship = _settled(memberId);
        uint40 dueAt = _valid(memberId, msg.sender, guardianship.round).dueAt;
        if (dueAt == 0) revert MembershipNoRecovery(memberId, msg.sender);
        if (block.timestamp < dueAt) revert MembershipRecoveryNotDue(memberId, dueAt);
        uint256 earliest = guardianship.recoveredAt + RECOVERY_PAUSE;
        if (guardianship.recoveredAt != 0 && block.timestamp < earliest) {
            revert MembershipRecoveryTooSoon(memberId, earliest);
        }

        _guardianships[memberId].recoveredAt = _now();

        _record(RecoveryCompleted.selector, bytes32(uint256(memberId)), _topic(msg.sender), "");
        _recoverKey(memberId, msg.sender);
    }

    // Views

    /// @inheritdoc IMembership
    function guardiansOf(uint32 memberId) external view returns (Guardianship memory) {
        return _settled(memberId);
    }

    /// @inheritdoc IMembership
    function recoveryOf(
        uint32 memberId,
        address newAccount
    ) external view returns (uint16 supporters, uint40 dueAt, uint40 expiresAt) {
        Support memory support = _valid(memberId, newAccount, _settled(memberId).round);
        if (support.supporters == 0) return (0, 0, 0);
        return (support.supporters, support.dueAt, support.supportedAt + SUPPORT_LIFETIME);
    }

    // Internal

    /// @dev Every change of key, whoever makes it, leaves the guardians in force and voids what was begun.
    function _changeKey(uint32 memberId, address newAccount) internal override returns (uint16 epoch) {
        Guardianship memory guardianship = _settled(memberId);
        (guardianship.nextHash, guardianship.nextFrom) = (0, 0);
        ++guardianship.round;
        _guardianships[memberId] = guardianship;

        return super._changeKey(memberId, newAccount);
    }

    /// @dev Who was away could not say no to what guardians had begun before; the guardians in force stay.
    function _readmit(uint32 memberId, address account) internal override {
        Guardianship memory guardianship = _settled(memberId);
        ++guardianship.round;
        _guardianships[memberId] = guardianship;

        super._readmit(memberId, account);
    }

    function _recoverKey(uint32 memberId, address newAccount) internal {
        address present = _members[memberId].account;
        uint16 epoch = _changeKey(memberId, newAccount);

        _record(
            KeyRecovered.selector,
            bytes32(uint256(memberId)),
            _topic(present),
            _topic(newAccount),
            abi.encode(epoch)
        );
    }

    /// @dev If the lost key had been a thief's for a while, so might the guardians be.
    function _removeGuardians(uint32 memberId) internal {
        if (_guardianships[memberId].listHash == 0) return;

        _guardianships[memberId].listHash = 0;

        _recordNamed(memberId, 0, _now());
    }

    // Private

    function _recordNamed(uint32 memberId, bytes32 listHash, uint40 from) private {
        _record(GuardiansNamed.selector, bytes32(uint256(memberId)), abi.encode(listHash, from));
    }

    /// @dev The record at this moment: a change that was waiting and is due is in force, and begins a new round.
    function _settled(uint32 memberId) private view returns (Guardianship memory guardianship) {
        guardianship = _guardianships[memberId];
        if (guardianship.nextFrom == 0 || block.timestamp < guardianship.nextFrom) return guardianship;

        (guardianship.listHash, guardianship.nextHash, guardianship.nextFrom) = (guardianship.nextHash, 0, 0);
        ++guardianship.round;
    }

    /// @dev All zero if there is none of this round, or it is too old.
    function _valid(uint32 memberId, address newAccount, uint32 round) private view returns (Support memory support) {
        support = _supports[memberId][newAccount];
        bool expired = block.timestamp >= support.supportedAt + SUPPORT_LIFETIME;
        if (expired || support.round != round) delete support;
    }

    /// @dev The caller's bit in the list, which must be the one in force and in order.
    function _bitOf(uint32 memberId, bytes32 listHash, GuardianList calldata list) private view returns (uint16 bit) {
        uint256 count = list.accounts.length;
        bool known = keccak256(abi.encode(memberId, list)) == listHash;
        if (!known || count > MAX_GUARDIANS || list.needed == 0 || list.needed > count) {
            revert MembershipBadGuardianList(memberId);
        }
        address before;
        for (uint256 i; i < count; ++i) {
            address account = list.accounts[i];
            if (account <= before) revert MembershipBadGuardianList(memberId);
            if (account == msg.sender) bit = uint16(1 << i);
            before = account;
        }
        if (bit == 0 || _memberIds[msg.sender] == memberId) revert MembershipNotGuardian(msg.sender);
    }

    function _count(uint256 bits) private pure returns (uint256 count) {
        for (; bits != 0; bits &= bits - 1) ++count;
    }
}
