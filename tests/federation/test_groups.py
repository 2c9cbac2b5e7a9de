"""Sites that part into groups: what it gains, what is kept, and that a killed one goes on."""

import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from federations import TRADE, federation

from fedtranslate.config.federation import FederationFile
from fedtranslate.errors import ConfigError
from fedtranslate.experiments.groups import Parted, simulate_groups, site_losses
from fedtranslate.federation.flower.local import run_local

KINDS = ("seed=1", "seed=2,kind=opposite", "seed=3", "seed=4,kind=opposite")


def several(rounds: int = 6) -> FederationFile:
    return federation(*KINDS, rounds=rounds, steps=15)


def parted(file: FederationFile, root: Path, into: int | None, shared_rounds: int) -> Parted:
    def place(one: FederationFile) -> Path:
        sites = "-".join(site.name for site in one.sites)
        return root / f"{one.run.name}-{sites}-{one.run.begins_with or 'new'}"

    runtime = partial(run_local, trainer=TRADE)
    return simulate_groups(file, place, into=into, shared_rounds=shared_rounds, runtime=runtime)


def losses(found: Parted) -> dict[str, float]:
    return {site: loss for group in found.groups for site, loss in group.losses().items()}


@pytest.mark.parametrize("into", [None, 2])
def test_groups_find_the_kinds_and_serve_every_site_better_than_one_group(
    tmp_path: Path, into: int | None
) -> None:
    file = several()
    alike = parted(file, tmp_path / "groups", into, 2)
    assert [group.sites for group in alike.groups] == [("ada", "eve"), ("bob", "joe")]
    together = run_local(file, tmp_path / "one", trainer=TRADE)
    one, several_ = site_losses(together.folder, together.best_round), losses(alike)
    assert several_.keys() == one.keys() == {"ada", "bob", "eve", "joe"}
    assert all(several_[site] < 0.5 * one[site] for site in one)
    assert alike.shared is not None
    start = site_losses(alike.groups[0].result.folder, 0)
    assert start["ada"] == pytest.approx(
        site_losses(alike.shared.folder, alike.shared.best_round)["ada"], rel=1e-5
    )


def test_as_many_groups_as_sites_share_nothing(tmp_path: Path) -> None:
    found = parted(several(rounds=3), tmp_path, 4, 0)
    assert found.shared is None
    assert [group.sites for group in found.groups] == [("ada",), ("bob",), ("eve",), ("joe",)]
    alone = federation(KINDS[0], rounds=3, steps=15, name="tiny-group-1")
    assert run_local(alone, tmp_path / "alone", trainer=TRADE).checksum == (
        found.groups[0].result.checksum
    )
    later = parted(several(rounds=3), tmp_path, 4, 1)
    assert [group.sites for group in later.groups] == [group.sites for group in found.groups]
    assert later.groups[0].result.checksum != found.groups[0].result.checksum


def test_a_site_that_had_no_part_is_in_no_group(tmp_path: Path) -> None:
    file = federation(*KINDS[:3], f"{KINDS[3]},bad=keys@2", rounds=3, steps=15)
    found = parted(file, tmp_path, None, 2)
    assert found.missing == ("joe",)
    assert sorted(site for group in found.groups for site in group.sites) == ["ada", "bob", "eve"]


@pytest.mark.parametrize(
    ("into", "shared_rounds", "message"),
    [
        (2, 6, "Of 6 rounds, 6 cannot be rounds of all"),
        (5, 2, "4 sites cannot make 5 groups"),
        (2, 0, "nobody knows which of them are alike"),
        (None, 0, "nobody knows which of them are alike"),
    ],
)
def test_what_cannot_be_is_refused_before_any_training(
    tmp_path: Path, into: int | None, shared_rounds: int, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        parted(several(), tmp_path, into, shared_rounds)
    assert not list(tmp_path.iterdir())


def test_a_killed_one_goes_on_to_the_same_adapters(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; from test_groups import parted, several;"
        f"parted(several(40), Path({str(tmp_path / 'killed')!r}), 2, 2)"
    )
    process = subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parent)
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("killed/tiny-group-1-*/round-00002")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (begun,) = tmp_path.glob("killed/tiny-group-1-*")
    rounds = len(list(begun.glob("round-*"))) + 3
    assert rounds < 38
    resumed, unbroken = (parted(several(rounds), tmp_path / n, 2, 2) for n in ("killed", "whole"))
    checksums = [[g.result.checksum for g in found.groups] for found in (resumed, unbroken)]
    assert checksums[0] == checksums[1]
    assert losses(resumed) == losses(unbroken)
