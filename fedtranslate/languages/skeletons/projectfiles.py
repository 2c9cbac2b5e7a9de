"""The files that make a folder of sources a project, such as a pom.xml."""

import re
from collections.abc import Mapping

from fedtranslate.languages.naming import styled
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.skeletons.writefile import write_rules

_UNFIT = re.compile(r"[^\w.-]+", re.ASCII)
_MAX_LENGTH = 100


def project_files(pack: LanguagePack, name: str) -> Mapping[str, str]:
    """Return the texts of the files that a project needs, by their names.

    There are none where the pack says nothing of it.

    Args:
        pack: The language of the project.
        name: Of the project; what is not fit for the name of a file or package is taken out.
    """
    rules = write_rules(pack.folder)
    fit = _UNFIT.sub("-", name).strip("-.")[:_MAX_LENGTH] or "project"
    package = styled(fit, "kebab-case")
    return {
        _placed(table.file, fit, package): _placed(table.text.lstrip("\n"), fit, package)
        for table in (rules.project if rules else ())
    }


def _placed(text: str, name: str, package: str) -> str:
    return text.replace("{name}", name).replace("{package}", package)
