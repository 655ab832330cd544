"""The documented operations on locations that this server does not have, in one table."""

from __future__ import annotations

from groundlevel.kernel.http.unsupported import unsupported_route

_HERE = "/locations/{locationId}"
_RECURRING = f"{_HERE}/recurring-tasks"
_TASKS = "Recurring tasks"
_TEMPLATES = "Templates of messages"
_LISTING = ("deleted", "skip", "limit", "type", "originId")
_UPLOADS = "Uploads to the media library"

ROUTES = (
    unsupported_route(f"GET {_HERE}/templates", "GET-all-or-email-sms-templates", missing=_TEMPLATES, query=_LISTING),
    unsupported_route(f"DELETE {_HERE}/templates/{{id}}", "DELETE-an-email-sms-template", missing=_TEMPLATES),
    unsupported_route(f"POST {_RECURRING}", "create-recurring-task", missing=_TASKS),
    unsupported_route(f"GET {_RECURRING}/{{id}}", "get-recurring-task-by-id", missing=_TASKS),
    unsupported_route(f"PUT {_RECURRING}/{{id}}", "update-recurring-task", missing=_TASKS),
    unsupported_route(f"DELETE {_RECURRING}/{{id}}", "delete-recurring-task", missing=_TASKS),
    unsupported_route(f"POST {_HERE}/customFields/upload", "upload-file-customFields", missing=_UPLOADS),
)
