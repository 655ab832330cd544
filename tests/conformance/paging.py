"""Scenarios of pages: one policy for all lists, which names the member that was sent."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from tests.conformance.contacts import contact
from tests.conformance.given import PET, REX, live_scenario, scenario, search, spec_scenario
from tests.conformance.scenario import Like, Scenario, Sized, Step, holds

ROW = "pages"
_NUMBER = "must be a number conforming to the specified constraints"


class List(Struct, frozen=True):
    """A list that is paged by its query, behind which parameters may follow."""

    path: str
    most: int
    limit: str = "limit"
    other: tuple[tuple[str, int], ...] = ()
    """The other numbers it takes, each with its least value."""
    cut: bool = False
    unknown: tuple[str, ...] = ()
    """What it is not paged by."""
    token: str = "own"


_SKIP = ("skip", 0)
_PAGE = ("page", 1)
_HERE = "?locationId={location}"
_INSTALLED = "?companyId={company}&appId={app}"
LISTS = (
    List("/contacts/" + _HERE, 100, other=(_PAGE, ("startAfter", 0)), unknown=("skip", "offset", "pageLimit")),
    List("/contacts/business/{record}" + _HERE, 100, other=(_SKIP,), unknown=("page", "startAfterId")),
    List("/businesses/" + _HERE, 500, other=(_SKIP,), unknown=("page", "offset")),
    List("/opportunities/search" + _HERE, 100, other=(_PAGE,), unknown=("skip", "offset")),
    List("/opportunities/lost-reason" + _HERE, 500, other=(_SKIP,), unknown=("page", "offset")),
    List("/associations/" + _HERE, 100, other=(_SKIP,), cut=True, unknown=("page", "offset")),
    List("/associations/relations/{record}" + _HERE, 100, other=(_SKIP,), cut=True, unknown=("page", "offset")),
    List("/oauth/installedLocations" + _INSTALLED, 500, other=(_SKIP,), unknown=("page",), token="app"),
    List(
        "/oauth/installed-locations" + _INSTALLED,
        500,
        limit="pageSize",
        other=(("pageToken", 0),),
        unknown=("limit", "skip"),
        token="app",
    ),
    List("/locations/search?order=asc", 1_000, other=(_SKIP,), unknown=("page", "offset")),
    List("/users/search?type=account", 100, other=(_SKIP,), unknown=("page", "offset")),
    List("/x/changes" + _HERE, 1_000, other=(("wait", 0),), unknown=("page", "skip", "offset")),
    List("/x/webhooks/{webhook}/deliveries?state=delivered", 100, other=(("before", 1),), unknown=("page", "skip")),
)
WITHOUT_PAGES = (
    "/objects/",
    "/custom-fields/object-key/custom_objects.pet",
    "/opportunities/pipelines",
    "/x/webhooks",
)
"""Lists of a location that answer with everything at once."""
PARTS_WITHOUT_PAGES = ("/contacts/{contact}/notes", "/contacts/{contact}/tasks")
"""Lists of a record's parts that do."""
SEARCHES = (
    ("/objects/custom_objects.pet/records/search", "pageLimit", 500, "records"),
    ("/contacts/search", "pageLimit", 500, "contacts"),
    ("/opportunities/search", "limit", 500, "opportunities"),
)
"""The searches by POST: what they call their limit, how far it goes, and what they find."""

_WEBHOOK = Step(
    "POST",
    "/x/webhooks",
    201,
    body={"locationId": "{location}", "url": "http://127.0.0.1:4/"},
    keep={"webhook": "webhook/id"},
)
GIVEN = (PET, REX, contact(name="Ann"), _WEBHOOK)


def _get(at: List, parameter: str, value: str, says: str | None) -> Step:
    """A request that is refused with what is said, or not refused."""
    path = f"{at.path}&{parameter}={value}"
    if says is None:
        return Step("GET", path, 200, token=at.token)
    # An explained refusal has the same texts in its message.
    return Step("GET", path, 422, token=at.token, has={"message": [f"{parameter} {says}"]})


def _limits(at: List) -> tuple[Step, ...]:
    over = None if at.cut else f"must not be greater than {at.most}"
    return (
        _get(at, at.limit, "0", "must not be less than 1"),
        _get(at, at.limit, "-1", "must not be less than 1"),
        _get(at, at.limit, "many", _NUMBER),
        _get(at, at.limit, "1.5", "must be an integer number"),
        _get(at, at.limit, str(at.most), None),
        _get(at, at.limit, str(at.most + 1), over),
        _get(at, at.limit, "", None),
        _get(at, at.limit, "2.0", None),
    )


def _others(at: List) -> tuple[Step, ...]:
    steps: list[Step] = []
    for name, least in at.other:
        # A cursor's timestamp counts beside its id alone.
        behind = _where_it_counts(at, name)
        steps += (
            _get(behind, name, str(least - 1), f"must not be less than {least}"),
            _get(behind, name, "many", _NUMBER),
            _get(behind, name, "0.5", "must be an integer number"),
            _get(behind, name, str(least), None),
        )
    return tuple(steps)


def _where_it_counts(at: List, name: str) -> List:
    """The list as it is asked for where `name` counts."""
    if name != "startAfter":
        return at
    return List(f"{at.path}&startAfterId={{contact}}", at.most, token=at.token)


def _unknown(at: List) -> tuple[Step, ...]:
    return tuple(
        Step(
            "GET",
            f"{at.path}&{name}=1",
            422,
            token=at.token,
            has={"message": [f"property {name} should not exist"]},
            headers={"x-groundlevel-hint": Like(f"This is paged by {at.limit}.*\\.")},
        )
        for name in at.unknown
    )


def _post(path: str, status: int, members: dict[str, Any], has: Any = None) -> Step:
    body = {name: value for name, value in members.items() if value is not None}
    return Step("POST", path, status, body={"locationId": "{location}", **body}, has=has)


def _bodies(path: str, limit: str, most: int) -> tuple[Step, ...]:
    page = {"page": 1, limit: 2}
    refused: tuple[tuple[str, Any, str], ...] = (
        (limit, 0, "must not be less than 1"),
        (limit, -1, "must not be less than 1"),
        (limit, most + 1, f"must not be greater than {most}"),
        (limit, 1.5, "must be an integer number"),
        (limit, "2", _NUMBER),
        ("page", 0, "must not be less than 1"),
        ("page", "1", _NUMBER),
    )
    return (
        *(_post(path, 422, page | {name: value}, {"message": [f"{name} {says}"]}) for name, value, says in refused),
        _post(path, 400, {"page": 10_001, limit: 1}, {"message": f"page x {limit} must not be greater than 10000"}),
    )


SCENARIOS: tuple[Scenario, ...] = (
    *(scenario(ROW, f"limits of {at.path.partition('?')[0]}", *GIVEN, *_limits(at)) for at in LISTS),
    *(scenario(ROW, f"numbers of {at.path.partition('?')[0]}", *GIVEN, *_others(at)) for at in LISTS),
    *(scenario(ROW, f"what does not page {at.path.partition('?')[0]}", *GIVEN, *_unknown(at)) for at in LISTS),
    scenario(
        ROW,
        "lists without pages",
        *GIVEN,
        *(
            Step(
                "GET",
                f"{path}&page=2",
                422,
                has={"message": ["property page should not exist"]},
                headers={"x-groundlevel-hint": "This answers with everything at once."},
            )
            for path in (*(f"{each}{_HERE}" for each in WITHOUT_PAGES), *(f"{each}?" for each in PARTS_WITHOUT_PAGES))
        ),
    ),
    *(scenario(ROW, f"bodies of {path}", *GIVEN, *_bodies(path, limit, most)) for path, limit, most, _ in SEARCHES),
    *(
        spec_scenario(
            ROW,
            f"null counts as absent in {path}",
            *GIVEN,
            _post(path, 200, {"page": 1, limit: 5}),
            Step(
                "POST",
                path,
                200,
                body={
                    **search(),
                    **dict.fromkeys(("filters", "sort", "searchAfter", "query", "includeTopRelations", "aggregations")),
                }
                if limit == "pageLimit"
                else {"locationId": "{location}", "limit": None, "page": None, "additionalDetails": None},
                has={found: Sized(0 if found == "opportunities" else 1)},
            ),
        )
        for path, limit, _, found in SEARCHES
    ),
    spec_scenario(
        ROW,
        "null counts as absent in records and relations",
        *GIVEN,
        Step(
            "POST",
            "/objects/custom_objects.pet/records",
            201,
            body={"locationId": "{location}", "properties": {"name": "Tom"}, "owner": None, "owners": ["abc"]},
            has={"record": {"owners": ["abc"]}},
            keep={"tom": "record/id"},
        ),
        Step(
            "PUT",
            "/objects/custom_objects.pet/records/{tom}?locationId={location}",
            200,
            body={"properties": None, "owners": {"add": None, "remove": ["abc"]}},
            has={"record": {"owners": Sized(0), "properties": {"name": "Tom"}}},
        ),
        Step(
            "POST",
            "/associations/relations/bulk",
            201,
            body={"locationId": "{location}", "add": None, "remove": [{"relationId": "x", "associationId": None}]},
            has={"results": {"created": Sized(0), "errored": [{"relationId": "x"}]}},
        ),
    ),
    spec_scenario(
        ROW,
        "a page of contacts by its number",
        *(Step("POST", "/contacts/", 201, body={"locationId": "{location}", "name": name}) for name in ("A", "B", "C")),
        Step("GET", LISTS[0].path + "&limit=2&page=2", 200, has={"contacts": [{"name": "A"}], "count": 3}),
    ),
    live_scenario(
        ROW,
        "texts are named as they were sent",
        Step(
            "GET",
            f"/opportunities/search{_HERE}&q={'x' * 76}",
            422,
            has={"message": ["q must be shorter than or equal to 75 characters"]},
        ),
        Step(
            "GET", LISTS[0].path + "&startAfterId=x", 400, has={"message": "startAfterId must hold the id of a record"}
        ),
        Step(
            "POST",
            "/contacts/search",
            400,
            body=search(searchAfter=["x"]),
            has={"message": holds("searchAfter must hold")},
        ),
    ),
)
