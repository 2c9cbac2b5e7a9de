"""Run a federation and everything it must be compared with, on one machine.

Only for experiments and demonstrations: it reads the pairs of all sites, which no member of a
real federation can.  Everything done is kept in the run's folder, so a killed comparison goes on
where it was, and a finished one is read back.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fedtranslate.adapters.factors import Adapter
from fedtranslate.checks.compile import CompileContext
from fedtranslate.config.federation import FederationFile
from fedtranslate.config.training import DecodingSettings
from fedtranslate.errors import CorpusError
from fedtranslate.evaluation.evaluate import Evaluation, evaluate, score
from fedtranslate.evaluation.floors import copy_floor, nearest_floor
from fedtranslate.evaluation.translator import Translator
from fedtranslate.experiments import rows
from fedtranslate.experiments.results import Cell, cell_of, read_cells, write_cells
from fedtranslate.federation.coordinator.result import RunResult
from fedtranslate.federation.flower.sitefiles import site_folder
from fedtranslate.federation.site.lessons import Lessons, site_corpus
from fedtranslate.federation.site.personal import own_joint
from fedtranslate.records import CodePair, Translation

OnProgress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One held-out unit as several rows translated it, for the report."""

    site: str
    id: str
    source: str
    reference: str
    translations: dict[str, Translation]
    """By row."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that was measured."""

    run: RunResult
    cells: tuple[Cell, ...]
    samples: tuple[Sample, ...]
    """Empty when the cells were read back from an earlier comparison."""


def open_sites(federation: FederationFile) -> list[Lessons]:
    """Load the pairs of all sites and the base model.

    Raises:
        CorpusError: A site has no pairs to train on.
    """
    settings = federation.run
    return [Lessons(site_corpus(site, settings), settings) for site in federation.sites]


@dataclass(frozen=True, slots=True)
class _Model:
    row: str
    model_of: str
    adapter: Adapter | None


class Comparer:
    """One federation with its rows.

    Args:
        federation: The run and its sites.
        sites: From ``open_sites``.
        folder: Of the run.
        on_progress: Is told what is being done.
        decoding: How translations are written.
        samples: Held-out units per site that are kept with their translations.
        personal_everywhere: Measure personalised models on everyone's code as well.
    """

    def __init__(
        self,
        federation: FederationFile,
        sites: Sequence[Lessons],
        folder: Path,
        *,
        on_progress: OnProgress,
        decoding: DecodingSettings | None = None,
        samples: int = 6,
        personal_everywhere: bool = True,
    ) -> None:
        self._settings = federation.run
        self._sites = sites
        self._run_folder = folder
        self._folder = folder / "rows" / f"rounds-{federation.run.rounds}"
        self._on_progress = on_progress
        self._decoding = decoding or DecodingSettings()
        self._samples = samples
        self._personal_everywhere = personal_everywhere
        self._kept: dict[tuple[str, str], dict[str, Translation]] = {}

    def compare(self, run: RunResult) -> Comparison:
        """Train and measure all rows beside the finished ``run``."""
        models = list(self._models(run))
        cells: list[Cell] = []
        for site in self._sites:
            cells += self._floors(site)
        for done, model in enumerate(models):
            label = f"{model.row} {model.model_of}".strip()
            self._on_progress(f"evaluate {label}", done, len(models))
            cells += self._measured(model)
        self._on_progress("evaluate", len(models), len(models))
        return Comparison(run, tuple(cells), tuple(self._collected()))

    def _models(self, run: RunResult) -> Iterator[_Model]:
        settings, first = self._settings, self._sites[0]
        base = first.base
        yield _Model("base", "", None)
        for site in self._sites:
            yield _Model("local", site.corpus.name, self._schooled(site, rows.local(site)))
        joint = run.joint(base_fingerprint=base.fingerprint, base_name=base.name)[0]
        for site in self._sites:
            own = self._own(joint, site, run.best_round)
            if own is joint:  # it is the same for all
                yield _Model("federated", "", joint)
                break
            yield _Model("federated", site.corpus.name, own)
        early = run.joint(
            settings.personal_round, base_fingerprint=base.fingerprint, base_name=base.name
        )[0]
        for site in self._sites:
            begun = self._own(early, site, settings.personal_round)
            adapter = self._schooled(site, rows.personalised(site, begun))
            yield _Model("personalised", site.corpus.name, adapter)
        yield _Model("central", "", self._schooled(first, rows.central(self._sites)))

    def _own(self, joint: Adapter, site: Lessons, number: int) -> Adapter:
        place = site_folder(self._run_folder, site.corpus.name)
        return own_joint(joint, place, self._settings.name, number)

    def personalised_folder(self, site: str) -> Path:
        """Return where the personalised adapter of ``site`` is kept."""
        return self._folder / f"personalised-{site}"

    def _schooled(self, site: Lessons, schooling: rows.Schooling) -> Adapter:
        def tell(step: int, loss: float) -> None:  # noqa: ARG001
            self._on_progress(f"train {schooling.name}", step, schooling.steps)

        return rows.schooled(site, schooling, self._folder / schooling.name, tell)

    def _floors(self, site: Lessons) -> list[Cell]:
        """Return the cells of what needs no learning, on the code of ``site``."""
        cells = []
        for pairs, direction in self._directions(site.corpus.split.held_out):
            language = pairs[0].target_language
            copied = score(copy_floor(pairs), language)
            cells.append(self._cell(copied, "copy", "", site, direction))
            for owner in self._sites:
                training = owner.corpus.split.train
                if direction != self._direction:
                    training = tuple(pair.reversed() for pair in training)
                nearest = score(nearest_floor(pairs, training), language)
                cells.append(self._cell(nearest, "nearest", owner.corpus.name, site, direction))
        return cells

    def _measured(self, model: _Model) -> list[Cell]:
        """Return the cells of ``model`` on the code of all sites; they are kept on disk."""
        name = f"{model.row}-{model.model_of}" if model.model_of else model.row
        kept = self._folder / f"{name}.cells.json"
        if kept.exists():
            return read_cells([kept])
        translator = Translator(self._sites[0].base, model.adapter, self._decoding)
        cells = []
        for site in self._readers(model):
            for pairs, direction in self._directions(site.corpus.split.held_out):
                shown = direction == self._direction and model.model_of in ("", site.corpus.name)
                context = self._context(site) if shown else None
                found = evaluate(translator, pairs, context=context)
                if shown:
                    self._keep(model.row, site, found)
                cells.append(self._cell(found, model.row, model.model_of, site, direction))
        write_cells(kept, cells, {"model": name})
        return cells

    def _readers(self, model: _Model) -> Iterator[Lessons]:
        """Yield the sites on whose code ``model`` is measured."""
        for site in self._sites:
            own = model.model_of in ("", site.corpus.name)
            if own or model.row != "personalised" or self._personal_everywhere:
                yield site

    def _context(self, site: Lessons) -> CompileContext | None:
        corpus = site.corpus
        if not corpus.class_path:
            return None
        return CompileContext(class_path=corpus.class_path, usings=corpus.usings)

    def _cell(
        self, found: Evaluation, row: str, model_of: str, site: Lessons, direction: str
    ) -> Cell:
        return cell_of(
            found,
            row=row,
            model_of=model_of,
            code_of=site.corpus.name,
            direction=direction,
            seed=self._settings.seed,
        )

    @property
    def _direction(self) -> str:
        return f"{self._settings.source}-{self._settings.target}"

    def _directions(self, pairs: Sequence[CodePair]) -> Iterator[tuple[Sequence[CodePair], str]]:
        if not pairs:
            raise CorpusError(
                "A site has no held-out pairs to compare on.",
                hint="Name held_out files or held_out_pairs in its settings.",
            )
        yield pairs, self._direction
        if self._settings.training.both_directions:
            backwards = f"{self._settings.target}-{self._settings.source}"
            yield [pair.reversed() for pair in pairs], backwards

    def _keep(self, row: str, site: Lessons, found: Evaluation) -> None:
        step = max(1, len(found.translations) // max(1, self._samples))
        for translation in found.translations[::step][: self._samples]:
            self._kept.setdefault((site.corpus.name, translation.id), {})[row] = translation

    def _collected(self) -> Iterator[Sample]:
        for (site, name), by_row in self._kept.items():
            one = next(iter(by_row.values()))
            yield Sample(site, name, one.source, one.reference or "", by_row)
