"""Compare the verdicts of ``evaluate apps`` with those of other judges, case by case, for ``docs/judges.md``.

    python -m benchmarks.judges                          # judge every case and name those that are not as recorded
    python -m benchmarks.judges --write docs/judges.md   # make the page
    python -m benchmarks.judge_peers livecodebench       # judge every case as a peer does, and record it

The cases are small programs in ``tests/harness/judging/judges/*.toml`` with our verdicts; ``peers.json`` beside them
has those of the peers. A test compares the recorded verdicts with our judge, and the page with all of them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps_plus.problem import RawProblem, load_json
from harness.judging.verdict import Verdict
from harness.sandbox import Sandbox
from harness.sandbox.execution import Limits
from harness.scoring.benchmarks.load import apps_problem
from harness.scoring.other_judges.reasons import SENTENCES
from harness.scoring.score import score

CASES = Path(__file__).parents[1] / "tests" / "harness" / "judging" / "judges"
PEERS = {"livecodebench": "LCB", "apps": "APPS", "verl": "verl", "evalplus": "EvalPlus"}
"""Column of each peer, by its name in ``peers.json``."""
Letters = dict[tuple[str, str], str]
"""Verdicts by the kind and the name of a case; of two, the first is for raw APPS's wrapping."""
LIMITS = Limits(cpu_seconds=10.0, wall_seconds=60.0)


@dataclass(frozen=True, slots=True)
class Case:
    """One program, its tests, and the expected verdicts."""

    kind: str
    """``stdin`` or ``call``."""
    name: str
    truth: str
    """``A`` accepted, ``R`` rejected, ``E`` either is defensible."""
    apps: str
    """Our verdict in ``evaluate apps``: ``A``, ``R``, or ``A/R`` if the wrapping of the expected value decides."""
    program: str
    tests: tuple[tuple[Any, Any], ...]
    """Input and expected output: texts, or a list of arguments and a value."""
    note: str = ""
    """The reason why our verdict differs from the truth."""


def read_cases(folder: Path = CASES) -> list[Case]:
    """Read all cases, in the order of the page."""
    cases = []
    for kind in ("stdin", "call"):
        for row in tomllib.loads((folder / f"{kind}.toml").read_text(encoding="utf-8"))["case"]:
            read = load_json if kind == "call" else str
            tests = tuple((read(given), read(expected)) for given, expected in row.pop("tests"))
            cases.append(Case(kind, tests=tests, **row))
    return cases


def read_peers(folder: Path = CASES) -> dict[str, Any]:
    """Read the peers' verdicts: ``{"versions": {peer: text}, "verdicts": {kind: {case: {peer: letter}}}}``."""
    found: dict[str, Any] = json.loads((folder / "peers.json").read_text(encoding="utf-8"))
    return found


# ---- our verdict


def input_output(case: Case, wrapped: bool = False) -> dict[str, Any]:
    """Return the tests of a case in the format of raw APPS."""
    inputs = [given for given, _ in case.tests]
    outputs = [[expected] if wrapped else expected for _, expected in case.tests]
    return {"inputs": inputs, "outputs": outputs} | ({"fn_name": "f"} if case.kind == "call" else {})


def our_verdict(sandbox: Sandbox, case: Case) -> str:
    """Judge a case: ``A``, ``R``, ``A/R`` or ``R/A`` (wrapped, unwrapped)."""
    letters = [_letter(sandbox, case, wrapped) for wrapped in ((True, False) if case.kind == "call" else (False,))]
    return letters[0] if len(set(letters)) == 1 else "/".join(letters)


def _letter(sandbox: Sandbox, case: Case, wrapped: bool) -> str:
    raw = RawProblem("train/0000", "train", "", None, json.dumps(input_output(case, wrapped)))
    scored = score(sandbox, apps_problem(raw), case.program, LIMITS)
    if scored.verdict is Verdict.HARNESS_ERROR:
        raise RuntimeError(f"{case.name}: {scored.detail}")
    return "A" if scored.verdict is Verdict.PASSED else "R"


# ---- the page


def page(cases: Sequence[Case], peers: dict[str, Any]) -> str:
    """Return the text of ``docs/judges.md``."""
    template = (CASES / "page.md").read_text(encoding="utf-8")
    verdicts = peers["verdicts"]
    parts = {
        "versions": "\n".join(f"- *{title}*: {peers['versions'][name]}" for name, title in PEERS.items()),
        "counts": "\n".join(_counts(cases, verdicts)),
        "reasons": "\n".join(f"| `{reason}` | {_code_free(sentence)} |" for reason, sentence in SENTENCES.items()),
        "predictions": (CASES / "predictions.md").read_text(encoding="utf-8").strip(),
        "stdin": "\n".join(_table([case for case in cases if case.kind == "stdin"], verdicts["stdin"])),
        "call": "\n".join(_table([case for case in cases if case.kind == "call"], verdicts["call"])),
    }
    for name, text in parts.items():
        template = template.replace(f"<!-- {name} -->", text)
    return template


def _table(cases: Sequence[Case], verdicts: dict[str, dict[str, str]]) -> Iterator[str]:
    named = [name for name in PEERS if any(name in of for of in verdicts.values())]
    yield f"| case | truth | apps-plus | {' | '.join(PEERS[name] for name in named)} | why |"
    yield f"| :-- | :-: | :-: |{' :-: |' * len(named)} :-- |"
    for case in cases:
        letters = [verdicts.get(case.name, {}).get(name, "") for name in named]
        cells = [_code_free(case.name), case.truth, _marked(case.apps, case.truth)]
        cells += [_marked(letter, case.truth) for letter in letters]
        yield f"| {' | '.join([*cells, case.note])} |"


def _code_free(name: str) -> str:
    """Escape a name for Markdown."""
    return name.replace("|", "\\|").replace("*", "\\*").replace("__", "\\_\\_").replace("[", "\\[")


def _marked(letters: str, truth: str) -> str:
    """Format a verdict, in bold if it is wrong."""
    wrong = truth != "E" and any(letter != truth for letter in letters.split("/") if letter)
    return f"**{letters}**" if wrong else letters


def _counts(cases: Sequence[Case], verdicts: dict[str, Any]) -> Iterator[str]:
    """Count false rejections and false acceptances of each judge; if the wrapping decides, raw APPS's counts."""
    clear = [case for case in cases if case.truth != "E"]
    title = f"of the {len(clear)} cases whose truth is clear"
    yield f"| {title} | judged | right ones rejected | wrong ones accepted | unlike ours |"
    yield "| :-- | --: | --: | --: | --: |"
    ours = {(case.kind, case.name): case.apps for case in clear}
    yield _count("**apps-plus**, `evaluate apps`", clear, ours, ours)
    for name, title in PEERS.items():
        theirs = {(k, n): of[name] for k, its in verdicts.items() for n, of in its.items() if name in of}
        yield _count(title, clear, theirs, ours)


def _count(title: str, cases: Iterable[Case], letters: Letters, ours: Letters) -> str:
    judged = [(case, letters[key][0], ours[key][0]) for case in cases if (key := (case.kind, case.name)) in letters]
    rejected = sum(case.truth == "A" and letter == "R" for case, letter, _ in judged)
    accepted = sum(case.truth == "R" and letter == "A" for case, letter, _ in judged)
    unlike = sum(letter != our for _, letter, our in judged)
    return f"| {title} | {len(judged)} | {rejected} | {accepted} | {unlike or ''} |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.judges", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--write", type=Path, metavar="FILE", help="make the page there, of what is recorded")
    arguments = parser.parse_args()
    cases = read_cases()
    if arguments.write is not None:
        arguments.write.write_text(page(cases, read_peers()), encoding="utf-8")
        return
    with Sandbox() as sandbox:
        other = [(case, letters) for case in cases if (letters := our_verdict(sandbox, case)) != case.apps]
    for case, letters in other:
        print(f"{case.kind}: {case.name}: {letters}, recorded {case.apps} (truth {case.truth})")
    print(f"{len(cases) - len(other)} of {len(cases)} cases are as recorded", file=sys.stderr)
    sys.exit(bool(other))


if __name__ == "__main__":
    main()
