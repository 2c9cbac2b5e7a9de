"""Say with what a score was made: a number without versions cannot be compared."""

from importlib.metadata import PackageNotFoundError, version

import fedtranslate
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.packfile import read_pack_file

METRICS = {"codebleu": "1", "crystal_bleu": "1", "chrf": "chrF2, as sacrebleu 2.6", "bleu": "1"}
"""Of our own definitions; raised whenever a change moves a number."""


def metric_versions(pack: LanguagePack) -> dict[str, str]:
    """Return the versions of everything that scores in a language depend on."""
    found = {f"metric {name}": number for name, number in METRICS.items()}
    found["fedtranslate"] = fedtranslate.__version__
    for package in ("sacrebleu", "tree-sitter"):
        found[package] = version(package)
    module = read_pack_file(pack.folder / "pack.toml").grammar
    if module and pack.grammar is not None:
        package = module.replace("_", "-")
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = f"ABI {pack.grammar.abi_version}"
    return found
