"""The figures of a run: judged by their budgets, and shown as a table, as JSON and in the documentation."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct, field

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


class Budget(Struct, frozen=True):
    """What a figure should be; nothing by default."""

    text: str = ""
    least_ratio: float | None = None
    most_ratio: float | None = None
    least: dict[str, float] = {}
    """By engine."""
    most: float | None = None
    records: int = 0
    """With fewer records than this it is not judged."""
    reference: bool = False
    """Whether it was measured on another machine and so is shown but not judged."""


class Row(Struct, kw_only=True):
    """One figure with what it is compared with."""

    section: str
    work: str
    engine: str
    figure: float
    unit: str
    ceiling: float | None = None
    """What the same is for the ceiling, in the same unit."""
    ratio: float | None = None
    """Figure over ceiling, whatever the unit: the median of neighbours, not the ratio of the medians."""
    p50_ms: float | None = None
    p99_ms: float | None = None
    server_us: float | None = None
    """Processor time of the server for one request."""
    ceiling_us: float | None = None
    """The same of the ceiling. Noise from other programs moves it less than it moves rates."""
    database_us: float | None = None
    client_share: float | None = None
    """Which part of one processor the load generator used, at most, over the subject and its ceiling."""
    budget: str = ""
    met: bool | None = None
    """None where there is no budget or this run cannot judge it."""
    note: str = ""


class Report(Struct, kw_only=True):
    """A whole run."""

    machine: str
    scale: str
    records: int
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def judged(row: Row, budget: Budget, records: int) -> Row:
    """The row with its budget and whether it is met."""
    row.budget = budget.text if budget.text and _applies(budget, row.engine) else ""
    if not row.budget or budget.reference:
        return row
    if records < budget.records:
        row.note = _joined(row.note, f"judged from {budget.records:,} records")
        return row
    checks = []
    if budget.least_ratio is not None and row.ratio is not None:
        checks.append(row.ratio >= budget.least_ratio)
    if budget.most_ratio is not None and row.ratio is not None:
        checks.append(row.ratio <= budget.most_ratio)
    if (least := budget.least.get(row.engine)) is not None:
        checks.append(row.figure >= least)
    if budget.most is not None:
        checks.append(row.figure <= budget.most)
    row.met = all(checks) if checks else None
    return row


def _applies(budget: Budget, engine: str) -> bool:
    return not budget.least or engine in budget.least


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def median(values: Iterable[float]) -> float:
    """The median. Raises StatisticsError when there are none."""
    return statistics.median(values)


def median_of_known(values: Iterable[float | None]) -> float | None:
    """The median of those that are known, or None."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def median_ratio(figures: Sequence[float], ceilings: Sequence[float]) -> float:
    """The median of the ratios of neighbours in time: what slows the machine for a while slows both."""
    return statistics.median(figure / ceiling for figure, ceiling in zip(figures, ceilings, strict=True))


# --- the table

_HTTP = (
    "work",
    "engine",
    "requests/s",
    "ceiling",
    "ratio",
    "p50 ms",
    "p99 ms",
    "server µs",
    "ceiling µs",
    "database µs",
    "client",
)
_OTHER = ("work", "engine", "measured", "beside it", "ratio")
_VERDICT = ("budget", "met", "note")


def as_markdown(report: Report) -> str:
    """The report as Markdown, which is a readable table in a terminal as well."""
    parts = [f"{report.machine}; scale `{report.scale}`: {report.records:,} records; {report.seconds:.0f} s."]
    for section in dict.fromkeys(row.section for row in report.rows):
        rows = [row for row in report.rows if row.section == section]
        served = rows[0].unit == "requests/s"
        heads = (*(_HTTP if served else _OTHER), *_VERDICT)
        cells = [_http_cells(row) if served else _other_cells(row) for row in rows]
        parts += [f"**{section}**", table(heads, [(*c, *_verdict(row)) for c, row in zip(cells, rows, strict=True)])]
    if report.notes:
        parts.append("\n".join(f"- {note}" for note in report.notes))
    return "\n\n".join(parts)


def _http_cells(row: Row) -> tuple[str, ...]:
    return (
        row.work,
        row.engine,
        f"{row.figure:,.0f}",
        _shown(row.ceiling, ",.0f"),
        _shown(row.ratio, ".2f"),
        _shown(row.p50_ms, ".2f"),
        _shown(row.p99_ms, ".2f"),
        _shown(row.server_us, ".0f"),
        _shown(row.ceiling_us, ".0f"),
        _shown(row.database_us, ".0f"),
        _shown(row.client_share, ".0%"),
    )


def _other_cells(row: Row) -> tuple[str, ...]:
    digits = {"rows/s": ",.0f", "MB": ",.0f"}.get(row.unit, ",.2f")
    beside = "" if row.ceiling is None else f"{row.ceiling:{digits}} {row.unit}"
    return row.work, row.engine, f"{row.figure:{digits}} {row.unit}", beside, _shown(row.ratio, ".2f")


def _verdict(row: Row) -> tuple[str, str, str]:
    return row.budget, {True: "yes", False: "**no**", None: ""}[row.met], row.note


def _shown(value: float | None, form: str) -> str:
    return "" if value is None else f"{value:{form}}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown, of the columns in which there is anything."""
    used = [number for number, _ in enumerate(heads) if any(row[number] for row in rows)]
    columns = [[heads[number], *(row[number] for row in rows)] for number in used]
    widths = [max(len(cell) for cell in column) for column in columns]
    lines = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(cells, widths, strict=True)) + " |"
        for cells in zip(*columns, strict=True)
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def as_json(report: Report) -> str:
    """The report for machines."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


def write_between(page: Path, markers: tuple[str, str], content: str) -> None:
    """Puts text between two markers of a page. Raises ValueError when it does not have them."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(markers[0])
    _, end, after = rest.partition(markers[1])
    if not begin or not end:
        raise ValueError(f"{page} has no lines {markers[0]} and {markers[1]}")
    page.write_text(f"{before}{begin}\n{content}\n{end}{after}", encoding="utf-8")
