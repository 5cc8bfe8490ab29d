// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import {Refusal} from "./IAssembly.sol";
import {IChronicle} from "./IChronicle.sol";

/// @dev How pay votes run. Times in seconds.
struct PayRule {
    /// least time from opening to the first ballot
    uint24 notice;
    /// how long ballots are taken
    uint24 votingPeriod;
    /// how long after the deadline the vote may be closed; then it has expired and the rate stays
    uint24 grace;
    /// least time between the end of a role's vote and the opening of its next one
    uint24 rest;
    /// the largest change counts from the rate this long ago
    uint32 period;
    /// no role earns more than this times another, in 1/100; 0 = no cap
    uint16 ratioCap;
    /// least number of ballots for a quorum (all, where the roll is smaller)
    uint16 quorumMin;
    /// least part of the roll for a quorum, in 1/10,000, rounded up
    uint16 quorumBps;
    /// absences are filled up to the whole roll; otherwise up to the quorum
    bool fillToRoll;
}

/// @dev What a role starts with. Rates are integer minor units of the currency per hour.
struct RoleTerms {
    /// name of the role, UTF-8, at most 31 bytes, padded with zeros
    bytes32 role;
    uint48 rate;
    /// the rate never falls below this (the law's or the co-op's minimum)
    uint48 floor;
    /// distance of two rungs of the ladder
    uint48 step;
    /// largest change within a period, in 1/10,000 of the rate a period ago
    uint16 maxChangeBps;
}

/// @dev A role and its present rate.
struct Role {
    uint48 rate;
    uint48 floor;
    uint48 step;
    uint16 maxChangeBps;
    /// the newest pay vote on the role; 0 if there was none
    uint32 lastPayVote;
    /// when the newest pay vote was closed; 0 if it was not
    uint40 closedAt;
    bool retired;
}

/// @dev Open is from the moment after `opensAt` through `deadline`; Pending before, and Counting after it
/// until the vote is closed or its grace ends.
enum PayVoteState {
    Pending,
    Open,
    Counting,
    Closed,
    Expired
}

/// @dev One pay vote. The rungs are from, from + step … (rungs of them).
struct PayVote {
    bytes32 role;
    uint40 opensAt;
    uint40 deadline;
    uint32 ruleVersion;
    uint48 from;
    uint48 step;
    uint16 rungs;
    /// index of the rate that was in force when the vote was called
    uint8 presentRung;
    uint32 ballots;
    bool closed;
    bytes32 content;
}

/// @title PayRates: what each role is paid, and the pay votes that set it
/// @notice Only a pay vote changes a rate. Each member names a rung of a ladder; absences count as ballots
/// for the present rate, up to the quorum or the whole roll; if the count is then even, one more for the
/// present rate; the middle ballot wins. Nobody gains by misreporting or by staying at home.
///
/// Bounds of a rate, the stronger first: the floor; the largest change from the rate one period ago; the
/// ratio cap to the other roles. The ladder is cut to them when the vote is called, the result when it is closed.
///
/// content = keccak256(abi.encode(uint256 chainId, address payRates, uint256 payVoteId, bytes32 role,
/// uint32 ruleVersion, uint40 opensAt, uint40 deadline, uint48 from, uint48 step, uint16 rungs, uint8 presentRung)).
interface IPayRates is IChronicle, IERC6372, IERC5267 {
    // Errors

    /// @dev Thrown when a function that only a passed proposal may call is called by another.
    error PayRatesOnlyAssembly(address caller);
    /// @dev Thrown when the caller is not an active member.
    error PayRatesNotMember(address account);
    /// @dev Thrown when the role was never added, or is retired.
    error PayRatesUnknownRole(bytes32 role);
    /// @dev Thrown when a role is added twice.
    error PayRatesRoleExists(bytes32 role);
    /// @dev Thrown when there would be more than 32 roles.
    error PayRatesTooManyRoles(uint256 count);
    /// @dev Thrown when a value of a role or of the pay rule is outside its bounds; `field` is its name.
    error PayRatesOutOfBounds(bytes32 field);
    /// @dev Thrown when a new role's rate is outside floor and ratio cap.
    error PayRatesRateOutOfBounds(bytes32 role, uint256 rate, uint256 lowest, uint256 highest);
    /// @dev Thrown when a vote on the role is under way.
    error PayRatesVoteUnderWay(bytes32 role, uint256 payVoteId);
    /// @dev Thrown when the rest between two votes on a role runs.
    error PayRatesResting(bytes32 role, uint256 until);
    /// @dev Thrown when the vote would open before the end of notice or more than 14 days after it.
    error PayRatesOpeningOutOfBounds(uint256 opensAt, uint256 earliest, uint256 latest);
    /// @dev Thrown when the pay vote does not exist.
    error PayRatesUnknownPayVote(uint256 payVoteId);
    /// @dev Thrown when the act needs another state.
    error PayRatesUnexpectedState(uint256 payVoteId, PayVoteState state, PayVoteState expected);
    /// @dev Thrown when a vote with an earlier deadline must be closed first.
    error PayRatesEarlierVoteFirst(uint256 payVoteId, uint256 earlierPayVoteId);
    /// @dev Thrown when a direct ballot cannot be counted.
    error PayRatesBallotRefused(uint256 payVoteId, uint32 memberId, Refusal refusal);

    // Events

    /// @notice The currency of all rates (three letters of ISO 4217), once.
    event CurrencySet(bytes3 currency);
    /// @notice A pay rule came into force for pay votes opened from now on.
    event PayRuleSet(uint32 version, PayRule rule);
    /// @notice A role was added; RateSet follows.
    event RoleAdded(bytes32 indexed role, uint48 floor, uint48 step, uint16 maxChangeBps);
    /// @notice The bounds of a role changed; its rate did not.
    event RoleChanged(bytes32 indexed role, uint48 floor, uint48 step, uint16 maxChangeBps);
    /// @notice A role is no longer paid or voted on.
    event RoleRetired(bytes32 indexed role);
    /// @notice A rate is in force from this moment. `payVoteId` is 0 for a role's first rate.
    event RateSet(bytes32 indexed role, uint48 rate, uint256 payVoteId);
    /// @notice A pay vote was called.
    event PayVoteOpened(
        uint256 indexed payVoteId,
        bytes32 indexed role,
        uint32 openerId,
        uint32 ruleVersion,
        uint40 opensAt,
        uint40 deadline,
        uint48 from,
        uint48 step,
        uint16 rungs,
        uint8 presentRung,
        bytes32 content
    );
    /// @notice A pay ballot without a reason was counted, in place of the member's earlier one if there was one.
    /// @param ballot payVoteId (bits 88–119), memberId (56–87), sequence (48–55) and rate (0–47): one word, because
    /// there are many, and a log costs by its words.
    event PayBallotCast(uint256 ballot);
    /// @notice A pay ballot with a reason was counted; otherwise as PayBallotCast.
    event PayBallotCastWithReason(uint256 ballot, string reason);
    /// @notice A pay ballot in a batch was not counted; the rest of the batch was.
    event PayBallotSkipped(uint256 indexed payVoteId, uint32 memberId, uint8 sequence, Refusal refusal);
    /// @notice A pay vote was closed: `filled` ballots were added for the present rate, `median` is the middle
    /// ballot's rate, `result` that rate within the bounds of this moment. RateSet follows if the rate changed.
    event PayVoteClosed(uint256 indexed payVoteId, uint256 ballots, uint256 filled, uint256 median, uint256 result);

    // Start

    /// @notice Sets currency, pay rule and roles. Callable once, by the factory. The clone's arguments are the co-op's
    /// name (a ShortString) and the address of Membership.
    function initialize(
        address theAssembly,
        bytes3 currency_,
        PayRule calldata rule,
        RoleTerms[] calldata roles_
    ) external;

    // Only a passed proposal

    /// @notice Adds a role; its first rate is within floor and ratio cap (where the present rates leave no rate
    /// that keeps the cap to all of them: between the lowest and the highest). The floor is stronger.
    function addRole(RoleTerms calldata terms) external;
    /// @notice Sets the bounds of a role; its rate stays as it is until a pay vote.
    function changeRole(bytes32 role_, uint48 floor, uint48 step, uint16 maxChangeBps) external;
    /// @notice Ends a role. A vote on it that is under way is void: nobody can hold a retirement up by calling one.
    function retireRole(bytes32 role_) external;
    function setPayRule(PayRule calldata rule) external;

    // Pay votes

    /// @notice Calls a pay vote on a role. Any active member; the contract computes the ladder.
    /// @param opensAt When ballots are taken and the roll freezes: from the end of notice on, at most 14
    /// days after it: until it ends nobody can call another vote on the role.
    function openPayVote(bytes32 role_, uint40 opensAt) external returns (uint256 payVoteId);

    /// @notice Casts or changes the caller's pay ballot. `rate` is a rung of the ladder.
    function castPayBallot(
        uint256 payVoteId,
        uint32 memberId,
        uint256 rate,
        uint8 sequence,
        string calldata reason
    ) external;

    /// @notice Casts signed pay ballots that anyone carries, as `castBallots` of the Assembly.
    /// @param packed Entries of flags(1: bits 2 reason follows, 3 long signature follows) memberId(4)
    /// sequence(1) rung(1), then signature and reason as in the Assembly. Each signs
    /// PayBallot(uint256 payVoteId,bytes32 content,uint256 rate,uint32 memberId,uint32 epoch,uint32 sequence,string reason).
    function castPayBallots(uint256 payVoteId, bytes calldata packed) external returns (uint256 counted);

    /// @notice Counts a pay vote after its deadline and sets the rate. Anyone; earlier deadlines first.
    function closePayVote(uint256 payVoteId) external returns (uint256 result);

    // Views

    function membership() external view returns (address);
    function assembly_() external view returns (address);
    function currency() external view returns (bytes3);
    /// @notice The newest version of the pay rule (counted from 1).
    function payRuleVersion() external view returns (uint32);
    function payRuleOf(uint32 version) external view returns (PayRule memory);
    /// @notice Names of all roles ever added, in order.
    function roles() external view returns (bytes32[] memory);
    function roleOf(bytes32 role_) external view returns (Role memory);
    /// @notice The rate in force at a moment; 0 before the role's first.
    function rateAt(bytes32 role_, uint256 timepoint) external view returns (uint256);
    /// @notice The bounds of a role's rate if a vote were closed now.
    function bounds(bytes32 role_) external view returns (uint256 lowest, uint256 highest);
    function payVoteCount() external view returns (uint256);
    function payVote(uint256 payVoteId) external view returns (PayVote memory);
    function payVoteState(uint256 payVoteId) external view returns (PayVoteState);
    /// @notice The roll of a pay vote; before it freezes, the present roll.
    function payVoteRoll(uint256 payVoteId) external view returns (uint256);
    /// @notice How many ballots stand on each rung.
    function histogram(uint256 payVoteId) external view returns (uint256[] memory counts);
    /// @notice A member's counted ballot; `sequence` 0 if there is none. `epoch` modulo 256.
    function payBallotOf(
        uint256 payVoteId,
        uint32 memberId
    ) external view returns (uint256 rate, uint8 epoch, uint8 sequence);
}
