"""How good translations are: exact match, BLEU, CodeBLEU, edits, and how sure a difference is."""

from fedtranslate.metrics.bleu import codexglue_bleu, sacre_bleu
from fedtranslate.metrics.bootstrap import Comparison, paired_bootstrap
from fedtranslate.metrics.codebleu import CodeBleu, codebleu
from fedtranslate.metrics.exact import exact_match, token_exact_match
from fedtranslate.metrics.scores import Scores, UnitScores, score_translations
from fedtranslate.metrics.similarity import chrf, edit_distance, edit_similarity

__all__ = [
    "CodeBleu",
    "Comparison",
    "Scores",
    "UnitScores",
    "chrf",
    "codebleu",
    "codexglue_bleu",
    "edit_distance",
    "edit_similarity",
    "exact_match",
    "paired_bootstrap",
    "sacre_bleu",
    "score_translations",
    "token_exact_match",
]
