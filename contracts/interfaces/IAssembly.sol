// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import {Action, DecisionClass} from "./IBylaws.sol";
import {IChronicle} from "./IChronicle.sol";

/// @dev Same order as OpenZeppelin's IGovernor.
enum ProposalState {
    Pending,
    Active,
    Canceled,
    Defeated,
    Succeeded,
    Queued,
    Expired,
    Executed
}

/// @dev A member's choice, numbered as in Governor Bravo's `support`.
enum Choice {
    Against,
    For,
    Abstain
}

/// @dev Why a ballot was not counted.
enum Refusal {
    None,
    /// the memberId was never given
    UnknownMember,
    /// not on the roll when it froze, or no longer a member
    NotEligible,
    /// the person concerned has no vote here
    PersonConcerned,
    /// not signed by the member's present key over this proposal, choice, epoch, sequence and reason
    BadSignature,
    /// the sequence is 0 or not above the one already counted
    StaleSequence,
    /// the vote runs in its extension, where only members who have not voted may cast
    AlreadyVoted,
    /// the choice is none of for, against, abstain (or the rate is no rung of the ladder)
    BadChoice,
    /// the reason is longer than 500 bytes, or the class bears no reasons
    BadReason
}

/// @dev What is fixed about a proposal, and what has become of it.
struct ProposalInfo {
    DecisionClass class;
    uint32 ruleVersion;
    uint32 proposerId;
    /// the member concerned by a Removal or Recovery; 0 if none
    uint32 subjectId;
    uint40 opensAt;
    uint40 deadline;
    uint40 eta;
    bool secondCalled;
    /// the confirming vote that an appeal started; 0 if none
    uint256 confirmation;
    /// the proposal that this one confirms; 0 if it is no confirming vote
    uint256 confirms;
    bytes32 content;
}

/// @title Assembly: the voice of the co-operative
/// @notice Proposals and ballots. One member, one vote; a tie is lost; silence never passes; what was proposed
/// under a rule is decided under that rule. The rules themselves are kept by Bylaws.
///
/// The read surface has the shape of OpenZeppelin's IGovernor.
///
/// content = keccak256(abi.encode(uint256 chainId, address assembly, uint256 proposalId, uint8 class,
/// uint32 ruleVersion, uint40 opensAt, bytes32 actionsHash, bytes32 codesHash, bytes32 textHash)), where
/// actionsHash = keccak256(abi.encode(Action[] actions)), codesHash = keccak256 of each target's EXTCODEHASH (0 for
/// a target without code) one behind the other, and textHash = keccak256(description). A
/// confirming vote has no actions, and the content of the proposal that it confirms in place of textHash.
///
/// Warning: the code hash of a target doesn't cover what a proxy points to.
interface IAssembly is IChronicle, IERC6372, IERC5267 {
    // Errors

    /// @dev Thrown when the caller is not an active member.
    error AssemblyNotMember(address account);
    /// @dev Thrown when the proposer has another proposal whose planned deadline has not passed.
    error AssemblyProposerBusy(uint32 memberId, uint256 proposalId);
    /// @dev Thrown when the vote would open before the end of notice or more than 90 days ahead.
    error AssemblyOpeningOutOfBounds(uint256 opensAt, uint256 earliest, uint256 latest);
    /// @dev Thrown when a Removal or Recovery concerns a memberId that was never given.
    error AssemblyUnknownPerson(uint32 memberId);
    /// @dev Thrown when a proposal about a person carries a text instead of "0x" and the hash of a text.
    error AssemblyTextMustBeHash();
    /// @dev Thrown when the same (actions; text of a resolution; act and person of a removal) was defeated with
    /// quorum and its cool-down runs.
    error AssemblyCoolingDown(uint256 defeatedProposalId, uint256 until);
    /// @dev Thrown when the proposal does not exist.
    error AssemblyUnknownProposal(uint256 proposalId);
    /// @dev Thrown when the act needs another state; `expected` is a bit mask over ProposalState.
    error AssemblyUnexpectedState(uint256 proposalId, ProposalState state, uint256 expected);
    /// @dev Thrown when a direct ballot cannot be counted.
    error AssemblyBallotRefused(uint256 proposalId, uint32 memberId, Refusal refusal);
    /// @dev Thrown when someone other than the proposer cancels.
    error AssemblyNotProposer(address caller);
    /// @dev Thrown when someone other than the person concerned replies, appeals or objects.
    error AssemblyNotPersonConcerned(address caller);
    /// @dev Thrown when the act belongs to another class of proposals.
    error AssemblyWrongClass(uint256 proposalId, DecisionClass class);
    /// @dev Thrown when a proposal is appealed twice, or outside the execution delay.
    error AssemblyNoAppeal(uint256 proposalId, uint256 eta);
    /// @dev Thrown when a proposal is executed before its time, or before its confirming vote has passed.
    error AssemblyNotDue(uint256 proposalId, uint256 eta);
    /// @dev Thrown when actions, text or the code of a target are not those that were voted on. Where an earlier
    /// action changed a target's code, the values are that code's hashes.
    error AssemblyContentChanged(uint256 proposalId, bytes32 expected, bytes32 found);
    /// @dev Thrown when an action fails; the proposal can be tried again until its grace ends.
    error AssemblyActionFailed(uint256 index, bytes reason);
    // Events

    /// @notice IGovernor's event. `voteStart` is when the vote opens and the roll freezes, `voteEnd` the deadline.
    event ProposalCreated(
        uint256 proposalId,
        address proposer,
        address[] targets,
        uint256[] values,
        string[] signatures,
        bytes[] calldatas,
        uint256 voteStart,
        uint256 voteEnd,
        string description
    );
    /// @notice What else a proposal froze, right after ProposalCreated. `confirms` is 0 but for confirming votes.
    event ProposalFrozen(
        uint256 indexed proposalId,
        DecisionClass class,
        uint32 ruleVersion,
        uint32 proposerId,
        uint32 subjectId,
        uint256 confirms,
        bytes32 content,
        bytes32[] codeHashes,
        bytes32 textHash
    );
    /// @notice IGovernor's event: a ballot was counted, in place of the member's earlier one if there was one.
    /// Its sequence is one above the earlier one's in the same epoch (1 for the first), unless BallotSequence
    /// precedes it.
    event VoteCast(address indexed voter, uint256 proposalId, uint8 support, uint256 weight, string reason);
    /// @notice The next VoteCast of this proposal and member bears this sequence: numbers were left out.
    event BallotSequence(uint256 indexed proposalId, uint32 memberId, uint8 sequence);
    /// @notice A ballot in a batch was not counted; the rest of the batch was.
    event BallotSkipped(uint256 indexed proposalId, uint32 memberId, uint8 sequence, Refusal refusal);
    /// @notice The outcome flipped shortly before the deadline, which moved. (OpenZeppelin's shape)
    event ProposalExtended(uint256 indexed proposalId, uint64 extendedDeadline);
    /// @notice The first ballot after a missed quorum: the vote goes on until the deadline of the second call.
    event SecondCallOpened(uint256 indexed proposalId, uint64 deadline);
    /// @notice The person concerned put a reply on record: the hash of a text that travels as a file.
    event ReplyRecorded(uint256 indexed proposalId, uint32 memberId, bytes32 replyHash);
    /// @notice The person concerned appealed: execution waits for `confirmation` to pass.
    event ProposalAppealed(uint256 indexed proposalId, uint256 confirmation);
    /// @notice The present key objected to its own replacement. ProposalCanceled follows.
    event RecoveryObjected(uint256 indexed proposalId, uint32 memberId);
    /// @notice IGovernor's events.
    event ProposalCanceled(uint256 proposalId);
    event ProposalQueued(uint256 proposalId, uint256 etaSeconds);
    event ProposalExecuted(uint256 proposalId);

    // Start

    /// @notice Begins the chronicle. Callable once. The clone's arguments are the co-op's name (a ShortString) and the
    /// addresses of Membership, Bylaws and PayRates.
    function initialize() external;

    // Proposals

    /// @notice Proposes. The rule of the actions' class freezes now, the roll at `opensAt`.
    /// @param actions All of one class; none for a resolution in words (class Ordinary).
    /// @param description The text; for Admission, Removal and Recovery "0x" and 64 hex digits: its hash.
    /// @param opensAt When the vote opens: at least the notice and at most 90 days from now.
    function propose(
        Action[] calldata actions,
        string calldata description,
        uint40 opensAt
    ) external returns (uint256 proposalId);

    /// @notice Withdraws a proposal before its vote opens. Only its proposer; their place stays taken until
    /// the planned deadline.
    function cancel(uint256 proposalId) external;

    /// @notice Starts the execution delay of a passed proposal. Anyone.
    function queue(uint256 proposalId) external;

    /// @notice Carries a due proposal out. Anyone, from eta until its grace ends, again if it failed.
    function execute(uint256 proposalId, Action[] calldata actions, bytes32 textHash) external;

    // The person concerned

    /// @notice Puts the hash of a reply to a Removal on record, while it is undecided or waits.
    function reply(uint256 proposalId, bytes32 replyHash) external;

    /// @notice Appeals against a Removal within its execution delay: one confirming vote decides.
    function appeal(uint256 proposalId) external returns (uint256 confirmation);

    /// @notice Kills a Recovery of the caller's membership: the key is not lost.
    function object(uint256 proposalId) external;

    // Ballots

    /// @notice Casts or changes the caller's ballot.
    /// @param sequence Above that of every earlier ballot of this member here, direct or signed.
    function castBallot(
        uint256 proposalId,
        uint32 memberId,
        Choice choice,
        uint8 sequence,
        string calldata reason
    ) external;

    /// @notice Casts signed ballots that anyone carries. A bad ballot is skipped with BallotSkipped; a
    /// truncated batch, or too little gas for a contract account's signature check, reverts as a whole.
    /// @param packed Entries of flags(1: bits 0–1 choice, 2 reason follows, 3 long signature follows)
    /// memberId(4) sequence(1), then r(32) vs(32) (EIP-2098) or length(2) signature, then if flagged
    /// length(2) reason. Each signs Ballot(uint256 proposalId,bytes32 content,string choice,uint32 memberId,
    /// uint32 epoch,uint32 sequence,string reason) with choice "for", "against" or "abstain" and the member's
    /// present epoch.
    /// @return counted How many ballots were counted.
    function castBallots(uint256 proposalId, bytes calldata packed) external returns (uint256 counted);

    // Views

    function membership() external view returns (address);
    function bylaws() external view returns (address);
    function payRates() external view returns (address);
    function name() external view returns (string memory);
    function version() external view returns (string memory);
    function COUNTING_MODE() external view returns (string memory);

    /// @notice How many proposals there are; ids count from 1.
    function proposalCount() external view returns (uint256);
    function proposal(uint256 proposalId) external view returns (ProposalInfo memory);
    function state(uint256 proposalId) external view returns (ProposalState);
    function proposalSnapshot(uint256 proposalId) external view returns (uint256);
    /// @notice The snapshot of the proposal that is being executed, 0 while none is: our contracts ask for it.
    function executionSnapshot() external view returns (uint256);
    function proposalDeadline(uint256 proposalId) external view returns (uint256);
    /// @notice The present account of the member who proposed; 0 for a confirming vote.
    function proposalProposer(uint256 proposalId) external view returns (address);
    /// @notice From when a queued proposal can be executed; 0 if it is not queued.
    function proposalEta(uint256 proposalId) external view returns (uint256);
    function proposalVotes(
        uint256 proposalId
    ) external view returns (uint256 againstVotes, uint256 forVotes, uint256 abstainVotes);
    /// @notice The votes that this proposal needs for its quorum (at the second call, that of the second call).
    /// Before the roll freezes, reckoned on the present roll.
    function proposalQuorum(uint256 proposalId) external view returns (uint256);
    /// @notice The frozen roll of a proposal, less the person concerned if they have no vote.
    function proposalRoll(uint256 proposalId) external view returns (uint256);
    function hasVoted(uint256 proposalId, address account) external view returns (bool);
    /// @notice A member's counted ballot: `support` as Choice, `epoch` modulo 64, `sequence` 0 if there is none.
    function ballotOf(
        uint256 proposalId,
        uint32 memberId
    ) external view returns (uint8 support, uint8 epoch, uint8 sequence);
    function getVotes(address account, uint256 timepoint) external view returns (uint256);
    /// @notice The quorum of class Ordinary for the roll of a past moment; `proposalQuorum` binds.
    function quorum(uint256 timepoint) external view returns (uint256);
}
