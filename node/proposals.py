"""Proposing, and what happens to a proposal besides voting."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

from indexer.chain import Chain
from indexer.errors import ChainRefused, ContractReverted
from node import actions, reverts, targets, zones
from node.action_values import CLASSES
from node.actions import ABOUT_PEOPLE, Own
from node.content import (
    Action,
    ProposalParts,
    changed_targets,
    hashed_description,
    is_hashed,
    proposal_content,
    text_hash,
)
from node.drafts import Draft, UnreadableDraft
from node.errors import NotFound
from node.files import write_private
from node.instance import Instance
from node.sender import Sender, TxReceipt
from node.voting import refuse_other_content

# The vote opens this much after the notice at least: blocks take time.
_MARGIN = 120
_ROUND = 300
_DAY = 86_400


@dataclass(frozen=True)
class Plan:
    """A draft with all that proposing it means; nothing has been sent."""

    draft: Draft
    decision_class: str
    description: str
    """What goes on chain: the text, or the hash of a text about a person."""
    opens_at: int
    closes_at: int
    sentences: tuple[str, ...]
    """What the actions do, one each."""
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Proposed:
    """A proposal that was made; `proposal_id` is 0 after a dry run."""

    plan: Plan
    proposal_id: int
    sent: TxReceipt


def own_contracts(chain: Chain, instance: Instance) -> Own:
    """The instance's contracts as actions name them, with the currency of its rates."""
    currency = chain.view("PayRates", instance.pay_rates, "currency")
    return Own(
        instance.membership,
        instance.bylaws,
        instance.assembly,
        instance.pay_rates,
        currency.rstrip(b"\0").decode(errors="replace"),
    )


def plan(chain: Chain, instance: Instance, own: Own, draft: Draft) -> Plan:
    """Work out class, opening and warnings of a draft; refuses what the contracts would refuse."""
    word = actions.class_of(draft.actions, own)
    in_force = chain.view("Bylaws", instance.bylaws, "inForce", CLASSES.index(word))
    rule = in_force["rule"]
    opens_at = draft.opens_at or earliest(chain.head().timestamp, rule["notice"])
    about_person = word in ABOUT_PEOPLE
    return Plan(
        draft=draft,
        decision_class=word,
        description=hashed_description(draft.text) if about_person else draft.text,
        opens_at=opens_at,
        closes_at=opens_at + rule["votingPeriod"],
        sentences=tuple(actions.decode(action, own).sentence for action in draft.actions),
        warnings=(
            *target_warnings(chain, draft.actions, own),
            *_failing_now(chain, instance, draft.actions, own),
        ),
    )


def propose(sender: Sender, instance: Instance, plan: Plan, texts: Path) -> Proposed:
    """Propose; a text that stays off the chain is first kept in the folder `texts`."""
    if is_hashed(plan.description) and not sender.dry_run:
        keep_text(texts, plan.draft.text)
    calls = [(action.target, action.value, action.data) for action in plan.draft.actions]
    sent = sender.send(
        "Assembly", instance.assembly, "propose", calls, plan.description, plan.opens_at
    )
    number = sent.event("ProposalCreated").args["proposalId"] if sent.sent else 0
    return Proposed(plan, number, sent)


def execute(sender: Sender, instance: Instance, parts: ProposalParts) -> TxReceipt:
    """Carry a due proposal out, after comparing what is shown with what was voted on."""
    known = sender.chain.view("Assembly", instance.assembly, "proposal", parts.proposal_id)
    what = f"proposal {parts.proposal_id}"
    refuse_other_content(what, proposal_content(parts), known["content"])
    calls = [(action.target, action.value, action.data) for action in parts.actions]
    return sender.send(
        "Assembly",
        instance.assembly,
        "execute",
        parts.proposal_id,
        calls,
        text_hash(parts.description),
    )


def act(sender: Sender, instance: Instance, function: str, *args: object) -> TxReceipt:
    """Call cancel, queue, reply, appeal or object of the Assembly."""
    return sender.send("Assembly", instance.assembly, function, *args)


# Texts that stay off the chain


def keep_text(folder: Path, text: str) -> Path:
    """Keep a text under its hash, readable by the owner only."""
    path = folder / f"{text_hash(text).hex()}.txt"
    write_private(path, text)
    return path


def kept_text(folder: Path, description: str) -> str | None:
    """The text whose hash a description names, if this node has it unchanged."""
    path = folder / f"{description.removeprefix('0x')}.txt"
    try:
        # No translation of line ends: the hash is over the bytes.
        text = path.read_bytes().decode()
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    return text if hashed_description(text) == description else None


def accept_text(folder: Path, description: str, file: Path) -> str:
    """Check a text that came as a file against the hash on the chain, keep it and return it."""
    try:
        text = file.read_bytes().decode()
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {file}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableDraft(f"The file {file} cannot be read as text.") from error
    for candidate in (text, text.strip()):
        if hashed_description(candidate) == description:
            keep_text(folder, candidate)
            return candidate
    raise UnreadableDraft(
        f"The text in {file} is not the one that the proposal names: its hash is "
        f"{hashed_description(text)}, not {description}.",
        hint="Ask the proposer for the text as it was proposed.",
        details={"expected": description, "found": hashed_description(text)},
    )


# Warnings


def target_warnings(chain: Chain, acts: tuple[Action, ...], own: Own) -> tuple[str, ...]:
    """Targets that may do something else on the day of execution than now."""
    codes = {action.target: chain.code(action.target) for action in acts}
    return targets.warnings(acts, codes, own)


def changed_since(chain: Chain, parts: ProposalParts) -> tuple[str, ...]:
    """Targets whose code changed since the proposal was made: executing it would be refused."""
    present = [chain.code_hash(action.target) for action in parts.actions]
    return changed_targets(parts.actions, parts.code_hashes, present)


def _failing_now(
    chain: Chain, instance: Instance, acts: tuple[Action, ...], own: Own
) -> tuple[str, ...]:
    """Actions that would fail if the Assembly called them now. Later it may be otherwise."""
    reasons = ((action, _failure(chain, instance, action)) for action in acts)
    return tuple(
        f"Executed now, this would fail: {actions.decode(action, own).sentence} {reason}"
        for action, reason in reasons
        if reason
    )


def _failure(chain: Chain, instance: Instance, action: Action) -> str:
    """Why the Assembly's call would fail now; empty if it would not."""
    if action.value > chain.balance(instance.assembly):
        return "The Assembly does not hold that much money."
    call = {
        "from": instance.assembly,
        "to": action.target,
        "data": "0x" + action.data.hex(),
        "value": hex(action.value),
    }
    try:
        chain.request("eth_call", call, "latest")
    except ContractReverted as error:
        return reverts.told(error.name, error.args_by_name).message
    except ChainRefused as error:
        return error.message
    return ""


def earliest(now: int, notice: int) -> int:
    """The moment that is proposed for a vote's opening; all in seconds since 1970.

    A notice of days is told in clear days: neither the day of the call nor that of the opening
    counts, so that the vote opens at the beginning of a day in the co-op's zone. A shorter notice
    ends on a full five minutes.
    """
    over = now + notice + _MARGIN
    if notice < _DAY:
        return -(-over // _ROUND) * _ROUND
    zone = zones.local()
    day = datetime.fromtimestamp(over - 1, zone).date() + timedelta(days=1)
    return int(datetime.combine(day, time(), zone).timestamp())
