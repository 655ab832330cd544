"""The bodies and replies of the operations on locations."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from groundlevel.kernel.http.bodies import Body, Filled, Flag, Text
from groundlevel.locations.countries import Country


class SettingsBody(Struct, rename="camel", omit_defaults=False):
    """How a location handles duplicates and time zones; stored and shown, and without effect on this server."""

    allow_duplicate_contact: bool = False
    allow_duplicate_opportunity: bool = False
    allow_facebook_name_merge: bool = False
    disable_contact_timezone: bool = False


class SocialBody(Struct, rename="camel"):
    """Where a location is found in social networks; empty texts for nowhere."""

    facebook_url: str = ""
    google_plus: str = ""
    linked_in: str = ""
    foursquare: str = ""
    twitter: str = ""
    yelp: str = ""
    instagram: str = ""
    youtube: str = ""
    pinterest: str = ""
    blog_rss: str = ""
    google_places_id: str = ""


class BusinessProfile(Struct, rename="camel"):
    """The business that a location is about, as its profile shows it."""

    name: str
    address: str
    city: str
    state: str
    country: str
    postal_code: str
    website: str
    timezone: str
    logo_url: str
    email: str


class Reseller(Struct):
    """What a reseller adds to a profile: nothing here."""


class LocationBody(Struct, rename="camel"):
    """A location's whole profile; empty texts for what was never set."""

    id: str
    company_id: str
    name: str
    domain: str
    address: str
    city: str
    state: str
    logo_url: str
    country: str
    postal_code: str
    website: str
    timezone: str
    first_name: str
    last_name: str
    email: str
    phone: str
    business: BusinessProfile
    social: SocialBody
    settings: SettingsBody
    reseller: Reseller


class ListedLocation(Struct, rename="camel"):
    """A location as a search shows it; what was never set is absent."""

    id: str
    name: str
    settings: SettingsBody
    social: SocialBody
    phone: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    city: str | UnsetType = UNSET
    state: str | UnsetType = UNSET
    country: str | UnsetType = UNSET
    postal_code: str | UnsetType = UNSET
    website: str | UnsetType = UNSET
    timezone: str | UnsetType = UNSET


class WrittenLocationReply(ListedLocation, rename="camel", kw_only=True):
    """A location that was stored, without an envelope."""

    company_id: str
    domain: str
    trace_id: str


class LocationReply(Struct, rename="camel"):
    """A location's profile."""

    location: LocationBody
    trace_id: str


class LocationsReply(Struct, rename="camel"):
    """Locations of a company, by age."""

    locations: list[ListedLocation]
    trace_id: str


class DeletedLocationReply(Struct, rename="camel"):
    """Says that a location was deleted."""

    success: bool
    message: str
    trace_id: str


class TimezonesReply(Struct, rename="camel"):
    """The names of the time zones that a location may have."""

    time_zones: list[str]
    trace_id: str


class ProspectInfo(Body, kw_only=True):
    """The person whom a location is for."""

    first_name: Filled
    last_name: Filled
    email: Filled


class SettingsChange(Body, kw_only=True):
    """Settings of a location; those left out stay."""

    allow_duplicate_contact: Flag = UNSET
    allow_duplicate_opportunity: Flag = UNSET
    allow_facebook_name_merge: Flag = UNSET
    disable_contact_timezone: Flag = UNSET


class SocialChange(Body, kw_only=True):
    """Where a location is found in social networks; what is left out stays."""

    facebook_url: Text = UNSET
    google_plus: Text = UNSET
    linked_in: Text = UNSET
    foursquare: Text = UNSET
    twitter: Text = UNSET
    yelp: Text = UNSET
    instagram: Text = UNSET
    youtube: Text = UNSET
    pinterest: Text = UNSET
    blog_rss: Text = UNSET
    google_places_id: Text = UNSET


class TwilioKeys(Body, kw_only=True):
    """An account for telephone services, which this server does not offer."""

    sid: Filled
    auth_token: Filled


class MailgunKeys(Body, kw_only=True):
    """An account for sending mail, which this server does not do."""

    api_key: Filled
    domain: Filled


class SnapshotChange(Body, kw_only=True):
    """A template to load into a location, which this server does not have."""

    id: Filled
    override: Flag = UNSET


class LocationUpdate(Body, kw_only=True):
    """A change of a location: members left out or null stay, the empty text clears one."""

    company_id: Filled
    name: Filled | None | UnsetType = UNSET
    phone: Text = UNSET
    address: Text = UNSET
    city: Text = UNSET
    state: Text = UNSET
    country: Country | None | UnsetType = UNSET
    postal_code: Text = UNSET
    website: Text = UNSET
    timezone: Text = UNSET
    prospect_info: ProspectInfo | None | UnsetType = UNSET
    settings: SettingsChange | None | UnsetType = UNSET
    social: SocialChange | None | UnsetType = UNSET
    twilio: TwilioKeys | None | UnsetType = UNSET
    mailgun: MailgunKeys | None | UnsetType = UNSET
    snapshot: SnapshotChange | None | UnsetType = UNSET


class LocationCreation(Body, kw_only=True):
    """A new location."""

    name: Filled
    company_id: Filled
    phone: Text = UNSET
    address: Text = UNSET
    city: Text = UNSET
    state: Text = UNSET
    country: Country | None | UnsetType = UNSET
    postal_code: Text = UNSET
    website: Text = UNSET
    timezone: Text = UNSET
    prospect_info: ProspectInfo | None | UnsetType = UNSET
    settings: SettingsChange | None | UnsetType = UNSET
    social: SocialChange | None | UnsetType = UNSET
    twilio: TwilioKeys | None | UnsetType = UNSET
    mailgun: MailgunKeys | None | UnsetType = UNSET
    snapshot_id: Text = UNSET
