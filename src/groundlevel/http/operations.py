"""The table of all operations: the rows of every noun, in the order of the documentation."""

from __future__ import annotations

from groundlevel.http import fields, locations, objects, records, search, system
from groundlevel.http.routes import Route

ROUTES: tuple[Route, ...] = (
    *objects.ROUTES,
    *records.ROUTES,
    *search.ROUTES,
    *fields.ROUTES,
    *locations.ROUTES,
    *system.ROUTES,
)
