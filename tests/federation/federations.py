"""Small federations for tests."""

from fedtranslate.config.federation import FederationFile, RunSettings, SiteSettings
from fedtranslate.config.training import LoraSettings

TRADE = "tiny_trade:open_trainer"


def federation(*habits: str, **settings: object) -> FederationFile:
    """Sites "ada", "bob", "eve", ... whose ``pairs`` are the given habits of the tiny trade."""
    names = ("ada", "bob", "eve", "joe")
    habits = habits or ("seed=1", "seed=2,pairs=60", "seed=3")
    values = {
        "name": "tiny",
        "source": "java",
        "target": "csharp",
        "rounds": 3,
        "steps": 6,
        "threads": 1,
        "join_seconds": 120,
        "round_seconds": 120,
        "lora": LoraSettings(rank=2, alpha=4.0),
        **settings,
    }
    run = RunSettings(**values)
    sites = [SiteSettings(name=n, pairs=h) for n, h in zip(names, habits, strict=False)]
    return FederationFile(run=run, sites=tuple(sites))
