"""Credentials are found in code, and ordinary code is left alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedtranslate.corpus.secrets import find_secrets

LETTERS = "q7Xw2LmZ9vRt4KpB8sNc3HdF6gJy1TbV5"
"""Of no service; the examples below are put together so that no scanner takes them for real."""


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("AWS access key", 'String id = "' + "AKIA" + "Q7XW2LMZ9VRT4KPB" + '";'),
        ("GitHub token", "// " + "ghp_" + LETTERS + "abc"),
        ("GitLab token", "glpat" + "-" + LETTERS[:20]),
        ("Slack token", "xoxb" + "-123456789012-" + LETTERS),
        ("Google API key", '"' + "AIza" + (LETTERS + "x9")[:35] + '"'),
        ("Stripe key", '"' + "sk_live" + "_" + LETTERS[:24] + '"'),
        ("Hugging Face token", '"' + "hf_" + LETTERS + '"'),
        (
            "JSON web token",
            '"' + "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0." + LETTERS + '"',
        ),
        (
            "private key",
            "-----BEGIN RSA " + 'PRIVATE KEY-----\\n" +\n  "MIIEpAIBAAKCAQEAq7Xw2LmZ9vRt4',
        ),
        ("Azure storage key", '"AccountName=x;AccountKey=' + LETTERS * 2 + '=="'),
        ("password in a URL", 'connect("postgres://app:' + 'q7Xw2LmZ@db.intern/x");'),
        ("password in a connection", '"Server=db;User Id=app;Password=' + 'q7Xw2LmZ;"'),
        ("value of dbPassword", 'String dbPassword = "' + 'q7Xw2LmZ!";'),
        ("value of password", 'login("app", "it\'s", password = "' + 'q7Xw2LmZ9");'),
        ("value of password", 'String password = "' + 'hunter2-very-secret-9f8a7b6c5d";'),
        ("value of setPassword", 'config.setPassword("' + 'q7Xw2LmZ9");'),
        ("value of api_key", "{'api_key': '" + LETTERS + "'}"),
        ("value of ClientSecret", 'ClientSecret = "' + LETTERS + '"'),
        ("value of AUTH_TOKEN", 'AUTH_TOKEN = "' + LETTERS + '"'),
    ],
)
def test_credentials_are_found(kind: str, text: str) -> None:
    found = find_secrets("void f() {\n" + text + "\n}")
    assert kind in {secret.kind for secret in found}
    assert {secret.line for secret in found} <= {2, 3}
    assert all(len(secret.shown) == 7 for secret in found)


@pytest.mark.parametrize(
    "text",
    [
        'String password = "";',
        'String password = "changeme";',
        'String PASSWORD_KEY = "app.user.password";',
        'throw new Error("the password is wrong, try again after 5 minutes");',
        'if (token.equals("identifier")) { return null; }',
        'private static final String TOKEN_TYPE = "STRING_LITERAL_2";',
        'tokenizer = AutoTokenizer.load("google/model-7b-v1.5-chat")',
        'Pattern secret = Pattern.compile("[A-Za-z0-9]{8,20}");',
        'header("X-Auth-Token", token);',
        'String key = "AKIAIOSFODNN7' + 'EXAMPLE";',
        'url = "https://user:password@host/path";',
        'url = "https://" + user + ":" + password + "@" + host;',
        'String pem = "-----BEGIN PRIVATE ' + 'KEY-----";',
        'password = System.getenv("DB_PASSWORD");',
        'var c = $"Server={host};Password={password}";',
        'String hash = "d41d8cd98f00b204e9800998ecf8427e";',
        'assertEquals("b6589fc6ab0dc82cf12099d1c2d40ab994e8410c", sha1("0"));',
        "public void clear() {username = null;if (password != null) {password = null;}}",
    ],
)
def test_ordinary_code_is_left_alone(text: str) -> None:
    assert find_secrets(text) == ()


@given(st.text(max_size=200))
@settings(deadline=None)
def test_any_text_can_be_searched(text: str) -> None:
    find_secrets(text)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece",
    [
        "a",
        '"',
        "password=",
        "eyJ",
        "://a:",
        "-----BEGIN ",
        "\\",
        "AKIA",
        "'password' = '",
        "-",
        " ",
    ],
)
def test_long_repetitive_text_takes_no_long_time(piece: str) -> None:
    find_secrets(piece * (60_000 // len(piece)))
