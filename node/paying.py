"""Calling and closing pay votes."""

from indexer.chain import Chain
from node.action_values import role as role_bytes
from node.errors import UsageProblem
from node.instance import Instance
from node.proposals import earliest
from node.sender import Sender, TxReceipt


def earliest_opening(chain: Chain, instance: Instance) -> int:
    """When a pay vote called now is proposed to open, in seconds since 1970."""
    version = chain.view("PayRates", instance.pay_rates, "payRuleVersion")
    rule = chain.view("PayRates", instance.pay_rates, "payRuleOf", version)
    return earliest(chain.head().timestamp, rule["notice"])


def open_vote(sender: Sender, instance: Instance, role: str, opens_at: int) -> TxReceipt:
    """Call a pay vote on a role by its name; `opens_at` in seconds since 1970."""
    try:
        name = role_bytes(role)
    except ValueError as error:
        raise UsageProblem(f"The role {error}.") from error
    return sender.send("PayRates", instance.pay_rates, "openPayVote", name, opens_at)


def close_vote(sender: Sender, instance: Instance, pay_vote_id: int) -> TxReceipt:
    """Count a pay vote after its deadline and set the rate."""
    return sender.send("PayRates", instance.pay_rates, "closePayVote", pay_vote_id)
