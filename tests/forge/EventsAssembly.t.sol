// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Choice, Refusal} from "../../contracts/interfaces/IAssembly.sol";
import {Action, DecisionClass, Rule} from "../../contracts/interfaces/IBylaws.sol";
import {IMembership} from "../../contracts/interfaces/IMembership.sol";
import {Events} from "./Events.sol";
import {ADA, BEN, CLEO, EVE, FAY, Founding} from "./Founding.sol";
import {Ballot} from "./Signing.sol";
import {VM, Vm} from "./Vm.sol";

/// @notice Every event of the Assembly with all its topics and data.
contract EventsAssembly is Events {
    string private constant CREATED =
        "ProposalCreated(uint256,address,address[],uint256[],string[],bytes[],uint256,uint256,string)";
    string private constant FROZEN =
        "ProposalFrozen(uint256,uint8,uint32,uint32,uint32,uint256,bytes32,bytes32[],bytes32)";
    string private constant VOTE = "VoteCast(address,uint256,uint8,uint256,string)";

    address private voice;

    function setUp() public override {
        super.setUp();
        voice = address(assembly_);
        VM.recordLogs();
    }

    function test_a_proposal_is_logged_as_it_was_made_and_what_it_froze() external {
        Action[] memory actions = new Action[](2);
        actions[0] = Action({target: address(0xE07E), value: 7, data: hex"010203"});
        actions[1] = Action({target: address(factory), value: 0, data: ""});
        uint256 start = _now() + 3 days;
        _propose(BEN, actions, "Two gifts");

        bytes32[] memory hashes = new bytes32[](2);
        hashes[1] = address(factory).codehash;
        bytes32 text = keccak256("Two gifts");
        bytes32 content = keccak256(
            abi.encode(
                block.chainid,
                voice,
                1,
                DecisionClass.External,
                1,
                start,
                keccak256(abi.encode(actions)),
                keccak256(abi.encodePacked(hashes)),
                text
            )
        );
        Vm.Log[] memory logs = _logs(2);
        _logged(logs[0], voice, CREATED, "", _created(actions, start));
        bytes memory frozen = abi.encode(DecisionClass.External, 1, 2, 0, 0, content, hashes, text);
        _logged(logs[1], voice, FROZEN, abi.encode(1), frozen);
    }

    function test_withdrawal_is_logged() external {
        uint256 proposalId = _resolve(ADA);
        VM.getRecordedLogs();
        VM.prank(VM.addr(ADA));
        assembly_.cancel(proposalId);

        _logged(_logs(1)[0], voice, "ProposalCanceled(uint256)", "", abi.encode(1));
    }

    function test_queueing_and_execution_are_logged() external {
        uint256 proposalId = _resolve(ADA);
        _pass(proposalId);
        VM.getRecordedLogs();
        uint256 eta = _now() + 1 days;
        _execute(proposalId, new Action[](0), "A resolution");

        Vm.Log[] memory logs = _logs(2);
        _logged(logs[0], voice, "ProposalQueued(uint256,uint256)", "", abi.encode(1, eta));
        _logged(logs[1], voice, "ProposalExecuted(uint256)", "", abi.encode(1));
    }

    function test_ballots_gaps_in_their_numbers_and_skipped_ones_are_logged() external {
        uint256 proposalId = _resolve(ADA);
        _open(proposalId);
        Ballot memory spoken = _ballot(BEN, proposalId, Choice.Abstain, 4);
        spoken.reason = "Undecided";
        bytes memory packed = bytes.concat(_entry(BEN, spoken), _entry(BEN, _ballot(CLEO, proposalId, Choice.For, 9)));
        VM.getRecordedLogs();
        _vote(ADA, proposalId, Choice.For, 1);
        assembly_.castBallots(proposalId, packed);
        _vote(ADA, proposalId, Choice.Against, 2);

        Vm.Log[] memory logs = _logs(5);
        bytes memory ada = abi.encode(VM.addr(ADA));
        _logged(logs[0], voice, VOTE, ada, abi.encode(1, 1, 1, ""));
        _logged(logs[1], voice, "BallotSequence(uint256,uint32,uint8)", abi.encode(1), abi.encode(2, 4));
        _logged(logs[2], voice, VOTE, abi.encode(VM.addr(BEN)), abi.encode(1, 2, 1, "Undecided"));
        bytes memory skipped = abi.encode(3, 9, Refusal.BadSignature);
        _logged(logs[3], voice, "BallotSkipped(uint256,uint32,uint8,uint8)", abi.encode(1), skipped);
        _logged(logs[4], voice, VOTE, ada, abi.encode(1, 0, 1, ""));
    }

    function test_a_late_swing_is_logged_with_the_new_deadline() external {
        _ordinaryRule();
        uint256 proposalId = _resolve(ADA);
        _open(proposalId);
        _vote(ADA, proposalId, Choice.For, 1);
        _vote(BEN, proposalId, Choice.For, 1);
        _vote(CLEO, proposalId, Choice.Against, 1);
        uint256 late = assembly_.proposalDeadline(proposalId) - 1 hours;
        _warp(late);
        VM.getRecordedLogs();
        _vote(BEN, proposalId, Choice.Against, 2);

        Vm.Log[] memory logs = _logs(2);
        bytes memory extended = abi.encode(late + 1 days);
        _logged(logs[1], voice, "ProposalExtended(uint256,uint64)", abi.encode(1), extended);
    }

    function test_the_first_ballot_of_a_second_call_is_logged_after_its_opening() external {
        _ordinaryRule();
        uint256 proposalId = _resolve(ADA);
        uint256 deadline = assembly_.proposalDeadline(proposalId);
        _close(proposalId);
        VM.getRecordedLogs();
        _vote(ADA, proposalId, Choice.For, 1);

        Vm.Log[] memory logs = _logs(2);
        bytes memory opened = abi.encode(deadline + 2 days);
        _logged(logs[0], voice, "SecondCallOpened(uint256,uint64)", abi.encode(1), opened);
        _logged(logs[1], voice, VOTE, abi.encode(VM.addr(ADA)), abi.encode(1, 1, 1, ""));
    }

    function test_a_reply_and_an_appeal_are_logged_with_the_confirming_vote() external {
        bytes memory data = abi.encodeCall(IMembership.expel, (5));
        uint256 proposalId = _propose(ADA, _action(address(membership), data), _hashed("why"));
        bytes32 content = assembly_.proposal(proposalId).content;
        VM.getRecordedLogs();
        VM.prank(VM.addr(EVE));
        assembly_.reply(proposalId, "a reply");
        bytes memory replied = abi.encode(5, bytes32("a reply"));
        _logged(_logs(1)[0], voice, "ReplyRecorded(uint256,uint32,bytes32)", abi.encode(1), replied);

        _pass(proposalId);
        assembly_.queue(proposalId);
        VM.getRecordedLogs();
        uint256 start = _now() + 2 days;
        VM.prank(VM.addr(EVE));
        assembly_.appeal(proposalId);

        Vm.Log[] memory logs = _logs(3);
        _logged(logs[0], voice, CREATED, "", _confirming(start));
        _logged(logs[1], voice, FROZEN, abi.encode(2), _confirmingFrozen(start, content));
        _logged(logs[2], voice, "ProposalAppealed(uint256,uint256)", abi.encode(1), abi.encode(2));
    }

    function test_an_objection_is_logged_before_the_cancellation() external {
        bytes memory data = abi.encodeCall(IMembership.recover, (5, VM.addr(FAY)));
        uint256 proposalId = _propose(ADA, _action(address(membership), data), _hashed("lost"));
        VM.getRecordedLogs();
        VM.prank(VM.addr(EVE));
        assembly_.object(proposalId);

        Vm.Log[] memory logs = _logs(2);
        _logged(logs[0], voice, "RecoveryObjected(uint256,uint32)", abi.encode(1), abi.encode(5));
        _logged(logs[1], voice, "ProposalCanceled(uint256)", "", abi.encode(1));
    }

    /// @dev A rule with a second call of two days and a late swing of one.
    function _ordinaryRule() private {
        Rule memory rule = Founding.plainRule();
        (rule.secondCallDelay, rule.secondCallBps) = (2 days, 2_500);
        (rule.swingWindow, rule.swingCap) = (1 days, 2 days);
        VM.prank(voice);
        bylaws.setRule(DecisionClass.Ordinary, rule);
    }

    function _created(Action[] memory actions, uint256 start) private pure returns (bytes memory) {
        address[] memory targets = new address[](actions.length);
        uint256[] memory values = new uint256[](actions.length);
        bytes[] memory calldatas = new bytes[](actions.length);
        for (uint256 i; i < actions.length; ++i) {
            (targets[i], values[i], calldatas[i]) = (actions[i].target, actions[i].value, actions[i].data);
        }
        string[] memory none = new string[](actions.length);
        address ben = VM.addr(BEN);
        return abi.encode(1, ben, targets, values, none, calldatas, start, start + 4 days, "Two gifts");
    }

    function _confirming(uint256 start) private pure returns (bytes memory) {
        address[] memory targets = new address[](0);
        uint256[] memory values = new uint256[](0);
        bytes[] memory none = new bytes[](0);
        return abi.encode(2, VM.addr(EVE), targets, values, none, none, start, start + 4 days, "");
    }

    function _confirmingFrozen(uint256 start, bytes32 confirmed) private view returns (bytes memory) {
        Action[] memory actions = new Action[](0);
        bytes32[] memory hashes = new bytes32[](0);
        bytes32 content = keccak256(
            abi.encode(
                block.chainid,
                voice,
                2,
                DecisionClass.Removal,
                1,
                start,
                keccak256(abi.encode(actions)),
                keccak256(abi.encodePacked(hashes)),
                confirmed
            )
        );
        return abi.encode(DecisionClass.Removal, 1, 0, 5, 1, content, hashes, confirmed);
    }
}
