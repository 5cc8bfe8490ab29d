"""What the contracts' errors mean: name → sentence, hint and kind of error.

The sentence may use the error's arguments by name. A test asks that every error of every ABI is
named here.
"""

from dataclasses import dataclass

from node.errors import (
    CoopError,
    NotAllowed,
    NotAMember,
    NotFound,
    RefusedByContract,
    StaleBallot,
)


@dataclass(frozen=True)
class Refusal:
    """How one error of the contracts is told."""

    sentence: str
    hint: str = ""
    kind: type[CoopError] = RefusedByContract


BALLOT_REFUSALS: tuple[Refusal, ...] = (
    Refusal("The ballot was not counted."),
    Refusal("There is no member {memberId}.", "See: coop member list", NotAMember),
    Refusal(
        "Member {memberId} was not on the roll when it froze, or is no longer a member.",
        "Only members of the frozen roll vote here.",
        NotAllowed,
    ),
    Refusal(
        "The vote is about member {memberId}, who has no vote in it.",
        "The person concerned can reply: coop proposal reply",
        NotAllowed,
    ),
    Refusal(
        "The signature is not that of member {memberId}'s present key over this ballot.",
        "Sign again with the member's present key.",
    ),
    Refusal(
        "A ballot of member {memberId} with this or a higher sequence was counted already.",
        "Vote again to change it: the next ballot gets a higher sequence.",
        StaleBallot,
    ),
    Refusal(
        "The vote runs in its extension, and member {memberId} has voted already.",
        "In the extension only members who have not voted yet may vote.",
        NotAllowed,
    ),
    Refusal(
        "The choice or rate is none that can be voted for.",
        "See what is on offer and choose again.",
    ),
    Refusal(
        "The ballot's reason is too long, or this kind of vote takes none.",
        "A reason has at most 500 bytes; votes about people take none.",
    ),
)

REFUSALS: dict[str, Refusal] = {
    # Assembly
    "AssemblyNotMember": Refusal(
        "Account {account} is no active member's.", "Use a member's key: --key NAME", NotAMember
    ),
    "AssemblyProposerBusy": Refusal(
        "Member {memberId} has another open proposal, number {proposalId}.",
        "A member has one proposal at a time; wait for its deadline.",
    ),
    "AssemblyOpeningOutOfBounds": Refusal(
        "The vote would open at {opensAt}; it must open between {earliest} and {latest}.",
        "Choose another opening.",
    ),
    "AssemblyUnknownPerson": Refusal(
        "There is no member {memberId}.", "See: coop member list", NotFound
    ),
    "AssemblyTextMustBeHash": Refusal(
        "A proposal about a person carries only the hash of its text.",
        "People are not discussed on a public chain: keep the text in a file.",
    ),
    "AssemblyCoolingDown": Refusal(
        "The same was defeated as proposal {defeatedProposalId} and can return from {until}.",
        "Wait, or propose something else.",
    ),
    "AssemblyUnknownProposal": Refusal(
        "There is no proposal {proposalId}.", "See: coop proposal list", NotFound
    ),
    "AssemblyUnexpectedState": Refusal(
        "Proposal {proposalId} is {state}; this needs it to be {expected}.",
        "See: coop proposal show {proposalId}",
    ),
    "AssemblyBallotRefused": Refusal("Proposal {proposalId}: the ballot was not counted."),
    "AssemblyNotProposer": Refusal(
        "Only the proposer may withdraw a proposal, and {caller} is not the proposer.",
        "Ask the proposer.",
        NotAllowed,
    ),
    "AssemblyNotPersonConcerned": Refusal(
        "Only the person concerned may do this, and {caller} is not that person.",
        "Use that member's key: --key NAME",
        NotAllowed,
    ),
    "AssemblyWrongClass": Refusal(
        "Proposal {proposalId} is of class {class}, where this cannot be done.",
        "See: coop proposal show {proposalId}",
    ),
    "AssemblyNoAppeal": Refusal(
        "Proposal {proposalId} cannot be appealed now.",
        "An appeal is possible once, between queueing and execution.",
    ),
    "AssemblyNotDue": Refusal(
        "Proposal {proposalId} cannot be executed yet; its time is {eta}.",
        "Wait until then, or until the confirming vote of an appeal has passed.",
    ),
    "AssemblyContentChanged": Refusal(
        "Actions, text or called code of proposal {proposalId} are not those that were voted on.",
        "Propose it again if it is still wanted.",
    ),
    "AssemblyActionFailed": Refusal(
        "Action {index} of the proposal failed.",
        "It can be tried again until the proposal expires.",
    ),
    # Bylaws
    "BylawsOnlyAssembly": Refusal(
        "Only a passed proposal may do this.", "Propose it: coop proposal create", NotAllowed
    ),
    "BylawsMixedClasses": Refusal(
        "Action {index} is of class {found}, but the first one is of class {first}.",
        "Make one proposal for each class.",
    ),
    "BylawsActionRefused": Refusal(
        "Action {index} calls {target} in a way that the bylaws do not know.",
        "No proposal can do this.",
    ),
    "BylawsActionCount": Refusal(
        "A proposal cannot have {count} actions.",
        "At most 32; one about a person has exactly one.",
    ),
    "BylawsRuleOutOfBounds": Refusal(
        "{field} of class {class} is outside its bounds.", "Check it with: coop bylaws lint FILE"
    ),
    "BylawsRuleUnreachable": Refusal(
        "Under this rule no proposal of class {class} could pass with {roll} members, or its least "
        "quorum is more than that.",
        "Check it with: coop bylaws lint FILE",
    ),
    "BylawsTooManyVersions": Refusal(
        "Class {class} has had 8,191 rules, and no more can be kept.",
        "The last one stays in force.",
    ),
    "PackedRuleTooWide": Refusal(
        "Value {index} of a rule, {value}, is outside its bounds.",
        "Check it with: coop bylaws lint FILE",
    ),
    "BylawsUnknownRule": Refusal(
        "Class {class} has no rule of version {version}.", "See: coop bylaws show", NotFound
    ),
    # Membership
    "MembershipOnlyAssembly": Refusal(
        "Only a passed proposal may do this.", "Propose it: coop proposal create", NotAllowed
    ),
    "MembershipUnknownMember": Refusal(
        "There is no member {memberId}.", "See: coop member list", NotFound
    ),
    "MembershipWrongStanding": Refusal(
        "Member {memberId} is {standing}, which does not allow this.",
        "See: coop member show {memberId}",
    ),
    "MembershipNotMember": Refusal(
        "Account {account} has no membership.", "Use a member's key: --key NAME", NotAMember
    ),
    "MembershipAccountTaken": Refusal(
        "Account {account} belongs or once belonged to a member, or is a candidate's.",
        "Use a fresh account: coop key new NAME",
    ),
    "MembershipNotCandidate": Refusal(
        "Account {account} has not applied.", "The person applies first: coop member apply"
    ),
    "MembershipAlreadyCandidate": Refusal(
        "Account {account} has applied already.", "Wait for the vote on the application."
    ),
    "MembershipNoProfile": Refusal("The hash of the profile is zero.", "Give a profile."),
    "MembershipProbationRuns": Refusal(
        "The probation of {account} runs until {endsAt}.", "Execute the admission after that."
    ),
    "MembershipOrderOutdated": Refusal(
        "The vote opened at {openedAt}; what it was about (the application, the suspension or the "
        "membership) is newer, of {changedAt}.",
        "It stays without effect. Propose it again if it is still wanted.",
    ),
    "MembershipSuspensionOutOfBounds": Refusal(
        "A suspension of {duration} is not possible; the longest is {maximum}.",
        "Choose a shorter time.",
    ),
    "MembershipSuspensionRuns": Refusal(
        "The suspension of member {memberId} runs until {endsAt}.",
        "Anyone can end it from then on.",
    ),
    "MembershipRotationExpired": Refusal(
        "The change of key had to be submitted by {deadline}.", "Sign it again with both keys."
    ),
    "MembershipRotationTooSoon": Refusal(
        "Member {memberId} changed their key less than two days ago.",
        "It can be changed again from {earliest} on.",
    ),
    "MembershipBadSignature": Refusal(
        "One of the two signatures is not that of {account}.", "Sign again with both keys."
    ),
    "MembershipProbationOutOfBounds": Refusal(
        "A probation of {probation} is not possible; the longest is {maximum}.",
        "Choose a shorter time.",
    ),
    "MembershipFounderCount": Refusal(
        "A co-operative cannot start with {count} founders.", "Name 3 to 50 different accounts."
    ),
    "MembershipBadGuardianList": Refusal(
        "That is not the list of guardians in force for member {memberId}, or it cannot be used.",
        "See: coop member guardians show {memberId}",
    ),
    "MembershipNotGuardian": Refusal(
        "Account {account} is no guardian here, or is the member's own.",
        "Use the key of a guardian on the list: --key NAME",
        NotAllowed,
    ),
    "MembershipAlreadySupported": Refusal(
        "Guardian {guardian} has vouched for {newAccount} already.",
        "Another guardian does it next.",
    ),
    "MembershipSupportSuffices": Refusal(
        "Enough guardians of member {memberId} have vouched for {newAccount} already.",
        "The new account can take over from {dueAt} on.",
    ),
    "MembershipNoRecovery": Refusal(
        "Guardians of member {memberId} have not agreed on {newAccount}, or that is void by now.",
        "See: coop member guardians show {memberId}",
    ),
    "MembershipRecoveryNotDue": Refusal(
        "The guardians' delay for member {memberId} is not over.",
        "The new account can take over from {dueAt} on.",
    ),
    "MembershipRecoveryTooSoon": Refusal(
        "Guardians replaced the key of member {memberId} less than 30 days ago.",
        "They can again from {earliest} on.",
    ),
    "MembershipFutureLookup": Refusal(
        "The roll of {timepoint} cannot be known yet.", "Ask for a past moment."
    ),
    # PayRates
    "PayRatesOnlyAssembly": Refusal(
        "Only a passed proposal may do this.", "Propose it: coop proposal create", NotAllowed
    ),
    "PayRatesNotMember": Refusal(
        "Account {account} is no active member's.", "Use a member's key: --key NAME", NotAMember
    ),
    "PayRatesUnknownRole": Refusal(
        "There is no role {role}, or it is retired.", "See: coop pay show", NotFound
    ),
    "PayRatesRoleExists": Refusal("There is a role {role} already.", "Choose another name."),
    "PayRatesTooManyRoles": Refusal(
        "There cannot be {count} roles.", "At most 32 roles, retired ones included."
    ),
    "PayRatesOutOfBounds": Refusal(
        "{field} is outside its bounds.", "Check it with: coop bylaws lint FILE"
    ),
    "PayRatesRateOutOfBounds": Refusal(
        "The rate {rate} of role {role} must be from {lowest} to {highest}.",
        "Choose a rate within floor and ratio cap.",
    ),
    "PayRatesVoteUnderWay": Refusal(
        "Pay vote {payVoteId} on role {role} is under way.", "See: coop pay show {payVoteId}"
    ),
    "PayRatesResting": Refusal(
        "Role {role} rests after its last pay vote, until {until}.", "Open the vote after that."
    ),
    "PayRatesOpeningOutOfBounds": Refusal(
        "The vote would open at {opensAt}; it must open between {earliest} and {latest}.",
        "Choose another opening.",
    ),
    "PayRatesUnknownPayVote": Refusal(
        "There is no pay vote {payVoteId}.", "See: coop pay show", NotFound
    ),
    "PayRatesUnexpectedState": Refusal(
        "Pay vote {payVoteId} is {state}; this needs it to be {expected}.",
        "See: coop pay show {payVoteId}",
    ),
    "PayRatesEarlierVoteFirst": Refusal(
        "Pay vote {earlierPayVoteId} ended earlier and must be closed before {payVoteId}.",
        "Run: coop pay close {earlierPayVoteId}",
    ),
    "PayRatesBallotRefused": Refusal("Pay vote {payVoteId}: the ballot was not counted."),
    # Of several contracts, and of the libraries that they use
    "ChronicleAlreadyBegun": Refusal(
        "This contract was started already.", "It cannot start twice."
    ),
    "CloneArgumentsTooLong": Refusal("The contracts' arguments do not fit into their code."),
    "CooperativeFactoryNoName": Refusal(
        "The co-operative has no name.", "Name it with 1 to 31 bytes."
    ),
    "StringTooLong": Refusal("The name {str} is too long.", "A name has at most 31 bytes."),
    "InvalidShortString": Refusal("The contract keeps a name that it cannot read."),
    "PackedBallotsTruncated": Refusal(
        "The batch of ballots ends in the middle of one.", "Make the batch again and send it whole."
    ),
    "SignaturesTooLittleGas": Refusal(
        "The batch has too little gas to check the signature of a contract account.",
        "Send fewer ballots at once, or allow more gas.",
    ),
    "HistogramFull": Refusal(
        "A pay vote holds no more than 65,535 ballots; these would make {ballots}."
    ),
    "ReentrancyGuardReentrantCall": Refusal("A called contract tried to call back in."),
    "SafeCastOverflowedUintDowncast": Refusal(
        "The number {value} is too large for its place.", "Use a smaller number."
    ),
    "CheckpointUnorderedInsertion": Refusal("The chain's clock went backwards."),
    "Create2EmptyBytecode": Refusal("There is no code to make a contract of."),
    "FailedDeployment": Refusal(
        "The instance could not be made at its address.",
        "The same instance may exist already: give another --nonce.",
    ),
    "InsufficientBalance": Refusal(
        "There is {balance} and {needed} is needed.", "Send the missing amount first."
    ),
    # Of Solidity
    "Error": Refusal("A called contract refused: {message}"),
    "Panic": Refusal("A called contract failed with an internal fault (code {code})."),
}
