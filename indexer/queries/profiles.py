"""The salted profile hashes with which members once applied."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from indexer.queries.as_of import AsOf
from indexer.tables import Application, MemberChange


def profile_hashes(session: Session, as_of: AsOf, members: Collection[int]) -> dict[int, str]:
    """Return memberId -> the hash that the member's account put on the chain before its admission.

    Founders have none: they never applied.
    """
    change, application = MemberChange, Application
    admissions = (
        select(change.member_id, application.profile_hash)
        .join(application, col(application.account) == col(change.account))
        .where(
            col(change.member_id).in_(members),
            col(change.change) == "admitted",
            col(change.block) <= as_of.block,
            col(application.change) == "applied",
            (col(application.block) < col(change.block))
            | (
                (col(application.block) == col(change.block))
                & (col(application.log_index) < col(change.log_index))
            ),
        )
        # The last of several, if somebody came back or applied anew, is the one that stays.
        .order_by(col(application.block), col(application.log_index))
    )
    return {member: hashed for member, hashed in session.exec(admissions) if hashed}
