"""What the members decide: passed, defeated, changed, carried, frozen, expired, and a removal."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass

from node import ballot_file, bylaws, rotation
from node.ballot import Choice, SignedBallot
from node.demo.beginnings import PRESET
from node.demo.stage import DAY, Stage, set_purse
from node.files import write_private

BICYCLES = "# Buy two cargo bicycles\n\nFrom the repair fund, at most 6,000 GBP."
EVENING = "# A yearly evening with our customers\n\nIn June, at the mill."
CARS = "# Buy a company car\n\nSecond hand."
WEBSITE = "# A new website\n\nWhoever feels like it queues this when it has passed."
QUORUM = "# Ordinary decisions need three quarters of us\n\nHalf of us is too few."
KITCHEN = "# Rent the larger kitchen\n\nFrom next month on."
REMOVAL = "# Expel jon\n\nMoney was missing three times; the accounts are in the office."
PARTY = "# A summer party\n\nOn the second Saturday of July, by the canal."
REPLY = "I paid it back, and here are the receipts."


@dataclass(frozen=True)
class Agenda:
    """Proposal numbers of what is decided at the general meeting."""

    bicycles: int
    evening: int
    cars: int
    website: int
    quorum: int
    kitchen: int
    removal: int


def members_propose(stage: Stage) -> Agenda:
    """Seven members propose; the kitchen opens later, so that it is open when the bylaws change."""
    rule = tomllib.loads(bylaws.preset_text(PRESET))["ordinary"] | {"quorum": "75 %"}
    jon = stage.member_id("jon")
    agenda = Agenda(
        bicycles=stage.propose("ada", BICYCLES),
        evening=stage.propose("ben", EVENING),
        cars=stage.propose("cleo", CARS),
        website=stage.propose("dan", WEBSITE),
        quorum=stage.propose(
            "eve", QUORUM, [stage.action("set-rule", class_="ordinary", rule=rule)]
        ),
        kitchen=stage.propose("fay", KITCHEN, opens_at=stage.now() + 20 * DAY),
        removal=stage.propose("ida", REMOVAL, [stage.action("expel", member=jon)]),
    )
    stage.act("jon", "Assembly", "reply", agenda.removal, _reply_hash(stage))
    stage.say(
        "Seven proposals, each frozen with its rule, its text and its actions. About jon, only the "
        "hash of the text is on chain; he puts his reply on record."
    )
    return agenda


def members_vote(stage: Stage, agenda: Agenda, crowd: Sequence[str]) -> None:
    """The general meeting: ballots cast, changed, carried and batched; one leaves, one rotates."""
    stage.open(agenda.bicycles)
    # Ballots that change, and one member who leaves after voting.
    stage.vote(agenda.bicycles, "ben", "against", "Too dear.")
    stage.vote(agenda.bicycles, "ben", "for", "The lender agreed to half the price.")
    stage.vote(agenda.bicycles, "cleo", "for")
    stage.vote(agenda.bicycles, "cleo", "abstain")
    stage.vote(agenda.bicycles, "gus", "for")
    stage.act("gus", "Membership", "leaveCooperative")
    stage.say("ben and cleo change their ballots. gus votes and leaves: the ballot stands.")
    _key_changes(stage, agenda.bicycles)
    _carried(stage, agenda.bicycles)
    rest: dict[str, Choice] = dict.fromkeys(("ada", "dan", "eve", *crowd), "for")
    stage.vote_together("ada", agenda.bicycles, rest)
    stage.say(f"ada carries {len(rest)} signed ballots in one transaction.")
    # Too few for a quorum; enough of them against; enough for.
    stage.vote(agenda.evening, "ben", "for")
    stage.vote(agenda.evening, "eve", "for")
    everybody = ["ada", "ben", "cleo", "dan", "eve", "hal", *crowd]
    stage.vote_together(
        "ada", agenda.cars, {name: "for" if name == "cleo" else "against" for name in everybody}
    )
    for proposal in (agenda.website, agenda.quorum):
        stage.vote_together("dan", proposal, dict.fromkeys(everybody, "for"))


def bylaws_change_under_an_open_vote(stage: Stage, agenda: Agenda, voters: Sequence[str]) -> None:
    """The quorum rises while the kitchen is voted on; the kitchen keeps the old one."""
    stage.close(agenda.quorum)
    stage.act("ben", "Assembly", "queue", agenda.bicycles)
    stage.act("eve", "Assembly", "queue", agenda.quorum)
    stage.open(agenda.kitchen)
    stage.vote_together("fay", agenda.kitchen, dict.fromkeys(voters, "for"))
    stage.execute(agenda.bicycles, "ben")
    stage.execute(agenda.quorum, "eve")
    stage.say(
        "The bylaws change while the kitchen is voted on: ordinary decisions now need 75 % of the "
        f"roll. The kitchen has {len(voters)} votes and keeps the rule it was proposed under."
    )
    stage.close(agenda.kitchen)
    stage.carry_out(agenda.kitchen, "fay")


def a_removal_is_appealed(stage: Stage, agenda: Agenda, voters: Sequence[str]) -> None:
    """Passed, queued, appealed, confirmed, and only then carried out."""
    stage.open(agenda.removal)
    stage.vote_together("ida", agenda.removal, dict.fromkeys(voters, "for"))
    stage.close(agenda.removal)
    stage.act("ida", "Assembly", "queue", agenda.removal)
    confirming = stage.appeal("jon", agenda.removal)
    stage.open(confirming)
    choices: dict[str, Choice] = dict.fromkeys(voters, "for")
    choices[voters[0]] = "against"
    stage.vote_together("ida", confirming, choices)
    stage.close(confirming)
    stage.execute(agenda.removal, "ida")
    stage.say(
        "The removal of jon passes; he appeals within the delay and stays a member until a second "
        "vote confirms it."
    )


def a_passed_proposal_expires(stage: Stage) -> None:
    """Nobody queued the website within its grace."""
    stage.warp(stage.now() + 30 * DAY)
    stage.say("The website had passed, but nobody queued it in time: it has expired.")


def one_vote_stays_open(stage: Stage) -> int:
    """A proposal for whoever looks around afterwards; returns its number."""
    party = stage.propose("dan", PARTY)
    stage.open(party)
    stage.vote(party, "dan", "for", "Everybody brings something.")
    stage.say(f"Proposal {party}, a summer party, is open: you can vote on it as ada.")
    return party


def _key_changes(stage: Stage, proposal: int) -> None:
    stage.vote(proposal, "hal", "against")
    person = stage.people["hal"]
    new = person.next_key()
    set_purse(stage.devnet, new.address, 10**18)
    rotation.rotate(stage.sender("hal"), stage.instance, new)
    stage.counted.transactions += 1
    person.keys_lost += 1
    stage.vote(proposal, "hal", "for")
    stage.say("hal votes, takes a new key and votes again: one member, one ballot.")


def _carried(stage: Stage, proposal: int) -> None:
    """kim has no ether left: her signed ballot travels as a file that dan submits."""
    set_purse(stage.devnet, stage.people["kim"].address, 0)
    signed = stage.sign(proposal, "kim", "for", "Signed on my phone, sent by dan.")
    path = stage.home / "kims-ballot.json"
    write_private(path, ballot_file.dump(ballot_file.signed_file(signed)))
    carried: SignedBallot = ballot_file.parse(path.read_text(encoding="utf-8")).signed()
    stage.carry("dan", [carried])
    stage.say("kim has no ether: she signs a ballot, dan carries it.")


def _reply_hash(stage: Stage) -> bytes:
    from node.content import text_hash
    from node.proposals import keep_text

    keep_text(stage.home / "texts", REPLY)
    return text_hash(REPLY)
