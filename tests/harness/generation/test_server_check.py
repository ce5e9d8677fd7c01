"""Which settings a server ignores, or damages answers by: servers with one fault each, and the command."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import command_line
import pytest
from model_server import ModelServer, Reply, answer

from harness.generation.backend import Answer, Sampling
from harness.generation.server_check import (
    COUNTING,
    HOT,
    Finding,
    as_rows,
    from_rows,
    harmful_settings,
    look,
    stop_inside,
    warnings_of,
)
from harness.generation.server_check import Reply as Found

LETTERS = str.maketrans("0123456789", "ghijklmnop")
WORDS = [hashlib.sha256(str(number).encode()).hexdigest()[:7].translate(LETTERS) for number in range(100)]
"""Words of which hardly any two share three letters in a row."""
GREEDY = " " + " ".join(WORDS[:24])
SAMPLED = Sampling(0.8, 0.95, stop=("\ndef",))

Fault = Callable[[dict[str, Any]], dict[str, Any]]


def texts(body: dict[str, Any]) -> list[str]:
    """Return the answers of an honest server: words, one a token, that depend on seed and index if they are drawn."""
    if body.get("prompt") == COUNTING:
        return [" 7, 8, 9"]
    found = []
    for index in range(body.get("n", 1)):
        drawn = body["temperature"] > 0 and body.get("top_p", 1.0) > 0.01
        shift = 1 + body["seed"] * 3 + index if drawn else 0
        words = WORDS[shift : shift + body.get("max_tokens", 24)]
        text = " " + " ".join(words)
        found.append(text[: min([at for stop in body.get("stop", ()) if (at := text.find(stop)) >= 0] + [len(text)])])
    return found


def findings(fault: Fault = lambda body: body, change: Callable[[str], str] = lambda text: text, plain: bool = True):
    async def ask(settings: dict[str, Any]) -> Found:
        body = fault({"seed": 1, "temperature": 0.0, **settings})
        return Found(tuple(Answer(change(text), "length") for text in texts(body)))

    return asyncio.run(look(ask, plain))


def outcomes(found: list[Finding]) -> dict[str, str]:
    return {finding.setting: finding.outcome for finding in found}


HONEST = dict.fromkeys(
    ("temperature 0", "temperature", "top_p", "seed", "n", "max_tokens", "stop", "leading spaces"), "honoured"
)


def without(*names: str) -> Fault:
    return lambda body: {name: value for name, value in body.items() if name not in names}


def test_an_honest_server_honours_everything_and_warns_of_nothing():
    found = findings()
    assert outcomes(found) == HONEST
    assert list(warnings_of(found, SAMPLED, 10, plain=True)) == []
    assert harmful_settings(found) == []


def test_leading_spaces_are_asked_of_plain_prompts_alone():
    assert "leading spaces" not in outcomes(findings(plain=False))


@pytest.mark.parametrize(
    ("fault", "changed", "said"),
    [
        (
            lambda body: body | {"temperature": 0.0},
            {"temperature": "ignored", "top_p": "unclear", "seed": "unclear"},
            "ignores the temperature: these samples are not drawn at 0.8, and pass@k of 10 of them is not pass@k",
        ),
        (lambda body: body | {"top_p": 1.0}, {"top_p": "ignored"}, "ignores top_p"),
        (
            lambda body: body | {"seed": 5},
            {"seed": "same answers"},
            "same answer with every seed",
        ),
        (without("n"), {"n": "one answer"}, ""),
        (without("max_tokens"), {"max_tokens": "ignored"}, "ignores the limit of tokens"),
        (without("stop"), {"stop": "ignored"}, ""),
    ],
    ids=["temperature", "top_p", "one seed", "n", "max_tokens", "stop"],
)
def test_a_setting_that_is_ignored(fault, changed, said):
    found = findings(fault)
    assert outcomes(found) == HONEST | changed
    warnings = list(warnings_of(found, SAMPLED, 10, plain=True))
    assert len(warnings) == bool(said)
    assert said in "".join(warnings)


def test_seeds_that_are_ignored_give_other_answers_each_time():
    count = iter(range(100))
    found = findings(lambda body: body | {"seed": next(count)})
    assert outcomes(found)["seed"] == "ignored"
    assert "the server ignores the seed" in "".join(warnings_of(found, SAMPLED, 1, plain=False))


def test_answers_at_temperature_0_that_differ_make_stop_unclear():
    count = iter(range(100))
    found = findings(lambda body: body | {"temperature": body["temperature"] or 0.3, "seed": next(count)})
    assert outcomes(found) | {"temperature 0": "ignored", "stop": "unclear"} == outcomes(found)
    greedy = Sampling(0.0)
    assert "at temperature 0 differ" in "".join(warnings_of(found, greedy, 1, plain=False))
    assert "at temperature 0 differ" not in "".join(warnings_of(found, SAMPLED, 1, plain=False))


def stopped(make: Callable[[str, str], str]) -> list[Finding]:
    """Return the findings for a server that answers a request with a stop sequence by ``make(greedy, stop)``."""

    async def ask(settings: dict[str, Any]) -> Found:
        body = {"seed": 1, "temperature": 0.0, **settings}
        made = texts({**body, "stop": []})
        if "stop" in body:
            made = [make(made[0], body["stop"][0])]
        return Found(tuple(Answer(text, "length") for text in made))

    return asyncio.run(look(ask, plain=False))


def test_a_stop_sequence_that_stays_in_the_text_is_harmless():
    found = stopped(lambda text, stop: text[: text.find(stop) + len(stop) + 2])
    assert outcomes(found)["stop"] == "kept in the text"
    assert harmful_settings(found) == []


def test_a_stop_sequence_that_is_removed_from_the_middle_is_not_sent():
    found = stopped(lambda text, stop: text.replace(stop, "", 1))
    assert outcomes(found)["stop"] == "removed from the text"
    assert harmful_settings(found) == ["stop"]
    assert "removes stop sequences from inside the text" in "".join(warnings_of(found, SAMPLED, 1, plain=False))
    without_stop = Sampling(0.8, 0.95)
    assert list(warnings_of(found, without_stop, 1, plain=False)) == []


def test_equal_answers_to_one_request_are_asked_for_one_by_one():
    async def ask(settings: dict[str, Any]) -> Found:
        body = {"seed": 1, "temperature": 0.0, **settings}
        [text, *_] = texts({**body, "n": 1})
        return Found(tuple(Answer(text, "length") for _ in range(body.get("n", 1))))

    found = asyncio.run(look(ask, plain=False))
    assert outcomes(found)["n"] == "same answers"
    assert harmful_settings(found) == ["n"]
    assert list(warnings_of(found, SAMPLED, 1, plain=False)) == []
    assert "one request is sent per sample" in "".join(warnings_of(found, SAMPLED, 2, plain=False))


def test_removed_spaces_matter_for_plain_prompts():
    found = findings(change=str.lstrip)
    assert outcomes(found) == HONEST | {"leading spaces": "removed from the text"}
    assert "indentation" in "".join(warnings_of(found, SAMPLED, 1, plain=True))
    assert list(warnings_of(found, SAMPLED, 1, plain=False)) == []


def test_a_server_that_does_not_answer_shows_nothing():
    async def ask(settings: dict[str, Any]) -> Found:
        return Found()

    assert asyncio.run(look(ask, plain=True)) == []


def test_a_refused_setting_is_said_in_the_servers_words():
    async def ask(settings: dict[str, Any]) -> Found:
        if "n" in settings:
            return Found(refused="only n=1 is supported")
        return Found(tuple(Answer(text, "length") for text in texts({"seed": 1, "temperature": 0.0, **settings})))

    [n] = [finding for finding in asyncio.run(look(ask, plain=False)) if finding.setting == "n"]
    assert (n.outcome, n.seen) == ("refused", "only n=1 is supported")


def test_reasoning_counts_as_an_answer():
    async def ask(settings: dict[str, Any]) -> Found:
        made = texts({"seed": 1, "temperature": 0.0, **settings})
        return Found(tuple(Answer("", "length", reasoning=text) for text in made))

    found = asyncio.run(look(ask, plain=False))
    assert outcomes(found) == {name: "honoured" for name in HONEST if name not in ("stop", "leading spaces")}


def test_the_stop_sequence_lies_inside_a_word_and_occurs_there_first():
    word = stop_inside(GREEDY)
    at = GREEDY.find(word)
    assert len(word) == 3
    assert at >= len(GREEDY) // 2
    assert GREEDY[at - 1].isalpha()
    assert stop_inside("a b c d e f") == ""
    assert stop_inside("lantern " * 4) == ""


def test_findings_survive_the_settings_file():
    found = findings()
    assert from_rows(json.loads(json.dumps(as_rows(found)))) == found
    assert from_rows(None) == []
    assert from_rows([1, {"setting": "n"}]) == []


# ---- the command


def speaks(fault: Fault = lambda body: body) -> Callable[[dict[str, Any], int], Reply]:
    """Return a behaviour that answers as ``texts``; a request with a stop sequence by removing it."""

    def behaviour(body: dict[str, Any], number: int) -> Reply:
        body = fault({"temperature": 1.0, "seed": 1, **body})
        stop = body.pop("stop", [])
        made = answer(body)
        for choice, text in zip(made["choices"], texts(body), strict=True):
            for each in stop:
                text = text.replace(each, "")
            choice["message" if "messages" in body else "text"] = {"content": text} if "messages" in body else text
        return Reply(made)

    return behaviour


def replying(reply: Callable[[dict[str, Any], int, list[str]], Found]) -> list[Finding]:
    """Return the findings for ``reply(body, number of earlier requests, an honest server's answers)``."""
    count = iter(range(100))

    async def ask(settings: dict[str, Any]) -> Found:
        body = {"seed": 1, "temperature": 0.0, **settings}
        return reply(body, next(count), texts(body))

    return asyncio.run(look(ask, plain=True))


def answered(made: list[str]) -> Found:
    return Found(tuple(Answer(text, "length") for text in made))


@pytest.mark.parametrize("failing", range(1, 11))
def test_a_request_that_fails_shows_nothing(failing):
    found = replying(lambda body, number, made: Found() if number == failing else answered(made))
    assert set(outcomes(found).values()) == {"honoured", "unclear"}
    assert list(warnings_of(found, SAMPLED, 10, plain=True)) == []
    assert list(warnings_of(found, Sampling(0.0), 1, plain=True)) == []


def test_an_answer_of_few_words_shows_nothing_by_being_equal():
    found = replying(lambda body, number, made: answered([" I cannot do that."] * body.get("n", 1)))
    assert outcomes(found) | {"temperature": "unclear", "max_tokens": "unclear"} == outcomes(found)
    assert list(warnings_of(found, SAMPLED, 10, plain=True)) == []


def test_a_temperature_beyond_the_servers_range_is_asked_for_within_it():
    def reply(body: dict[str, Any], number: int, made: list[str]) -> Found:
        if body["temperature"] > 1:
            return Found(refused="temperature must be between 0 and 1", parameter="temperature")
        return answered(made)

    assert outcomes(replying(reply)) == HONEST


def test_a_message_about_another_setting_refuses_none():
    def reply(body: dict[str, Any], number: int, made: list[str]) -> Found:
        if body["temperature"] > 0:
            return Found(refused="temperature must be 0", parameter="temperature")
        return answered(made)

    unclear = dict.fromkeys(("top_p", "seed", "n"), "unclear")
    assert outcomes(replying(reply)) == HONEST | unclear | {"temperature": "refused"}


def test_rounding_that_differs_once_is_no_ignored_top_p():
    def reply(body: dict[str, Any], number: int, made: list[str]) -> Found:
        return answered([text + " end" for text in made] if "top_p" in body and body["seed"] == 2 else made)

    assert outcomes(replying(reply)) == HONEST | {"top_p": "unclear"}


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


def generate(server: ModelServer, out: Any, *more: object) -> Any:
    asked = ["humaneval", "--model", "m", "--backend", "openai", "--base-url", server.url, "--out", out, "--limit", 2]
    return command_line.run("generate", *asked, *more)


needs_openai = pytest.mark.skipif(find_spec("openai") is None, reason="needs the openai package")


@needs_openai
def test_the_command_does_not_send_stop_sequences_that_the_server_removes(tmp_path):
    out = tmp_path / "s.jsonl"
    with ModelServer(speaks()) as server:
        result = generate(server, out, "--prompt", "completion")
        assert result.exit_code == 0, result.stderr
        asked = [body for body in server.bodies if body.get("prompt", "").startswith(("from", "def", "\n"))]
        assert len(asked) == 2
        assert not any("stop" in body for body in asked)
        assert "removes stop sequences from inside the text" in result.stderr
        assert "refuses it" not in result.stderr
        settings = json.loads((tmp_path / "s.settings.json").read_text())
        assert outcomes(from_rows(settings["server"])) == HONEST | {"stop": "removed from the text"}
        assert settings["left_out"] == ["stop"]

        before = len(server.bodies)
        more = generate(server, out, "--prompt", "completion", "--n", 2)
        assert more.exit_code == 0, more.stderr
        assert len(server.bodies) == before + 2  # not asked again
        assert not any("stop" in body for body in server.bodies[before:])
        assert "removes stop sequences" in more.stderr


@needs_openai
def test_the_command_says_that_the_temperature_is_ignored_before_and_after(tmp_path):
    with ModelServer(speaks(lambda body: body | {"temperature": 0.0})) as server:
        result = generate(server, tmp_path / "s.jsonl", "--n", 2, "--temperature", 0.8)
    assert result.exit_code == 0, result.stderr
    assert result.stderr.count("the server ignores the temperature") == 2
    assert "all samples of each problem are identical" not in result.stderr


@needs_openai
def test_a_server_that_fails_the_check_is_used_as_before(tmp_path):
    def behaviour(body: dict[str, Any], number: int) -> Reply | None:
        return Reply(b"broken", 500) if number == 0 else None

    with ModelServer(behaviour) as server:
        result = generate(server, tmp_path / "s.jsonl")
        assert result.exit_code == 0, result.stderr
        assert len(server.bodies) == 3
    assert "server" not in json.loads((tmp_path / "s.settings.json").read_text())


@needs_openai
def test_a_limit_of_tokens_under_its_other_name(tmp_path):
    def behaviour(body: dict[str, Any], number: int) -> Reply:
        if "max_tokens" in body:
            return Reply({"error": {"message": "use max_completion_tokens instead of max_tokens"}}, 400)
        return speaks(lambda sent: sent | {"max_tokens": sent["max_completion_tokens"]})(body, number)

    with ModelServer(behaviour) as server:
        result = generate(server, tmp_path / "s.jsonl")
        assert result.exit_code == 0, result.stderr
        found = from_rows(json.loads((tmp_path / "s.settings.json").read_text())["server"])
        assert outcomes(found)["max_tokens"] == "honoured"
        assert all(body["temperature"] in (0.0, HOT, 0.2) for body in server.bodies)


@needs_openai
@pytest.mark.parametrize("status", [400, 422])
def test_no_part_of_a_key_is_shown_or_kept_where_a_long_message_is_cut(tmp_path, monkeypatch, status):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret-0123456789")

    def behaviour(body: dict[str, Any], number: int) -> Reply:
        if "n" not in body:
            return speaks()(body, number)
        return Reply({"error": {"message": "only n=1 " + "x" * 279 + " sk-very-secret-0123456789"}}, status)

    with ModelServer(behaviour) as server:
        result = generate(server, tmp_path / "s.jsonl", "--n", 2)
    assert result.exit_code == 0, result.stderr
    settings = (tmp_path / "s.settings.json").read_text()
    assert outcomes(from_rows(json.loads(settings)["server"]))["n"] == "refused"
    assert "sk-" not in result.stderr + settings


@needs_openai
def test_a_server_that_refuses_seeds_is_asked_without_them(tmp_path):
    def behaviour(body: dict[str, Any], number: int) -> Reply:
        if "seed" in body:
            fault = {"loc": ["body", "seed"], "msg": "Extra inputs are not permitted", "type": "extra_forbidden"}
            return Reply({"detail": [fault]}, 422)
        return speaks(lambda sent: sent | {"seed": number})(body, number)

    with ModelServer(behaviour) as server:
        result = generate(server, tmp_path / "s.jsonl", "--n", 2)
    assert result.exit_code == 0, result.stderr
    found = from_rows(json.loads((tmp_path / "s.settings.json").read_text())["server"])
    assert outcomes(found)["temperature"] == "honoured"
    [seed] = [finding for finding in found if finding.setting == "seed"]
    assert (seed.outcome, seed.seen) == ("refused", "body.seed: Extra inputs are not permitted")


@needs_openai
@pytest.mark.parametrize("reply", [Reply({}, delay=2.0), Reply({"error": {"message": "slow down"}}, 429)])
def test_a_busy_server_is_not_asked_any_more(tmp_path, reply):
    with ModelServer(lambda body, number: reply if number == 2 else speaks()(body, number)) as server:
        result = generate(server, tmp_path / "s.jsonl", "--request-timeout", 1)
        assert result.exit_code == 0, result.stderr
        assert len(server.bodies) == 3 + 2
    found = from_rows(json.loads((tmp_path / "s.settings.json").read_text())["server"])
    assert set(outcomes(found).values()) == {"honoured", "unclear"}


@needs_openai
def test_a_temperature_beyond_the_servers_range_is_an_error_and_no_other_one_is_used(tmp_path):
    def behaviour(body: dict[str, Any], number: int) -> Reply:
        if body.get("temperature", 1.0) > 1:
            return Reply({"error": {"message": "temperature must be between 0 and 1", "param": "temperature"}}, 400)
        return speaks()(body, number)

    with ModelServer(behaviour) as server:
        result = generate(server, tmp_path / "s.jsonl", "--temperature", 1.2)
    assert result.exit_code == 1
    assert "temperature must be between 0 and 1): change the setting that the server names" in result.stderr
    assert all("temperature" in body for body in server.bodies)
    found = from_rows(json.loads((tmp_path / "s.settings.json").read_text())["server"])
    assert outcomes(found)["temperature"] == "honoured"
