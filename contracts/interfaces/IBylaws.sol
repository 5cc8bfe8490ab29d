// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IChronicle} from "./IChronicle.sol";

/// @dev Which rule applies. It follows from the actions' targets and selectors, never from the proposer.
enum DecisionClass {
    Ordinary,
    Admission,
    Removal,
    Recovery,
    Pay,
    Bylaws,
    External
}

/// @dev What the Assembly calls when a proposal is executed.
struct Action {
    address target;
    uint256 value;
    bytes data;
}

/// @dev The rule of one decision class. Times in seconds. Votes are counted in members.
struct Rule {
    /// least time from proposing to the opening of the vote
    uint24 notice;
    /// how long the vote is open
    uint24 votingPeriod;
    /// least time from queueing to execution
    uint24 executionDelay;
    /// how long a passed proposal may wait for queueing, and a due one for execution
    uint24 grace;
    /// if the quorum is missed, the vote stays open this much longer with `secondCallBps`; 0 = no second call
    uint24 secondCallDelay;
    /// after a defeat with quorum, the same actions wait this long
    uint24 coolDown;
    /// when the outcome flips this close to the deadline, the deadline moves to this far from now; 0 = never
    uint24 swingWindow;
    /// the deadline moves by at most this much in all
    uint24 swingCap;
    /// least number of members for a quorum (all, where the roll is smaller)
    uint16 quorumMin;
    /// least part of the roll for a quorum, in 1/10,000, rounded up
    uint16 quorumBps;
    /// the same, at the second call
    uint16 secondCallBps;
    /// more votes against than this defeat the proposal: 0 = unanimity, 65,535 = no limit
    uint16 maxAgainst;
    /// passes from passNum/passDen of the basis on …
    uint8 passNum;
    uint8 passDen;
    /// … or only above it
    bool strict;
    /// the basis is the roll; otherwise the votes for and against
    bool basisRoll;
    /// the quorum counts everybody who voted; otherwise only the votes for
    bool presence;
    /// the person concerned may vote; otherwise they are taken out of vote and roll
    bool subjectVotes;
}

/// @dev The contracts of an instance that actions are compared with.
struct Own {
    address membership;
    address bylaws;
    address assembly_;
    address payRates;
}

/// @title Bylaws: the rule of every decision class, in all its versions
/// @notice A proposal names a version, so a later rule never touches it. What no vote can set: the bounds of
/// every value, a rule that not even all members together could pass, and one member = one vote, tie = lost,
/// no retroactivity, which are code. Obeys only the Assembly, that is a passed proposal.
///
/// Which class an action belongs to follows from its target and selector:
/// Admission: Membership.admit, reinstate · Removal: Membership.suspend, expel · Recovery: Membership.recover ·
/// Pay: PayRates.addRole, changeRole, retireRole, setPayRule · Bylaws: Bylaws.setRule, Membership.setProbation ·
/// Ordinary: resolutions in words (no action) · External: every other target. Everything else on our own contracts
/// is refused, and so are ether sent along and bytes after the arguments: the same act has one spelling.
interface IBylaws is IChronicle {
    // Errors

    /// @dev Thrown when someone other than the Assembly sets a rule.
    error BylawsOnlyAssembly(address caller);
    /// @dev Thrown when the actions belong to different classes.
    error BylawsMixedClasses(uint256 index, DecisionClass first, DecisionClass found);
    /// @dev Thrown when an action calls our own contracts in a way that no class names.
    error BylawsActionRefused(uint256 index, address target, bytes4 selector);
    /// @dev Thrown when there are more than 32 actions, or a Removal or Recovery has not exactly one.
    error BylawsActionCount(uint256 count);
    /// @dev Thrown when a value of a rule is outside its bounds; `field` is its name.
    error BylawsRuleOutOfBounds(DecisionClass class, bytes32 field);
    /// @dev Thrown when a rule would make its class unreachable for the present roll.
    error BylawsRuleUnreachable(DecisionClass class, uint256 roll);
    /// @dev Thrown when a class has had 8,191 rules.
    error BylawsTooManyVersions(DecisionClass class);
    /// @dev Thrown when the rule version does not exist.
    error BylawsUnknownRule(DecisionClass class, uint32 version);

    // Events

    /// @notice A rule came into force for proposals made from now on.
    event RuleSet(DecisionClass indexed class, uint32 version, Rule rule);

    // Start

    /// @notice Puts the first rules into force. Callable once, by the factory. The clone's arguments are these rules, one
    /// word a class in the order of DecisionClass: each value as wide as its bounds demand (PackedRule).
    /// @param roll How many founders there are: every rule must be reachable for them.
    function initialize(address theAssembly, uint256 roll) external;

    // Only a passed proposal

    /// @notice Sets the rule of a class for proposals made from then on.
    function setRule(DecisionClass class, Rule calldata rule) external;

    // Views

    function assembly_() external view returns (address);
    /// @notice The newest rule version of a class (counted from 1).
    function ruleVersion(DecisionClass class) external view returns (uint32);
    /// @notice A rule by its version.
    function ruleOf(DecisionClass class, uint32 version) external view returns (Rule memory);
    /// @notice The newest rule of a class and its version.
    function inForce(DecisionClass class) external view returns (uint32 version, Rule memory rule);
    /// @notice A rule by its version, in one word as PackedRule packs it: what the Assembly reads.
    function packedRuleOf(DecisionClass class, uint32 version) external view returns (uint256 packedRule);
    /// @notice What the Assembly asks of a new proposal: the one class of all actions, the member whom a Removal or Recovery
    /// concerns (0 if none), and the rule in force, packed.
    function classify(
        Own calldata own,
        Action[] calldata actions
    ) external view returns (DecisionClass class, uint32 subjectId, uint32 version, uint256 packedRule);
}
