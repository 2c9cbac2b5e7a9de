"""CodeBLEU, our own, and the numbers of the two published evaluators."""

from fedtranslate.metrics.codebleu.compat import Evaluator
from fedtranslate.metrics.codebleu.reading import Tokens
from fedtranslate.metrics.codebleu.score import CodeBleu, codebleu

__all__ = ["CodeBleu", "Evaluator", "Tokens", "codebleu"]
