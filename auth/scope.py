"""THE gate. Every read and write of what is protected starts here, with one function per model.

Foreign and missing look the same: what is out of scope simply is not among the rows. Only this
module makes a `Scoped`, and nothing reads protected rows without one (tests/test_gate.py).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Generic, Self, TypeVar

from auth.permissions import Permission
from auth.viewer import Held, Viewer
from models.access import AccessToken, digest
from models.account import Account, Grant
from models.attachment import Attachment
from models.audit import AuditEntry, Place
from models.comment import Comment, Mention
from models.contact import ContactRequest
from models.document import Document
from models.event import Event
from models.export import Export
from models.flag import ReviewFlag
from models.improvement import Improvement
from models.indicator import IndicatorResult
from models.moderation_figure import ModerationFigure
from models.network import Department, Network, OfficeType, Region
from models.office import DirectoryFile, Office
from models.procedure import Procedure, ProcedureNetwork
from models.reply import LateEdit, Reply, ReplyState, ReplyVersion
from models.report import TRIAGED, DocumentReport, ReportVersion
from models.review import Review, ReviewStructure
from models.rollup import Rollup
from models.routing import Move, Transfer
from models.saved_filter import SavedFilter
from models.sql import ALWAYS, NEVER, Sql, every, some
from models.submission import Submission
from models.tag import BusinessTag, StructureTag
from models.task import Task
from models.template import ReplyTemplate
from models.wall import Reach
from models.webhook import Delivery, Endpoint

M = TypeVar("M")
R = TypeVar("R")


def once(work: Callable[[Viewer], R]) -> Callable[[Viewer], R]:
    """`work`, done once for a viewer: what follows from them alone holds as long as they do."""

    @wraps(work)
    def done(viewer: Viewer) -> R:
        if work not in viewer.known:
            viewer.known[work] = work(viewer)
        found: R = viewer.known[work]
        return found

    return done


@dataclass(frozen=True, slots=True)
class Scoped(Generic[M]):
    """The rows of `model` that a viewer may reach, and may be narrowed further, never widened.

    `parts` are conditions on one structure, aliased `s`; of a review that several structures in
    reach match, only the first is kept. `where` are conditions on the row of `model` itself.
    """

    model: type[M]
    parts: tuple[Sql, ...] = ()
    where: tuple[Sql, ...] = ()

    def narrow(self, where: Iterable[Sql] = (), parts: Iterable[Sql] = ()) -> Self:
        """Those among them that also meet every one of the conditions."""
        return replace(self, where=(*self.where, *where), parts=(*self.parts, *parts))


@once
def reviews(viewer: Viewer) -> Scoped[Review]:
    """Reviews of which a structure is in reach, as rows `r` through that structure `s`."""
    return Scoped(Review, parts=(_reach(viewer, Permission.READ_VERBATIMS),))


@once
def structures(viewer: Viewer) -> Scoped[ReviewStructure]:
    """Structures `s` of reviews in reach: who shares a review sees what the others answered."""
    return Scoped(ReviewStructure, where=(_shared(viewer),))


@once
def replies(viewer: Viewer) -> Scoped[Reply]:
    """Replies `p`, through their structures `s`: published to reviews in reach, or workable."""
    published = Sql("p.state = ?", (ReplyState.PUBLISHED.value,))
    unpublished = Sql("p.state <> ?", published.args)
    read = every((published, _shared(viewer)))
    return Scoped(Reply, where=(some((read, every((unpublished, _workable(viewer))))),))


def workable_replies(viewer: Viewer) -> Scoped[Reply]:
    """Replies `p` that the viewer writes or validates, from the first draft on."""
    return Scoped(Reply, where=(_workable(viewer),))


def reply_versions(viewer: Viewer) -> Scoped[ReplyVersion]:
    """What replies `p` that the viewer writes or validates were before, as rows `v`."""
    return Scoped(ReplyVersion, where=(_workable(viewer),))


def late_edits(viewer: Viewer) -> Scoped[LateEdit]:
    """Edits `v` that came too late, of replies `p` that the viewer writes or validates."""
    return Scoped(LateEdit, where=(_workable(viewer),))


def contact_requests(viewer: Viewer) -> Scoped[ContactRequest]:
    """Requests `c` for a human contact, of structures `s` for which the viewer replies."""
    return Scoped(ContactRequest, where=(_reach(viewer, Permission.REPLY),))


def reply_templates(viewer: Viewer) -> Scoped[ReplyTemplate]:
    """Templates `l` of replies that the viewer keeps, as whoever administers their place."""
    held = viewer.grants_for(Permission.ADMINISTER)
    return Scoped(ReplyTemplate, where=(some(_covers(one, "l") for one in held),))


def usable_templates(viewer: Viewer, structure: int) -> Scoped[ReplyTemplate]:
    """Templates `l` that serve a structure for which the viewer replies.

    They are of its network: of all of it, of its department, of its office or of one above.
    """
    mine = _reach(viewer, Permission.REPLY)
    above = (
        "WITH RECURSIVE up (id, parent_id) AS (SELECT o.id, o.parent_id FROM office o"
        " WHERE o.id = (SELECT at.office_id FROM review_structure at WHERE at.id = ?)"
        " UNION SELECT o.id, o.parent_id FROM office o JOIN up ON o.id = up.parent_id)"
        " SELECT up.id FROM up"
    )
    text = (
        f"EXISTS (SELECT 1 FROM review_structure s WHERE s.id = ? AND ({mine.text})"
        " AND s.network_id = l.network_id"
        " AND (l.department_id IS NULL OR l.department_id = s.department_id))"
        f" AND (l.office_id IS NULL OR l.office_id IN ({above}))"
    )
    return Scoped(ReplyTemplate, where=(Sql(text, (structure, *mine.args, structure)),))


def replies_to(viewer: Viewer, permission: Permission) -> Scoped[Reply]:
    """Replies `p` of structures for which the viewer holds `permission`."""
    return Scoped(Reply, where=(_reach(viewer, permission),))


def may(viewer: Viewer, permission: Permission) -> Scoped[ReviewStructure]:
    """Structures `s` for which the viewer holds `permission`: one's own part of a review only."""
    return Scoped(ReviewStructure, where=(_reach(viewer, permission),))


@once
def worked(viewer: Viewer) -> Scoped[ReviewStructure]:
    """Structures `s` that the viewer works on: one's own parts of reviews only."""
    return Scoped(ReviewStructure, where=(_worked(viewer),))


def worked_reviews(viewer: Viewer) -> Scoped[Review]:
    """Reviews of which the viewer works on a structure, as rows `r` through it."""
    return Scoped(Review, parts=(_worked(viewer),))


def moves(viewer: Viewer) -> Scoped[Move]:
    """Where structures `s` that the viewer reads for went, as rows `m`."""
    return Scoped(Move, where=(_reach(viewer, Permission.READ_VERBATIMS),))


def transfers(viewer: Viewer) -> Scoped[Transfer]:
    """Requests `x` for a transfer: all for moderators, for others those of their side."""
    return Scoped(Transfer) if moderates(viewer) else asked_transfers(viewer)


def asked_transfers(viewer: Viewer) -> Scoped[Transfer]:
    """Requests `x` for a transfer away from what is the viewer's to transfer."""
    return Scoped(Transfer, where=(_reach(viewer, Permission.TRANSFER, alias="x"),))


def decided_transfers(viewer: Viewer) -> Scoped[Transfer]:
    """Requests `x` for a transfer that are the viewer's to decide."""
    return Scoped(Transfer, where=() if moderates(viewer) else (NEVER,))


def flags(viewer: Viewer) -> Scoped[ReviewFlag]:
    """Demands `y` to look at a review again: all for moderators, for others their own."""
    own = Sql("y.flagged_by_id = ?", (viewer.account,))
    return Scoped(ReviewFlag, where=() if moderates(viewer) else (own,))


def decided_flags(viewer: Viewer) -> Scoped[ReviewFlag]:
    """Demands `y` to look again that are the viewer's to decide."""
    return Scoped(ReviewFlag, where=() if moderates(viewer) else (NEVER,))


def comments(viewer: Viewer) -> Scoped[Comment]:
    """Comments `c` on reviews of which the viewer works on a structure."""
    mine = _worked(viewer, alias="mine")
    text = (
        f"SELECT 1 FROM review_structure mine WHERE mine.review_id = c.review_id AND ({mine.text})"
    )
    return Scoped(Comment, where=(Sql(f"EXISTS ({text})", mine.args),))


def own_comments(viewer: Viewer) -> Scoped[Comment]:
    """Comments `c` that the viewer wrote, on reviews they still work on."""
    return comments(viewer).narrow(where=[Sql("c.author_id = ?", (viewer.account,))])


def mentions(viewer: Viewer) -> Scoped[Mention]:
    """Mentions `i` in comments `c` that the viewer sees."""
    return Scoped(Mention, where=comments(viewer).where)


def structure_tags(viewer: Viewer) -> Scoped[StructureTag]:
    """Tags `h` of the network of structures `s` that the viewer reads for."""
    of_network = Sql("b.network_id = s.network_id")
    return Scoped(StructureTag, where=(_reach(viewer, Permission.READ_VERBATIMS), of_network))


def improvements(viewer: Viewer) -> Scoped[Improvement]:
    """Improvements `w` at structures `s` that the viewer reads for."""
    return Scoped(Improvement, where=(_reach(viewer, Permission.READ_VERBATIMS),))


def own_improvements(viewer: Viewer) -> Scoped[Improvement]:
    """Improvements `w` at structures `s` that the viewer replies for."""
    return Scoped(Improvement, where=(_reach(viewer, Permission.REPLY),))


def saved_filters(viewer: Viewer) -> Scoped[SavedFilter]:
    """The filters `l` that the viewer keeps."""
    return Scoped(SavedFilter, where=(Sql("l.account_id = ?", (viewer.account,)),))


def business_tags(_: Viewer) -> Scoped[BusinessTag]:
    """All tags `b` of networks: words to sort by, that tell nothing of a review."""
    return Scoped(BusinessTag)


def configurable_tags(viewer: Viewer) -> Scoped[BusinessTag]:
    """Tags `b` of networks `n` that the viewer administers as a whole."""
    return Scoped(BusinessTag, where=configurable_networks(viewer).where)


def rollups(viewer: Viewer) -> Scoped[Rollup]:
    """Figures `u` of what the viewer may count."""
    return Scoped(Rollup, where=(_reach(viewer, Permission.READ_AGGREGATES, alias="u"),))


def benchmarks(viewer: Viewer) -> Scoped[Rollup]:
    """Figures `u` of whole networks, of which the viewer may count a part at least.

    They tell no office nor department: what users say of a network is public (decision 0019).
    """
    held = viewer.grants_for(Permission.READ_AGGREGATES)
    of_networks = (Sql("u.network_id = ?", (one.network,)) for one in held if one.network)
    met = ALWAYS if any(one.network is None for one in held) else some(of_networks)
    whole = Sql("u.level IN (1, 4)")
    return Scoped(Rollup, where=(whole, met))


def moderation_figures(viewer: Viewer) -> Scoped[ModerationFigure]:
    """Figures of moderation `f`: of whole networks that the viewer may count, or of all."""
    held = viewer.grants_for(Permission.READ_AGGREGATES)
    whole = [one for one in held if one.department is None and one.office is None]
    return Scoped(ModerationFigure, where=(some(_within(one, "f") for one in whole),))


def rollup_keys(viewer: Viewer) -> frozenset[str]:
    """What figures must tell apart for the viewer's to be told from others'."""
    held = viewer.grants_for(Permission.READ_AGGREGATES)
    return frozenset(
        f"{name}_id" for one in held for name in ("department", "office") if getattr(one, name)
    )


def submissions(viewer: Viewer) -> Scoped[Submission]:
    """Submissions `q`: all for moderators, and those that the viewer brought in."""
    if moderates(viewer):
        return Scoped(Submission)
    return brought(viewer)


def brought(viewer: Viewer) -> Scoped[Submission]:
    """Submissions `q` that the viewer brought in, while they may bring any in."""
    if not {Permission.INTAKE, Permission.REPLY} & viewer.can:
        return Scoped(Submission, where=(NEVER,))
    return Scoped(Submission, where=(Sql("q.submitted_by_id = ?", (viewer.account,)),))


def moderated(viewer: Viewer) -> Scoped[Submission]:
    """Submissions `q` that are the viewer's to decide."""
    return Scoped(Submission, where=() if moderates(viewer) else (NEVER,))


def moderated_reviews(viewer: Viewer) -> Scoped[Review]:
    """Published reviews that are the viewer's to redact, as rows `r` through a structure `s`."""
    return Scoped(Review, parts=(ALWAYS if moderates(viewer) else NEVER,))


def document_reports(viewer: Viewer) -> Scoped[DocumentReport]:
    """Reports `d`: all for moderators; those in reach once triaged, and those one brought in."""
    if moderates(viewer):
        return Scoped(DocumentReport)
    read = _triaged(_reach(viewer, Permission.READ_VERBATIMS, alias="d"))
    return Scoped(DocumentReport, where=(some((read, *brought_reports(viewer).where)),))


def read_reports(viewer: Viewer) -> Scoped[DocumentReport]:
    """Triaged reports `d` in reach: those that the viewer reads as one whom they concern."""
    reach = _reach(viewer, Permission.READ_VERBATIMS, alias="d")
    return Scoped(DocumentReport, where=(_triaged(reach),))


def reports_of_documents(viewer: Viewer) -> Scoped[DocumentReport]:
    """Triaged reports `d` that a document counts: all for moderators, for others those in reach."""
    if moderates(viewer):
        return Scoped(DocumentReport, where=(_triaged(ALWAYS),))
    return read_reports(viewer)


def documents(viewer: Viewer) -> Scoped[Document]:
    """Documents `m` of which a report is among those in reach."""
    seen = every(reports_of_documents(viewer).where)
    text = f"SELECT 1 FROM document_report d WHERE d.document_id = m.id AND ({seen.text})"
    return Scoped(Document, where=(Sql(f"EXISTS ({text})", seen.args),))


def workable_reports(viewer: Viewer) -> Scoped[DocumentReport]:
    """Triaged reports `d` that are the viewer's to work on."""
    return Scoped(DocumentReport, where=(_triaged(_reach(viewer, Permission.REPLY, alias="d")),))


def triaged_reports(viewer: Viewer) -> Scoped[DocumentReport]:
    """Reports `d` that are the viewer's to triage."""
    return Scoped(DocumentReport, where=() if moderates(viewer) else (NEVER,))


def brought_reports(viewer: Viewer) -> Scoped[DocumentReport]:
    """Reports `d` that the viewer brought in, while they may bring any in."""
    if not {Permission.INTAKE, Permission.REPLY} & viewer.can:
        return Scoped(DocumentReport, where=(NEVER,))
    return Scoped(DocumentReport, where=(Sql("d.submitted_by_id = ?", (viewer.account,)),))


def report_versions(viewer: Viewer) -> Scoped[ReportVersion]:
    """Steps `w` of reports `d` that the viewer sees."""
    return Scoped(ReportVersion, where=document_reports(viewer).where)


def attachments(viewer: Viewer) -> Scoped[Attachment]:
    """Files `x` of reports that the viewer sees, and those one uploaded and did not use yet."""
    seen = every(document_reports(viewer).where)
    text = (
        f"EXISTS (SELECT 1 FROM document_report d WHERE d.attachment_id = x.id AND ({seen.text}))"
    )
    return Scoped(Attachment, where=(some((Sql(text, seen.args), *unused(viewer).where)),))


def unused(viewer: Viewer) -> Scoped[Attachment]:
    """Files `x` that the viewer uploaded and no report names."""
    free = "NOT EXISTS (SELECT 1 FROM document_report d WHERE d.attachment_id = x.id)"
    mine = Sql(f"x.uploaded_by_id = ? AND {free}", (viewer.account,))
    return Scoped(Attachment, where=(mine,))


def _triaged(reach: Sql) -> Sql:
    return every((Sql("d.state IN ??", ([state.value for state in TRIAGED],)), reach))


def moderates(viewer: Viewer) -> bool:
    """Whether the viewer decides what is published: for the whole country, or not at all."""
    return any(held.network is None for held in viewer.grants_for(Permission.MODERATE))


def exports(viewer: Viewer) -> Scoped[Export]:
    """Exports `x` that the viewer asked for, while they may ask for any."""
    if Permission.EXPORT not in viewer.can:
        return Scoped(Export, where=(NEVER,))
    return Scoped(Export, where=(Sql("x.account_id = ?", (viewer.account,)),))


def taking_out(viewer: Viewer) -> Viewer:
    """The viewer as far as they may take data out: what the grants that say so let them read."""
    return viewer.within(Permission.EXPORT)


def removals(viewer: Viewer, position: int, types: Sequence[str]) -> Scoped[Event]:
    """Events `e` of `types` after `position`, that took words out of what the viewer reads."""
    reach = _reach(viewer, Permission.READ_VERBATIMS, alias="e")
    since = Sql("e.id > ? AND e.type IN ??", (position, list(types)))
    return Scoped(Event, where=(since, reach))


def holdings(viewer: Viewer) -> list[str]:
    """What each grant lets the viewer do and where, to see later whether one was taken back."""
    return sorted(
        f"{held.network}:{held.department}:{held.office}:{','.join(sorted(held.permissions))}"
        for held in viewer.grants
    )


def covers(viewer: Viewer, permission: Permission, place: Place) -> bool:
    """Whether `place` lies within a grant of the viewer that carries `permission`."""
    return any(_holds(held, place) for held in viewer.grants_for(permission))


def _holds(held: Held, place: Place) -> bool:
    if held.network is None:
        return True
    if held.network != place.network:
        return False
    if held.office is not None:
        return place.office in held.offices
    return held.department in {None, place.department}


def grants(viewer: Viewer) -> Scoped[Grant]:
    """Grants `a` over what the viewer administers, waiting and past ones too."""
    return Scoped(Grant, where=(_administered(viewer),))


def held(viewer: Viewer) -> Scoped[Grant]:
    """Grants `a` by which the viewer is judged."""
    return Scoped(Grant, where=(Sql("a.id IN ??", ([one.grant for one in viewer.grants],)),))


def accounts(viewer: Viewer) -> Scoped[Account]:
    """Accounts `u` with a grant, now or once, over what the viewer administers.

    Who administers the country sees those without any grant too.
    """
    if any(held.network is None for held in viewer.grants_for(Permission.ADMINISTER)):
        return Scoped(Account)
    grant = _administered(viewer)
    text = f"SELECT 1 FROM access_grant a WHERE a.account_id = u.id AND ({grant.text})"
    return Scoped(Account, where=(Sql(f"EXISTS ({text})", grant.args),))


def governed(viewer: Viewer) -> Scoped[Account]:
    """Accounts `u` that are the viewer's to change as a whole: none of their grants lies beyond."""
    grant = _administered(viewer)
    beyond = (
        "SELECT 1 FROM access_grant a WHERE a.account_id = u.id AND a.revoked_at IS NULL"
        f" AND NOT coalesce(({grant.text}), FALSE)"
    )
    return accounts(viewer).narrow(where=[Sql(f"NOT EXISTS ({beyond})", grant.args)])


def tokens(viewer: Viewer) -> Scoped[AccessToken]:
    """Tokens `k` of machines that the viewer governs."""
    whole = every(governed(viewer).where)
    text = f"SELECT 1 FROM account u WHERE u.id = k.account_id AND ({whole.text})"
    return Scoped(AccessToken, where=(Sql(f"EXISTS ({text})", whole.args),))


def audit(viewer: Viewer) -> Scoped[AuditEntry]:
    """Entries `e` of the audit trail: of one's network, or all of them."""
    held = viewer.grants_for(Permission.READ_AUDIT)
    return Scoped(AuditEntry, where=(some(_covers(one, "e") for one in held),))


@once
def events(viewer: Viewer) -> Scoped[Event]:
    """Events `e` of what the viewer may follow, where they were of concern when they happened."""
    held = viewer.grants_for(Permission.READ_EVENTS)
    everywhere = Sql("e.network_id IS NULL") if held else NEVER
    return Scoped(Event, where=(some((everywhere, *(_within(one, "e") for one in held))),))


def follows(viewer: Viewer) -> str:
    """What the viewer may follow, in one word that differs when anything of it does.

    Empty when they may follow nothing.
    """
    held = sorted(
        f"{one.network} {one.department} {sorted(one.offices)}"
        for one in viewer.grants_for(Permission.READ_EVENTS)
    )
    return digest("\n".join(held))[:16] if held else ""


def webhooks(viewer: Viewer) -> Scoped[Endpoint]:
    """Endpoints of webhooks `w` over what the viewer both administers and may follow."""
    rights = (Permission.ADMINISTER, Permission.READ_EVENTS)
    return Scoped(Endpoint, where=tuple(_covered(viewer, right, "w") for right in rights))


def webhook_deliveries(viewer: Viewer) -> Scoped[Delivery]:
    """Deliveries `y`, with their endpoints `w`, of the endpoints that are the viewer's."""
    return Scoped(Delivery, where=webhooks(viewer).where)


def tasks(viewer: Viewer) -> Scoped[Task]:
    """Tasks `t` of the service, for who administers the country."""
    held = viewer.grants_for(Permission.ADMINISTER)
    return Scoped(Task, where=() if any(one.network is None for one in held) else (NEVER,))


def offices(_: Viewer) -> Scoped[Office]:
    """All offices `o`: the directory is open data, and every known viewer may read it."""
    return Scoped(Office)


def configurable_networks(viewer: Viewer) -> Scoped[Network]:
    """Networks `n` that the viewer administers as a whole."""
    held = viewer.grants_for(Permission.ADMINISTER)
    whole = [one for one in held if one.department is None and one.office is None]
    everywhere = any(one.network is None for one in whole)
    keys = [one.network for one in whole if one.network is not None]
    return Scoped(Network, where=() if everywhere else (Sql("n.id IN ??", (keys,)),))


def networks(_: Viewer) -> Scoped[Network]:
    """All networks `n`: open data."""
    return Scoped(Network)


def departments(_: Viewer) -> Scoped[Department]:
    """All departments `d`: open data."""
    return Scoped(Department)


def regions(_: Viewer) -> Scoped[Region]:
    """All regions `g`: open data."""
    return Scoped(Region)


def office_types(_: Viewer) -> Scoped[OfficeType]:
    """All types of offices `t`: open data."""
    return Scoped(OfficeType)


def procedures(_: Viewer) -> Scoped[Procedure]:
    """All procedures `c`: open data."""
    return Scoped(Procedure)


def procedure_networks(_: Viewer) -> Scoped[ProcedureNetwork]:
    """The networks that procedures go through, as rows `l`: open data."""
    return Scoped(ProcedureNetwork)


def directory_files(_: Viewer) -> Scoped[DirectoryFile]:
    """The directory files `f` that were imported: the sources of open data."""
    return Scoped(DirectoryFile)


def indicator_results(_: Viewer) -> Scoped[IndicatorResult]:
    """Results `x` of the platform's indicators: open data."""
    return Scoped(IndicatorResult)


@once
def _shared(viewer: Viewer) -> Sql:
    mine = _reach(viewer, Permission.READ_VERBATIMS, alias="mine")
    text = (
        f"SELECT 1 FROM review_structure mine WHERE mine.review_id = s.review_id AND ({mine.text})"
    )
    return Sql(f"EXISTS ({text})", mine.args)


def _workable(viewer: Viewer) -> Sql:
    rights = (Permission.REPLY, Permission.VALIDATE)
    return some(_reach(viewer, right) for right in rights)


def _worked(viewer: Viewer, alias: str = "s") -> Sql:
    rights = (Permission.REPLY, Permission.VALIDATE, Permission.TRANSFER)
    return some(_reach(viewer, right, alias) for right in rights)


def _reach(viewer: Viewer, permission: Permission, alias: str = "s") -> Sql:
    """Whether one structure lies within a grant of `viewer` that carries `permission`."""
    return some(_within(held, alias) for held in viewer.grants_for(permission))


def _administered(viewer: Viewer) -> Sql:
    return _covered(viewer, Permission.ADMINISTER, "a")


def _covered(viewer: Viewer, permission: Permission, alias: str) -> Sql:
    return some(_covers(held, alias) for held in viewer.grants_for(permission))


def _covers(held: Held, alias: str) -> Sql:
    """Whether a grant, or an audit entry, lies within `held`: an office in its department too."""
    if held.department is None:
        return _within(held, alias)
    seat = f"SELECT 1 FROM office o WHERE o.id = {alias}.office_id AND o.department_id = ?"
    return Sql(
        f"{alias}.network_id = ? AND ({alias}.department_id = ? OR EXISTS ({seat}))",
        (held.network, held.department, held.department),
    )


def _within(held: Held, alias: str) -> Sql:
    if held.network is None:
        return ALWAYS
    network = Sql(f"{alias}.network_id = ?", (held.network,))
    if held.office is not None:
        return every((network, Sql(f"{alias}.office_id IN ??", (held.offices,))))
    if held.department is not None:
        return every((network, Sql(f"{alias}.department_id = ?", (held.department,))))
    return network


_READS = (
    Permission.READ_VERBATIMS,
    Permission.REPLY,
    Permission.VALIDATE,
    Permission.TRANSFER,
    Permission.READ_EVENTS,
)


@once
def reach(viewer: Viewer) -> Reach:
    """The same, as wide as any of the viewer's rights, for the wall behind the gate."""
    reads = [held for right in _READS for held in viewer.grants_for(right)]
    return replace(
        _places(reads),
        figures=_places(viewer.grants_for(Permission.READ_AGGREGATES)),
        benchmarks=_networks(viewer, Permission.READ_AGGREGATES) or (),
        administer=_networks(viewer, Permission.ADMINISTER),
        audit=_networks(viewer, Permission.READ_AUDIT),
        moderate=moderates(viewer),
        account=viewer.account,
    )


def _places(grants: Sequence[Held]) -> Reach:
    """How far `grants` reach, whatever they let do there."""
    return Reach(
        country=any(held.network is None for held in grants),
        networks=tuple(
            {h.network for h in grants if h.network and h.office is None and h.department is None}
        ),
        departments=tuple(
            {(h.network, h.department) for h in grants if h.network and h.department is not None}
        ),
        offices=tuple({office for held in grants for office in held.offices}),
    )


def _networks(viewer: Viewer, permission: Permission) -> tuple[int, ...] | None:
    """The networks of the grants that carry `permission`; None for the whole country."""
    found = {held.network for held in viewer.grants_for(permission)}
    return None if None in found else tuple(one for one in found if one is not None)
