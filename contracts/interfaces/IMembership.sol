// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import {IChronicle} from "./IChronicle.sol";

/// @dev What is known of a member in one storage slot. `account` is the member's present key, `since`
/// the moment from which the member counts on the roll, `until` the moment at which that ended (0 = it
/// has not; leaving or expulsion during a suspension does not change it), `epoch` how often the key was
/// changed, which also a new admission does not reset.
struct Member {
    address account;
    uint40 since;
    uint40 until;
    uint16 epoch;
}

/// @dev Where a memberId stands. `None` is a number that was never given.
enum Standing {
    None,
    Active,
    Suspended,
    Left,
    Expelled
}

/// @dev Who may help a member back, as the member gave it to them: off the chain until a recovery needs it.
/// `accounts` in ascending order, each once, at most ten; `needed` of them suffice. On chain stands
/// keccak256(abi.encode(uint32 memberId, (uint8 needed, bytes32 salt, address[] accounts))).
struct GuardianList {
    uint8 needed;
    bytes32 salt;
    address[] accounts;
}

/// @dev A member's guardians: the hash of the list in force (0 = none), of the one that will be in force from
/// `nextFrom` on (`nextFrom` 0 = no change is waiting), when guardians last replaced the key (0 = never), and
/// `round`: supports given in an earlier one are void.
struct Guardianship {
    bytes32 listHash;
    bytes32 nextHash;
    uint40 nextFrom;
    uint40 recoveredAt;
    uint32 round;
}

/// @title Membership: the roll of the co-operative
/// @notice Who is a member, since when and with which key. Obeys only the Assembly, that is a passed
/// proposal; a member needs nobody to leave or to change their key, and may name guardians who replace a lost one.
///
/// Assumptions: timestamps never decrease; no personal data is written here (profiles are salted hashes).
/// A memberId counts from 1, is given at admission and never to another person. An account that was once
/// a member's key belongs to that memberId for ever: the history of an account is the history of one person.
interface IMembership is IChronicle, IERC6372, IERC5267 {
    // Errors

    /// @dev Thrown when someone other than the Assembly calls what only a passed proposal may do.
    error MembershipOnlyAssembly(address caller);
    /// @dev Thrown when the memberId was never given.
    error MembershipUnknownMember(uint32 memberId);
    /// @dev Thrown when the act needs another standing of that member.
    error MembershipWrongStanding(uint32 memberId, Standing standing);
    /// @dev Thrown when the caller has no membership.
    error MembershipNotMember(address account);
    /// @dev Thrown when the account is, or once was, the key of a member, is a candidate, or is zero.
    error MembershipAccountTaken(address account);
    /// @dev Thrown when the account has not applied.
    error MembershipNotCandidate(address account);
    /// @dev Thrown when a candidate applies twice.
    error MembershipAlreadyCandidate(address account);
    /// @dev Thrown when the profile hash is zero.
    error MembershipNoProfile();
    /// @dev Thrown when a candidate is admitted before the end of probation.
    error MembershipProbationRuns(address account, uint256 endsAt);
    /// @dev Thrown when a suspension is zero or longer than 60 days.
    error MembershipSuspensionOutOfBounds(uint256 duration, uint256 maximum);
    /// @dev Thrown when the vote on an order had opened before what it is about came to be: the application, the
    /// suspension that it ends, or the membership. The vote was about something else.
    error MembershipOrderOutdated(uint256 changedAt, uint256 openedAt);
    /// @dev Thrown when someone else than the Assembly reinstates before the suspension's end.
    error MembershipSuspensionRuns(uint32 memberId, uint256 endsAt);
    /// @dev Thrown when a rotation is submitted after its deadline.
    error MembershipRotationExpired(uint256 deadline);
    /// @dev Thrown when a member changes their key twice within two days.
    error MembershipRotationTooSoon(uint32 memberId, uint256 earliest);
    /// @dev Thrown when one of a rotation's two signatures is not the account's.
    error MembershipBadSignature(address account);
    /// @dev Thrown when probation is longer than a year.
    error MembershipProbationOutOfBounds(uint256 probation, uint256 maximum);
    /// @dev Thrown when an instance starts with fewer than three founders, or more than 50.
    error MembershipFounderCount(uint256 count);
    /// @dev Thrown when a past moment is asked for that has not passed.
    error MembershipFutureLookup(uint256 timepoint, uint48 clock);

    /// @dev Thrown when the list is not the one in force for that member, or none that a member may give.
    error MembershipBadGuardianList(uint32 memberId);
    /// @dev Thrown when the caller is not on the list, or is a key, present or former, of the member concerned.
    error MembershipNotGuardian(address account);
    /// @dev Thrown when a guardian supports the same recovery twice.
    error MembershipAlreadySupported(uint32 memberId, address newAccount, address guardian);
    /// @dev Thrown when a recovery that has all the support it needs is supported once more.
    error MembershipSupportSuffices(uint32 memberId, address newAccount, uint256 dueAt);
    /// @dev Thrown when guardians did not begin that recovery, or it is void or too old, or, at its completion, when
    /// support is missing.
    error MembershipNoRecovery(uint32 memberId, address newAccount);
    /// @dev Thrown when a recovery is completed before its delay is over.
    error MembershipRecoveryNotDue(uint32 memberId, uint256 dueAt);
    /// @dev Thrown when guardians would replace a key twice within 30 days.
    error MembershipRecoveryTooSoon(uint32 memberId, uint256 earliest);

    // Events

    /// @notice The time that a candidate waits before admission was set, in seconds.
    event ProbationSet(uint32 probation);
    /// @notice Someone asked to join; `profileHash` = keccak256(32-byte salt ‖ profile).
    event CandidateApplied(address indexed account, bytes32 profileHash);
    /// @notice A candidate took the application back.
    event CandidateWithdrew(address indexed account);
    /// @notice A founder or candidate became a member, or a former member became one again.
    event MemberAdmitted(uint32 indexed memberId, address indexed account);
    /// @notice A member left.
    event MemberLeft(uint32 indexed memberId);
    /// @notice A member was suspended; anyone may call `reinstate` from `endsAt` on.
    event MemberSuspended(uint32 indexed memberId, uint40 endsAt);
    /// @notice A suspended member is on the roll again, from this moment.
    event MemberReinstated(uint32 indexed memberId);
    /// @notice A member was expelled.
    event MemberExpelled(uint32 indexed memberId);
    /// @notice A member changed their key.
    event KeyRotated(uint32 indexed memberId, address indexed presentAccount, address indexed newAccount, uint16 epoch);
    /// @notice A passed proposal, or guardians (then RecoveryCompleted stands right before), gave a member another key.
    event KeyRecovered(
        uint32 indexed memberId,
        address indexed presentAccount,
        address indexed newAccount,
        uint16 epoch
    );
    /// @notice A member named guardians, 0 for none; a change that was waiting is replaced. Also logged, with 0 from
    /// now on, when a passed proposal gave the member another key.
    event GuardiansNamed(uint32 indexed memberId, bytes32 listHash, uint40 inForceFrom);
    /// @notice A guardian vouched for a member's new account.
    event RecoverySupported(uint32 indexed memberId, address indexed newAccount, address indexed guardian);
    /// @notice Enough guardians vouched; the new account may complete the recovery from `dueAt` on.
    event RecoveryStarted(uint32 indexed memberId, address indexed newAccount, uint40 dueAt);
    /// @notice The present key voided every recovery that the member's guardians had begun.
    event RecoveryCancelled(uint32 indexed memberId);
    /// @notice Guardians gave a member another key.
    event RecoveryCompleted(uint32 indexed memberId, address indexed newAccount);

    // Start

    /// @notice Makes the founders members 1, 2, 3 … Callable once, by the factory in the same transaction. The clone's
    /// argument is the co-op's name (a ShortString).
    function initialize(address theAssembly, uint32 probation, address[] calldata founders) external;

    // Candidates

    /// @notice Asks to join. (`apply` is a reserved word of Solidity.)
    /// @param profileHash keccak256(32-byte salt ‖ profile), so that it cannot be guessed.
    function applyToJoin(bytes32 profileHash) external;

    /// @notice Takes the caller's application back.
    function withdrawApplication() external;

    // Members

    /// @notice Ends the caller's membership at once. Ballots already cast stand.
    function leaveCooperative() external;

    /// @notice Changes a member's key. Both keys sign
    /// `Rotation(uint32 memberId,address presentAccount,address newAccount,uint32 epoch,uint256 deadline)`
    /// with the present epoch; anyone may submit. Once in two days: ballots keep the epoch modulo 64, which must
    /// not come round within one vote.
    function rotate(
        uint32 memberId,
        address newAccount,
        uint256 deadline,
        bytes calldata presentSignature,
        bytes calldata newSignature
    ) external;

    /// @notice Puts a suspended member on the roll again: anyone once the suspension has run out, the
    /// Assembly at any time. The member's `since` becomes this moment.
    function reinstate(uint32 memberId) external;

    // Guardians

    /// @notice Names the caller's guardians by the hash of a GuardianList, 0 for none: in force after 7 days, the first
    /// ones too. Naming those in force drops a change that is waiting, at once. New guardians in force void what
    /// others began; a change of key drops a change that is waiting and leaves those in force, but a passed
    /// proposal that gives the member another key removes them all.
    ///
    /// Warning: nobody can see from the hash whether the list can be used. Whoever loses key and list with it,
    /// and gave the list to no guardian, is helped by a vote only.
    function setGuardians(bytes32 listHash) external;

    /// @notice A guardian vouches that `newAccount` is the member's, and lays the list open. When the last of those
    /// needed has, a delay of 7 days starts. Support is void 30 days after the newest one, after a cancellation,
    /// when key or guardians of the member change, and when a former member is admitted again.
    function supportRecovery(uint32 memberId, address newAccount, GuardianList calldata list) external;

    /// @notice The present key voids every recovery that guardians began, for whichever account; `newAccount`
    /// names one of them.
    ///
    /// Warning: a thief who holds the key can do this each time. Guardians help against loss; against theft
    /// help only a change of key by the member, or the co-op, which can expel and admit again.
    function cancelRecovery(address newAccount) external;

    /// @notice The caller, a new account that enough guardians vouched for, becomes the member's key: after the delay,
    /// within 30 days of the newest support, and once in 30 days. That the new account calls proves that it is
    /// in somebody's hands.
    function completeRecovery(uint32 memberId) external;

    // Only a passed proposal

    /// @notice Makes a candidate a member after probation. A former member gets the same number again.
    function admit(address account) external returns (uint32 memberId);

    /// @notice Takes a member off the roll for `duration` seconds, at most 60 days.
    function suspend(uint32 memberId, uint40 duration) external;

    /// @notice Ends the membership of an active or suspended member.
    function expel(uint32 memberId) external;

    /// @notice Gives an active or suspended member another key, and removes the guardians that the lost one named.
    function recover(uint32 memberId, address newAccount) external;

    /// @notice Sets the time that a candidate waits before admission, in seconds.
    function setProbation(uint32 probation_) external;

    // Views

    /// @notice The only account whose word changes the roll.
    function assembly_() external view returns (address);

    /// @notice The time that a candidate waits before admission, in seconds.
    function probation() external view returns (uint32);

    /// @notice The highest memberId given so far.
    function lastMemberId() external view returns (uint32);

    /// @notice How many members are on the roll now.
    function rollSize() external view returns (uint32);

    /// @notice The memberId to which an account belongs or once belonged; 0 if none.
    function memberIdOf(address account) external view returns (uint32 memberId);

    /// @notice The memberId whose present key is `account` if that member is active, otherwise 0.
    function activeMemberIdOf(address account) external view returns (uint32 memberId);

    /// @notice The record of a member; all zero for a number never given.
    function memberOf(uint32 memberId) external view returns (Member memory);

    /// @notice The record of a member as its storage word, as `slotsOf` gives it.
    function slotOf(uint32 memberId) external view returns (uint256);

    /// @notice The records of many members in one call, each as its storage word
    /// (account: bits 0–159, since: 160–199, until: 200–239, epoch: 240–255); 0 for a number never given.
    /// @param memberIds One in each 32 bytes, as the records come back.
    function slotsOf(bytes calldata memberIds) external view returns (bytes memory slots);

    /// @notice Where a member stands, and until when a suspension lasts (0 if none).
    function standingOf(uint32 memberId) external view returns (Standing standing, uint40 suspendedUntil);

    /// @notice A member's guardians at this moment.
    function guardiansOf(uint32 memberId) external view returns (Guardianship memory);

    /// @notice A recovery that guardians began: who supports it (bit i for the list's account i), from when on it may be
    /// completed (0 = support is missing), and when it expires. All zero if there is none, or it is void.
    function recoveryOf(
        uint32 memberId,
        address newAccount
    ) external view returns (uint16 supporters, uint40 dueAt, uint40 expiresAt);

    /// @notice When an account applied; 0 if it is no candidate.
    function appliedAt(address account) external view returns (uint40);

    /// @notice The key that a member held on the roll at a past moment; 0 if the member was not on it.
    function accountAt(uint32 memberId, uint256 timepoint) external view returns (address account);

    /// @notice The size of the roll at a past moment, less `without` if that member was on it (0 = nobody). The
    /// present roll if the moment has not passed.
    function rollAt(uint256 timepoint, uint32 without) external view returns (uint32);

    /// @notice 1 if the account is an active member's key now, otherwise 0. (IVotes)
    function getVotes(address account) external view returns (uint256);

    /// @notice 1 if the account was an active member's key at a past moment, otherwise 0. (IVotes)
    function getPastVotes(address account, uint256 timepoint) external view returns (uint256);

    /// @notice The size of the roll at a past moment. (IVotes)
    function getPastTotalSupply(uint256 timepoint) external view returns (uint256);
}
