// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DecisionClass} from "../../contracts/interfaces/IBylaws.sol";
import {Poll, Polls} from "../../contracts/modules/Poll.sol";
import {Timestamps} from "../../contracts/modules/Timestamps.sol";
import {Test} from "./Test.sol";
import {VM} from "./Vm.sol";

/// @notice What a proposal keeps in one word: each field is read as it was written, beside its neighbours.
contract PollTest is Test, Timestamps {
    uint256[5] private _flags = [
        Polls.SUBJECT_EXCLUDED,
        Polls.SECOND_CALL_POSSIBLE,
        Polls.SECOND_CALLED,
        Polls.CANCELED,
        Polls.EXECUTED
    ];

    function testFuzz_all_that_a_poll_begins_with_is_read_back(
        uint40 opensAt,
        uint24 period,
        uint24 window,
        uint8 class,
        uint32 proposer,
        uint32 version
    ) external view {
        window = uint24(_within(window, 0, 7 days));
        class = class % 7;
        version = version % 32_768;
        Poll poll = Polls.create(opensAt, period, window, DecisionClass(class), proposer, version);

        _same(poll.opensAt(), opensAt, "opensAt");
        _same(poll.closesAfter(), period, "the length of the vote");
        _same(poll.swingWindow(), window, "the swing window");
        _same(uint8(poll.class()), class, "the class");
        _same(poll.proposerId(), proposer, "the proposer");
        _same(poll.ruleVersion(), version, "the rule's version");
        _same(poll.extension() | poll.votes(0) | poll.votes(1) | poll.votes(2), 0, "nothing has happened yet");
        for (uint256 i; i < 5; ++i) {
            _so(!poll.has(_flags[i]), "no flag");
        }
    }

    function test_a_poll_exists_once_it_has_anything_in_it() external pure {
        _so(!Poll.wrap(0).exists(), "nothing");
        _so(Poll.wrap(1).exists(), "something");
    }

    function testFuzz_a_flag_is_set_alone(uint256 word, uint8 which) external view {
        uint256 flag = _flags[which % 5];
        Poll poll = Poll.wrap(word).with(flag);

        _so(poll.has(flag), "it is set");
        _same(Poll.unwrap(poll) & ~flag, word & ~flag, "and nothing else");
        _so(!Poll.wrap(~flag).has(flag), "it is not seen where all others are");
    }

    function testFuzz_votes_are_counted_apart(uint8[3] calldata many) external pure {
        Poll poll = Polls.create(9, 8, 7, DecisionClass.Pay, 6, 5);
        uint256 empty = Poll.unwrap(poll);
        for (uint256 choice; choice < 3; ++choice) {
            for (uint256 i; i < many[choice]; ++i) {
                poll = poll.plusVote(choice);
            }
        }
        for (uint256 choice; choice < 3; ++choice) {
            _same(poll.votes(choice), many[choice], "votes of a choice");
            for (uint256 i; i < many[choice]; ++i) {
                poll = poll.minusVote(choice);
            }
        }
        _same(Poll.unwrap(poll), empty, "all taken back");
    }

    function testFuzz_the_deadline_moves_by_what_is_added(uint24 longer, uint24 shorter, uint24 delay) external pure {
        (longer, shorter) = (uint24(_within(longer, 0, 14 days)), uint24(_within(shorter, 0, 14 days)));
        delay = uint24(_within(delay, 1 hours, 30 days));
        Poll poll = Polls.create(1_767_225_600, 60 days, 7 days, DecisionClass.External, 6, 5);
        _same(poll.deadline(), 1_767_225_600 + 60 days, "as planned");

        poll = poll.extended(longer).extended(shorter);
        _same(poll.extension(), shorter, "the latest extension counts");
        _same(poll.deadline(), 1_767_225_600 + 60 days + uint256(shorter), "extended");

        poll = poll.calledAgain(delay);
        _so(poll.has(Polls.SECOND_CALLED), "the second call is open");
        _same(poll.extension(), 0, "an extension counts from the new deadline on");
        _same(poll.deadline(), 1_767_225_600 + 60 days + uint256(shorter) + delay, "called again");
        _same(poll.swingWindow(), 7 days, "its neighbour stays");
    }

    function test_a_vote_runs_is_late_and_is_extended_to_the_second() external {
        Poll poll = Polls.create(1_800_000_000, 10 days, 1 days, DecisionClass.Pay, 6, 5).extended(2 days);
        uint256 planned = 1_800_000_000 + 10 days;
        _moment(poll, 1_800_000_000, false, false, false);
        _moment(poll, 1_800_000_001, true, false, false);
        _moment(poll, planned - 1 days - 1, true, false, false);
        _moment(poll, planned - 1 days, true, true, false);
        _moment(poll, planned, true, true, false);
        _moment(poll, planned + 1, true, true, true);
        _moment(poll, planned + 2 days, true, true, true);
        _moment(poll, planned + 2 days + 1, false, true, true);
        VM.warp(planned);
        _so(!this.isRunning(poll.with(Polls.CANCELED)), "not when it is cancelled");
        _so(!this.isRunning(poll.with(Polls.EXECUTED)), "nor when it is executed");
    }

    function test_without_a_window_no_vote_is_ever_late() external {
        Poll poll = Polls.create(1_800_000_000, 10 days, 0, DecisionClass.Pay, 6, 5);
        _moment(poll, 1_800_000_000 + 10 days, true, false, false);
    }

    /// @notice Asked from outside: within one call the optimizer takes the time for a constant.
    function isRunning(Poll poll) external view returns (bool) {
        return poll.isRunning();
    }

    /// @notice As isRunning.
    function isLate(Poll poll) external view returns (bool) {
        return poll.isLate();
    }

    /// @notice As isRunning.
    function isInExtension(Poll poll) external view returns (bool) {
        return poll.isInExtension();
    }

    function _moment(Poll poll, uint256 second, bool running, bool late, bool extended) private {
        VM.warp(second);
        _so(this.isRunning(poll) == running, "whether ballots are taken");
        // Before the vote the other two mean nothing.
        if (second <= poll.opensAt()) return;
        _so(this.isLate(poll) == late, "whether a swing would make it longer");
        _so(this.isInExtension(poll) == extended, "whether its planned end has passed");
    }

    function testFuzz_the_clock_is_the_blocks_timestamp_in_seconds(uint40 second) external {
        VM.warp(second);

        _same(clock(), second, "the clock");
        _same(_now(), second, "now");
        _same(bytes(this.CLOCK_MODE()), "mode=timestamp", "its name");
    }
}
