"""Which files and pairs a site's policy lets anybody learn from."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.config.federation import SiteSettings, read_site
from fedtranslate.config.policy import Policy
from fedtranslate.corpus.formats import write_pairs
from fedtranslate.corpus.permission import is_allowed, licences_in, permission_of
from fedtranslate.corpus.site import SiteCorpus, load_site
from fedtranslate.errors import CorpusError, NotAllowedError
from fedtranslate.records import CodePair


@pytest.mark.parametrize(
    ("expression", "licences", "expected"),
    [
        ("MIT", {"mit"}, True),
        ("Mit", {"mit"}, True),
        ("GPL-3.0-only", {"mit"}, False),
        ("MIT OR GPL-3.0-only", {"mit"}, True),
        ("MIT AND GPL-3.0-only", {"mit"}, False),
        ("MIT AND (Apache-2.0 OR GPL-3.0-only)", {"mit", "apache-2.0"}, True),
        ("(MIT AND GPL-3.0-only) OR Zlib", {"mit", "zlib"}, True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", {"gpl-2.0-only"}, True),
        (
            "GPL-2.0-only WITH Classpath-exception-2.0",
            {"gpl-2.0-only with classpath-exception-2.0"},
            True,
        ),
        ("GPL-2.0-only WITH Classpath-exception-2.0", {"classpath-exception-2.0"}, False),
        ("LicenseRef-Acme", {"licenseref-acme"}, True),
        ("", {"mit"}, False),
        ("MIT GPL-3.0-only", {"mit"}, False),
        ("(MIT", {"mit"}, False),
        ("MIT OR", {"mit"}, False),
        ("see LICENSE", {"mit"}, False),
    ],
)
def test_an_expression_is_allowed_if_the_licences_satisfy_it(
    expression: str, licences: set[str], expected: bool
) -> None:
    assert is_allowed(expression, licences) is expected


@given(st.text(alphabet="()abMIT ", max_size=60), st.sets(st.sampled_from(["mit", "a", "b"])))
def test_more_licences_never_allow_less(expression: str, licences: set[str]) -> None:
    if is_allowed(expression, licences):
        assert is_allowed(expression, licences | {"mit", "m"})


@pytest.mark.parametrize(
    "line",
    [
        "// SPDX-License-Identifier: MIT",
        "/* SPDX-License-Identifier: MIT */",
        "# SPDX-License-Identifier:MIT",
        "<!-- SPDX-License-Identifier: MIT -->",
        " * SPDX-License-Identifier: MIT\r",
        "(* SPDX-License-Identifier: MIT *)",
    ],
)
def test_a_licence_is_found_in_the_comments_of_any_language(line: str) -> None:
    assert licences_in(f"\n{line}\nclass A {{}}") == ("MIT",)


def test_a_licence_far_below_the_top_is_no_header() -> None:
    assert licences_in("x" * 10_000 + "\n// SPDX-License-Identifier: MIT") == ()


def tree(folder: Path, licences: dict[str, str]) -> None:
    for name, licence in licences.items():
        head = f"// SPDX-License-Identifier: {licence}\n" if licence else ""
        body = "".join(f"  int f{name}{n}() {{ return {n} + 1; }}\n" for n in range(9))
        for side, ending in (("old", "java"), ("new", "cs")):
            path = folder / side / name / f"{name}.{ending}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{head}class {name} {{\n{body}}}\n")


def corpus(folder: Path, policy: str) -> SiteCorpus:
    file = folder / "site.toml"
    file.write_text(
        f'name = "ada"\nsource_folder = "old"\ntarget_folder = "new"\n[policy]\n{policy}\n'
    )
    return load_site(read_site(file), "java", "csharp")


def learned(found: SiteCorpus) -> set[str]:
    parts = (found.split.train, found.split.validation, found.split.held_out)
    return {pair.group.split("/")[0] for part in parts for pair in part}


def test_files_of_other_licences_are_not_mined_and_are_counted(tmp_path: Path) -> None:
    tree(tmp_path, {"Own": "", "Free": "MIT", "Closed": "GPL-3.0-only"})
    found = corpus(tmp_path, 'licences = ["MIT"]')
    assert learned(found) == {"Own", "Free"}
    assert found.not_allowed() == {"licence not allowed": 2}
    assert learned(corpus(tmp_path, "")) == {"Own", "Free", "Closed"}


@pytest.mark.parametrize(
    ("globs", "expected"),
    [
        ('["old/Own", "new/Own"]', {"Own"}),
        ('["*/Own/", "*/Free/*.java", "*/Free/*.cs"]', {"Own", "Free"}),
        ('["old", "new", "!old/Free"]', {"Own", "Closed"}),
        ('["."]', {"Own", "Free", "Closed"}),
    ],
)
def test_only_the_folders_that_the_policy_names_are_mined(
    tmp_path: Path, globs: str, expected: set[str]
) -> None:
    folder = tmp_path / "a [folder] of #1"
    tree(folder, {"Own": "", "Free": "MIT", "Closed": "GPL-3.0-only"})
    assert learned(corpus(folder, f"repositories = {globs}")) == expected


@pytest.mark.parametrize(
    ("policy", "setting"),
    [
        ('repositories = ["elsewhere"]', "repositories"),
        ('repositories = ["/old"]', "repositories"),
        ('licences = ["Zlib"]', "licences"),
    ],
)
def test_a_policy_that_leaves_nothing_says_so(tmp_path: Path, policy: str, setting: str) -> None:
    tree(tmp_path, {"Free": "MIT"})
    with pytest.raises(NotAllowedError, match="leaves no pairs") as caught:
        corpus(tmp_path, policy)
    assert caught.value.setting == setting


def pairs(count: int, licence: str = "") -> list[CodePair]:
    head = f"// SPDX-License-Identifier: {licence}\n" if licence else ""
    return [
        CodePair(
            f"{head}int f{n}{licence[:3]}() {{ return {n}; }}",
            f"int F{n}{licence[:3]}() {{ return {n}; }}",
            "java",
            "csharp",
            id=f"{licence}{n}",
            group=f"{licence}{n}",
        )
        for n in range(count)
    ]


def test_pairs_of_a_file_that_state_another_licence_are_dropped_and_counted(
    tmp_path: Path,
) -> None:
    write_pairs(tmp_path / "p.jsonl", [*pairs(20), *pairs(5, "GPL-3.0-only"), *pairs(5, "MIT")])
    write_pairs(tmp_path / "v.jsonl", [*pairs(4, "Zlib"), *pairs(4, "MIT")][2:])
    site = SiteSettings(
        name="a",
        pairs=str(tmp_path / "p.jsonl"),
        validation_pairs=str(tmp_path / "v.jsonl"),
        policy=Policy(licences=("MIT",)),
    )
    found = load_site(site, "java", "csharp")
    assert found.cleaned.counts()["licence not allowed"] == 5
    assert {pair.id[:3] for pair in found.split.validation} == {"MIT"}


def test_a_file_of_pairs_outside_the_policy_is_not_read(tmp_path: Path) -> None:
    write_pairs(tmp_path / "p.jsonl", pairs(20))
    file = tmp_path / "site.toml"
    file.write_text('name = "a"\npairs = "p.jsonl"\n[policy]\nrepositories = ["other/"]\n')
    with pytest.raises(NotAllowedError, match=r"does not allow pairs from .*p\.jsonl"):
        load_site(read_site(file), "java", "csharp")
    file.write_text('name = "a"\npairs = "p.jsonl"\n[policy]\nrepositories = ["*.jsonl"]\n')
    assert load_site(read_site(file), "java", "csharp").split.train


def test_a_data_source_is_allowed_by_its_own_name_only() -> None:
    permission = permission_of(Policy(repositories=("/data/", "hub:acme/*")))
    places = ("hub:acme/pairs", "hub:other/pairs", "/data/x.jsonl", "/other")
    assert [permission.allows(place) for place in places] == [True, False, True, False]


def test_not_allowed_is_an_error_of_the_corpus() -> None:
    assert issubclass(NotAllowedError, CorpusError)
