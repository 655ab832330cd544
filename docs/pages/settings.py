"""The page of settings, from their table."""

from __future__ import annotations

from groundlevel.kernel.settings import FILE, PREFIX, SETTINGS, Setting
from pages.markdown import block, code, plain, table
from pages.markdown import page as whole


def page() -> str:
    """The page."""
    example = 'database = "sqlite:///data/groundlevel.db"\nport = 9000\nprofile = "live"'
    parts = [
        (
            f"A setting is given by a flag of `groundlevel serve`, by an environment variable or in `{FILE}`, a "
            "TOML file in the working directory. A flag beats the environment, which beats the file, which beats "
            "the default. All commands know `--database` and `--config FILE`, which names another settings file. "
            "An empty variable counts as absent; an unknown key in the file is refused."
        ),
        block(example, "toml"),
        table(("setting", "default"), ((f"[{code(each.name)}](#{each.name})", _default(each)) for each in SETTINGS)),
        f"Every environment variable begins with `{PREFIX}`.",
    ]
    for each in SETTINGS:
        parts += _section(each)
    return whole("Settings", *parts)


def _section(setting: Setting) -> list[str]:
    facts = (
        ("flag", code(setting.flag)),
        ("variable", code(setting.variable)),
        ("accepted", setting.expected),
        ("default", _default(setting)),
    )
    return [f"## {setting.name}", plain(setting.doc), table(("", ""), facts)]


def _default(setting: Setting) -> str:
    value = setting.default
    if value in (None, ()):
        return "none"
    return code(str(value).lower() if isinstance(value, bool) else str(value))
