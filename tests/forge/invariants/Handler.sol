// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ProposalState} from "../../../contracts/interfaces/IAssembly.sol";
import {DecisionClass, IBylaws} from "../../../contracts/interfaces/IBylaws.sol";
import {IMembership} from "../../../contracts/interfaces/IMembership.sol";
import {IPayRates, PayVoteState, RoleTerms} from "../../../contracts/interfaces/IPayRates.sol";
import {Founding, WEAVER} from "../Founding.sol";
import {VM} from "../Vm.sol";
import {PayActs} from "./PayActs.sol";

/// @title Handler
/// @notice All acts that the fuzzer may choose from: those of members, time, money, and trespassers.
contract Handler is PayActs {
    /// @notice The instance's contracts, for the invariants.
    function own(uint256 index) external view returns (address) {
        return _own(index);
    }

    /// @notice Where the implementations can be asked for.
    function theFactory() external view returns (address) {
        return address(factory);
    }

    /// @notice The acts by their selectors; those that carry a vote on come more than once.
    function acts() external pure returns (bytes4[] memory all) {
        bytes4[30] memory listed = [
            this.advance.selector,
            this.advance.selector,
            this.advance.selector,
            this.propose.selector,
            this.propose.selector,
            this.voteTogether.selector,
            this.voteTogether.selector,
            this.cast.selector,
            this.castBatch.selector,
            this.queue.selector,
            this.execute.selector,
            this.defend.selector,
            this.cancel.selector,
            this.applyToJoin.selector,
            this.leaveCoop.selector,
            this.rotate.selector,
            this.reinstate.selector,
            this.nameGuardians.selector,
            this.vouch.selector,
            this.vouch.selector,
            this.cancelRecovery.selector,
            this.completeRecovery.selector,
            this.completeRecovery.selector,
            this.waitForGuardians.selector,
            this.waitForGuardians.selector,
            this.openPayVote.selector,
            this.castPay.selector,
            this.castPayTogether.selector,
            this.closePayVote.selector,
            this.trespass.selector
        ];
        all = new bytes4[](listed.length + 1);
        for (uint256 i; i < listed.length; ++i) {
            all[i] = listed[i];
        }
        all[listed.length] = this.fund.selector;
    }

    /// @notice Time goes by: a little, or to the next edge of some vote.
    function advance(uint256 seed) external acting {
        uint256 goal = clock + 1 + (seed % 8 hours);
        if (seed % 6 == 1 && motions != 0) goal = _motions[_pick(seed, ProposalState.Pending)].opensAt + 1;
        if (seed % 6 == 2 && motions != 0) goal = _motions[_pick(seed, ProposalState.Active)].deadline + 1;
        if (seed % 6 == 3 && motions != 0) goal = assembly_.proposalEta(_pick(seed, ProposalState.Queued));
        if (seed % 6 == 4 && payVotes != 0) goal = payOpensAt[_pickPay(seed, PayVoteState.Pending)] + 1;
        if (seed % 6 == 5) goal = _edge(seed);
        // By a week at most, so that nothing waits in vain.
        if (goal > clock && goal <= clock + 7 days) clock = uint40(goal);
        else ++clock;
        ++height;
    }

    /// @notice Ether for the Assembly. The other contracts take none.
    function fund(uint256 seed) external acting {
        uint256 sum = 1 + (seed % 5);
        VM.deal(address(this), sum * 4);
        for (uint256 i; i < 4; ++i) {
            // solhint-disable-next-line avoid-low-level-calls
            (bool taken, ) = _own(i).call{value: sum}("");
            if (taken && i == 2) treasury += sum;
            else if (taken) ++breaches[9];
        }
        ++reached["funded"];
    }

    /// @notice Somebody, member or not, tries what only a passed proposal may do.
    function trespass(uint256 seed) external acting {
        uint32 id = _anyone(seed);
        address account = seed % 2 == 0 ? address(factory) : VM.addr(_people[id].key);
        RoleTerms memory terms = Founding.roles()[0];
        terms.role = "thief";
        _try(account, 0, abi.encodeCall(IMembership.admit, (address(0xBAD))));
        _try(account, 0, abi.encodeCall(IMembership.suspend, (id, 1 days)));
        _try(account, 0, abi.encodeCall(IMembership.expel, (id)));
        _try(account, 0, abi.encodeCall(IMembership.recover, (id, address(0xBAD))));
        _try(account, 0, abi.encodeCall(IMembership.setProbation, (1)));
        _try(account, 1, abi.encodeCall(IBylaws.setRule, (DecisionClass.Ordinary, Founding.plainRule())));
        _try(account, 3, abi.encodeCall(IPayRates.addRole, (terms)));
        _try(account, 3, abi.encodeCall(IPayRates.changeRole, (WEAVER, 1, 1, 1)));
        _try(account, 3, abi.encodeCall(IPayRates.retireRole, (WEAVER)));
        _try(account, 3, abi.encodeCall(IPayRates.setPayRule, (Founding.payRule())));
        ++reached["trespassed"];
    }

    /// @notice Remembers where each proposal stands, and tells whether one stands where it cannot have come to.
    function look() external returns (bool forward) {
        VM.warp(clock);
        forward = true;
        for (uint256 id = 1; id <= motions; ++id) {
            ProposalState found = assembly_.state(id);
            if (!_follows(_motions[id].last, found)) forward = false;
            if (found == ProposalState.Defeated && _motions[id].last != found) ++reached["defeated"];
            if (found == ProposalState.Expired && _motions[id].last != found) ++reached["expired"];
            _motions[id].last = found;
        }
    }

    function _try(address account, uint256 index, bytes memory data) private {
        VM.prank(account);
        // solhint-disable-next-line avoid-low-level-calls
        (bool ok, ) = _own(index).call(data);
        if (ok) ++breaches[9];
    }

    /// @dev Shortly before the end of a vote, or right after the end of a pay vote.
    function _edge(uint256 seed) private view returns (uint256) {
        uint256 paid = _pickPay(seed, PayVoteState.Open);
        if (seed % 4 < 2 && paid != 0) return payRates.payVote(paid).deadline + 1;
        if (motions == 0) return 0;
        return _motions[_pick(seed, ProposalState.Active)].deadline - ((seed >> 8) % 20 hours);
    }

    /// @dev The states that may come after one, however much time went by: its row, Canceled to Executed.
    function _follows(ProposalState before, ProposalState found) private pure returns (bool) {
        if (before == found || before == ProposalState.Pending) return true;
        bool waiting = before == ProposalState.Succeeded || before == ProposalState.Queued;
        if (before != ProposalState.Active && !waiting) return false;
        if (found == ProposalState.Pending || found == ProposalState.Active) return false;
        return !(before == ProposalState.Queued && found == ProposalState.Succeeded);
    }
}
