// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Choice, IAssembly} from "../../contracts/interfaces/IAssembly.sol";
import {Action, DecisionClass} from "../../contracts/interfaces/IBylaws.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA, BEN, CLEO, DAN} from "./Founding.sol";
import {VM} from "./Vm.sol";

/// @notice The same again, while copies of it are undecided or after one was defeated.
contract CoolDown is CoopTest {
    function test_copies_made_in_time_are_decided_and_a_defeat_of_any_holds_up_the_next() external {
        uint256 first = _resolve(ADA);
        _warp(_now() + 1 hours);
        _resolve(BEN);
        _warp(_now() + 1 hours);
        uint256 third = _resolve(CLEO);
        _defeat(first);
        uint256 until = assembly_.proposalDeadline(first) + bylaws.ruleOf(DecisionClass.Ordinary, 1).coolDown;
        _warp(assembly_.proposalDeadline(first) + 1);
        _refusesTheSame(DAN, first, until);

        _same(assembly_.proposalCount(), third, "no fourth");
    }

    function test_a_copy_that_is_withdrawn_hides_no_older_defeat() external {
        uint256 first = _resolve(ADA);
        _warp(_now() + 1 hours);
        uint256 second = _resolve(BEN);
        VM.prank(VM.addr(BEN));
        assembly_.cancel(second);
        _defeat(first);
        _warp(assembly_.proposalDeadline(first) + 1);
        uint256 until = _now() - 1 + bylaws.ruleOf(DecisionClass.Ordinary, 1).coolDown;
        _refusesTheSame(DAN, first, until);
    }

    function test_a_defeat_without_a_quorum_may_be_tried_again_at_once() external {
        uint256 first = _resolve(ADA);
        _open(first);
        _vote(ADA, first, Choice.Against, 1);
        _close(first);
        _same(_resolve(BEN), first + 1, "the same again");
    }

    function _defeat(uint256 proposalId) private {
        _open(proposalId);
        uint256[5] memory keys = _voters();
        for (uint256 i; i < 5; ++i) {
            _vote(keys[i], proposalId, Choice.Against, 1);
        }
    }

    function _refusesTheSame(uint256 key, uint256 defeated, uint256 until) private {
        bytes memory call = abi.encodeCall(IAssembly.propose, (new Action[](0), "A resolution", _now() + 3 days));
        bytes memory cooling = abi.encodeWithSelector(IAssembly.AssemblyCoolingDown.selector, defeated, until);
        _refused(VM.addr(key), address(assembly_), call, cooling);
    }
}
