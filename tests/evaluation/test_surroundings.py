"""Surroundings in which nothing compiles are found before anything is translated."""

import shutil

import pytest

from fedtranslate.checks.compile import CompileContext
from fedtranslate.evaluation.surroundings import unknown_surroundings


@pytest.mark.skipif(shutil.which("mcs") is None, reason="no C# compiler")
def test_a_namespace_that_does_not_exist_is_found_and_those_that_do_are_not() -> None:
    good = CompileContext(usings=("System", "System.Collections.Generic"))
    assert unknown_surroundings(good, "csharp") is None
    bad = CompileContext(usings=("System", "No.Such.Namespace"))
    problem = unknown_surroundings(bad, "csharp")
    assert problem is not None
    assert "`No'" in problem.message


def test_where_nothing_is_compiled_nothing_is_said() -> None:
    assert unknown_surroundings(CompileContext(usings=("os",)), "python") is None
