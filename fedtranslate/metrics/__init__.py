"""How good translations are: text, code and tests, and how sure a difference is."""

from fedtranslate.metrics.bleu import codexglue_bleu, sacre_bleu
from fedtranslate.metrics.bootstrap import Comparison, paired_bootstrap
from fedtranslate.metrics.codebleu import CodeBleu, codebleu
from fedtranslate.metrics.exact import exact_match, token_exact_match
from fedtranslate.metrics.passk import mean_pass_at_k, pass_at_k
from fedtranslate.metrics.scores import (
    Scores,
    Scoring,
    UnitScores,
    score_corpus,
    score_pair,
    score_translations,
)
from fedtranslate.metrics.significance import Difference, Interval, differences, intervals
from fedtranslate.metrics.similarity import chrf, edit_distance, edit_similarity

__all__ = [
    "CodeBleu",
    "Comparison",
    "Difference",
    "Interval",
    "Scores",
    "Scoring",
    "UnitScores",
    "chrf",
    "codebleu",
    "codexglue_bleu",
    "differences",
    "edit_distance",
    "edit_similarity",
    "exact_match",
    "intervals",
    "mean_pass_at_k",
    "paired_bootstrap",
    "pass_at_k",
    "sacre_bleu",
    "score_corpus",
    "score_pair",
    "score_translations",
    "token_exact_match",
]
