"""Tell whether a function may depend on more than its arguments, by what its text mentions.

Conservative and shallow: a pattern of the pack is sought in the code of the function, comments and
texts left out.  What is called elsewhere is not followed; that the source is asked twice catches
some of that.
"""

import re

from fedtranslate.checks.behave.functions import Function
from fedtranslate.checks.behave.tables import required_behaviour


def impurity(function: Function) -> str:
    """Return the first word in a function that makes it depend on more; "" if there is none."""
    pattern = required_behaviour(function.pack).run.impure
    if not pattern:
        return ""
    code = "".join(
        " " if token.lastgroup in {"comment", "string"} else token[0]
        for token in re.finditer(rf"\s+|{function.pack.lexer.pattern}", function.unit.text)
    )
    found = re.search(pattern, code)
    return found[0].strip() if found else ""
