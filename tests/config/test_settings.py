"""Settings files: all mistakes at once, paths seen from the file, and no crash on any content."""

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fedtranslate.config.federation import RunSettings, SiteSettings, read_federation, read_site
from fedtranslate.config.reading import read_toml, validate
from fedtranslate.config.training import DecodingSettings, LoraSettings, TrainingSettings
from fedtranslate.errors import ConfigError

GOOD = """
[federation]
name = "demo"
source = "java"
target = "csharp"
rounds = 4

[site.ada]
pairs = "ada.jsonl"

[site.bob]
source_folder = "old"
target_folder = "new"
class_path = ["lib"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "federation.toml"
    path.write_text(GOOD)
    (tmp_path / "ada.jsonl").write_text("")
    for folder in ("old", "new", "lib"):
        (tmp_path / folder).mkdir()
    return path


def test_a_federation_is_read_with_paths_seen_from_its_file(file: Path) -> None:
    read = read_federation(file)
    ada, bob = read.sites
    assert (read.run.name, read.run.rounds, read.run.method) == ("demo", 4, "fra")
    assert ada.pairs == str(file.parent / "ada.jsonl")
    assert (bob.name, bob.source_folder) == ("bob", file.parent / "old")
    assert bob.class_path == (file.parent / "lib",)


def test_a_relative_path_to_the_file_gives_absolute_paths(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    assert read_federation(Path("federation.toml")) == read_federation(file)


def test_options_win_over_the_file_where_they_are_given(file: Path) -> None:
    assert read_federation(file, rounds=9, seed=None).run.rounds == 9
    assert read_federation(file, rounds=None, seed=3).run.seed == 3


def test_all_mistakes_are_named_at_once(file: Path) -> None:
    file.write_text(
        GOOD.replace("rounds = 4", "rounds = 0").replace("pairs =", "pears =")
        + 'colour = "red"\n[extra]\n'
    )
    with pytest.raises(ConfigError) as refused:
        read_federation(file)
    message = str(refused.value)
    for part in (
        str(file),
        "rounds",
        "(given: 0)",
        "pears",
        "site.ada",
        "colour",
        "extra: unknown",
    ):
        assert part in message


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("", "name: Field required"),
        ("federation = 3\n[site.a]\npairs = 'p'", "federation: must be a table"),
        (
            "[federation]\nname = 'a'\nsource = 'java'\ntarget = 'csharp'",
            "at least one [site.NAME]",
        ),
        ("site = 3", "at least one [site.NAME]"),
        ("[site]\na = 3", "[site.a] must be a table"),
        ("[federation]\nname = '../up'\n", "name: a name has 1 to 64 characters, which may be"),
        ("[site.'a b']\npairs = 'p'", "digits, '.', '_' and '-'"),
        ("[training]\nlearning_rate = 1e-3", "[training]: belongs to the federation; write [fed"),
        ("[lora]\nrank = 4", "write [federation.lora]"),
        ("rounds = 4", "rounds: belongs to the federation; write it below [federation]"),
        ("usings = ['System']", "usings: belongs to a site; write it below [site.NAME]"),
        ("[federation]\npersonal_from = 9\n[site.a]\npairs = 'p'", "source: Field required"),
        ("[federation]\nlora = {rank = 0}\n", "lora.rank"),
        ("[federation]\nrounds = true\n", "rounds: should be a number, not true or false"),
        ("[federation]\nlora = {alpha = true}\n", "lora.alpha: should be a number"),
        ("[federation]\nmax_weight = inf\n", "max_weight"),
        ("[federation]\nbyzantine = -1\n", "byzantine"),
        ("[federation.screening]\nnorm_factor = 1.0\n", "screening.norm_factor"),
        ("[federation.screening]\nleast_cosine = 0.5\n", "screening.least_cosine"),
        ("[federation.screening]\nenabled = 3\n", "screening.enabled"),
        ("[screening]\nenabled = false", "write [federation.screening]"),
        ("[site.a]\nfolder = 'gone'", "[site.a] folder: There is no file"),
        ("[site.a]\nsource_folder = 's'", "give either pairs, or both"),
        ("[site.a]\npairs = 'p'\nsource_folder = 's'\ntarget_folder = 't'", "give either pairs"),
    ],
)
def test_what_is_wrong_is_said(file: Path, content: str, part: str) -> None:
    file.write_text(content)
    with pytest.raises(ConfigError) as refused:
        read_federation(file)
    assert part in str(refused.value)


def test_what_a_site_names_and_is_not_there_is_told_with_all_other_mistakes(file: Path) -> None:
    (file.parent / "new").rmdir()
    for name in ("new", "notes.txt", "Lib.dll"):
        (file.parent / name).write_text("")
    own = file.parent / "north"
    own.mkdir()
    (own / "site.toml").write_text('pairs = "p.jsonl"\nheld_out_pairs = "h.jsonl"\n')
    file.write_text(
        GOOD.replace("rounds = 4", "rounds = 0")
        .replace("ada.jsonl", "nope.jsonl")
        .replace('"lib"', '"gone", "lib", "notes.txt", "Lib.dll"')
        + 'colour = "red"\n[site.north]\nfolder = "north"\n'
    )
    with pytest.raises(ConfigError) as refused:
        read_federation(file)
    message = str(refused.value)
    for part in (
        "rounds: ",
        "colour: unknown",
        f"[site.ada] pairs: there is no file {file.parent / 'nope.jsonl'}",
        f"[site.bob] target_folder: {file.parent / 'new'} is not a folder",
        f"[site.bob] class_path: there is no folder {file.parent / 'gone'}",
        f"[site.bob] class_path: {file.parent / 'notes.txt'} is neither a folder nor a library",
        f"[site.north] in {own / 'site.toml'} pairs: there is no file {own / 'p.jsonl'}",
        f"held_out_pairs: there is no file {own / 'h.jsonl'}",
    ):
        assert part in message


@pytest.mark.parametrize("pairs", ["hub:some/pairs", "old:train", "stem", "old", "stem.java"])
def test_every_form_of_pairs_that_is_there_passes(file: Path, pairs: str) -> None:
    (file.parent / "stem.java").write_text("")
    (file.parent / "stem.cs").write_text("")
    file.write_text(GOOD.replace("ada.jsonl", pairs))
    assert len(read_federation(file).sites) == 2


def test_a_run_of_fewer_rounds_is_personalised_from_its_last() -> None:
    run = {"name": "a", "source": "java", "target": "csharp"}
    short = validate(RunSettings, {**run, "rounds": 3, "personal_from": 9}, "here")
    assert short.personal_round == 3
    assert validate(RunSettings, {**run, "rounds": 1}, "here").personal_round == 1
    assert validate(RunSettings, {**run, "rounds": 8}, "here").personal_round == 4


def test_a_site_in_a_folder_of_its_own_keeps_its_paths_and_takes_the_name_of_the_table(
    file: Path,
) -> None:
    own = file.parent / "north"
    own.mkdir()
    (own / "site.toml").write_text('name = "whatever"\npairs = "p.jsonl"\nlimit = 3\n')
    (own / "p.jsonl").write_text("")
    table = '[site.polar]\nfolder = "north"\nlimit = 7\n'
    file.write_text(GOOD.split("[site.ada]")[0] + table)
    (site,) = read_federation(file).sites
    assert (site.name, site.pairs, site.limit) == ("polar", str(own / "p.jsonl"), 7)


@pytest.mark.parametrize("key", ["name", "path", "overrides"])
def test_a_site_that_names_a_folder_may_be_wrong_in_any_key(file: Path, key: str) -> None:
    own = file.parent / "north"
    own.mkdir()
    (own / "site.toml").write_text('name = "north"\npairs = "p.jsonl"\n')
    (own / "p.jsonl").write_text("")
    file.write_text(GOOD.split("[site.ada]")[0] + f'[site.n]\nfolder = "north"\n{key} = "x y"\n')
    if key == "name":
        assert read_federation(file).sites[0].name == "n"
        return
    with pytest.raises(ConfigError, match=f"{key}: unknown setting"):
        read_federation(file)


def test_two_sites_of_one_name_are_refused(file: Path) -> None:
    file.write_text(GOOD.replace("[site.bob]", '[site.bob]\nname = "ada"'))
    with pytest.raises(ConfigError, match="ada: two sites have this name"):
        read_federation(file)


def test_a_source_of_the_hub_is_no_path(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text('name = "a"\npairs = "hub:some/pairs"\n')
    assert read_site(path).pairs == "hub:some/pairs"


def test_a_file_that_cannot_be_read_is_said_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no file .*gone\.toml"):
        read_toml(tmp_path / "gone.toml")
    with pytest.raises(ConfigError, match="is a folder"):
        read_toml(tmp_path)
    for content, part in ((b"\xff\xfe", "not UTF-8 text (byte 0)"), (b"a = ]\n", "line 1")):
        (tmp_path / "x.toml").write_bytes(content)
        with pytest.raises(ConfigError) as refused:
            read_toml(tmp_path / "x.toml")
        assert part in str(refused.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_said_by_name(file: Path) -> None:
    file.chmod(0)
    with pytest.raises(ConfigError, match="cannot be read: Permission denied"):
        read_toml(file)


plain = st.one_of(st.booleans(), st.integers(-9, 9), st.floats(), st.text(max_size=4))
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2)
)
SITE_KEYS = [*SiteSettings.model_fields, "folder", "path"]


def toml(value: object) -> str:
    """Return ``value`` as TOML; enough for tests."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(c):08x}" for c in value) + '"'
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(k)} = {toml(v)}" for k, v in value.items()) + "}"
    return str(value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    run=st.dictionaries(st.sampled_from(list(RunSettings.model_fields)), values, max_size=3),
    site=st.dictionaries(st.sampled_from(SITE_KEYS), values, max_size=3) | plain,
)
def test_no_content_makes_reading_crash(tmp_path: Path, run: object, site: object) -> None:
    text = f"federation = {toml(run)}\nsite = {{a = {toml(site)}}}\n"
    tomllib.loads(text)
    path = tmp_path / "any.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError):
        read_federation(path)


def test_a_setting_changes_the_fingerprint_and_settings_do_not_change() -> None:
    one = TrainingSettings()
    assert one.fingerprint() == TrainingSettings().fingerprint()
    assert one.fingerprint() != TrainingSettings(learning_rate=1e-3).fingerprint()
    with pytest.raises(ValueError, match="frozen"):
        one.learning_rate = 1.0  # type: ignore[misc]


def test_the_scaling_is_alpha_over_rank_or_over_its_root() -> None:
    assert LoraSettings(rank=16, alpha=32.0).scaling == 2.0
    assert LoraSettings(rank=16, alpha=32.0, rslora=True).scaling == 8.0


@pytest.mark.parametrize(
    "wrong", [{"candidates": 0}, {"temperature": 0}, {"top_p": 1.5}, {"strategy": "best"}]
)
def test_impossible_decoding_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        validate(DecodingSettings, wrong, "The request")


def test_the_quorum_is_more_than_half_unless_it_is_set() -> None:
    run = RunSettings(name="a", source="java", target="csharp")
    assert [run.quorum_of(sites) for sites in (1, 2, 3, 4)] == [1, 2, 2, 3]
    assert run.model_copy(update={"quorum": 3}).quorum_of(2) == 2


@pytest.mark.parametrize("usings", [[""], ["using System"], ["\0"], ["[a"], ["A..B"]])
def test_a_using_that_no_file_could_have_is_refused(usings: list[str]) -> None:
    values = {"name": "a", "pairs": "a.jsonl", "usings": usings}
    with pytest.raises(ConfigError, match=r"usings\.0: a namespace is names with dots"):
        validate(SiteSettings, values, "a.toml")


def test_a_text_where_a_list_belongs_is_told_in_words_of_toml() -> None:
    values = {"name": "a", "pairs": "a.jsonl", "usings": "System"}
    with pytest.raises(ConfigError, match=r'usings: should be a list, such as \["one", "two"\]'):
        validate(SiteSettings, values, "a.toml")


def test_a_path_with_a_null_byte_and_a_bottomless_value_are_refused(file: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_toml(Path("\0"))
    file.write_text("a = " + "[" * 5000)
    with pytest.raises(ConfigError, match=r"nested too deep|not valid TOML"):
        read_toml(file)


@pytest.mark.parametrize(
    ("model", "wrong"),
    [
        (LoraSettings, {"alpha": 1e13}),
        (RunSettings, {"seed": 2**63}),
        (RunSettings, {"steps": 10**26}),
        (RunSettings, {"quorum": 10**26}),
        (RunSettings, {"byzantine": 10**26}),
        (RunSettings, {"personal_from": 10**26}),
    ],
)
def test_a_number_that_no_message_or_file_could_hold_is_refused(
    model: type[RunSettings] | type[LoraSettings], wrong: dict[str, object]
) -> None:
    needed = {"name": "cairn", "source": "java", "target": "csharp"} if model is RunSettings else {}
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        validate(model, {**needed, **wrong}, "[federation]")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"round": 3}, r"round: unknown setting; did you mean rounds\?"),
        ({"lora": {"rang": 3}}, r"lora.rang: unknown setting; did you mean rank\?"),
        ({"zzz": 3}, r"zzz: unknown setting \(given: 3\)"),
    ],
)
def test_an_unknown_setting_is_told_with_the_nearest(values: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        validate(RunSettings, {"name": "r", "source": "a", "target": "b", **values}, "r.toml")


def test_a_long_value_or_key_is_shown_as_far_as_it_helps() -> None:
    values = {"name": "r", "source": "a", "target": "b", "quorum": "9" * 5_000, "k" * 5_000: 1}
    with pytest.raises(ConfigError) as caught:
        validate(RunSettings, values, "r.toml")
    assert len(str(caught.value)) < 1_000
    assert "(5002 characters)" in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        pytest.param("rounds", 16**5_000, "(given: a number of thousands of digits)", id="digits"),
        ("a\nb\x1b[31m", 1, r"'a\nb\x1b[31m': unknown setting"),
        ("", 1, "'': unknown setting"),
    ],
)
def test_odd_keys_and_values_cannot_spoil_the_message(key: str, value: object, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        validate(RunSettings, {"name": "r", "source": "a", "target": "b", key: value}, "r.toml")
    assert told in str(caught.value)
