"""An amount of money: a number and its currency."""

from __future__ import annotations

import re

from groundlevel.kernel.fields.base import Comparison, FieldType, check_text, refuse, type_error
from groundlevel.kernel.fields.number import check_number, parse_number
from groundlevel.kernel.model import DataType, Field, Json

DEFAULT_CURRENCY = "default"
"""Stands for the location's own currency (docs/contract.md#field-types)."""

_CODES = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF
    CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD
    HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD
    MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN
    PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD
    TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    ANG BGN HRK
"""
CURRENCIES = frozenset(_CODES.split())
"""The ISO 4217 codes in use, and three that were given up lately and that older records still hold."""

_HINT = 'Send {"currency": "default", "value": 12.5}; the currency is "default" or an ISO 4217 code.'
_LED = re.compile(r"([A-Za-z]+)\s*(\S+)")
_TRAILED = re.compile(r"([^\sA-Za-z]+)\s*([A-Za-z]+)")


class Money(FieldType):
    """An object of exactly a currency and a value; filters and sorts see the value only.

    See docs/contract.md#search-filters.
    """

    name = DataType.MONETARY
    comparison = Comparison.NUMBER
    path = ("value",)

    def normalise(self, field: Field, value: Json) -> Json:
        if not isinstance(value, dict):
            raise type_error(field, value, "an object of currency and value", hint=_HINT)
        if value.keys() != {"currency", "value"}:
            raise refuse(field, "the members must be exactly currency and value", hint=_HINT)
        currency = check_text(field, value["currency"])
        if currency != DEFAULT_CURRENCY and currency not in CURRENCIES:
            raise refuse(field, 'the currency must be "default" or an ISO 4217 code in upper case', hint=_HINT)
        return {"currency": currency, "value": check_number(field, value["value"])}

    def search_text(self, field: Field, stored: Json) -> str:
        if stored["currency"] == DEFAULT_CURRENCY:
            return str(stored["value"])
        return f"{stored['value']} {stored['currency']}"

    def from_cell(self, field: Field, cell: str) -> Json:
        """`12.50`, `12.50 EUR` or `EUR 12.50`; currency signs are refused, since many countries share one."""
        text = cell.strip()
        if match := _LED.fullmatch(text):
            code, amount = match.groups()
        elif match := _TRAILED.fullmatch(text):
            amount, code = match.groups()
        else:
            amount, code = text, DEFAULT_CURRENCY
        currency = code if code == DEFAULT_CURRENCY else code.upper()
        return {"currency": currency, "value": parse_number(field, amount)}

    def operand(self, field: Field, value: Json) -> Json:
        return check_number(field, value)
