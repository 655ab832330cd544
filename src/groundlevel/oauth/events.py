"""The events about installs (docs/contract.md#webhook-events)."""

from __future__ import annotations

import msgspec

from groundlevel.access.model import Company
from groundlevel.kernel.events import declare_event, make_event
from groundlevel.kernel.model import Json
from groundlevel.kernel.storage.transaction import Transaction
from groundlevel.oauth.model import Install

_LOCATION = "ve9EPM428h8vShlRW1KT"
_COMPANY = "uAXXdn6L8EZ7KbB2mQ4c"
INSTALL = declare_event(
    "INSTALL",
    scope=None,
    doc="The app was installed.",
    sample={
        "versionId": "64b7c0ffee64b7c0ffee0001",
        "installType": "Location",
        "locationId": _LOCATION,
        "companyId": _COMPANY,
        "userId": "sx6wyHhbFdRXh302LLNR",
        "planId": "",
        "trial": {},
        "isWhitelabelCompany": False,
        "whitelabelDetails": {"domain": "", "logoUrl": ""},
        "companyName": "A company",
    },
)
UNINSTALL = declare_event(
    "UNINSTALL",
    scope=None,
    doc="The app was uninstalled.",
    sample={"locationId": _LOCATION, "companyId": _COMPANY},
)


# --- apps --------------------------------------------------------------------------------------------------------


def emit_install(tx: Transaction, install: Install, company: Company) -> None:
    """Emits the event of an install, to its app. An app has one version here, and no plan to pay for."""
    payload: dict[str, Json] = {
        "versionId": install.app_id,
        "installType": "Company" if install.location_id is None else "Location",
        **_target_members(install),
        "userId": install.user_id,
        "planId": "",
        "trial": {},
        "isWhitelabelCompany": False,
        "whitelabelDetails": {"domain": "", "logoUrl": ""},
        "companyName": company.name,
    }
    tx.emit(msgspec.structs.replace(make_event(tx, INSTALL, install.id, payload), app_id=install.app_id))


def emit_uninstall(tx: Transaction, install: Install) -> None:
    """Emits the event of an uninstall, to its app."""
    event = make_event(tx, UNINSTALL, install.id, _target_members(install))
    tx.emit(msgspec.structs.replace(event, app_id=install.app_id))


def _target_members(install: Install) -> dict[str, Json]:
    located = {} if install.location_id is None else {"locationId": install.location_id}
    return {**located, "companyId": install.company_id}
