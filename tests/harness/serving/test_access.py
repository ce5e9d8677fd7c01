"""Access to the server: requests and tokens that are accepted."""

from __future__ import annotations

import base64

import pytest

from apps_plus.errors import InputError
from harness.serving.access import check_access, is_loopback, read_token
from harness.serving.refusal import Refusal

TOKEN = "0123456789abcdef"


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "given", [f"Bearer {TOKEN}", f"bearer {TOKEN}", basic(f"apps-plus:{TOKEN}"), basic(f":{TOKEN}")]
)
def test_the_token_is_a_bearer_token_or_the_password_in_the_address(given):
    check_access({"authorization": given, "host": "elsewhere.example"}, TOKEN)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("", "no_token"),
        (f"Bearer {TOKEN}0", "wrong_token"),
        (f"Bearer {TOKEN[:-1]}", "wrong_token"),
        ("Bearer ", "wrong_token"),
        (basic(TOKEN), "wrong_token"),
        (basic(f"apps-plus:{TOKEN}\u00e9"), "wrong_token"),
        ("Basic !!!", "no_token"),
        ("Basic " + base64.b64encode(b"\xff:\xff").decode(), "no_token"),
        (f"Digest {TOKEN}", "no_token"),
    ],
)
def test_anything_else_is_refused(given, code):
    with pytest.raises(Refusal) as refused:
        check_access({"authorization": given, "host": "localhost"}, TOKEN)
    assert (refused.value.status, refused.value.code) == (401, code)
    assert TOKEN not in refused.value.message


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080", "LOCALHOST.", "127.8.9.1"]
)
def test_without_a_token_loopback_names_are_served(host):
    check_access({"host": host}, None)


@pytest.mark.parametrize("host", ["", "evil.example", "localhost.evil.example:8080", "10.0.0.1", "[::2]", "0.0.0.0:80"])
def test_without_a_token_other_names_are_refused(host):
    with pytest.raises(Refusal) as refused:
        check_access({"host": host}, None)
    assert refused.value.status == 403


def test_an_address_that_other_machines_reach_is_not_loopback():
    assert not any(map(is_loopback, ["0.0.0.0", "::", "192.168.0.1", "example.org", ""]))


def test_the_token_of_a_file_goes_before_the_one_of_the_environment(tmp_path):
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    other = {"APPS_PLUS_TOKEN": "fedcba9876543210"}
    assert read_token(file, other) == TOKEN
    assert read_token(None, other) == "fedcba9876543210"
    assert read_token(None, {}) is None


@pytest.mark.parametrize(
    "text", ["", "short", "two words, long enough", "with:colon:0123456789", "p\u00e4ssword-0123456789"]
)
def test_a_token_that_cannot_be_sent_or_is_short_is_refused(tmp_path, text):
    file = tmp_path / "token"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="openssl rand -hex 32"):
        read_token(file, {})


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere.*No such file"):
        read_token(tmp_path / "nowhere", {})
