"""The rules a second time: by brute force, in plain words, from nothing that the service uses."""

from zoneinfo import ZoneInfo

from tests.facts import Grant, Part, Place, Question, Reply, Review, Submission, World

READER = {"read_aggregates", "read_verbatims"}
AGENT = READER | {"reply", "transfer"}
MANAGER = AGENT | {"validate", "read_events", "export", "administer"}
ROLES: dict[str, tuple[set[str], str]] = {  # what each may do, and over what it is granted
    "office_agent": (AGENT, "office"),
    "office_manager": (MANAGER, "office"),
    "department_manager": (MANAGER, "department"),
    "network_manager": (MANAGER | {"read_audit"}, "network"),
    "validator": (READER | {"validate"}, "network department office"),
    "reader": (READER, "country network department office"),
    "moderator": (READER | {"moderate", "transfer"}, "country"),
    "analyst": ({"read_aggregates"}, "country network"),
    "administrator": ({"read_aggregates", "administer", "read_audit"}, "country"),
    "service": (set(), "country network department office"),
}


def lineage(world: World, office: int | None) -> set[int]:
    """An office and all those above it."""
    above = {one.key: one.parent for one in world.offices}
    return set() if office is None else {office} | lineage(world, above[office])


def lies_within(world: World, place: Place, wide: Place) -> bool:
    """In the country, in the network, in the department of it, or in the office or below it."""
    if wide.width == "country" or place.network != wide.network:
        return wide.width == "country"
    if wide.width == "department":
        return place.department == wide.department
    return wide.width == "network" or wide.office in lineage(world, place.office)


def held(world: World, who: int) -> list[Grant]:
    """What was revoked, is over or has not begun opens nothing."""
    states = {"in force", "until later"}
    return [one for one in world.grants if one.account == who and one.state in states]


def standing(grant: Grant) -> str:
    """What is over waits for nothing; what waits for its holder or its day is not in force."""
    if grant.state in {"revoked", "over"}:
        return "OVER"
    return "WAITING" if grant.account is None or grant.state == "not begun" else "IN_FORCE"


def rights(world: World, who: int, place: Place | None = None) -> set[str]:
    """What one may do at a place, or anywhere; a role over what does not suit it opens nothing."""
    found: set[str] = set()
    for grant in held(world, who):
        own, suits = ROLES[grant.role]
        there = place is None or lies_within(world, place, grant.place)
        if there and grant.place.width in suits.split():
            found |= own | grant.rights
    return found


def sees(world: World, who: int, review: Review) -> bool:
    """All of it, with what the others answered, once any part of it is theirs to read."""
    return any("read_verbatims" in rights(world, who, part.place) for part in review.parts)


def writes(world: World, who: int, part: Part) -> bool:
    """Drafts are for those who write or validate them, and nobody else who shares the review."""
    return bool({"reply", "validate"} & rights(world, who, part.place))


def refusal(
    world: World, who: int, part: Part, reply: Reply | None = None, version: int = 0
) -> str | None:
    """Why one may not answer for a part, or change this reply of it: one's own part only."""
    if "reply" not in rights(world, who, part.place):
        return "NOT_FOUND"
    if reply is None:
        return "ALREADY_REPLIED" if part.reply or part.draft else None
    if reply.withdrawn:
        return "ALREADY_WITHDRAWN"
    return None if version == reply.version else "STALE_VERSION"


def moderates(world: World, who: int) -> bool:
    """For the whole country, or not at all."""
    return "moderate" in rights(world, who, Place())


def brought(world: World, who: int, one: Submission) -> bool:
    """What one brought in is theirs for as long as they may bring something in."""
    return one.by == who and bool({"intake", "reply"} & rights(world, who))


def queued(world: World, who: int) -> list[Submission]:
    """What is not published, or was brought in, is for moderators and whoever brought it in."""
    every = moderates(world, who)
    return [one for one in world.submissions if every or brought(world, who, one)]


MODERATION = {  # each step: from which states, and to which
    "approve": ("submitted", "published"),
    "reject": ("submitted", "rejected"),
    "unpublish": ("published", "rejected"),
    "withdraw": ("submitted published", "withdrawn"),
}


def undecided(world: World, who: int, one: Submission, step: str, version: int) -> str | None:
    """Why a step may not be taken: moderators decide, and who brought it in takes it back."""
    theirs = brought(world, who, one) if step == "withdraw" else moderates(world, who)
    if not theirs:
        return "NOT_FOUND"
    if version != one.version:
        return "STALE_VERSION"
    return None if one.state in MODERATION[step][0].split() else "ILLEGAL_STEP"


def seat(world: World, place: Place) -> Place:
    """What is over an office is in the department of that office too."""
    return next((one.place for one in world.offices if one.key == place.office), place)


def administers(world: World, who: int, grant: Grant) -> bool:
    return "administer" in rights(world, who, seat(world, grant.place))


def knows(world: World, who: int, account: int) -> bool:
    """Accounts that hold, or held, what one administers; all, if that is the country."""
    ever = (one for one in world.grants if one.account == account)
    everywhere = "administer" in rights(world, who, Place())
    return everywhere or any(administers(world, who, one) for one in ever)


def governs(world: World, who: int, account: int) -> bool:
    """The tokens of those who hold nothing beyond it."""
    kept = (one for one in world.grants if one.account == account and one.state != "revoked")
    return knows(world, who, account) and all(administers(world, who, one) for one in kept)


def beyond(world: World, who: int, gift: Grant, machines: set[int]) -> str | None:
    """Why one may not give it: never to oneself, nor wider than one same grant of one's own."""
    if gift.account not in world.accounts or not knows(world, who, gift.account):
        return "NOT_FOUND"
    if gift.account == who:
        return "SELF_GRANT"
    if not any(_gives(world, one, gift) for one in held(world, who)):
        return "BEYOND_OWN_RIGHTS"
    suits = gift.place.width in ROLES[gift.role][1].split()
    to_whom_it_may = (gift.account in machines) is (gift.role == "service")
    return None if suits and to_whom_it_may else "BAD_INPUT"


def _gives(world: World, one: Grant, gift: Grant) -> bool:
    """Administrators give what they do not hold; what ends can give nothing that does not."""
    own, suits = ROLES[one.role][0] | one.rights, ROLES[one.role][1]
    if "administer" not in own or one.place.width not in suits or one.state != "in force":
        return False
    enough = one.role == "administrator" or ROLES[gift.role][0] | gift.rights <= own
    whole = [gift.place.department]
    if gift.place.office is not None:
        below = (at for at in world.offices if gift.place.office in lineage(world, at.key))
        whole = [at.department for at in below]
    if one.place.width != "department":
        return enough and lies_within(world, gift.place, one.place)
    inside = {*whole} == {one.place.department}
    return enough and gift.place.network == one.place.network and inside


def listed(world: World, who: int, asked: Question) -> list[Review]:
    """One same part of theirs meets the conditions on parts; the first that does so sorts."""
    moments = {}
    for review in world.reviews:
        own = [part for part in review.parts if "read_verbatims" in rights(world, who, part.place)]
        met = [part for part in own if _meets(world, review, part, asked)]
        if met:
            moments[review] = review.published if asked.by == "published" else met[0].replied
    dated = [(at, one.key, one) for one, at in moments.items() if at]
    undated = [(one.key, one) for one, at in moments.items() if not at]  # come last, either way
    first = [one for _, _, one in sorted(dated, reverse=asked.descending)]
    return first + [one for _, one in sorted(undated, reverse=asked.descending)]


def _meets(world: World, review: Review, part: Part, asked: Question) -> bool:
    day = review.published.astimezone(ZoneInfo("Europe/Paris")).date()
    return (
        (asked.networks is None or part.place.network in asked.networks)
        and (asked.departments is None or part.place.department in asked.departments)
        and (asked.offices is None or bool(asked.offices & lineage(world, part.place.office)))
        and (asked.channels is None or bool(asked.channels & part.channels))
        and asked.answered in {None, part.answered}
        and (asked.sentiments is None or review.sentiment in asked.sentiments)
        and asked.axis in {None, review.relation, review.relation and "any"}
        and (asked.since or day) <= day <= (asked.until or day)
        and asked.word in {None, review.word}
    )
