"""The corpus of one site, as its settings describe it."""

from pathlib import Path

import pytest

from fedtranslate.config.federation import SiteSettings
from fedtranslate.corpus.formats import write_pairs
from fedtranslate.corpus.site import load_site
from fedtranslate.corpus.sketches import sketch
from fedtranslate.errors import CorpusError
from fedtranslate.records import CodePair

SALT = b"0123456789abcdef"


def pairs(first: int, last: int, group: str = "g") -> list[CodePair]:
    """Return pairs numbered ``first`` to ``last``, five in a group."""
    return [
        CodePair(
            f"int f{n}() {{ return {n}; }}",
            f"int F{n}() {{ return {n}; }}",
            "java",
            "csharp",
            id=f"p{n}",
            group=f"{group}{n // 5}",
        )
        for n in range(first, last + 1)
    ]


def saved(path: Path, found: list[CodePair]) -> str:
    """Write ``found`` and return where."""
    write_pairs(path, found)
    return str(path)


def test_a_file_of_pairs_is_split_by_groups_when_nothing_else_is_said(tmp_path: Path) -> None:
    site = SiteSettings(name="a", pairs=saved(tmp_path / "p.jsonl", pairs(0, 99)))
    corpus = load_site(site, "java", "csharp", seed=3)
    assert [len(corpus.split.train), len(corpus.split.validation)] == [80, 10]
    assert len(corpus.split.held_out) == 10
    assert corpus == load_site(site, "java", "csharp", seed=3)
    assert corpus.split != load_site(site, "java", "csharp", seed=4).split


def test_given_validation_and_held_out_files_stay_whole_and_train_gives_way(
    tmp_path: Path,
) -> None:
    odd = CodePair("x", "x", "java", "csharp", id="odd", group="odd")
    empty = CodePair("", "x", "java", "csharp", id="empty", group="empty")
    site = SiteSettings(
        name="a",
        pairs=saved(tmp_path / "p.jsonl", pairs(0, 29)),
        validation_pairs=saved(tmp_path / "v.jsonl", pairs(0, 4)),
        held_out_pairs=saved(tmp_path / "h.jsonl", [*pairs(5, 6), odd, empty]),
    )
    corpus = load_site(site, "java", "csharp")
    assert len(corpus.split.validation) == 5
    assert [pair.id for pair in corpus.split.held_out] == ["p5", "p6", "odd"]
    assert len(corpus.split.train) == 23
    assert corpus.cleaned.counts() == {"in validation or held-out": 7}


def test_folders_are_mined_split_by_globs_and_tell_what_is_pending(tmp_path: Path) -> None:
    for name in ("Alpha", "Beta", "Gamma", "Delta"):
        code = f"class {name} {{ int sum{name}(int left) {{ return left + {name.lower()}; }} }}"
        (tmp_path / "java" / "shop").mkdir(parents=True, exist_ok=True)
        (tmp_path / "cs").mkdir(exist_ok=True)
        (tmp_path / "java" / "shop" / f"{name}.java").write_text(code)
        if name != "Delta":
            (tmp_path / "cs" / f"{name}.cs").write_text(code.replace("sum", "Sum"))
    site = SiteSettings(
        name="a",
        source_folder=tmp_path / "java",
        target_folder=tmp_path / "cs",
        validation=("java/shop/Beta.java",),
        held_out=("shop/Gamma.java",),
        class_path=(tmp_path / "cs",),
        usings=("System",),
    )
    corpus = load_site(site, "java", "csharp")
    ids = [[pair.group for pair in part] for part in (corpus.split.train, corpus.split.validation)]
    assert ids == [["shop/Alpha.java"], ["shop/Beta.java"]]
    assert [pair.group for pair in corpus.split.held_out] == ["shop/Gamma.java"]
    assert [unit.name for unit in corpus.pending] == ["sumDelta"]
    assert corpus.class_path == (tmp_path / "cs",)
    assert corpus.usings == ("System",)


def test_the_limit_takes_the_same_pairs_each_time(tmp_path: Path) -> None:
    location = saved(tmp_path / "p.jsonl", pairs(0, 99))
    site = SiteSettings(name="a", pairs=location, limit=12)
    train = load_site(site, "java", "csharp").split.train
    assert len(train) == 12
    assert train == load_site(site, "java", "csharp").split.train
    assert list(train) == sorted(train, key=lambda pair: int(pair.id[1:]))
    wider = SiteSettings(name="a", pairs=location, limit=20)
    assert set(train) <= set(load_site(wider, "java", "csharp").split.train)


def test_pairs_that_another_site_keeps_are_in_no_part(tmp_path: Path) -> None:
    every = pairs(0, 29)
    known = [sketch(pair, SALT) for pair in every[::2]]
    site = SiteSettings(name="a", pairs=saved(tmp_path / "p.jsonl", every))
    split = load_site(site, "java", "csharp", known=known, salt=SALT).split
    left = {pair.id for part in (split.train, split.validation, split.held_out) for pair in part}
    assert left == {pair.id for pair in every[1::2]}


def test_a_site_without_training_pairs_is_refused_with_the_reasons(tmp_path: Path) -> None:
    empty = SiteSettings(name="bare", pairs=saved(tmp_path / "e.jsonl", []))
    with pytest.raises(CorpusError, match=r"'bare' has no pairs to train on: .*holds no pairs"):
        load_site(empty, "java", "csharp")
    broken = [CodePair("int f( {", "{", "java", "csharp", id="b", group="b")]
    unfit = SiteSettings(name="bare", pairs=saved(tmp_path / "b.jsonl", broken))
    with pytest.raises(CorpusError, match=r"of 1 pairs: 1 too short.*pairs check"):
        load_site(unfit, "java", "csharp")
    location = saved(tmp_path / "p.jsonl", pairs(0, 3))
    leaking = SiteSettings(name="bare", pairs=location, held_out_pairs=location)
    with pytest.raises(CorpusError, match="must not be the training pairs themselves"):
        load_site(leaking, "java", "csharp")


@pytest.mark.parametrize("key", ["validation_pairs", "held_out_pairs"])
def test_a_part_that_is_named_and_empty_is_refused(tmp_path: Path, key: str) -> None:
    parts = {key: saved(tmp_path / "e.jsonl", [])}
    site = SiteSettings(name="a", pairs=saved(tmp_path / "p.jsonl", pairs(0, 9)), **parts)
    with pytest.raises(CorpusError, match=r"e\.jsonl holds no pairs"):
        load_site(site, "java", "csharp")


def test_a_glob_that_matches_nothing_names_the_site(tmp_path: Path) -> None:
    location = saved(tmp_path / "p.jsonl", pairs(0, 9))
    site = SiteSettings(name="bare", pairs=location, held_out=("nothing/**",))
    with pytest.raises(CorpusError, match=r"Site 'bare': held_out: the glob 'nothing/\*\*'"):
        load_site(site, "java", "csharp")
