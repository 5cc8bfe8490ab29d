// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Choice, IAssembly} from "../../contracts/interfaces/IAssembly.sol";
import {Action, IBylaws} from "../../contracts/interfaces/IBylaws.sol";
import {BylawTerms, ICooperativeFactory, Instance} from "../../contracts/interfaces/ICooperativeFactory.sol";
import {IMembership} from "../../contracts/interfaces/IMembership.sol";
import {IPayRates, PayVote, RoleTerms} from "../../contracts/interfaces/IPayRates.sol";
import {ADA, BEN, CLEO, DAN, EVE, Founding} from "./Founding.sol";
import {Ballot, PayBallot, Rotation, Signing} from "./Signing.sol";
import {Test} from "./Test.sol";
import {VM} from "./Vm.sol";

/// @title CoopTest
/// @notice An instance with five founders, and the acts of its members. People are their private keys.
abstract contract CoopTest is Test {
    ICooperativeFactory internal factory;
    IMembership internal membership;
    IBylaws internal bylaws;
    IAssembly internal assembly_;
    IPayRates internal payRates;
    uint256 private _instances;

    function setUp() public virtual {
        factory = Founding.factory();
        _found(Founding.terms(), Founding.roles());
    }

    /// @dev Makes an instance by the factory and plays on it from here on.
    function _found(BylawTerms memory terms, RoleTerms[] memory roles) internal {
        Instance memory made = factory.create(Founding.NAME, Founding.founders(), terms, roles, ++_instances);
        membership = IMembership(made.membership);
        bylaws = IBylaws(made.bylaws);
        assembly_ = IAssembly(made.assembly_);
        payRates = IPayRates(made.payRates);
    }

    // Clock

    /// @dev By cheatcode: the optimizer takes TIMESTAMP for a constant within one call, which VM.warp belies.
    function _now() internal view returns (uint40) {
        return uint40(VM.getBlockTimestamp());
    }

    /// @dev A block at that second.
    function _warp(uint256 second) internal virtual {
        VM.warp(second);
        VM.roll(VM.getBlockNumber() + 1);
    }

    // People

    function _id(uint256 key) internal view returns (uint32) {
        return membership.memberIdOf(VM.addr(key));
    }

    function _voters() internal pure returns (uint256[5] memory) {
        return [ADA, BEN, CLEO, DAN, EVE];
    }

    // Proposals

    function _action(address target, bytes memory data) internal pure returns (Action[] memory actions) {
        actions = new Action[](1);
        actions[0] = Action({target: target, value: 0, data: data});
    }

    /// @dev Proposes a resolution in words that opens in three days.
    function _resolve(uint256 key) internal returns (uint256 proposalId) {
        return _propose(key, new Action[](0), "A resolution");
    }

    /// @dev Proposes; the vote opens in three days.
    function _propose(uint256 key, Action[] memory actions, string memory text) internal returns (uint256 proposalId) {
        uint40 opensAt = _now() + 3 days;
        VM.prank(VM.addr(key));
        return assembly_.propose(actions, text, opensAt);
    }

    /// @dev Moves the clock to the first second of the vote.
    function _open(uint256 proposalId) internal {
        _warp(assembly_.proposalSnapshot(proposalId) + 1);
    }

    /// @dev Moves the clock to the first second after the vote.
    function _close(uint256 proposalId) internal {
        _warp(assembly_.proposalDeadline(proposalId) + 1);
    }

    function _vote(uint256 key, uint256 proposalId, Choice choice, uint8 sequence) internal {
        uint32 memberId = _id(key);
        VM.prank(VM.addr(key));
        assembly_.castBallot(proposalId, memberId, choice, sequence, "");
    }

    /// @dev Opens the vote, lets ada to dan vote for it, and closes it.
    function _pass(uint256 proposalId) internal {
        _open(proposalId);
        uint256[5] memory keys = _voters();
        for (uint256 i; i < 4; ++i) {
            _vote(keys[i], proposalId, Choice.For, 1);
        }
        _close(proposalId);
    }

    /// @dev Queues a passed proposal and executes it when it is due.
    function _execute(uint256 proposalId, Action[] memory actions, string memory text) internal {
        assembly_.queue(proposalId);
        _warp(assembly_.proposalEta(proposalId));
        assembly_.execute(proposalId, actions, keccak256(bytes(text)));
    }

    /// @dev Ada proposes one call, it passes and is executed. `text` is a hash for the classes about people.
    function _decide(address target, bytes memory data, string memory text) internal returns (uint256 proposalId) {
        Action[] memory actions = _action(target, data);
        proposalId = _propose(ADA, actions, text);
        _pass(proposalId);
        _execute(proposalId, actions, text);
    }

    /// @dev The description of proposals about people: "0x" and the hash of a text.
    function _hashed(string memory text) internal pure returns (string memory) {
        bytes32 hash = keccak256(bytes(text));
        bytes memory hex_ = "0123456789abcdef";
        bytes memory digits = new bytes(64);
        for (uint256 i; i < 64; ++i) {
            digits[i] = hex_[(uint8(hash[i / 2]) >> (i % 2 == 0 ? 4 : 0)) & 15];
        }
        return string.concat("0x", string(digits));
    }

    /// @dev Applies with a key, waits out probation, and is admitted by vote.
    function _admit(uint256 key) internal returns (uint32 memberId) {
        VM.prank(VM.addr(key));
        membership.applyToJoin(keccak256(abi.encode("profile", key)));
        _warp(_now() + membership.probation());
        _decide(address(membership), abi.encodeCall(IMembership.admit, (VM.addr(key))), _hashed("admit"));
        return _id(key);
    }

    /// @dev From now on an order in the Assembly's name is as if its vote opened only at the end of time.
    function _takeOrdersAsNew() internal {
        bytes memory question = abi.encodeCall(IAssembly.executionSnapshot, ());
        VM.mockCall(address(assembly_), question, abi.encode(type(uint40).max));
    }

    // Signed ballots

    /// @dev The ballot of a member as they sign it now, without a reason.
    function _ballot(
        uint256 key,
        uint256 proposalId,
        Choice choice,
        uint8 sequence
    ) internal view returns (Ballot memory) {
        uint32 memberId = _id(key);
        return
            Ballot({
                proposalId: proposalId,
                content: assembly_.proposal(proposalId).content,
                choice: uint8(choice),
                memberId: memberId,
                epoch: membership.memberOf(memberId).epoch,
                sequence: sequence,
                reason: ""
            });
    }

    function _digest(Ballot memory ballot) internal view returns (bytes32) {
        return Signing.digest(ballot, Signing.domain(Founding.NAME, address(assembly_)));
    }

    function _digest(PayBallot memory ballot) internal view returns (bytes32) {
        return Signing.digest(ballot, Signing.domain(Founding.NAME, address(payRates)));
    }

    function _digest(Rotation memory rotation) internal view returns (bytes32) {
        return Signing.digest(rotation, Signing.domain(Founding.NAME, address(membership)));
    }

    /// @dev An entry of a batch, signed by the key in 64 bytes.
    function _entry(uint256 key, Ballot memory ballot) internal view returns (bytes memory) {
        return Signing.entry(ballot, Signing.short(key, _digest(ballot)));
    }

    /// @dev An entry of a batch of pay ballots, signed by the key in 64 bytes.
    function _entry(uint256 key, PayBallot memory ballot, uint8 rung) internal view returns (bytes memory) {
        return Signing.entry(ballot, rung, Signing.short(key, _digest(ballot)));
    }

    // Keys

    /// @dev Changes a member's key with both signatures.
    function _rotate(uint256 key, uint256 newKey) internal {
        uint32 memberId = _id(key);
        Rotation memory rotation = Rotation({
            memberId: memberId,
            presentAccount: VM.addr(key),
            newAccount: VM.addr(newKey),
            epoch: membership.memberOf(memberId).epoch,
            deadline: _now() + 1 days
        });
        bytes32 signed = _digest(rotation);
        membership.rotate(
            memberId,
            rotation.newAccount,
            rotation.deadline,
            Signing.long(key, signed),
            Signing.long(newKey, signed)
        );
    }

    // Pay votes

    /// @dev Calls a pay vote whose ballots are taken in two days.
    function _openPayVote(uint256 key, bytes32 role) internal returns (uint256 payVoteId) {
        uint40 opensAt = _now() + 2 days;
        VM.prank(VM.addr(key));
        return payRates.openPayVote(role, opensAt);
    }

    function _payVote(uint256 key, uint256 payVoteId, uint256 rate, uint8 sequence) internal {
        uint32 memberId = _id(key);
        VM.prank(VM.addr(key));
        payRates.castPayBallot(payVoteId, memberId, rate, sequence, "");
    }

    /// @dev The pay ballot for a rung as a member signs it now, without a reason.
    function _payBallot(
        uint256 key,
        uint256 payVoteId,
        uint8 rung,
        uint8 sequence
    ) internal view returns (PayBallot memory) {
        uint32 memberId = _id(key);
        PayVote memory vote = payRates.payVote(payVoteId);
        return
            PayBallot({
                payVoteId: payVoteId,
                content: vote.content,
                rate: uint256(vote.from) + uint256(rung) * vote.step,
                memberId: memberId,
                epoch: membership.memberOf(memberId).epoch,
                sequence: sequence,
                reason: ""
            });
    }
}
