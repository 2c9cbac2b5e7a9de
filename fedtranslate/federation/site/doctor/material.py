"""What a site works with: its policy, its pairs, its ledger, and a round on made-up pairs."""

import time
from collections.abc import Iterator

from fedtranslate.adapters.initial import initial_adapter
from fedtranslate.adapters.methods.method import Joint
from fedtranslate.adapters.methods.registry import find_method
from fedtranslate.config.federation import RunSettings, SiteSettings
from fedtranslate.config.policy import Policy
from fedtranslate.config.training import LoraSettings, TrainingSettings
from fedtranslate.corpus.hygiene import Cleaned
from fedtranslate.corpus.site import SiteCorpus, load_site
from fedtranslate.corpus.split import Split
from fedtranslate.errors import CorpusError, UnknownNameError
from fedtranslate.federation.exchange import Task
from fedtranslate.federation.site.doctor.check import Check, bad, good, weak
from fedtranslate.federation.site.ledger import Ledger
from fedtranslate.federation.site.lessons import Lessons
from fedtranslate.federation.site.place import SitePlace
from fedtranslate.federation.site.policy import update_bytes
from fedtranslate.federation.site.reporting import coarse_pairs, coarsened
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import CodePair

_STEPS = 2
_MADE_UP = 6


def directions_of(policy: Policy, otherwise: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the directions that a policy allows; ``otherwise`` where it allows all."""
    written = [text.split("->", 1) for text in policy.languages if "->" in text]
    return tuple((one.strip(), other.strip()) for one, other in written) or (otherwise,)


def policy_of(policy: Policy) -> Iterator[Check]:
    """Yield what is strange about a policy."""
    problems = list(_contradictions(policy))
    yield from problems
    if not problems:
        yield good("policy", f"is in order, fingerprint {policy.fingerprint()}")


def _contradictions(policy: Policy) -> Iterator[Check]:
    for text in policy.languages:
        if "->" not in text:
            fix = 'Write it as in "java->csharp".'
            yield bad("policy", f"languages: {text!r} is no direction and allows nothing", fix)
    for name in policy.methods:
        try:
            find_method(name)
        except UnknownNameError as error:
            yield weak("policy", f"methods: {error}", "Correct it.")
    if policy.minimum_rank > policy.maximum_rank:
        text = "minimum_rank is above maximum_rank: every run is refused"
        yield bad("policy", text, "Lower the one, or raise the other.")
    if not policy.bases:
        yield bad("policy", "bases is empty: every run is refused", 'Name one, such as "builtin".')
    if policy.epsilon is not None:
        text = "epsilon is set: every run without differential privacy is refused"
        yield weak("policy", text, "Take it out, unless that is what you want.")
    if policy.minimum_sites < 2:
        text = "minimum_sites is 1: what comes back from such a run is your own adapter"
        yield weak("policy", text, "Set it to 2 or more.")
    if "pairs" not in policy.report:
        text = "pairs are not reported: runs that weigh sites by their pairs are refused"
        yield weak("policy", text, "Add pairs to report, or agree on equal weights.")


def pairs(site: SiteSettings, direction: tuple[str, str]) -> Iterator[Check]:
    """Yield how many pairs are left after hygiene, and what their parts lack."""
    name = f"pairs {direction[0]}->{direction[1]}"
    try:
        corpus = load_site(site, *direction)
    except CorpusError as error:
        yield bad(name, str(error), "Correct the places in site.toml.")
        return
    split = corpus.split
    parts = (len(split.train), len(split.validation), len(split.held_out))
    found = f"{parts[0]} to train on, {parts[1]} for validation, {parts[2]} held out"
    reasons = corpus.cleaned.counts() | corpus.not_allowed()
    if reasons:
        listed = ", ".join(f"{count} {why}" for why, count in reasons.items())
        found = f"{found}; left out: {listed}"
    if not parts[1]:
        fix = "Name validation files, or bring pairs of more files: the gate needs them."
        yield weak(name, found, fix)
    elif not parts[2]:
        fix = "Name held_out files, or bring pairs of more files: scores need them."
        yield weak(name, found, fix)
    else:
        yield good(name, found)
    if "pairs" in site.policy.report and not coarse_pairs(parts[0], site.policy):
        text = f"{parts[0]} pairs are reported as 0: runs that weigh by pairs are refused"
        yield weak(name, text, "Lower policy.report_pairs_in.")


def ledger(place: SitePlace) -> Iterator[Check]:
    """Yield whether the ledger is as it was written."""
    if not place.ledger.exists():
        yield good("ledger", "there is none yet: nothing has left")
        return
    found = Ledger(place.ledger).verify()
    if found.problem:
        fix = "Find out who changed it; move it elsewhere to begin a new one."
        yield bad("ledger", found.problem, fix)
    else:
        yield good("ledger", f"{found.entries} entries in order")


def dry_run(site: SiteSettings, base: str, direction: tuple[str, str]) -> Iterator[Check]:
    """Do a round on made-up pairs, and yield how long it took and what would leave."""
    lora = LoraSettings(rank=max(site.policy.minimum_rank, min(16, site.policy.maximum_rank)))
    settings = RunSettings(
        name="dry-run",
        source=direction[0],
        target=direction[1],
        rounds=1,
        steps=_STEPS,
        base=base,
        lora=lora,
        training=TrainingSettings(warmup_steps=0, batch_tokens=256),
    )
    start = time.monotonic()
    lessons = Lessons(made_up(direction), settings)
    shapes = lessons.equipment().shapes
    joint = initial_adapter(shapes, rank=lora.rank, scaling=lora.scaling, seed=1)
    loaded = time.monotonic()
    update = coarsened(lessons.train(Joint(joint), Task(1, _STEPS), 1), site.policy)
    seconds = time.monotonic() - loaded
    size = update_bytes(shapes, lora.rank)
    yield good(
        "dry run",
        f"{_STEPS} steps on made-up pairs in {seconds:.1f} s ({loaded - start:.1f} s to load);"
        f" {size / 1e6:.2f} MB would leave each round at rank {lora.rank}, with"
        f" a training loss of {update.train_loss:g}",
    )


def made_up(direction: tuple[str, str]) -> SiteCorpus:
    """Return a few pairs that are nobody's."""
    source, target = (load_pack(name).name for name in direction)

    def pair(number: int) -> CodePair:
        name = f"made-up-{number}"
        one, other = (f"int {w}{number}(int a) {{ return a + {number}; }}" for w in ("add", "Add"))
        return CodePair(one, other, source, target, id=name, group=name)

    made = tuple(pair(number) for number in range(_MADE_UP))
    split = Split(train=made[2:], validation=made[:2])
    return SiteCorpus("made-up", split, Cleaned(split.train, ()), (), (), ())
