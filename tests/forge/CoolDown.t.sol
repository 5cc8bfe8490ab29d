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

    /// @dev Else whoever proposes the same again and again could make it too dear for everybody.
    function test_copies_that_are_decided_make_the_next_one_no_dearer() external {
        uint256 early;
        for (uint256 i; i < 12; ++i) {
            // Ada and ben in turn, so that the other's copy is undecided, and all before it are withdrawn.
            uint256 key = i % 2 == 0 ? ADA : BEN;
            uint256 cost = _proposeAhead(key);
            if (i == 3) early = cost;
            if (i > 3) _so(cost < early + 500, "it costs what the fourth did");
            // The other's copy has the number before this one's.
            if (i != 0) {
                VM.prank(VM.addr(key == ADA ? BEN : ADA));
                assembly_.cancel(i);
            }
            _warp(_now() + 12 days + 1 hours);
        }
    }

    /// @dev Proposes a resolution whose vote opens in twenty days; the gas that this takes.
    function _proposeAhead(uint256 key) private returns (uint256 cost) {
        uint40 opensAt = _now() + 20 days;
        VM.prank(VM.addr(key));
        cost = gasleft();
        assembly_.propose(new Action[](0), "A resolution", opensAt);
        cost -= gasleft();
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
