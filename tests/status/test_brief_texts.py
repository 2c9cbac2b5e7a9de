"""What is told to those without the token has no addresses and no paths in it."""

import pytest

from fedtranslate.status.wording import brief


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("it did not answer in time", "it did not answer in time"),
        ("Round 3 has 1 valid replies. Help these sites.", "Round 3 has 1 valid replies."),
        ("no route to 10.0.0.5:9443", "no route to …"),
        ("no route to [fe80::1]:9443 today", "no route to … today"),
        ("no route to 2001:db8::7", "no route to …"),
        ("nobody at fed.acme.example:9443", "nobody at …"),
        ("nobody at localhost:80", "nobody at …"),
        ("see https://intern.acme.example/x?y=1 there", "see … there"),
        ("cannot read /home/eve/code/A.java: gone", "cannot read …: gone"),
        ("cannot read ~/code", "cannot read …"),
        ("ask eve@acme.example", "ask …"),
        ("12 and/or 13 of 14", "12 and/or 13 of 14"),
        ("a loss of 1.2345 in round 3", "a loss of 1.2345 in round 3"),
        ("", ""),
    ],
)
def test_places_are_blotted_out_and_one_sentence_is_left(text: str, told: str) -> None:
    assert brief(text) == told


def test_a_long_sentence_is_cut() -> None:
    assert len(brief("word " * 1000)) == 200


def test_no_text_takes_long() -> None:
    for text in ("a" * 2000, "1." * 1000, ":" * 2000, "/a" * 1000, "[" * 2000, "a." * 999 + ":"):
        assert len(brief(text)) <= 200
