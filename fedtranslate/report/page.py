"""Write the page of a run: one HTML file that loads nothing and runs nothing.

Everything that varies is escaped by the templates, and the page forbids itself scripts and
requests by a content security policy, so that code on it stays text.
"""

from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from fedtranslate import __version__
from fedtranslate.config.files import write_durably
from fedtranslate.federation.coordinator.worth import WARNING
from fedtranslate.report.charts import line_chart
from fedtranslate.report.content import RunPage
from fedtranslate.report.samplecards import migrated_views, sample_views
from fedtranslate.report.text import (
    EVERYONES_VIEW,
    OWN_VIEW,
    STATE_TITLES,
    metric_title,
    row_title,
    signed,
    size_text,
)
from fedtranslate.report.views import Figure, direction_views, gate_views, row_notes, states_of

__all__ = ["RunPage", "render", "write_report"]


def write_report(path: Path, page: RunPage) -> None:
    """Write ``page`` to the HTML file ``path``; its folder is made if missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Half a surrogate pair, as broken source text can hold, has no UTF-8.
    write_durably(path, render(page).encode("utf-8", "replace"))


def render(page: RunPage) -> str:
    """Return the HTML of ``page``; the same page gives the same text."""
    validation = line_chart(
        "Validation loss", page.validation, page.joint_validation, page.best_round
    )
    charts = (validation, line_chart("Training loss", page.training))
    return (
        _templates()
        .get_template("page.html.j2")
        .render(
            page=page,
            version=__version__,
            figures=_figures(page),
            directions=direction_views(page.tables),
            row_notes=row_notes(page.tables),
            own_view=OWN_VIEW,
            everyones_view=EVERYONES_VIEW,
            charts=[chart for chart in charts if chart is not None],
            rounds=sorted({number for curve in page.validation for number, _ in curve.points}),
            states=[(state.value, STATE_TITLES[state]) for state in states_of(page.compiled)],
            worth_warning=WARNING,
            gates=gate_views(page.gates),
            samples=sample_views(page.samples),
            migrated=migrated_views(page.migrated),
        )
        + "\n"
    )


def _figures(page: RunPage) -> list[Figure]:
    figures = []
    if page.tables:
        table = page.tables[0]
        what = f"in {metric_title(table.metric).lower()} on everyone's code"
        if table.gain is not None:
            figures.append(Figure(signed(table.gain), f"points over each site alone, {what}"))
        if table.share_of_ceiling is not None and table.share_of_ceiling > 0:
            text = f"{table.share_of_ceiling:.0%}"
            figures.append(Figure(text, "of the way to all data in one place"))
    if page.sites:
        figures.append(Figure(str(len(page.sites)), "sites"))
    if page.best_round is not None:
        figures.append(Figure(str(page.best_round), "best round, by the sites' validation pairs"))
    if page.traffic:
        most = max(site.bytes for site in page.traffic)
        figures.append(Figure(size_text(most), "of adapter weights left a site at most"))
    if page.gates:
        installed = sum(decision.installed for decision in page.gates.values())
        figures.append(
            Figure(
                f"{installed} of {len(page.gates)}", "adapters are installed where they were tried"
            )
        )
    return figures


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("fedtranslate.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"row_title": row_title, "signed": signed, "size": size_text}
    return environment
