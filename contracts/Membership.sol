// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {IAssembly} from "./interfaces/IAssembly.sol";
import {IMembership, Member, Standing} from "./interfaces/IMembership.sol";
import {Guardians} from "./modules/Guardians.sol";
import {SignedDomain} from "./modules/SignedDomain.sol";
import {Signatures} from "./modules/Signatures.sol";

/// @title Membership
/// @notice See IMembership.
contract Membership is Guardians, SignedDomain, ReentrancyGuardTransient {
    using Checkpoints for Checkpoints.Trace208;

    uint256 private constant MIN_FOUNDERS = 3;
    uint256 private constant MAX_FOUNDERS = 50;
    uint40 private constant MAX_SUSPENSION = 60 days;
    uint32 private constant MAX_PROBATION = 365 days;
    uint256 private constant ROTATION_PAUSE = 2 days;
    bytes32 private constant ROTATION_TYPEHASH = keccak256(
        "Rotation(uint32 memberId,address presentAccount,address newAccount,uint32 epoch,uint256 deadline)"
    );

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
    function initialize(address theAssembly, uint32 probation_, address[] calldata founders) external {
        uint256 count = founders.length;
        if (count < MIN_FOUNDERS || count > MAX_FOUNDERS) revert MembershipFounderCount(count);

        _begin();
        _assembly = theAssembly;
        _setProbation(probation_);
        for (uint256 i; i < count; ++i) {
            if (_memberIds[founders[i]] != 0 || founders[i] == address(0)) revert MembershipAccountTaken(founders[i]);
            _enrol(founders[i]);
        }
        _rollSize = uint32(count);
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
        (uint32 memberId, Standing standing) = _refuseUnlessPresentKey();

        if (standing == Standing.Active) _takeOffRoll(memberId);
        else _courses[memberId].suspendedUntil = 0;

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
        uint40 endsAt = _courses[memberId].suspendedUntil;
        Member storage member = _members[memberId];
        if (msg.sender == _assembly) _refuseIfOutdated(member.until);
        else if (block.timestamp < endsAt) revert MembershipSuspensionRuns(memberId, endsAt);

        _courses[memberId].suspendedUntil = 0;
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
        _refuseIfOutdated(applied);

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
        _refuseIfOutdated(_courses[memberId].readmittedAt);

        uint40 endsAt = _now() + duration;
        _takeOffRoll(memberId);
        _courses[memberId].suspendedUntil = endsAt;

        _record(MemberSuspended.selector, bytes32(uint256(memberId)), abi.encode(endsAt));
    }

    /// @inheritdoc IMembership
    function expel(uint32 memberId) external onlyAssembly {
        Standing standing = _refuseUnlessMember(memberId);
        _refuseIfOutdated(_courses[memberId].readmittedAt);

        if (standing == Standing.Active) _takeOffRoll(memberId);
        (_courses[memberId].suspendedUntil, _courses[memberId].expelled) = (0, true);

        _record(MemberExpelled.selector, bytes32(uint256(memberId)), "");
    }

    /// @inheritdoc IMembership
    function recover(uint32 memberId, address newAccount) external onlyAssembly {
        _refuseUnlessMember(memberId);
        _refuseIfOutdated(_courses[memberId].readmittedAt);

        _recoverKey(memberId, newAccount);
        _removeGuardians(memberId);
    }

    /// @inheritdoc IMembership
    function setProbation(uint32 probation_) external onlyAssembly {
        _setProbation(probation_);
    }

    // Private

    function _rotationDigest(uint32 memberId, address newAccount, uint256 deadline) private view returns (bytes32) {
        Member storage member = _members[memberId];
        bytes32 structHash = keccak256(
            abi.encode(ROTATION_TYPEHASH, memberId, member.account, newAccount, member.epoch, deadline)
        );
        return _digest(_domainSeparator(), structHash);
    }

    function _setProbation(uint32 probation_) private {
        if (probation_ > MAX_PROBATION) revert MembershipProbationOutOfBounds(probation_, MAX_PROBATION);

        _probation = probation_;

        _record(ProbationSet.selector, abi.encode(probation_));
    }

    /// @dev An order holds for what the person was when its vote opened. A passed proposal stays good until its grace
    /// ends; without this, whoever kept one back could use it on a later application, suspension or membership. A first
    /// membership needs no check: nothing can be proposed about a number before it is given.
    function _refuseIfOutdated(uint40 changedAt) private view {
        uint256 openedAt = IAssembly(_assembly).executionSnapshot();
        if (changedAt > openedAt) revert MembershipOrderOutdated(changedAt, openedAt);
    }

    function _refuseUnlessRested(uint32 memberId) private view {
        (bool changed, uint48 changedAt, ) = _accounts[memberId].latestCheckpoint();
        uint256 earliest = changedAt + ROTATION_PAUSE;
        if (changed && block.timestamp < earliest) revert MembershipRotationTooSoon(memberId, earliest);
    }
}
