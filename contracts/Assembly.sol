// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAssembly, ProposalInfo} from "./interfaces/IAssembly.sol";
import {DecisionClass, IBylaws, Own, Rule} from "./interfaces/IBylaws.sol";
import {IMembership} from "./interfaces/IMembership.sol";
import {Ballots} from "./modules/Ballots.sol";
import {DueProcess} from "./modules/DueProcess.sol";
import {Outcome} from "./modules/Outcome.sol";
import {Proposals} from "./modules/Proposals.sol";

/// @title Assembly
/// @notice See IAssembly. This file starts an instance and answers questions; the modules do the rest.
contract Assembly is Proposals, Ballots, DueProcess {
    address private _payRates;

    // Start

    /// @dev Locks the implementation.
    constructor() {
        _begin();
    }

    /// @inheritdoc IAssembly
    function initialize(string calldata name_, address membership_, address bylaws_, address payRates_) external {
        _begin();
        _setDomainName(name_);
        _membership = IMembership(membership_);
        _bylaws = IBylaws(bylaws_);
        _payRates = payRates_;
    }

    /// @notice Takes ether, which only an executed action can send on.
    receive() external payable {}

    // Views

    /// @inheritdoc IAssembly
    function membership() external view returns (address) {
        return address(_membership);
    }

    /// @inheritdoc IAssembly
    function bylaws() external view returns (address) {
        return address(_bylaws);
    }

    /// @inheritdoc IAssembly
    function payRates() external view returns (address) {
        return _payRates;
    }

    /// @inheritdoc IAssembly
    function name() external view returns (string memory) {
        return _name();
    }

    /// @inheritdoc IAssembly
    function version() external pure returns (string memory) {
        return "1";
    }

    /// @inheritdoc IAssembly
    // solhint-disable-next-line func-name-mixedcase
    function COUNTING_MODE() external view returns (string memory) {
        (, Rule memory rule) = _bylaws.inForce(DecisionClass.Ordinary);
        return rule.presence ? "support=bravo&quorum=against,for,abstain" : "support=bravo&quorum=for";
    }

    /// @inheritdoc IAssembly
    function proposal(uint256 proposalId) external view returns (ProposalInfo memory) {
        Poll storage poll = _known(proposalId);
        Core storage core = _cores[proposalId];
        (uint256 deadline, bool secondCall) = _session(proposalId);
        return
            ProposalInfo({
                class: poll.class,
                ruleVersion: core.ruleVersion,
                proposerId: core.proposerId,
                subjectId: core.subjectId,
                opensAt: poll.opensAt,
                deadline: uint40(deadline),
                eta: core.eta,
                secondCalled: secondCall,
                confirmation: core.confirmation,
                confirms: core.confirms,
                content: _contents[proposalId]
            });
    }

    /// @inheritdoc IAssembly
    function proposalSnapshot(uint256 proposalId) external view returns (uint256) {
        return _known(proposalId).opensAt;
    }

    /// @inheritdoc IAssembly
    function proposalDeadline(uint256 proposalId) external view returns (uint256 deadline) {
        _known(proposalId);
        (deadline, ) = _session(proposalId);
    }

    /// @inheritdoc IAssembly
    function proposalProposer(uint256 proposalId) external view returns (address) {
        _known(proposalId);
        return _memberOf(_cores[proposalId].proposerId).account;
    }

    /// @inheritdoc IAssembly
    function proposalEta(uint256 proposalId) external view returns (uint256) {
        _known(proposalId);
        return _cores[proposalId].eta == 0 ? 0 : _due(proposalId);
    }

    /// @inheritdoc IAssembly
    function proposalVotes(
        uint256 proposalId
    ) external view returns (uint256 againstVotes, uint256 forVotes, uint256 abstainVotes) {
        Poll storage poll = _known(proposalId);
        return (poll.againstVotes, poll.forVotes, poll.abstainVotes);
    }

    /// @inheritdoc IAssembly
    function proposalQuorum(uint256 proposalId) external view returns (uint256) {
        _known(proposalId);
        (, bool secondCall) = _session(proposalId);
        return Outcome.quorumVotes(_ruleOf(proposalId), _roll(proposalId), secondCall);
    }

    /// @inheritdoc IAssembly
    function proposalRoll(uint256 proposalId) external view returns (uint256) {
        _known(proposalId);
        return _roll(proposalId);
    }

    /// @inheritdoc IAssembly
    function hasVoted(uint256 proposalId, address account) external view returns (bool) {
        _known(proposalId);
        (, , uint8 sequence) = ballotOf(proposalId, _membership.memberIdOf(account));
        return sequence != 0;
    }

    /// @inheritdoc IAssembly
    function getVotes(address account, uint256 timepoint) external view returns (uint256) {
        return _membership.getPastVotes(account, timepoint);
    }

    /// @inheritdoc IAssembly
    function quorum(uint256 timepoint) external view returns (uint256) {
        (, Rule memory rule) = _bylaws.inForce(DecisionClass.Ordinary);
        return Outcome.quorumVotes(rule, _membership.getPastTotalSupply(timepoint), false);
    }

    // Internal

    function _own() internal view override returns (Own memory) {
        return
            Own({
                membership: address(_membership),
                bylaws: address(_bylaws),
                assembly_: address(this),
                payRates: _payRates
            });
    }

    function _known(uint256 proposalId) private view returns (Poll storage poll) {
        poll = _polls[proposalId];
        if (poll.opensAt == 0) revert AssemblyUnknownProposal(proposalId);
    }
}
