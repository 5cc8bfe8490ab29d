// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {IMembership, Member, Standing} from "./interfaces/IMembership.sol";
import {Chronicle} from "./modules/Chronicle.sol";
import {SignedDomain} from "./modules/SignedDomain.sol";
import {Signatures} from "./modules/Signatures.sol";
import {Timestamps} from "./modules/Timestamps.sol";

/// @title Membership
/// @notice See IMembership.
contract Membership is IMembership, Chronicle, Timestamps, SignedDomain, ReentrancyGuardTransient {
    using Checkpoints for Checkpoints.Trace208;

    uint256 private constant MIN_FOUNDERS = 3;
    uint256 private constant MAX_FOUNDERS = 50;
    uint40 private constant MAX_SUSPENSION = 60 days;
    uint32 private constant MAX_PROBATION = 365 days;
    uint256 private constant ROTATION_PAUSE = 2 days;
    bytes32 private constant ROTATION_TYPEHASH = keccak256(
        "Rotation(uint32 memberId,address presentAccount,address newAccount,uint32 epoch,uint256 deadline)"
    );

    /// @dev What ended an active membership; all zero while it lasts and after the member left.
    struct Ending {
        uint40 suspendedUntil;
        bool expelled;
    }

    // Storage

    address private _assembly;
    uint32 private _probation;
    uint32 private _lastMemberId;
    uint32 private _rollSize;

    mapping(uint32 memberId => Member) private _members;
    mapping(uint32 memberId => Ending) private _endings;
    /// @dev Accounts stay here for ever, also rotated ones.
    mapping(address account => uint32 memberId) private _memberIds;
    mapping(address account => uint40 appliedAt) private _candidates;
    /// @dev The roll's size from each moment on.
    Checkpoints.Trace208 private _rollSizes;
    /// @dev A member's account on the roll from each moment on (0 = off the roll). Empty until the first
    /// change after admission: till then the record itself is the history.
    mapping(uint32 memberId => Checkpoints.Trace208) private _accounts;

    modifier onlyAssembly() {
        if (msg.sender != _assembly) revert MembershipOnlyAssembly(msg.sender);
        _;
    }

    // Start

    /// @dev Locks the implementation.
    constructor() {
        _begin();
    }

    /// @inheritdoc IMembership
    function initialize(
        string calldata name,
        address theAssembly,
        uint32 probation_,
        address[] calldata founders
    ) external {
        uint256 count = founders.length;
        if (count < MIN_FOUNDERS || count > MAX_FOUNDERS) revert MembershipFounderCount(count);

        _begin();
        _setDomainName(name);
        _assembly = theAssembly;
        _setProbation(probation_);
        for (uint256 i; i < count; ++i) {
            if (_memberIds[founders[i]] != 0 || founders[i] == address(0)) revert MembershipAccountTaken(founders[i]);
            _enrol(founders[i]);
        }
        _setRollSize(uint32(count));
    }

    // Candidates

    /// @inheritdoc IMembership
    function applyToJoin(bytes32 profileHash) external {
        if (profileHash == 0) revert MembershipNoProfile();
        if (_candidates[msg.sender] != 0) revert MembershipAlreadyCandidate(msg.sender);
        uint32 memberId = _memberIds[msg.sender];
        if (memberId != 0) _refuseUnlessFormer(memberId, msg.sender);

        _candidates[msg.sender] = _now();

        _record(CandidateApplied.selector, _topic(msg.sender), abi.encode(profileHash));
    }

    /// @inheritdoc IMembership
    function withdrawApplication() external {
        if (_candidates[msg.sender] == 0) revert MembershipNotCandidate(msg.sender);

        delete _candidates[msg.sender];

        _record(CandidateWithdrew.selector, _topic(msg.sender), "");
    }

    // Members

    /// @inheritdoc IMembership
    function leaveCooperative() external {
        uint32 memberId = _memberIds[msg.sender];
        if (_members[memberId].account != msg.sender) revert MembershipNotMember(msg.sender);
        Standing standing = _refuseUnlessMember(memberId);

        if (standing == Standing.Active) _takeOffRoll(memberId);
        else delete _endings[memberId];

        _record(MemberLeft.selector, bytes32(uint256(memberId)), "");
    }

    /// @inheritdoc IMembership
    function rotate(
        uint32 memberId,
        address newAccount,
        uint256 deadline,
        bytes calldata presentSignature,
        bytes calldata newSignature
    ) external nonReentrant {
        if (block.timestamp > deadline) revert MembershipRotationExpired(deadline);
        _refuseUnlessMember(memberId);
        _refuseUnlessRested(memberId);
        address present = _members[memberId].account;
        bytes32 digest = _rotationDigest(memberId, newAccount, deadline);
        if (!Signatures.isSignedBy(present, digest, presentSignature)) revert MembershipBadSignature(present);
        if (!Signatures.isSignedBy(newAccount, digest, newSignature)) revert MembershipBadSignature(newAccount);

        uint16 epoch = _changeKey(memberId, newAccount);

        _record(
            KeyRotated.selector,
            bytes32(uint256(memberId)),
            _topic(present),
            _topic(newAccount),
            abi.encode(epoch)
        );
    }

    /// @inheritdoc IMembership
    function reinstate(uint32 memberId) external {
        Standing standing = _standing(memberId);
        if (standing != Standing.Suspended) revert MembershipWrongStanding(memberId, standing);
        uint40 endsAt = _endings[memberId].suspendedUntil;
        if (block.timestamp < endsAt && msg.sender != _assembly) revert MembershipSuspensionRuns(memberId, endsAt);

        delete _endings[memberId];
        Member storage member = _members[memberId];
        (member.since, member.until) = (_now(), 0);
        _accounts[memberId].push(_now(), uint160(member.account));
        _setRollSize(_rollSize + 1);

        _record(MemberReinstated.selector, bytes32(uint256(memberId)), "");
    }

    // Only a passed proposal

    /// @inheritdoc IMembership
    function admit(address account) external onlyAssembly returns (uint32 memberId) {
        uint40 applied = _candidates[account];
        if (applied == 0) revert MembershipNotCandidate(account);
        uint256 endsAt = uint256(applied) + _probation;
        if (block.timestamp < endsAt) revert MembershipProbationRuns(account, endsAt);

        delete _candidates[account];
        memberId = _memberIds[account];
        _setRollSize(_rollSize + 1);
        if (memberId == 0) return _enrol(account);
        _readmit(memberId, account);
    }

    /// @inheritdoc IMembership
    function suspend(uint32 memberId, uint40 duration) external onlyAssembly {
        if (duration == 0 || duration > MAX_SUSPENSION) {
            revert MembershipSuspensionOutOfBounds(duration, MAX_SUSPENSION);
        }
        Standing standing = _standing(memberId);
        if (standing != Standing.Active) revert MembershipWrongStanding(memberId, standing);

        uint40 endsAt = _now() + duration;
        _takeOffRoll(memberId);
        _endings[memberId].suspendedUntil = endsAt;

        _record(MemberSuspended.selector, bytes32(uint256(memberId)), abi.encode(endsAt));
    }

    /// @inheritdoc IMembership
    function expel(uint32 memberId) external onlyAssembly {
        Standing standing = _refuseUnlessMember(memberId);

        if (standing == Standing.Active) _takeOffRoll(memberId);
        _endings[memberId] = Ending({suspendedUntil: 0, expelled: true});

        _record(MemberExpelled.selector, bytes32(uint256(memberId)), "");
    }

    /// @inheritdoc IMembership
    function recover(uint32 memberId, address newAccount) external onlyAssembly {
        _refuseUnlessMember(memberId);

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

    /// @inheritdoc IMembership
    function setProbation(uint32 probation_) external onlyAssembly {
        _setProbation(probation_);
    }

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
    function slotsOf(uint32[] calldata memberIds) external view returns (uint256[] memory slots) {
        slots = new uint256[](memberIds.length);
        for (uint256 i; i < slots.length; ++i) {
            Member storage member = _members[memberIds[i]];
            uint256 slot;
            assembly ("memory-safe") {
                slot := sload(member.slot)
            }
            slots[i] = slot;
        }
    }

    /// @inheritdoc IMembership
    function standingOf(uint32 memberId) external view returns (Standing standing, uint40 suspendedUntil) {
        return (_standing(memberId), _endings[memberId].suspendedUntil);
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
        return _rollSizes.upperLookupRecent(_past(timepoint));
    }

    // Internal

    function _enrol(address account) private returns (uint32 memberId) {
        memberId = ++_lastMemberId;
        _members[memberId] = Member({account: account, since: _now(), until: 0, epoch: 0});
        _memberIds[account] = memberId;

        _record(MemberAdmitted.selector, bytes32(uint256(memberId)), _topic(account), "");
    }

    function _readmit(uint32 memberId, address account) private {
        _refuseUnlessFormer(memberId, account);

        delete _endings[memberId];
        Member storage member = _members[memberId];
        (member.since, member.until) = (_now(), 0);
        _accounts[memberId].push(_now(), uint160(account));

        _record(MemberAdmitted.selector, bytes32(uint256(memberId)), _topic(account), "");
    }

    function _takeOffRoll(uint32 memberId) private {
        _keepHistory(memberId);
        _accounts[memberId].push(_now(), 0);
        _members[memberId].until = _now();
        _setRollSize(_rollSize - 1);
    }

    function _rotationDigest(uint32 memberId, address newAccount, uint256 deadline) private view returns (bytes32) {
        Member storage member = _members[memberId];
        bytes32 structHash = keccak256(
            abi.encode(ROTATION_TYPEHASH, memberId, member.account, newAccount, member.epoch, deadline)
        );
        return _digest(_domainSeparator(), structHash);
    }

    /// @dev Also of a suspended member, whose history stays off the roll until reinstatement.
    function _changeKey(uint32 memberId, address newAccount) private returns (uint16 epoch) {
        if (newAccount == address(0) || _memberIds[newAccount] != 0 || _candidates[newAccount] != 0) {
            revert MembershipAccountTaken(newAccount);
        }

        Member storage member = _members[memberId];
        if (member.until == 0) {
            _keepHistory(memberId);
            _accounts[memberId].push(_now(), uint160(newAccount));
        }
        _memberIds[newAccount] = memberId;
        member.account = newAccount;
        epoch = ++member.epoch;
    }

    /// @dev Before the first change, writes down what the record alone said until now.
    function _keepHistory(uint32 memberId) private {
        Checkpoints.Trace208 storage history = _accounts[memberId];
        Member storage member = _members[memberId];
        if (history.length() == 0) history.push(member.since, uint160(member.account));
    }

    function _setRollSize(uint32 size) private {
        _rollSize = size;
        _rollSizes.push(_now(), size);
    }

    function _setProbation(uint32 probation_) private {
        if (probation_ > MAX_PROBATION) revert MembershipProbationOutOfBounds(probation_, MAX_PROBATION);

        _probation = probation_;

        _record(ProbationSet.selector, abi.encode(probation_));
    }

    function _standing(uint32 memberId) private view returns (Standing) {
        Member storage member = _members[memberId];
        if (member.account == address(0)) return Standing.None;
        if (member.until == 0) return Standing.Active;
        Ending storage ending = _endings[memberId];
        if (ending.expelled) return Standing.Expelled;
        return ending.suspendedUntil == 0 ? Standing.Left : Standing.Suspended;
    }

    function _refuseUnlessMember(uint32 memberId) private view returns (Standing standing) {
        standing = _standing(memberId);
        if (standing == Standing.None) revert MembershipUnknownMember(memberId);
        if (standing == Standing.Left || standing == Standing.Expelled) {
            revert MembershipWrongStanding(memberId, standing);
        }
    }

    /// @dev Someone who left or was expelled may come back with the key they had last, under the same number.
    function _refuseUnlessFormer(uint32 memberId, address account) private view {
        if (_members[memberId].account != account) revert MembershipAccountTaken(account);
        Standing standing = _standing(memberId);
        if (standing == Standing.Active || standing == Standing.Suspended) revert MembershipAccountTaken(account);
    }

    function _refuseUnlessRested(uint32 memberId) private view {
        (bool changed, uint48 changedAt, ) = _accounts[memberId].latestCheckpoint();
        uint256 earliest = changedAt + ROTATION_PAUSE;
        if (changed && block.timestamp < earliest) revert MembershipRotationTooSoon(memberId, earliest);
    }

    function _past(uint256 timepoint) private view returns (uint48) {
        if (timepoint >= clock()) revert MembershipFutureLookup(timepoint, clock());
        return SafeCast.toUint48(timepoint);
    }
}
