"""Find out which sampling settings an OpenAI-compatible server honours, with some ten short requests.

A server that refuses a setting says so. One that ignores it, or damages the text, answers as if all were well, and a
score of its samples is then not what it says: pass@k of identical samples, a nucleus that was never applied, programs
whose stop sequences were removed from their middle. The answers to a few requests that differ in one setting tell.

Requests are sent one after another: a server that computes several at once may round differently.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from harness.generation.backend import Answer, Prompt, Sampling
from harness.generation.openai_protocol import parse_answers
from harness.generation.server_errors import error_message, refused_parameter

if TYPE_CHECKING:
    from harness.generation.openai_backend import ServerBackend

TOKENS = 24
"""Length of an answer, in tokens."""
FEW_TOKENS = 4
HOT = 1.5
"""A temperature at which two answers of this length are practically never equal, unless it is ignored."""
WARM = 1.0
"""Temperature of the requests where ``HOT`` is refused: the highest that some servers allow."""
FEWEST_WORDS = 8
"""Answers with fewer words may be equal by chance, or shorter than any limit."""
NARROW = 0.01
"""A nucleus that holds one token, whatever the temperature."""
STOP_CHARACTERS = 3
"""Length of the stop sequence. It is taken from the middle of a word, where no token begins: a server that looks for
tokens does not find it."""
CHAT: Prompt = [{"role": "user", "content": "Write a long story about a lighthouse."}]
PLAIN: Prompt = "The lighthouse keeper had lived alone for years. One evening"
COUNTING = "1, 2, 3, 4, 5, 6,"
"""Every model continues this with a space."""

HONOURED, IGNORED, REFUSED, UNCLEAR = "honoured", "ignored", "refused", "unclear"
KEPT, REMOVED, ONE, SAME = "kept in the text", "removed from the text", "one answer", "same answers"


@dataclass(frozen=True, slots=True)
class Finding:
    """The behaviour of a server for one setting."""

    setting: str
    """``temperature``, ``temperature 0``, ``top_p``, ``seed``, ``n``, ``stop``, ``max_tokens``, ``leading spaces``."""
    outcome: str
    """One of the constants above."""
    seen: str
    """Evidence: the requests and the answers, in a sentence."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answers to one request, or why there are none."""

    answers: tuple[Answer, ...] = ()
    refused: str = ""
    """The server's message, if it refuses the request."""
    parameter: str | None = None
    """The parameter that the message names."""

    @property
    def text(self) -> str:
        """The first answer's text."""
        return self.answers[0].text if self.answers else ""

    @property
    def texts(self) -> tuple[str, ...]:
        """Reasoning and text of every answer: a model may spend all tokens on reasoning."""
        return tuple(answer.reasoning + answer.text for answer in self.answers)


Ask = Callable[[dict[str, Any]], Awaitable[Reply]]
"""Send one request: the settings that differ from the defaults, and perhaps ``prompt``."""


async def look(ask: Ask, plain: bool) -> list[Finding]:
    """Send the requests and return what they show; nothing if the server does not answer the first one.

    Args:
        ask: Sends a request.
        plain: Texts are continued (the completions endpoint), not conversations.
    """
    greedy = await ask({"temperature": 0.0})
    if not any(greedy.texts):
        return []
    again = await ask({"temperature": 0.0})
    first = await ask({"temperature": HOT, "seed": 1})
    heat, hot = (WARM, []) if first.refused else (HOT, [first])
    hot += [await ask({"temperature": heat, "seed": seed}) for seed in (1, 1, 2)[len(hot) :]]
    narrow = [await ask({"temperature": heat, "top_p": NARROW, "seed": seed}) for seed in (1, 2)]
    both = await ask({"temperature": heat, "seed": 1, "n": 2})
    short = await ask({"temperature": 0.0, "max_tokens": FEW_TOKENS})
    found = [
        _greedy(greedy, again),
        temperature := _temperature(greedy, hot, heat),
        _top_p(greedy, narrow, heat, temperature.outcome),
        _seed(greedy, hot, temperature.outcome),
        _n(both, temperature.outcome),
        _max_tokens(greedy, short),
    ]
    word = stop_inside(greedy.text)
    if word:
        stopped = await ask({"temperature": 0.0, "stop": [word]})
        found.append(_stop(greedy, again, stopped, word))
    if plain:
        found.append(_leading_spaces(await ask({"temperature": 0.0, "prompt": COUNTING})))
    return found


def stop_inside(text: str) -> str:
    """Return three letters from inside a word in the second half of a text, which occur there first; empty if none."""
    for start in range(len(text) // 2, len(text) - STOP_CHARACTERS):
        word = text[start : start + STOP_CHARACTERS]
        if text[start - 1 : start + STOP_CHARACTERS].isalpha() and text.find(word) == start:
            return word
    return ""


def _greedy(greedy: Reply, again: Reply) -> Finding:
    if not any(again.texts):
        return Finding("temperature 0", UNCLEAR, "no second answer")
    same = greedy.texts == again.texts
    seen = "two answers at temperature 0 are equal" if same else "two answers at temperature 0 differ"
    return Finding("temperature 0", HONOURED if same else IGNORED, seen)


def _temperature(greedy: Reply, hot: Sequence[Reply], heat: float) -> Finding:
    if refusal := _refusal("temperature", hot):
        return refusal
    if not all(any(reply.texts) for reply in hot):
        return Finding("temperature", UNCLEAR, f"no text at temperature {heat:g}")
    if all(reply.texts == greedy.texts for reply in hot):
        seen = f"three answers at temperature {heat:g} are the one at temperature 0"
        return Finding("temperature", IGNORED if _is_long(greedy) else UNCLEAR, seen)
    return Finding("temperature", HONOURED, f"answers at temperature {heat:g} differ from the one at temperature 0")


def _top_p(greedy: Reply, narrow: Sequence[Reply], heat: float, temperature: str) -> Finding:
    """Compare two answers from a nucleus of one token, which are the one at temperature 0, but for rounding."""
    if refusal := _refusal("top_p", narrow):
        return refusal
    if temperature != HONOURED or not all(any(reply.texts) for reply in narrow):
        return Finding("top_p", UNCLEAR, "it shows only where the temperature is honoured")
    sent = f"temperature {heat:g}, top_p {NARROW:g} and two seeds"
    if narrow[0].texts == narrow[1].texts:
        return Finding("top_p", HONOURED, f"{sent}: equal answers")
    drawn = all(reply.texts != greedy.texts for reply in narrow)
    return Finding("top_p", IGNORED if drawn else UNCLEAR, f"{sent}: answers differ")


def _seed(greedy: Reply, hot: Sequence[Reply], temperature: str) -> Finding:
    if refusal := _refusal("seed", hot):
        return refusal
    if temperature != HONOURED:
        return Finding("seed", UNCLEAR, "it shows only where the temperature is honoured")
    first, second, other = (reply.texts for reply in hot)
    if first == second == other != greedy.texts and _is_long(hot[0]):
        return Finding("seed", SAME, "other seeds give the same answer")
    if first == second:
        return Finding("seed", HONOURED, "equal seeds give equal answers, other seeds other ones")
    return Finding("seed", IGNORED, "equal seeds give other answers")


def _n(both: Reply, temperature: str) -> Finding:
    if refusal := _refusal("n", [both]):
        return refusal
    if not both.answers:
        return Finding("n", UNCLEAR, "no answer")
    if len(both.answers) < 2:
        return Finding("n", ONE, f"n=2: {len(both.answers)} answer")
    if temperature == HONOURED and both.texts[0] == both.texts[1] and _is_long(both):
        return Finding("n", SAME, "n=2: two equal answers")
    return Finding("n", HONOURED, f"n=2: {len(both.answers)} answers")


def _max_tokens(greedy: Reply, short: Reply) -> Finding:
    if refusal := _refusal("max_tokens", [short]):
        return refusal
    if not any(short.texts):
        return Finding("max_tokens", UNCLEAR, "no text")
    shorter = len("".join(short.texts)) < len("".join(greedy.texts))
    seen = f"a limit of {FEW_TOKENS} tokens: {len(''.join(short.texts))} characters"
    return Finding("max_tokens", HONOURED if shorter else IGNORED if _is_long(greedy) else UNCLEAR, seen)


def _stop(greedy: Reply, again: Reply, stopped: Reply, word: str) -> Finding:
    """Compare an answer with a stop sequence, which is not cut here, with the one without."""
    if refusal := _refusal("stop", [stopped]):
        return refusal
    if not any(stopped.texts):
        return Finding("stop", UNCLEAR, "no text")
    before = greedy.text[: greedy.text.find(word)]
    text = stopped.text
    if greedy.text != again.text:
        return Finding("stop", UNCLEAR, "it shows only where answers at temperature 0 are equal")
    if text.rstrip() == before.rstrip():
        return Finding("stop", HONOURED, f"{word!r}: the answer ends before it")
    if text == greedy.text:
        return Finding("stop", IGNORED, f"{word!r}: the answer goes on, as without it")
    if text.startswith(before + word):
        return Finding("stop", KEPT, f"{word!r}: the answer ends behind it")
    if text.startswith(before.rstrip()) and word not in text and len(text.rstrip()) > len(before):
        return Finding("stop", REMOVED, f"{word!r}: the answer goes on without these letters")
    return Finding("stop", UNCLEAR, f"{word!r}: another answer")


def _leading_spaces(counted: Reply) -> Finding:
    name = "leading spaces"
    if not counted.text:
        return Finding(name, UNCLEAR, "no text")
    if counted.text[0].isspace():
        return Finding(name, HONOURED, f"{COUNTING!r} is continued with a space")
    known = counted.text.startswith("7")
    return Finding(name, REMOVED if known else UNCLEAR, f"{COUNTING!r} is continued with {counted.text[:4]!r}")


def _is_long(reply: Reply) -> bool:
    return len(reply.texts[0].split()) >= FEWEST_WORDS


def _refusal(setting: str, replies: Sequence[Reply]) -> Finding | None:
    """Return what a refused request shows of a setting: nothing, if the message names another one."""
    for reply in replies:
        if reply.refused:
            return Finding(setting, REFUSED if reply.parameter in (None, setting) else UNCLEAR, reply.refused)
    return None


# ---- what follows for a run


def harmful_settings(findings: Sequence[Finding]) -> list[str]:
    """Return the settings that must not be sent: the server damages the answers by them."""
    found = {finding.setting: finding.outcome for finding in findings}
    return [name for name, outcome in (("stop", REMOVED), ("n", SAME)) if found.get(name) == outcome]


def warnings_of(findings: Sequence[Finding], sampling: Sampling, n: int, plain: bool) -> Iterator[str]:
    """Yield a sentence for each finding that changes what the scores of a run mean.

    Args:
        findings: Of its server.
        sampling: Its settings.
        n: Samples per problem.
        plain: Texts are continued, not conversations.
    """
    found = {finding.setting: finding.outcome for finding in findings}
    sampled = sampling.temperature > 0
    if sampled and found.get("temperature") == IGNORED:
        yield (
            f"the server ignores the temperature: these samples are not drawn at {sampling.temperature:g}"
            + (f", and pass@k of {n} of them is not pass@k" if n > 1 else "")
            + " (unless the model is sure of every token)"
        )
    if sampled and sampling.top_p < 1 and found.get("top_p") == IGNORED:
        yield f"the server ignores top_p: these samples are drawn from all tokens, not from {sampling.top_p:g} of them"
    if sampled and n > 1 and found.get("seed") == SAME:
        yield "the server draws the same answer with every seed: samples of a problem may be copies of one"
    if not sampled and found.get("temperature 0") == IGNORED:
        yield "two answers of the server at temperature 0 differ: another run may score otherwise"
    if sampled and found.get("seed") == IGNORED:
        yield "the server ignores the seed: another run draws other samples"
    if plain and found.get("leading spaces") == REMOVED:
        yield (
            "the server removes the spaces at the beginning of an answer: the first line of a program loses its "
            "indentation; use a chat prompt"
        )
    if sampling.stop and found.get("stop") == REMOVED:
        yield "the server removes stop sequences from inside the text and goes on: none are sent, answers are cut here"
    if n > 1 and found.get("n") == SAME:
        yield "the server gives the same answer n times: one request is sent per sample"
    if found.get("max_tokens") == IGNORED:
        yield "the server ignores the limit of tokens"


# ---- sending


def find_out(backend: ServerBackend) -> list[Finding]:
    """Ask the server of a backend; nothing is found if it does not answer. Raises InputError without a key."""
    return asyncio.run(_check(backend))


async def _check(backend: ServerBackend) -> list[Finding]:
    prompt = CHAT if backend.is_chat() else PLAIN
    async with backend.client() as client:
        sender = _Sender(backend, client, prompt)
        found = await look(sender.ask, plain=not backend.is_chat())
    if sender.refused_seed:
        refused = Finding("seed", REFUSED, sender.refused_seed)
        return [refused if finding.setting == "seed" else finding for finding in found]
    return found


class _Sender:
    """Send single requests, without retries: a request that fails shows nothing.

    After one that is not answered in time, or for which the server says that there were too many, none is sent: the
    rest of them would delay the first sample by as many time limits.
    """

    refused_seed = ""
    """The server's message, if it refuses every seed: none is sent then."""

    def __init__(self, backend: ServerBackend, client: Any, prompt: Prompt) -> None:
        self._backend, self._client, self._prompt = backend, client, prompt
        self._limit = "max_tokens"
        self._busy = False

    async def ask(self, settings: dict[str, Any]) -> Reply:
        reply = await self._send(settings)
        while self._adapts(reply):
            reply = await self._send(settings)
        return reply

    def _adapts(self, reply: Reply) -> bool:
        """Return whether the refused request is worth sending again, in another form; at most once for each."""
        if reply.parameter == "max_tokens" and self._limit == "max_tokens":
            self._limit = "max_completion_tokens"
            return True
        if reply.parameter == "seed" and not self.refused_seed:
            self.refused_seed = reply.refused
            return True
        return False

    async def _send(self, settings: dict[str, Any]) -> Reply:
        import openai

        if self._busy:
            return Reply()
        sent = {"model": self._backend.model_name, "seed": 1, "temperature": 0.0, **settings}
        if self.refused_seed:
            del sent["seed"]
        prompt = sent.pop("prompt", self._prompt)
        sent["prompt" if isinstance(prompt, str) else "messages"] = prompt
        limit = {self._limit: sent.pop("max_tokens", TOKENS)}
        endpoint = self._client.completions if isinstance(prompt, str) else self._client.chat.completions
        try:
            async with asyncio.timeout(self._backend.timeout):
                response = await endpoint.create(**sent, extra_body=limit)
            answers, _ = parse_answers(response.to_dict(warnings=False), sent.get("n", 1), ())
        except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
            message = error_message(error.body, str(error.message))
            line = self._backend.public_line(message)
            return Reply(refused=line, parameter=refused_parameter(str(error.param or ""), message))
        except (openai.RateLimitError, openai.APITimeoutError, TimeoutError):
            self._busy = True
            return Reply()
        except (openai.OpenAIError, ValueError, AttributeError):
            return Reply()
        return Reply(tuple(answers))


def as_rows(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """Return findings as JSON values."""
    return [asdict(finding) for finding in findings]


def from_rows(rows: Any) -> list[Finding]:
    """Read findings that ``as_rows`` wrote; skip what is none."""
    names = ("setting", "outcome", "seen")
    given = rows if isinstance(rows, list) else []
    return [
        Finding(*(row[name] for name in names)) for row in given if isinstance(row, dict) and {*names} <= row.keys()
    ]
