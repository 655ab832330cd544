"""Settings: every row accepts and refuses what it says, and sources win in the documented order."""

from __future__ import annotations

from pathlib import Path

import pytest

from groundlevel.kernel.settings import SETTINGS, Settings, SettingsError, load_settings

ACCEPTED: dict[str, list[tuple[object, object]]] = {
    "database": [
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("sqlite:////srv/x.db", "sqlite:////srv/x.db"),
        ("postgresql://me:secret@db:5432/shop", "postgresql://me:secret@db:5432/shop"),
        ("postgres://db/shop", "postgres://db/shop"),
    ],
    "host": [("0.0.0.0", "0.0.0.0"), ("::1", "::1")],
    "port": [("0", 0), ("65535", 65535), (8081, 8081)],
    "tls_certificate": [("cert.pem", "cert.pem"), ("none", None)],
    "tls_key": [("key.pem", "key.pem"), ("none", None)],
    "public_url": [
        ("https://crm.example.com", "https://crm.example.com"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("none", None),
    ],
    "secret": [("", ""), ("x" * 32, "x" * 32)],
    "profile": [("spec", "spec"), ("LIVE", "live")],
    "email_data_type": [("profile", "profile"), ("email", "EMAIL"), ("TEXT", "TEXT")],
    "limits": [("off", "off"), ("live", "live")],
    "refresh_grace_seconds": [("0", 0), (3_600, 3_600)],
    "seed": [("demo", "demo"), ("seeds/shop.json", "seeds/shop.json"), ("none", None)],
    "workers": [("1", 1)],
    "max_body_bytes": [("1", 1), (2_000_000, 2_000_000)],
    "import_max_bytes": [("1", 1), (2_000_000, 2_000_000)],
    "max_connections": [("1", 1), (5_000, 5_000)],
    "head_timeout_seconds": [("0.5", 0.5), (20, 20.0)],
    "idle_timeout_seconds": [("0.5", 0.5), (20, 20.0)],
    "synchronous": [("full", "FULL"), ("NORMAL", "NORMAL"), ("Off", "OFF")],
    "copy_before_migration": [("no", False), (True, True)],
    "version_required": [("true", True), ("no", False), ("0", False), (False, False), ("ON", True)],
    "pool_size": [("1", 1), (50, 50)],
    "listen_database": [("postgresql://me:secret@db:5432/shop", "postgresql://me:secret@db:5432/shop"), ("none", None)],
    "request_timeout_seconds": [("0.5", 0.5), (3, 3.0)],
    "search_timeout_seconds": [("0.5", 0.5), (3, 3.0)],
    "shutdown_grace_seconds": [("1", 1.0), (2.5, 2.5)],
    "webhook_policy": [("patient", "patient"), ("LIVE", "live")],
    "webhook_networks": [
        ("10.0.0.0/8, fd00::/8", ("10.0.0.0/8", "fd00::/8")),
        (["192.168.1.7"], ("192.168.1.7/32",)),
        ("any", ("any",)),
        ("none", ()),
        ("auto", ("auto",)),
    ],
    "cors_origins": [
        ("loopback", ("loopback",)),
        ("*", ("*",)),
        ("none", ()),
        ("loopback, HTTPS://App.example.com:443/", ("loopback", "https://app.example.com")),
        (["http://10.0.0.7:3000", "capacitor://localhost"], ("http://10.0.0.7:3000", "capacitor://localhost")),
    ],
    "console": [("loopback", "loopback"), ("PASSWORD", "password"), ("off", "off")],
    "audit": [("changes", "changes"), ("OFF", "off")],
    "audit_days": [("1", 1), (365, 365)],
    "audit_max_rows": [("0", 0), (1_000_000, 1_000_000)],
    "bin_days": [("1", 1), (36_500, 36_500)],
    "request_log": [("off", False), (True, True)],
    "control": [("on", True), (False, False)],
    "control_key": [("", ""), ("x" * 32, "x" * 32)],
    "deliver": [("off", False), (True, True)],
    "log_format": [("text", "text"), ("json", "json")],
    "log_level": [("DEBUG", "debug"), ("error", "error")],
}
"""For every setting: what may be given, and the value it means."""

REFUSED: dict[str, list[object]] = {
    "database": ["", "data/groundlevel.db", "mysql://db/shop", "sqlite:///", 5],
    "host": ["", 127],
    "port": ["-1", "65536", "http", "80.5", True, 80.0],
    "tls_certificate": ["", 1],
    "tls_key": ["", True],
    "public_url": [
        "",
        "crm.example.com",
        "ftp://crm",
        "https://a/b",
        "https://a?b",
        "https://a#b",
        "https://u@a",
        "http://a:x",
    ],
    "secret": ["x", "x" * 31, 3, None],
    "profile": ["strict", "", 1],
    "email_data_type": ["DATE", "", True],
    "limits": ["on", True],
    "refresh_grace_seconds": ["-1", 3_601, "1.5", True],
    "seed": ["", 1],
    "workers": ["0", "two"],
    "max_body_bytes": ["0", "1MB"],
    "import_max_bytes": ["0", "1MB"],
    "max_connections": ["0", "many"],
    "head_timeout_seconds": ["0", "-1", "inf", "soon"],
    "idle_timeout_seconds": ["0", "-1", "inf", "soon"],
    "synchronous": ["EXTRA", True],
    "copy_before_migration": ["perhaps", 2],
    "version_required": ["maybe", 1, "2"],
    "pool_size": ["0", "-3"],
    "listen_database": ["", "db/shop", "sqlite:///x.db", 5],
    "request_timeout_seconds": ["0", "-1", "inf", "nan", "soon", True, None],
    "search_timeout_seconds": ["0", "-1", "inf", "nan", "soon", True, None],
    "shutdown_grace_seconds": ["0", "never"],
    "webhook_policy": ["eager", True],
    "webhook_networks": ["", "10.0.0.1/8", "any,10.0.0.0/8", "auto,10.0.0.0/8", "intranet", [7], 7],
    "cors_origins": [
        "",
        "*,loopback",
        "app.example.com",
        "https://a/b",
        "https://*.example.com",
        "https://u@a",
        "https://a:x",
        [7],
        7,
    ],
    "console": ["on", True],
    "audit": ["full", True],
    "audit_days": ["0", 36_501],
    "audit_max_rows": ["-1", "many"],
    "bin_days": ["0", 36_501],
    "request_log": ["sometimes", 1],
    "control": ["sometimes", 1],
    "control_key": ["x", "x" * 31, 3, None],
    "deliver": ["sometimes", 1],
    "log_format": ["xml"],
    "log_level": ["loud", 10],
}
"""For every setting: what is refused."""


def test_every_setting_has_examples() -> None:
    names = [setting.name for setting in SETTINGS]
    assert names == list(ACCEPTED) == list(REFUSED)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_accepts_and_refuses(setting: object) -> None:
    row = next(row for row in SETTINGS if row is setting)
    for given, value in ACCEPTED[row.name]:
        assert row.parse(given, source="here") == value
    for given in REFUSED[row.name]:
        with pytest.raises(SettingsError, match=r"^here: expected "):
            row.parse(given, source="here")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_a_default_is_a_value_the_row_accepts(setting: object) -> None:
    row = next(row for row in SETTINGS if row is setting)
    given = "none" if row.default is None else row.default
    assert row.parse(given, source="default") == row.default
    assert row.doc.endswith(".")


@pytest.mark.parametrize("name", ["tls_certificate", "tls_key"])
def test_a_certificate_and_its_key_go_together(name: str) -> None:
    with pytest.raises(SettingsError, match="both tls_certificate and tls_key"):
        load_settings({name: "x.pem"}, {}, None)


def test_defaults() -> None:
    assert load_settings({}, {}, None) == Settings()


def test_names_of_a_setting() -> None:
    row = next(row for row in SETTINGS if row.name == "max_body_bytes")
    assert (row.variable, row.flag) == ("GROUNDLEVEL_MAX_BODY_BYTES", "--max-body-bytes")


@pytest.mark.parametrize(
    ("flag", "variable", "written", "expected"),
    [
        (None, None, None, 8080),
        (None, None, 1, 1),
        (None, "2", 1, 2),
        ("3", "2", 1, 3),
        ("3", None, 1, 3),
        ("3", "2", None, 3),
        (0, "2", 1, 0),
        (None, "", 1, 1),
    ],
)
def test_precedence(tmp_path: Path, *, flag: object, variable: str | None, written: int | None, expected: int) -> None:
    file = tmp_path / "groundlevel.toml"
    file.write_text("" if written is None else f"port = {written}\n")
    env = {} if variable is None else {"GROUNDLEVEL_PORT": variable}
    assert load_settings({"port": flag}, env, file).port == expected


def test_a_file_may_set_everything(tmp_path: Path) -> None:
    file = tmp_path / "groundlevel.toml"
    file.write_text('database = "postgresql://db/shop"\nworkers = 4\nversion_required = false\nseed = "demo"\n')
    assert load_settings({}, {}, file) == Settings(
        database="postgresql://db/shop", workers=4, version_required=False, seed="demo"
    )


def test_other_defaults_stand_behind_everything_that_is_said(tmp_path: Path) -> None:
    file = tmp_path / "groundlevel.toml"
    file.write_text('host = "0.0.0.0"\n')
    defaults = {"host": "::1", "port": 1, "seed": "demo", "control": True}
    found = load_settings({"port": 2}, {"GROUNDLEVEL_SEED": "none"}, file, defaults=defaults)
    assert found == Settings(host="0.0.0.0", port=2, seed=None, control=True)


def test_one_process_alone_can_be_steered() -> None:
    given = {"database": "postgresql://db/shop", "workers": 2, "control": True}
    with pytest.raises(SettingsError, match=r"^--workers: expected 1 where control is on, got 2$"):
        load_settings(given, {}, None)


def test_errors_name_the_source(tmp_path: Path) -> None:
    file = tmp_path / "groundlevel.toml"
    file.write_text("port = 'http'\n")
    with pytest.raises(SettingsError, match=r"^--port: expected a whole number from 0 to 65535, got 'x'$"):
        load_settings({"port": "x"}, {"GROUNDLEVEL_PORT": "y"}, file)
    with pytest.raises(SettingsError, match=r"^GROUNDLEVEL_PORT: .*, got 'y'$"):
        load_settings({}, {"GROUNDLEVEL_PORT": "y"}, file)
    with pytest.raises(SettingsError) as caught:
        load_settings({}, {}, file)
    assert str(caught.value) == f"{file}: port: expected a whole number from 0 to 65535, got 'http'"


def test_a_refused_database_is_not_repeated() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({}, {"GROUNDLEVEL_DATABASE": "mysql://me:secret@db/shop"}, None)
    assert "secret" not in str(caught.value)
    assert str(caught.value).startswith("GROUNDLEVEL_DATABASE: expected sqlite:///PATH")


def test_unknown_settings_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "groundlevel.toml"
    file.write_text("prot = 1\n")
    with pytest.raises(SettingsError, match=r"there is no setting prot; did you mean port\?"):
        load_settings({}, {}, file)
    with pytest.raises(SettingsError, match=r"^flags: there is no setting zzz; the settings are database, host"):
        load_settings({"zzz": 1}, {}, None)


def test_a_file_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot be read: No such file"):
        load_settings({}, {}, tmp_path / "absent.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("port = \n")
    with pytest.raises(SettingsError, match=r"is not TOML"):
        load_settings({}, {}, broken)
    broken.write_bytes(b"\xff")
    with pytest.raises(SettingsError, match=r"is not TOML"):
        load_settings({}, {}, broken)


def test_sqlite_takes_one_process() -> None:
    with pytest.raises(SettingsError, match=r"^GROUNDLEVEL_WORKERS: expected 1 with a SQLite database, got 2$"):
        load_settings({}, {"GROUNDLEVEL_WORKERS": "2"}, None)
    assert load_settings({"database": "postgresql://db/shop", "workers": 2}, {}, None).workers == 2
