"""The corpus of one site: its pairs read or mined, cleaned and split as its settings say."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fedtranslate.config.federation import SiteSettings
from fedtranslate.corpus.formats import read_pairs
from fedtranslate.corpus.hygiene import MAX_TOKENS, Cleaned, Reason, clean, drop_seen
from fedtranslate.corpus.normal import NormalForms
from fedtranslate.corpus.pairing import Mined, mine_pairs
from fedtranslate.corpus.permission import LICENCE, REPOSITORY, Permission, permission_of
from fedtranslate.corpus.split import Split, split_by_files, split_by_group
from fedtranslate.errors import CorpusError, NotAllowedError
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import CodePair, Unit


@dataclass(frozen=True, slots=True)
class SiteCorpus:
    """All that training, the gate and evaluation need of one site's code."""

    name: str
    split: Split
    cleaned: Cleaned
    """What was dropped and why, duplicates of evaluation pairs included; ``kept`` is train."""
    pending: tuple[Unit, ...]
    """Source units whose file has no counterpart: still to migrate; empty without folders."""
    class_path: tuple[Path, ...]
    """Folders of target-language sources that translations are compiled against."""
    usings: tuple[str, ...]
    """Namespaces that the site's target files import."""
    skipped: Mapping[str, int] = field(default_factory=dict)
    """Reason to number of files that were not mined, of both folders."""

    def not_allowed(self) -> dict[str, int]:
        """Return how many files the site's policy kept from being mined, by reason."""
        return {why: self.skipped[why] for why in (REPOSITORY, LICENCE) if why in self.skipped}


def load_site(
    settings: SiteSettings,
    source_language: str,
    target_language: str,
    *,
    seed: int = 0,
    max_tokens: int = MAX_TOKENS,
    known: Collection[str] = (),
    salt: bytes = b"",
    on_pair: Callable[[CodePair], object] | None = None,
) -> SiteCorpus:
    """Read or mine the pairs of a site, drop what is unfit or not allowed, and split the rest.

    Files of validation or held-out pairs and globs give those parts; with none of them, a tenth of
    the groups is taken for each.  Such files keep all rows that are not empty, so that published
    test sets stay whole.  What evaluation shares with train is dropped from train.

    Args:
        settings: Where the pairs are.
        source_language: Name of a language pack.
        target_language: Likewise.
        seed: For the split by groups, and for which pairs are used under ``settings.limit``.
        max_tokens: Longest side of a training pair.
        known: Sketches of pairs that another site keeps.
        salt: What these sketches were made with.
        on_pair: Called with each pair as it is checked.

    Raises:
        CorpusError: Pairs cannot be read or mined, or none is left to train on.
        NotAllowedError: None is left because of the site's policy.
        UnknownNameError: No pack has the name of a language.
    """
    languages = (load_pack(source_language).name, load_pack(target_language).name)
    forms = NormalForms()
    permission = permission_of(settings.policy)
    found, pending, skipped = _find(settings, languages, permission)

    def fit(pairs: Sequence[CodePair]) -> Cleaned:
        return clean(
            pairs,
            max_tokens=max_tokens,
            known=known,
            salt=salt,
            forms=forms,
            permission=permission,
            on_pair=on_pair,
        )

    whole = _split(settings, found, seed)
    parts = [fit(part) for part in (whole.train, whole.validation, whole.held_out)]
    split = Split(
        train=parts[0].kept,
        validation=parts[1].kept + _given(settings, "validation_pairs", languages),
        held_out=parts[2].kept + _given(settings, "held_out_pairs", languages),
    )
    unseen = drop_seen(split.train, (*split.validation, *split.held_out), forms)
    dropped = (*(entry for part in parts for entry in part.dropped), *unseen.dropped)
    train = _limited(unseen.kept, settings.limit, seed)
    if not train:
        _check_allowed(settings, skipped, Cleaned((), dropped))
        raise _nothing_left(settings, len(found), Cleaned((), dropped), split)
    return SiteCorpus(
        name=settings.name,
        split=Split(train, split.validation, split.held_out),
        cleaned=Cleaned(train, dropped),
        pending=pending,
        class_path=settings.class_path,
        usings=settings.usings,
        skipped=skipped,
    )


def _find(
    settings: SiteSettings, languages: tuple[str, str], permission: Permission
) -> tuple[Sequence[CodePair], tuple[Unit, ...], Mapping[str, int]]:
    if settings.pairs is not None:
        _check_location(settings, settings.pairs, permission)
        return read_pairs(settings.pairs, *languages), (), {}
    if settings.source_folder is None or settings.target_folder is None:
        raise CorpusError(
            f"Site {settings.name!r} names neither pairs nor folders.",
            hint="Give pairs, or source_folder and target_folder.",
        )
    mined: Mined = mine_pairs(
        settings.source_folder,
        settings.target_folder,
        *languages,
        minimum_confidence=settings.minimum_confidence,
        complaint=permission.complaint,
    )
    return mined.pairs, mined.pending, mined.skipped


def _split(settings: SiteSettings, pairs: Sequence[CodePair], seed: int) -> Split:
    files = (settings.validation_pairs, settings.held_out_pairs)
    globs = (settings.validation, settings.held_out)
    if not any(files) and not any(globs):
        return split_by_group(pairs, seed=seed)
    try:
        return split_by_files(pairs, *globs, root=settings.source_folder)
    except CorpusError as error:
        raise CorpusError(f"Site {settings.name!r}: {error}") from None


def _given(settings: SiteSettings, part: str, languages: tuple[str, str]) -> tuple[CodePair, ...]:
    location: str | None = getattr(settings, part)
    if location is None:
        return ()
    permission = permission_of(settings.policy)
    _check_location(settings, location, permission)
    pairs = read_pairs(location, *languages)
    if not pairs:
        raise CorpusError(f"{location} holds no pairs.", hint="Fill it, or leave it out.")
    texts = (pair for pair in pairs if pair.source.strip() and pair.target.strip())
    return tuple(
        pair
        for pair in texts
        if not (permission.wrong_licence(pair.source) or permission.wrong_licence(pair.target))
    )


def _check_location(settings: SiteSettings, location: str, permission: Permission) -> None:
    if not permission.allows(location):
        raise NotAllowedError(
            "repositories",
            f"The policy of site {settings.name!r} does not allow pairs from {location}.",
            hint="Add it to policy.repositories, or name other pairs.",
        )


def _check_allowed(settings: SiteSettings, skipped: Mapping[str, int], cleaned: Cleaned) -> None:
    """Say so where the policy leaves nothing: then nothing else is wrong.

    Raises:
        NotAllowedError: It has kept files or pairs out.
    """
    licences = skipped.get(LICENCE, 0) + cleaned.counts().get(str(Reason.LICENCE), 0)
    for name, count in (("repositories", skipped.get(REPOSITORY, 0)), ("licences", licences)):
        if count:
            raise NotAllowedError(
                name,
                f"The policy of site {settings.name!r} leaves no pairs: its {name} keep {count}"
                " files or pairs out.",
                hint=f"Add to policy.{name}, or name other pairs.",
            )


def _limited(pairs: Sequence[CodePair], limit: int, seed: int) -> tuple[CodePair, ...]:
    """Return ``limit`` of ``pairs`` in their order, chosen by the hash of their ids."""
    if limit == 0 or len(pairs) <= limit:
        return tuple(pairs)

    def place(index: int) -> bytes:
        name = f"{seed}:{pairs[index].id}".encode("utf-8", "replace")
        return hashlib.sha256(name).digest()

    chosen = sorted(range(len(pairs)), key=place)[:limit]
    return tuple(pairs[index] for index in sorted(chosen))


def _nothing_left(
    settings: SiteSettings, found: int, cleaned: Cleaned, split: Split
) -> CorpusError:
    where = settings.pairs or f"{settings.source_folder} and {settings.target_folder}"
    reasons = [f"{count} {reason}" for reason, count in cleaned.counts().items()]
    reasons += [
        f"{len(part)} set aside for {name}"
        for name, part in (("validation", split.validation), ("held-out", split.held_out))
        if part
    ]
    if not found and settings.pairs is not None:
        return CorpusError(
            f"Site {settings.name!r} has no pairs to train on: {where} holds no pairs.",
            hint="Fill it, or give another.",
        )
    if not found:
        detail, hint = "no pairs were found there", "Check the folders."
    else:
        detail = f"of {found} pairs: {', '.join(reasons)}"
        hint = "Run 'fedtranslate pairs check' on them to see each reason."
        if str(Reason.IN_EVALUATION) in cleaned.counts():
            hint = "Validation and held-out pairs must not be the training pairs themselves."
    return CorpusError(
        f"Site {settings.name!r} has no pairs to train on ({where}; {detail}).", hint=hint
    )
