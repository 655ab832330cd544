"""Every setting as one row of a typed table, and where its value comes from."""

# Long: one table, and what reads its values.

from __future__ import annotations

import difflib
import ipaddress
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeAlias, get_args, get_type_hints
from urllib.parse import urlsplit

from msgspec import NODEFAULT, Struct
from msgspec.structs import fields as members_of

PREFIX = "GROUNDLEVEL_"
"""What the environment variable of every setting starts with."""

FILE = Path("groundlevel.toml")
"""The settings file that is read when it exists and no other is named."""

Profile: TypeAlias = Literal["spec", "live"]
EmailDataType: TypeAlias = Literal["profile", "EMAIL", "TEXT"]
Limits: TypeAlias = Literal["off", "live"]
Synchronous: TypeAlias = Literal["FULL", "NORMAL", "OFF"]
LogFormat: TypeAlias = Literal["text", "json"]
ConsoleMode: TypeAlias = Literal["loopback", "password", "off"]
AuditMode: TypeAlias = Literal["changes", "off"]
WebhookPolicy: TypeAlias = Literal["patient", "live"]
LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]

ANY_NETWORK = "any"
"""The value of `webhook_networks` that lets every address in."""
AUTO_NETWORK = "auto"
"""The value that admits loopback where the server listens there alone."""

ANY_ORIGIN = "*"
"""The value of `cors_origins` that lets pages of every origin read replies."""
LOOPBACK_ORIGINS = "loopback"
"""The value that lets in the pages that this machine serves."""

SHORTEST_SECRET = 32
"""Characters; it is not stretched, so it must not be guessed."""

_DATABASES = ("sqlite:///", "postgresql://", "postgres://")
_YES = frozenset(("true", "yes", "on", "1"))
_NO = frozenset(("false", "no", "off", "0"))


class SettingsError(ValueError):
    """A setting has no acceptable value; the message names the source of the value and what it should be."""


class Row(Struct, frozen=True):
    """What a setting accepts and means: the part of the table that stands beside its type and default."""

    expected: str
    """The acceptable values, as words for messages and documentation."""
    parse: Callable[[object], Any]
    """The value meant by a text or TOML value. Raises ValueError, whose message is ignored."""
    doc: str
    confidential: bool = False
    """Whether a refused value is kept out of messages, since it may hold a password."""


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError
    return value


def _secret(value: object) -> str:
    if not isinstance(value, str) or 0 < len(value) < SHORTEST_SECRET:
        raise ValueError
    return value


def _database(value: object) -> str:
    text = _text(value)
    if not text.startswith(_DATABASES) or text in _DATABASES:
        raise ValueError
    return text


def _postgres_or_none(value: object) -> str | None:
    if value == "none":
        return None
    text = _database(value)
    if text.startswith("sqlite"):
        raise ValueError
    return text


def _origin_or_none(value: object) -> str | None:
    text = _text(value)
    if text == "none":
        return None
    url = urlsplit(text)
    if url.scheme not in ("http", "https") or not url.hostname or url.username is not None:
        raise ValueError
    if url.query or url.fragment or url.path.strip("/") or url.port == 0:
        raise ValueError
    return f"{url.scheme}://{url.netloc}"


def _file_or_none(value: object) -> str | None:
    text = _text(value)
    return None if text == "none" else text


def _yes_or_no(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = _text(value).lower()
    if word not in _YES | _NO:
        raise ValueError
    return word in _YES


def _networks(value: object) -> tuple[str, ...]:
    if value == "none":
        return ()
    parts = value if isinstance(value, list | tuple) else _text(value).split(",")
    named = tuple(_text(part).strip() for part in parts)
    if named in ((ANY_NETWORK,), (AUTO_NETWORK,)):
        return named
    return tuple(str(ipaddress.ip_network(network)) for network in named)


def _origins(value: object) -> tuple[str, ...]:
    if value == "none":
        return ()
    parts = value if isinstance(value, list | tuple) else _text(value).split(",")
    named = tuple(_text(part).strip().lower() for part in parts)
    if ANY_ORIGIN in named and len(named) > 1:
        raise ValueError
    return tuple(each if each in (ANY_ORIGIN, LOOPBACK_ORIGINS) else _origin(each) for each in named)


def _origin(text: str) -> str:
    """An origin as browsers send it: without a path, and without the usual port."""
    url = urlsplit(text)
    if not url.scheme or not url.hostname or url.username is not None or "*" in url.netloc:
        raise ValueError
    if text.rstrip("/") != f"{url.scheme}://{url.netloc}" or url.port == 0:
        raise ValueError
    usual = {"http": 80, "https": 443}.get(url.scheme)
    return f"{url.scheme}://{url.netloc if url.port != usual else url.netloc.removesuffix(f':{url.port}')}"


def _whole_number(doc: str, *, least: int, most: int | None = None) -> Row:
    def parse(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError
        number = int(value)
        if number < least or (most is not None and number > most):
            raise ValueError
        return number

    upper = "up" if most is None else f"to {most}"
    return Row(f"a whole number from {least} {upper}", parse, doc)


def _seconds(doc: str) -> Row:
    def parse(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError
        number = float(value)
        if not 0 < number < float("inf"):
            raise ValueError
        return number

    return Row("a number of seconds above 0", parse, doc)


def _one_of(choices: object, doc: str) -> Row:
    words = {word.lower(): word for word in get_args(choices)}

    def parse(value: object) -> str:
        word = words.get(_text(value).lower())
        if word is None:
            raise ValueError
        return str(word)

    return Row(" or ".join(words.values()), parse, doc)


class Settings(Struct, frozen=True, kw_only=True):
    """The table of settings, and one value of each."""

    database: Annotated[
        str,
        Row(
            "sqlite:///PATH, sqlite:///:memory: or postgresql://USER:PASSWORD@HOST:PORT/NAME",
            _database,
            "Where everything is stored. A SQLite path is relative to the working directory; "
            "sqlite:////PATH is absolute.",
            confidential=True,
        ),
    ] = "sqlite:///data/groundlevel.db"
    host: Annotated[
        str, Row("a host name or address", _text, "Address to listen on. 0.0.0.0 lets other machines connect.")
    ] = "127.0.0.1"
    port: Annotated[int, _whole_number("TCP port to listen on; 0 takes a free one.", least=0, most=65_535)] = 8080
    tls_certificate: Annotated[
        str | None,
        Row(
            "the path of a PEM file, or none",
            _file_or_none,
            "The certificate with which the server speaks TLS, followed by those that it stands on; it needs tls_key.",
        ),
    ] = None
    tls_key: Annotated[
        str | None, Row("the path of a PEM file, or none", _file_or_none, "The private key of tls_certificate.")
    ] = None
    public_url: Annotated[
        str | None,
        Row(
            "a scheme and a host such as https://crm.example.com, or none",
            _origin_or_none,
            "Where clients reach the server, for the links in its replies. None takes the Host and the "
            "X-Forwarded-Proto header of each request; set it behind a proxy that speaks TLS and sends neither.",
        ),
    ] = None
    secret: Annotated[
        str,
        Row(
            "at least 32 characters that nobody can guess, or nothing",
            _secret,
            "Encrypts the private keys that sign webhooks and access tokens in the database. Better in the environment "
            "than on the command line. Changed by `groundlevel webhooks change-secret`.",
            confidential=True,
        ),
    ] = ""
    profile: Annotated[
        Profile,
        _one_of(
            Profile,
            "Which of the platform's faces to show: spec, the documented shapes with tolerant input, "
            "or live, the observed behaviour with its quirks.",
        ),
    ] = "spec"
    email_data_type: Annotated[
        EmailDataType,
        _one_of(
            EmailDataType,
            "The dataType by which replies show a field of the type EMAIL, which the platform's documents list for "
            "creation and not for replies: clients generated from them can read TEXT alone. `profile` is TEXT in the "
            "profile live and EMAIL in spec.",
        ),
    ] = "profile"
    limits: Annotated[
        Limits,
        _one_of(
            Limits,
            "Whether to refuse what is beyond the live platform's limits: of requests, of associations, of relations.",
        ),
    ] = "off"
    refresh_grace_seconds: Annotated[
        int,
        _whole_number(
            "Seconds after its first use in which a refresh token or an authorization code is answered with the same "
            "tokens again; a use after that revokes everything that came from the same code. 0 leaves that to requests "
            "that arrive before the first one is answered.",
            least=0,
            most=3_600,
        ),
    ] = 60
    seed: Annotated[
        str | None,
        Row(
            "demo, the path of a seed file, or none",
            _file_or_none,
            "What to put into an empty database when the server starts.",
        ),
    ] = None
    workers: Annotated[
        int,
        _whole_number(
            "Server processes. SQLite takes one, since a second process on the same file only slows it down.", least=1
        ),
    ] = 1
    max_body_bytes: Annotated[
        int, _whole_number("Largest request body in bytes; a larger one is refused with 413.", least=1)
    ] = 1_048_576
    import_max_bytes: Annotated[
        int,
        _whole_number(
            "Largest file in bytes that POST /x/imports takes; it is in the database until it is imported.", least=1
        ),
    ] = 104_857_600
    max_connections: Annotated[
        int,
        _whole_number(
            "Connections of clients that each server process serves at once, but always fewer than the files it may "
            "open. Beyond that, the one that has been idle longest makes room.",
            least=1,
        ),
    ] = 1000
    head_timeout_seconds: Annotated[
        float, _seconds("Seconds that a client has to send the request line and the headers.")
    ] = 10.0
    idle_timeout_seconds: Annotated[
        float,
        _seconds(
            "Seconds after which a connection without a request, or whose client does not read, is closed. "
            "Behind a proxy, longer than the proxy keeps its idle connections."
        ),
    ] = 75.0
    synchronous: Annotated[
        Synchronous,
        _one_of(
            Synchronous,
            "When SQLite waits for the disk: FULL at every commit; NORMAL may lose the last commits "
            "in a power failure; OFF is for throw-away data. PostgreSQL follows its own synchronous_commit.",
        ),
    ] = "FULL"
    copy_before_migration: Annotated[
        bool,
        Row(
            "true or false",
            _yes_or_no,
            "Whether a SQLite database is copied to a file beside it before it is migrated, if the disk has room for "
            "twice its size.",
        ),
    ] = True
    version_required: Annotated[
        bool,
        Row(
            "true or false",
            _yes_or_no,
            "Whether a request without the Version header is refused, as the platform does.",
        ),
    ] = True
    pool_size: Annotated[
        int,
        _whole_number(
            "PostgreSQL connections of each server process for all but searches; those have at most as many again.",
            least=1,
        ),
    ] = 10
    listen_database: Annotated[
        str | None,
        Row(
            "postgresql://USER:PASSWORD@HOST:PORT/NAME, or none",
            _postgres_or_none,
            "PostgreSQL itself, where `database` leads to a pooler such as PgBouncer: on one connection to it each "
            "process hears what others have changed. Without it nothing is cached behind a pooler.",
            confidential=True,
        ),
    ] = None
    request_timeout_seconds: Annotated[
        float, _seconds("Seconds after which a request that is still running is given up and answered with 503.")
    ] = 30.0
    search_timeout_seconds: Annotated[
        float,
        _seconds(
            "Seconds that a search may run in the database; then it is stopped and answered with 503. Waiting for the "
            "searches of others does not count."
        ),
    ] = 10.0
    shutdown_grace_seconds: Annotated[
        float,
        _seconds(
            "Seconds that running requests have to finish when the server is asked to stop. On a connection that a "
            "client keeps open, one more may come in the first half of them; its reply says that the connection ends."
        ),
    ] = 10.0
    webhook_policy: Annotated[
        WebhookPolicy,
        _one_of(
            WebhookPolicy,
            "When a webhook that was not delivered is sent again: patient, after any failure for a day and a half; "
            "or live, as the live platform, only after 429 and for an hour.",
        ),
    ] = "patient"
    webhook_networks: Annotated[
        tuple[str, ...],
        Row(
            "networks such as 10.0.0.0/8,fd00::/8, or any, or none, or auto",
            _networks,
            "Networks that webhooks may be sent to besides public addresses; none admits no other, and "
            "auto admits loopback while the server listens on loopback only. The server stores what holds when it "
            "starts, and every command and process on the same database goes by that.",
        ),
    ] = (AUTO_NETWORK,)
    cors_origins: Annotated[
        tuple[str, ...],
        Row(
            "origins such as https://app.example.com,loopback, or *, or none",
            _origins,
            "Origins whose pages may call the server from a browser. loopback stands for the pages that this machine "
            "serves on any port, * for every origin. A page has to bring its token: cookies are never let through.",
        ),
    ] = (LOOPBACK_ORIGINS,)
    console: Annotated[
        ConsoleMode,
        _one_of(
            ConsoleMode,
            "Where the console at /console answers: loopback, under the names of the machine itself alone; password, "
            "also under public_url, host and plain IP addresses; or off. Either way people sign in with a link that "
            "`groundlevel console` prints, or as operators with a password.",
        ),
    ] = "loopback"
    audit: Annotated[
        AuditMode,
        _one_of(
            AuditMode,
            "changes: every change is logged with who made it and what was different, for the history of records, the "
            "bin and the feed of changes. off: nothing is logged, and what was logged before is not shown.",
        ),
    ] = "changes"
    audit_days: Annotated[int, _whole_number("Days for which changes are kept in the log.", least=1, most=36_500)] = 90
    audit_max_rows: Annotated[
        int,
        _whole_number("Changes of each location that are kept at most, the newest of them; 0 sets no bound.", least=0),
    ] = 0
    bin_days: Annotated[
        int,
        _whole_number(
            "Days for which a deleted record can be brought back, if its deletion is still in the log.",
            least=1,
            most=36_500,
        ),
    ] = 30
    request_log: Annotated[
        bool,
        Row(
            "true or false",
            _yes_or_no,
            "Whether each server process keeps its last 2,000 requests in memory, without tokens and secrets, for the "
            "console and GET /x/requests.",
        ),
    ] = True
    control: Annotated[
        bool,
        Row(
            "true or false",
            _yes_or_no,
            "Whether tests may steer the server at /control: reset it, break its answers, move its clock. From this "
            "machine, and from elsewhere with control_key. One server process alone can be steered.",
        ),
    ] = False
    control_key: Annotated[
        str,
        Row(
            "at least 32 characters that nobody can guess, or nothing",
            _secret,
            "What a request from another machine to /control has to send as X-GroundLevel-Control-Key; without a key "
            "none is answered.",
            confidential=True,
        ),
    ] = ""
    deliver: Annotated[
        bool,
        Row(
            "true or false",
            _yes_or_no,
            "Whether the server delivers webhooks. If not, `groundlevel deliver` does so in a process of its own.",
        ),
    ] = True
    log_format: Annotated[
        LogFormat, _one_of(LogFormat, "Form of the log lines: text for people, json for machines.")
    ] = "text"
    log_level: Annotated[LogLevel, _one_of(LogLevel, "The least severe log lines to write.")] = "info"


class Setting(Struct, frozen=True):
    """One row of the table, with the names it goes by."""

    name: str
    """Its attribute of Settings and its key in groundlevel.toml."""
    default: Any
    row: Row

    @property
    def variable(self) -> str:
        """The environment variable, such as GROUNDLEVEL_MAX_BODY_BYTES."""
        return PREFIX + self.name.upper()

    @property
    def flag(self) -> str:
        """The command-line flag, such as --max-body-bytes."""
        return "--" + self.name.replace("_", "-")

    @property
    def doc(self) -> str:
        """What the setting means."""
        return self.row.doc

    @property
    def expected(self) -> str:
        """The acceptable values in words."""
        return self.row.expected

    def parse(self, value: object, *, source: str) -> Any:
        """The typed value. Raises SettingsError naming `source`."""
        try:
            return self.row.parse(value)
        except ValueError:
            found = "another value" if self.row.confidential else repr(value)
            raise SettingsError(f"{source}: expected {self.expected}, got {found}") from None


def _table() -> tuple[Setting, ...]:
    hints = get_type_hints(Settings, include_extras=True)
    rows = []
    for member in members_of(Settings):
        (row,) = (mark for mark in hints[member.name].__metadata__ if isinstance(mark, Row))
        if member.default is NODEFAULT:
            raise TypeError(f"the setting {member.name} needs a default")
        rows.append(Setting(member.name, member.default, row))
    return tuple(rows)


SETTINGS: tuple[Setting, ...] = _table()
"""Every setting, in the order of Settings: what the command line, the reference page and the tests read."""


def source_of(settings: Settings, setting: Setting, env: Mapping[str, str], file: Path) -> str:
    """Where the value of a setting comes from, as far as it shows: what would give it the value that it has.

    The name of an environment variable, of a file or of a flag, or `default`. Raises SettingsError for a file that
    cannot be read.
    """
    value = getattr(settings, setting.name)
    written = _read(file) if file.is_file() else {}
    given: list[tuple[str, object]] = []
    if env.get(setting.variable):
        given.append((setting.variable, env[setting.variable]))
    if setting.name in written:
        given.append((str(file), written[setting.name]))
    for source, text in given:
        if setting.parse(text, source=source) == value:
            return source
    return "default" if value == setting.default else setting.flag


def load_settings(
    flags: Mapping[str, object],
    env: Mapping[str, str],
    file: Path | None,
    *,
    defaults: Mapping[str, object] = MappingProxyType({}),
) -> Settings:
    """The settings in force: a flag beats the environment, which beats the file, which beats the default.

    `flags` is by setting name; None means the flag was not given. An empty environment variable counts as absent.
    `file` must exist when given. `defaults` take the place of the usual ones. Raises SettingsError.
    """
    written = _read(file) if file is not None else {}
    _refuse_unknown(flags, source="flags")
    _refuse_unknown(written, source=str(file))
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for setting in SETTINGS:
        name = setting.name
        given: object
        if (given := flags.get(name)) is not None:
            source = setting.flag
        elif given := env.get(setting.variable):
            source = setting.variable
        elif name in written:
            given, source = written[name], f"{file}: {name}"
        elif name in defaults:
            given, source = defaults[name], "the default"
        else:
            continue
        values[name] = setting.parse(given, source=source)
        sources[name] = source
    settings = Settings(**values)
    if settings.workers > 1 and settings.database.startswith("sqlite:"):
        raise SettingsError(f"{sources['workers']}: expected 1 with a SQLite database, got {settings.workers}")
    if settings.workers > 1 and settings.control:
        raise SettingsError(f"{sources['workers']}: expected 1 where control is on, got {settings.workers}")
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        given = next(source for name, source in sources.items() if name in ("tls_certificate", "tls_key"))
        raise SettingsError(f"{given}: expected both tls_certificate and tls_key, or neither")
    return settings


def _read(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as problem:
        raise SettingsError(f"{file}: cannot be read: {problem.strerror}") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise SettingsError(f"{file}: is not TOML: {problem}") from problem


def _refuse_unknown(given: Mapping[str, object], *, source: str) -> None:
    names = [setting.name for setting in SETTINGS]
    for name in given:
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            hint = f"; did you mean {close[0]}?" if close else f"; the settings are {', '.join(names)}"
            raise SettingsError(f"{source}: there is no setting {name}{hint}")
