"""Plays generated requests against a server and holds every reply to a document."""

from __future__ import annotations

import copy
from typing import Any, Literal, TypeAlias

import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from msgspec import Struct
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.compat.deviation import Document
from tests.compat.known import UNKNOWN_ID, Request, World
from tests.compat.published import name_here

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

VERSION = "2021-07-28"

AnyCase: TypeAlias = Case[Any]
AnyOperation: TypeAlias = APIOperation[Any, Any, Any, Any]
Token: TypeAlias = Literal["own", "company", "foreign", "unscoped", "none"]
TOKENS: tuple[Token, ...] = (*(("own",) * 12), "company", "foreign", "unscoped", "none")


class Plan(Struct, frozen=True):
    """How a generated request becomes one that may reach deep into the server."""

    base: Literal["known", "names", "generated"]
    """A known request with some generated members; a generated request with known ids; or all as generated."""
    kept: frozenset[str]
    """The members that stay as generated."""
    token: Token
    extended: bool
    """Whether generated members stay that no known request has."""
    located: bool
    """Whether the query names the location even where that is not documented."""


def load(document: Document, url: str) -> dict[str, AnyOperation]:
    """The operations of a document as schemathesis reads it, by their names here, for a server at `url`."""
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=url)
    operations = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    return {name_here(operation.method, operation.path): operation for operation in operations}


class Player:
    """Sends requests of one operation and remembers the statuses of the replies."""

    def __init__(self, operation: AnyOperation, world: World) -> None:
        self.seen: set[int] = set()
        self.seen_generated: set[int] = set()
        self._name = name_here(operation.method, operation.path)
        self._operation = operation
        content = self._operation.definition.raw.get("requestBody", {}).get("content", {})
        self._media_type = next(iter(content), "application/json")
        self._reads = operation.method.upper() == "GET"
        self._world = world
        self._made: Request | None = None
        self._session = requests.Session()
        # Otherwise each request looks through the environment for proxies.
        self._session.trust_env = False

    def close(self) -> None:
        """Closes the connection."""
        self._session.close()

    def play_known(self) -> None:
        """The request that succeeds, and the same with each part of it wrong in turn."""
        located = {"locationId": self._world.tenant.location}
        self._send_known()
        self._send_known(token="none")
        self._send_known(token="unscoped")
        self._send_known(token="company")
        self._send_known(token="foreign", query=located)
        self._send_known(query={"locationId": ""})
        known = self._known()
        for name in known.path:
            self._send_known(path={**known.path, name: UNKNOWN_ID})
        for name in known.query:
            self._send_known(query={name: UNKNOWN_ID})
        if isinstance(known.body, dict):
            self._send_known(body={})
            self._send_known(body=[])
            for name in known.body:
                self._send_known(body={**known.body, name: UNKNOWN_ID})
        for key in ("contact", "opportunity", "business"):
            for name in known.path.keys() & {"key", "schemaKey", "objectKey"}:
                self._send_known(path={**known.path, name: key})

    def play_generated(self, examples: int, *, derandomized: bool) -> None:
        """As many generated requests as asked, some as the document describes them and some not."""

        @hypothesis.settings(
            max_examples=examples,
            derandomize=derandomized,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(case=self._cases(), plan=self._plans())
        def play(case: AnyCase, plan: Plan) -> None:
            prepared, own = self._prepared(case, plan)
            self.seen_generated.add(self._send(prepared, plan.token, own=own))

        play()

    def _cases(self) -> st.SearchStrategy[AnyCase]:
        modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        return st.one_of([self._operation.as_strategy(generation_mode=mode) for mode in modes])

    def _plans(self) -> st.SearchStrategy[Plan]:
        known = self._known()
        names = sorted({*known.path, *known.query, *(known.body if isinstance(known.body, dict) else ())})
        return st.builds(
            Plan,
            base=st.sampled_from(("known", "known", "names", "generated")),
            kept=st.frozensets(st.sampled_from(names), max_size=2) if names else st.just(frozenset()),
            token=st.sampled_from(TOKENS),
            extended=st.booleans(),
            located=st.booleans(),
        )

    def _known(self) -> Request:
        """The request that succeeds: of an operation that changes nothing, always the same."""
        if not self._reads:
            return self._world.known(self._name)
        if self._made is None:
            self._made = self._world.known(self._name)
        return copy.deepcopy(self._made)

    def _prepared(self, case: AnyCase, plan: Plan) -> tuple[AnyCase, str | None]:
        """The request that is meant, and the token of the known one."""
        if plan.base == "generated":
            return case, None
        known = self._known()
        case.path_parameters = _merged(case.path_parameters, known.path, plan)
        case.query = _merged(case.query, known.query, plan)
        if plan.located:
            case.query = {**case.query, "locationId": self._world.tenant.location}
        if isinstance(known.body, dict):
            generated = case.body if isinstance(case.body, dict) else {}
            if isinstance(case.body, dict) or plan.base == "known":
                case.body = _merged(generated, known.body, plan)
                case.media_type = self._media_type
        return case, known.token

    def _send_known(
        self,
        *,
        token: Token = "own",
        path: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
        body: Any = None,
    ) -> None:
        known = self._known()
        parts: dict[str, Any] = {
            "path_parameters": known.path if path is None else path,
            "query": {**known.query, **(query or {})},
            "headers": {"Version": VERSION},
        }
        if known.body is not None:
            parts |= {"body": known.body if body is None else body, "media_type": self._media_type}
        self._send(self._operation.Case(**parts), token, own=known.token)

    def _send(self, case: AnyCase, token: Token, *, own: str | None) -> int:
        case.headers.pop("Authorization", None)
        if token != "none":
            secret = own if token == "own" and own is not None else self._token(token)
            case.headers["Authorization"] = f"Bearer {secret}"
        if token == "own":
            case.headers["Version"] = VERSION
        response = case.call(session=self._session)
        self.seen.add(response.status_code)
        case.validate_response(response, checks=CHECKS)
        return response.status_code

    def _token(self, token: Token) -> str:
        tenant = self._world.tenant
        secrets: dict[Token, str] = {
            "own": tenant.token,
            "company": tenant.company_token,
            "foreign": tenant.foreign_token,
            "unscoped": tenant.unscoped_token,
        }
        return secrets[token]


def _merged(generated: Any, known: dict[str, Any], plan: Plan) -> dict[str, Any]:
    """The generated members, with those that are known in their place unless the plan keeps them."""
    members = dict(generated or {})
    for name, value in known.items():
        if name not in plan.kept and (plan.base == "known" or name in members):
            members[name] = value
        else:
            members.setdefault(name, value)
    if plan.base == "known" and not plan.extended:
        return {name: value for name, value in members.items() if name in known}
    return members
