"""The table of all operations: the rows of every noun, in the order of the documentation."""

from __future__ import annotations

from groundlevel.associations import relation_bulk_routes as relation_bulk
from groundlevel.associations import relation_routes as relations
from groundlevel.associations import routes as associations
from groundlevel.associations import usage_routes as association_usage
from groundlevel.audit import audit_routes as audit
from groundlevel.audit import history_routes as history
from groundlevel.audit import restoration_routes as restorations
from groundlevel.audit import routes as changes
from groundlevel.crm.businesses import routes as businesses
from groundlevel.crm.contacts import location_tag_routes as location_tags
from groundlevel.crm.contacts import membership_routes as memberships
from groundlevel.crm.contacts import routes as contacts
from groundlevel.crm.contacts import tag_routes as contact_tags
from groundlevel.crm.lost_reasons import routes as lost_reasons
from groundlevel.crm.notes import record_note_routes as record_notes
from groundlevel.crm.notes import routes as notes
from groundlevel.crm.opportunities import routes as opportunities
from groundlevel.crm.pipelines import routes as pipelines
from groundlevel.crm.tasks import routes as tasks
from groundlevel.crm.tasks import search_routes as task_search
from groundlevel.imports import export_routes as exports
from groundlevel.imports import job_routes as imports
from groundlevel.kernel.http.routing import Route
from groundlevel.locations import custom_value_routes as custom_values
from groundlevel.locations import routes as locations
from groundlevel.locations import unsupported_routes as unsupported
from groundlevel.oauth import consent_routes as consent
from groundlevel.oauth import routes as oauth
from groundlevel.records import bulk_routes as bulk
from groundlevel.records import routes as records
from groundlevel.records import search_routes as search
from groundlevel.requests import routes as requests
from groundlevel.schema import field_routes as fields
from groundlevel.schema import location_field_routes as location_fields
from groundlevel.schema import object_routes as objects
from groundlevel.system import routes as system
from groundlevel.users import routes as users
from groundlevel.webhooks import delivery_routes as deliveries
from groundlevel.webhooks import routes as webhooks

ROUTES: tuple[Route, ...] = (
    *objects.ROUTES,
    *records.ROUTES,
    *search.ROUTES,
    *bulk.ROUTES,
    *exports.ROUTES,
    *imports.ROUTES,
    *fields.ROUTES,
    *associations.ROUTES,
    *relations.ROUTES,
    *relation_bulk.ROUTES,
    *association_usage.ROUTES,
    *businesses.ROUTES,
    *contacts.ROUTES,
    *contact_tags.ROUTES,
    *memberships.ROUTES,
    *notes.ROUTES,
    *record_notes.ROUTES,
    *tasks.ROUTES,
    *task_search.ROUTES,
    *opportunities.ROUTES,
    *pipelines.ROUTES,
    *lost_reasons.ROUTES,
    *locations.ROUTES,
    *location_fields.ROUTES,
    *location_tags.ROUTES,
    *custom_values.ROUTES,
    *unsupported.ROUTES,
    *users.ROUTES,
    *oauth.ROUTES,
    *consent.ROUTES,
    *webhooks.ROUTES,
    *deliveries.ROUTES,
    *changes.ROUTES,
    *history.ROUTES,
    *restorations.ROUTES,
    *audit.ROUTES,
    *requests.ROUTES,
    *system.ROUTES,
)
