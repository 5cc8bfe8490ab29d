// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAssembly, ProposalInfo} from "./interfaces/IAssembly.sol";
import {DecisionClass, IBylaws, Own, Rule} from "./interfaces/IBylaws.sol";
import {IMembership} from "./interfaces/IMembership.sol";
import {Ballots} from "./modules/Ballots.sol";
import {DueProcess} from "./modules/DueProcess.sol";
import {Outcome, Tally} from "./modules/Outcome.sol";
import {Poll} from "./modules/Poll.sol";
import {Proposals} from "./modules/Proposals.sol";

/// @title Assembly
/// @notice See IAssembly. This file starts an instance and answers questions; the modules do the rest.
contract Assembly is Proposals, Ballots, DueProcess {
    /// @dev Where the addresses lie in the clone's arguments: Membership first.
    uint256 private constant BYLAWS = AFTER_NAME + 20;
    uint256 private constant PAY_RATES = AFTER_NAME + 40;

    // Start

    /// @dev Locks the implementation.
    constructor() {
        _begin();
    }

    /// @inheritdoc IAssembly
    function initialize() external {
        _begin();
    }

    /// @notice Takes ether, which only an executed action can send on.
    receive() external payable {}

    // Views

    /// @inheritdoc IAssembly
    function membership() external view returns (address) {
        return address(_membership());
    }

    /// @inheritdoc IAssembly
    function bylaws() external view returns (address) {
        return address(_bylaws());
    }

    /// @inheritdoc IAssembly
    function payRates() external view returns (address) {
        return _addressArgument(PAY_RATES);
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
        (, Rule memory rule) = _bylaws().inForce(DecisionClass.Ordinary);
        return rule.presence ? "support=bravo&quorum=against,for,abstain" : "support=bravo&quorum=for";
    }

    /// @inheritdoc IAssembly
    function proposal(uint256 proposalId) external view returns (ProposalInfo memory) {
        Poll poll = _known(proposalId);
        Later storage later = _laters[proposalId];
        (uint256 deadline, bool secondCall) = _session(proposalId);
        return
            ProposalInfo({
                class: poll.class(),
                ruleVersion: poll.ruleVersion(),
                proposerId: poll.proposerId(),
                subjectId: later.subjectId,
                opensAt: uint40(poll.opensAt()),
                deadline: uint40(deadline),
                eta: later.eta,
                secondCalled: secondCall,
                confirmation: later.confirmation,
                confirms: later.confirms,
                content: _contents[proposalId]
            });
    }

    /// @inheritdoc IAssembly
    function proposalSnapshot(uint256 proposalId) external view returns (uint256) {
        return _known(proposalId).opensAt();
    }

    /// @inheritdoc IAssembly
    function proposalDeadline(uint256 proposalId) external view returns (uint256 deadline) {
        _known(proposalId);
        (deadline, ) = _session(proposalId);
    }

    /// @inheritdoc IAssembly
    function proposalProposer(uint256 proposalId) external view returns (address) {
        return _memberOf(_known(proposalId).proposerId()).account;
    }

    /// @inheritdoc IAssembly
    function proposalEta(uint256 proposalId) external view returns (uint256) {
        _known(proposalId);
        return _laters[proposalId].eta == 0 ? 0 : _due(proposalId);
    }

    /// @inheritdoc IAssembly
    function proposalVotes(
        uint256 proposalId
    ) external view returns (uint256 againstVotes, uint256 forVotes, uint256 abstainVotes) {
        Tally memory tally = _tally(_known(proposalId));
        return (tally.againstVotes, tally.forVotes, tally.abstainVotes);
    }

    /// @inheritdoc IAssembly
    function proposalQuorum(uint256 proposalId) external view returns (uint256) {
        Poll poll = _known(proposalId);
        (, bool secondCall) = _session(proposalId);
        return Outcome.quorumVotes(_ruleOf(poll), _roll(proposalId, poll), secondCall);
    }

    /// @inheritdoc IAssembly
    function proposalRoll(uint256 proposalId) external view returns (uint256) {
        return _roll(proposalId, _known(proposalId));
    }

    /// @inheritdoc IAssembly
    function hasVoted(uint256 proposalId, address account) external view returns (bool) {
        _known(proposalId);
        (, , uint8 sequence) = ballotOf(proposalId, _membership().memberIdOf(account));
        return sequence != 0;
    }

    /// @inheritdoc IAssembly
    function getVotes(address account, uint256 timepoint) external view returns (uint256) {
        return _membership().getPastVotes(account, timepoint);
    }

    /// @inheritdoc IAssembly
    function quorum(uint256 timepoint) external view returns (uint256) {
        (, Rule memory rule) = _bylaws().inForce(DecisionClass.Ordinary);
        return Outcome.quorumVotes(rule, _membership().getPastTotalSupply(timepoint), false);
    }

    // Internal

    function _own() internal view override returns (Own memory) {
        return
            Own({
                membership: address(_membership()),
                bylaws: address(_bylaws()),
                assembly_: address(this),
                payRates: _addressArgument(PAY_RATES)
            });
    }

    function _membership() internal view override returns (IMembership) {
        return IMembership(_addressArgument(AFTER_NAME));
    }

    function _bylaws() internal view override returns (IBylaws) {
        return IBylaws(_addressArgument(BYLAWS));
    }
}
