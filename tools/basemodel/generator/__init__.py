"""Generate aligned Java/C# code without end, from one abstract program rendered twice."""

from tools.basemodel.generator.runnable import GeneratedProgram, program
from tools.basemodel.generator.stream import GeneratedPair, pairs

__all__ = ["GeneratedPair", "GeneratedProgram", "pairs", "program"]
