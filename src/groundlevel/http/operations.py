"""The table of all operations: the rows of every noun, in the order of the documentation."""

from __future__ import annotations

from groundlevel.http import (
    associations,
    businesses,
    consent,
    contacts,
    deliveries,
    fields,
    locations,
    oauth,
    objects,
    opportunities,
    pipelines,
    records,
    relations,
    search,
    system,
    webhooks,
)
from groundlevel.http.routes import Route

ROUTES: tuple[Route, ...] = (
    *objects.ROUTES,
    *records.ROUTES,
    *search.ROUTES,
    *fields.ROUTES,
    *associations.ROUTES,
    *relations.ROUTES,
    *businesses.ROUTES,
    *contacts.ROUTES,
    *opportunities.ROUTES,
    *pipelines.ROUTES,
    *locations.ROUTES,
    *oauth.ROUTES,
    *consent.ROUTES,
    *webhooks.ROUTES,
    *deliveries.ROUTES,
    *system.ROUTES,
)
