"""Probes of what all operations have in common: token, version, paths, and the headers of limits."""

from __future__ import annotations

from groundlevel.conformance.matching import holds
from groundlevel.conformance.probe import Expected, Probe

_PATH = "/objects/?locationId={location}"
_UNAUTHORIZED = {"statusCode": 401, "error": "Unauthorized"}

PROBES: tuple[Probe, ...] = (
    Probe(
        "token: none",
        "GET",
        _PATH,
        token="none",  # noqa: S106 - says that there is none
        documented=Expected(401, {**_UNAUTHORIZED, "message": "Invalid token: access token is invalid"}),
    ),
    Probe(
        "token: an unknown one",
        "GET",
        _PATH,
        token="unknown",  # noqa: S106 - says which one is sent
        documented=Expected(401, {**_UNAUTHORIZED, "message": "Invalid token: access token is invalid"}),
        observed=Expected(401, {"message": "Invalid Private Integration token"}),
    ),
    Probe(
        "version: none",
        "GET",
        _PATH,
        version=None,
        observed=Expected(401, {"message": "version header was not found."}),
    ),
    Probe(
        "version: an unknown one",
        "GET",
        _PATH,
        version="2020-01-01",
        observed=Expected(401, {"message": "version header is invalid"}),
    ),
    *(
        Probe(f"version: {version}", "GET", _PATH, version=version, documented=documented, observed=Expected(200))
        for version, documented in (
            ("2021-04-15", None),
            ("2021-07-28", Expected(200)),
            ("2023-02-21", None),
            ("v3", Expected(200)),
        )
    ),
    Probe(
        "paths: one that is not there",
        "GET",
        "/no-such-path-{random}",
        observed=Expected(401, {"message": holds("IAM")}),
    ),
    Probe("paths: a list without its last slash", "GET", "/objects?locationId={location}"),
)
