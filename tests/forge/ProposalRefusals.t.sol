// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Choice, IAssembly, ProposalState} from "../../contracts/interfaces/IAssembly.sol";
import {Action, DecisionClass, IBylaws} from "../../contracts/interfaces/IBylaws.sol";
import {IMembership} from "../../contracts/interfaces/IMembership.sol";
import {CoopTest} from "./CoopTest.sol";
import {ADA, BEN, EVE, HAL} from "./Founding.sol";
import {Recorder} from "./Recorder.sol";
import {VM} from "./Vm.sol";

/// @notice Proposals that are refused, each with its reason.
contract ProposalRefusals is CoopTest {
    Action[] private none;

    function test_a_stranger_proposes_nothing() external {
        _refuses(
            HAL,
            none,
            "A resolution",
            3 days,
            abi.encodeWithSelector(IAssembly.AssemblyNotMember.selector, VM.addr(HAL))
        );
    }

    function test_a_member_proposes_again_only_after_the_vote_on_the_last() external {
        uint256 last = _resolve(ADA);
        bytes memory busy = abi.encodeWithSelector(IAssembly.AssemblyProposerBusy.selector, 1, last);
        _refuses(ADA, none, "Another", 3 days, busy);
        _close(last);
        _same(_propose(ADA, none, "Another"), last + 1, "the next");
    }

    function test_a_vote_opens_neither_too_soon_nor_more_than_ninety_days_ahead() external {
        uint40 notice = bylaws.ruleOf(DecisionClass.Ordinary, 1).notice;
        bytes4 why = IAssembly.AssemblyOpeningOutOfBounds.selector;
        uint40[2] memory ahead = [notice - 1, 90 days + 1];
        for (uint256 i; i < 2; ++i) {
            bytes memory error_ = abi.encodeWithSelector(why, _now() + ahead[i], _now() + notice, _now() + 90 days);
            _refuses(ADA, none, "A resolution", ahead[i], error_);
        }
    }

    function test_nobody_is_removed_who_never_was_there() external {
        Action[] memory actions = _action(address(membership), abi.encodeCall(IMembership.expel, (9)));
        bytes memory unknown = abi.encodeWithSelector(IAssembly.AssemblyUnknownPerson.selector, 9);
        _refuses(ADA, actions, _hashed("why"), 3 days, unknown);
    }

    function test_people_are_not_discussed_in_the_text_of_a_proposal() external {
        Action[] memory actions = _action(address(membership), abi.encodeCall(IMembership.expel, (5)));
        bytes memory plain = abi.encodeWithSelector(IAssembly.AssemblyTextMustBeHash.selector);
        bytes memory upper = bytes(_hashed("why"));
        (upper[2], upper[65]) = ("A", "0");
        _refuses(ADA, actions, "Eve was rude", 3 days, plain);
        _refuses(ADA, actions, string(upper), 3 days, plain);
    }

    function test_only_the_proposer_withdraws_and_only_before_the_vote() external {
        uint256 proposalId = _resolve(ADA);
        VM.expectRevert(abi.encodeWithSelector(IAssembly.AssemblyNotProposer.selector, VM.addr(BEN)));
        VM.prank(VM.addr(BEN));
        assembly_.cancel(proposalId);

        VM.prank(VM.addr(ADA));
        assembly_.cancel(proposalId);
        _same(uint8(assembly_.state(proposalId)), uint8(ProposalState.Canceled), "withdrawn");
    }

    function test_nothing_is_executed_before_its_time_or_with_another_text() external {
        uint256 proposalId = _resolve(ADA);
        _pass(proposalId);
        assembly_.queue(proposalId);
        uint256 eta = assembly_.proposalEta(proposalId);
        VM.expectRevert(abi.encodeWithSelector(IAssembly.AssemblyNotDue.selector, proposalId, eta));
        assembly_.execute(proposalId, none, keccak256("A resolution"));

        _warp(eta);
        uint40 opensAt = uint40(assembly_.proposalSnapshot(proposalId));
        bytes memory changed = abi.encodeWithSelector(
            IAssembly.AssemblyContentChanged.selector,
            proposalId,
            _content(proposalId, opensAt, "A resolution"),
            _content(proposalId, opensAt, "Another")
        );
        VM.expectRevert(changed);
        assembly_.execute(proposalId, none, keccak256("Another"));
        assembly_.execute(proposalId, none, keccak256("A resolution"));
        _same(uint8(assembly_.state(proposalId)), uint8(ProposalState.Executed), "carried out");
    }

    function test_what_was_defeated_with_a_quorum_cools_down() external {
        uint256 proposalId = _resolve(ADA);
        _open(proposalId);
        uint256[5] memory keys = _voters();
        for (uint256 i; i < 5; ++i) {
            _vote(keys[i], proposalId, i < 2 ? Choice.For : Choice.Against, 1);
        }
        uint256 until = assembly_.proposalDeadline(proposalId) + bylaws.ruleOf(DecisionClass.Ordinary, 1).coolDown;
        _close(proposalId);
        bytes memory cooling = abi.encodeWithSelector(IAssembly.AssemblyCoolingDown.selector, proposalId, until);
        _refuses(BEN, none, "A resolution", 3 days, cooling);

        _warp(until);
        _same(_resolve(EVE), proposalId + 1, "when it has cooled down");
    }

    function test_a_removal_waits_for_its_confirming_vote_and_ends_with_it() external {
        (uint256 removal, uint256 confirmation) = _appealed();
        _same(uint8(assembly_.state(removal)), uint8(ProposalState.Queued), "waits");
        uint256 ends = assembly_.proposalDeadline(confirmation);
        _warp(ends);
        bytes memory notDue = abi.encodeWithSelector(IAssembly.AssemblyNotDue.selector, removal, ends);
        bytes memory call = abi.encodeCall(
            IAssembly.execute,
            (removal, _expulsion(), keccak256(bytes(_hashed("why"))))
        );
        _refused(VM.addr(ADA), address(assembly_), call, notDue);

        _warp(ends + 1);
        _same(uint8(assembly_.state(removal)), uint8(ProposalState.Defeated), "lost with the second vote");
    }

    function test_a_removal_lost_in_its_confirming_vote_cools_down_from_there() external {
        (uint256 removal, uint256 confirmation) = _appealed();
        _close(confirmation);
        uint256 until = _now() - 1 + bylaws.ruleOf(DecisionClass.Removal, 1).coolDown;
        bytes memory cooling = abi.encodeWithSelector(IAssembly.AssemblyCoolingDown.selector, removal, until);
        _refuses(BEN, _expulsion(), _hashed("again"), 3 days, cooling);
    }

    function test_a_person_appeals_once_and_a_confirming_vote_is_not_queued() external {
        (uint256 removal, uint256 confirmation) = _appealed();
        bytes memory once = abi.encodeWithSelector(
            IAssembly.AssemblyNoAppeal.selector,
            removal,
            assembly_.proposal(removal).eta
        );
        _refused(VM.addr(EVE), address(assembly_), abi.encodeCall(IAssembly.appeal, (removal)), once);

        _pass(confirmation);
        bytes memory unexpected = abi.encodeWithSelector(
            IAssembly.AssemblyUnexpectedState.selector,
            confirmation,
            ProposalState.Succeeded,
            0
        );
        _refused(VM.addr(ADA), address(assembly_), abi.encodeCall(IAssembly.queue, (confirmation)), unexpected);
        assembly_.execute(removal, _expulsion(), keccak256(bytes(_hashed("why"))));
        _same(membership.rollSize(), 4, "the removal is confirmed");
    }

    function test_two_people_are_not_removed_by_one_proposal() external {
        Action[] memory actions = new Action[](2);
        (actions[0], actions[1]) = (_expulsion()[0], _expulsion()[0]);
        bytes memory count = abi.encodeWithSelector(IBylaws.BylawsActionCount.selector, 2);
        _refuses(ADA, actions, _hashed("why"), 3 days, count);
    }

    function test_a_target_that_an_earlier_action_makes_is_not_called() external {
        bytes32 made = keccak256(type(Recorder).creationCode);
        address spot = address(
            uint160(uint256(keccak256(abi.encodePacked(bytes1(0xff), address(this), bytes32(0), made))))
        );
        Action[] memory actions = new Action[](2);
        actions[0] = Action({target: address(this), value: 0, data: abi.encodeCall(this.plant, ())});
        actions[1] = Action({target: spot, value: 0, data: ""});
        uint256 proposalId = _propose(ADA, actions, "Plant it");
        _pass(proposalId);
        assembly_.queue(proposalId);
        _warp(assembly_.proposalEta(proposalId));
        bytes memory changed = abi.encodeWithSelector(
            IAssembly.AssemblyContentChanged.selector,
            proposalId,
            bytes32(0),
            keccak256(type(Recorder).runtimeCode)
        );
        bytes memory call = abi.encodeCall(IAssembly.execute, (proposalId, actions, keccak256("Plant it")));
        _refused(VM.addr(ADA), address(assembly_), call, changed);
    }

    function test_an_action_that_fails_is_named_with_its_reason() external {
        Action[] memory actions = _action(address(this), abi.encodeCall(this.fail, ()));
        uint256 proposalId = _propose(ADA, actions, "Fail");
        _pass(proposalId);
        assembly_.queue(proposalId);
        _warp(assembly_.proposalEta(proposalId));
        bytes memory reason = abi.encodeWithSignature("Error(string)", "no");
        bytes memory failed = abi.encodeWithSelector(IAssembly.AssemblyActionFailed.selector, 0, reason);
        bytes memory call = abi.encodeCall(IAssembly.execute, (proposalId, actions, keccak256("Fail")));
        _refused(VM.addr(ADA), address(assembly_), call, failed);
    }

    /// @notice Fails with a reason.
    function fail() external pure {
        // solhint-disable-next-line gas-custom-errors
        revert("no");
    }

    /// @notice Puts a contract where it is known beforehand that it will stand.
    function plant() external returns (address) {
        return address(new Recorder{salt: 0}());
    }

    function test_nobody_replies_to_a_resolution() external {
        uint256 proposalId = _resolve(ADA);
        bytes memory wrong = abi.encodeWithSelector(
            IAssembly.AssemblyWrongClass.selector,
            proposalId,
            DecisionClass.Ordinary
        );
        _refused(VM.addr(EVE), address(assembly_), abi.encodeCall(IAssembly.reply, (proposalId, "a reply")), wrong);
    }

    function _content(uint256 proposalId, uint40 opensAt, string memory text) private view returns (bytes32) {
        bytes32 noActions = keccak256(abi.encode(none));
        bytes32 textHash = keccak256(bytes(text));
        return
            keccak256(
                abi.encode(block.chainid, assembly_, proposalId, 0, 1, opensAt, noActions, keccak256(""), textHash)
            );
    }

    function _expulsion() private view returns (Action[] memory) {
        return _action(address(membership), abi.encodeCall(IMembership.expel, (5)));
    }

    /// @dev Eve is to be removed, has appealed, and the removal would be due but for the confirming vote.
    function _appealed() private returns (uint256 removal, uint256 confirmation) {
        removal = _propose(ADA, _expulsion(), _hashed("why"));
        _pass(removal);
        assembly_.queue(removal);
        VM.prank(VM.addr(EVE));
        confirmation = assembly_.appeal(removal);
        _warp(assembly_.proposal(removal).eta);
    }

    function _refuses(
        uint256 key,
        Action[] memory actions,
        string memory text,
        uint40 ahead,
        bytes memory error_
    ) private {
        uint40 opensAt = _now() + ahead;
        VM.expectRevert(error_);
        VM.prank(VM.addr(key));
        assembly_.propose(actions, text, opensAt);
    }
}
