"""Telephone numbers of contacts and businesses, which may be sent as they are dialled in their country."""

from __future__ import annotations

from collections.abc import Mapping

from groundlevel.kernel.fields.base import refuse
from groundlevel.kernel.fields.compiled import CompiledObject
from groundlevel.kernel.fields.phone import is_calling_country, national_number
from groundlevel.kernel.model import Json, Location

_HINT = (
    "Send E.164, such as +917000000000, or the number as it is dialled with the `country` in two letters, such as US; "
    "else that of the location counts."
)


def international_phone(
    schema: CompiledObject, sent: dict[str, Json], stored: Mapping[str, Json], location: Location
) -> dict[str, Json]:
    """What was sent, with its `phone` as E.164 where it is a national number.

    The country is the one sent, else the stored one, else the location's. Raises InvalidValue for a number that is
    none of that country, or has no country.
    """
    phone = sent.get("phone")
    if not isinstance(phone, str) or not phone.strip() or phone.strip().startswith("+"):
        return sent
    named = sent.get("country") or stored.get("country") or location.details.get("country")
    country = named.strip().upper() if isinstance(named, str) else ""
    number = national_number(phone.strip(), country) if is_calling_country(country) else None
    if number is None:
        where = f" or a number of {country}" if is_calling_country(country) else ""
        raise refuse(schema.fields["phone"], f"expected an international phone number{where}", hint=_HINT)
    return {**sent, "phone": number}
