// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Choice, IAssembly, ProposalState} from "../../contracts/interfaces/IAssembly.sol";
import {Action} from "../../contracts/interfaces/IBylaws.sol";
import {BylawTerms} from "../../contracts/interfaces/ICooperativeFactory.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA, BEN, CLEO, Founding} from "./Founding.sol";
import {VM} from "./Vm.sol";

/// @notice A missed quorum opens a second call by itself, and everybody is told so before its first ballot.
contract SecondCall is CoopTest {
    uint256 private proposalId;
    uint256 private deadline;

    function setUp() public override {
        factory = Founding.factory();
        BylawTerms memory terms = Founding.terms();
        (terms.rules[0].secondCallDelay, terms.rules[0].secondCallBps) = (2 days, 2_500);
        _found(terms, Founding.roles());
        proposalId = _resolve(ADA);
        deadline = assembly_.proposalDeadline(proposalId);
        _open(proposalId);
    }

    function test_a_missed_quorum_opens_it_with_its_own_deadline_and_quorum() external {
        _tells(deadline, false, 3);
        _warp(deadline);
        _tells(deadline, false, 3);
        _warp(deadline + 1);
        _tells(deadline + 2 days, true, 2);
        _vote(ADA, proposalId, Choice.For, 1);
        _tells(deadline + 2 days, true, 2);
    }

    function test_it_is_open_to_the_last_second_and_passes_with_its_own_quorum() external {
        _warp(deadline + 1);
        _stands(ProposalState.Active);
        _vote(ADA, proposalId, Choice.For, 1);
        _warp(deadline + 2 days);
        _stands(ProposalState.Active);
        _vote(BEN, proposalId, Choice.For, 1);
        _warp(deadline + 2 days + 1);
        _stands(ProposalState.Succeeded);
    }

    function test_it_is_lost_with_its_silence() external {
        _warp(deadline + 2 days);
        _stands(ProposalState.Active);
        _warp(deadline + 2 days + 1);
        _stands(ProposalState.Defeated);
        _tells(deadline + 2 days, true, 2);
    }

    function test_a_quorum_that_is_met_leaves_nothing_to_call_again() external {
        _vote(ADA, proposalId, Choice.Against, 1);
        _vote(BEN, proposalId, Choice.Against, 1);
        _vote(CLEO, proposalId, Choice.For, 1);
        _warp(deadline + 1);
        _tells(deadline, false, 3);
        _stands(ProposalState.Defeated);
    }

    function test_the_proposers_place_is_kept_until_it_has_ended() external {
        _warp(deadline + 2 days);
        bytes memory busy = abi.encodeWithSelector(IAssembly.AssemblyProposerBusy.selector, 1, proposalId);
        bytes memory call = abi.encodeCall(IAssembly.propose, (new Action[](0), "Another", _now() + 3 days));
        _refused(VM.addr(ADA), address(assembly_), call, busy);
        _warp(deadline + 2 days + 1);
        _same(_propose(ADA, new Action[](0), "Another"), proposalId + 1, "the next");
    }

    function _tells(uint256 until, bool secondCalled, uint256 quorum) private view {
        _same(assembly_.proposalDeadline(proposalId), until, "deadline");
        _same(assembly_.proposal(proposalId).deadline, until, "the deadline beside all else");
        _so(assembly_.proposal(proposalId).secondCalled == secondCalled, "whether it is called again");
        _same(assembly_.proposalQuorum(proposalId), quorum, "quorum");
    }

    function _stands(ProposalState expected) private view {
        _same(uint8(assembly_.state(proposalId)), uint8(expected), "state");
    }
}
