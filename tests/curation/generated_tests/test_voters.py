"""Check which accepted solutions vote, and which are held out."""

from __future__ import annotations

from dataclasses import replace

from curation.generated_tests.voters import choose_voters
from curation.records import SolutionResult, VerifiedProblem


def problem(sources: list[str], codes: dict[int, str] | None = None, canonical: int = 0) -> VerifiedProblem:
    codes = codes or {}
    return VerifiedProblem(
        "train/0001",
        "train",
        "introductory",
        "",
        "Double the number.",
        "",
        solutions=tuple(SolutionResult(i, codes.get(i, "passed")) for i in range(len(sources))),
        sources={str(i): source for i, source in enumerate(sources)},
        canonical=canonical,
        canonical_source=sources[canonical],
    )


def different(count: int) -> list[str]:
    return [f"def f(x):\n    return x * 2 + {i} - {i}\n" for i in range(count)]


def test_every_accepted_solution_votes_or_is_held_out():
    chosen = choose_voters(problem(different(12)))
    assert sorted(chosen.voters + chosen.held_out) == list(range(12))
    assert len(chosen.held_out) == 2


def test_the_canonical_solution_votes_first():
    assert all(choose_voters(problem(different(10), canonical=c)).voters[0] == c for c in range(10))


def test_none_is_held_out_of_four_and_one_of_five():
    assert choose_voters(problem(different(4))).held_out == ()
    assert len(choose_voters(problem(different(5))).held_out) == 1


def test_failing_solutions_have_no_part():
    codes = {1: "output_mismatch", 2: "nondeterministic", 3: "unfinished"}
    chosen = choose_voters(problem(different(6), codes))
    assert sorted(chosen.voters + chosen.held_out) == [0, 4, 5]


def test_copies_and_renamed_copies_have_no_part():
    sources = [*different(3), "def f(y):\n    return y * 2 + 1 - 1  # renamed\n"]
    copies = problem(sources)
    copies = replace(copies, solutions=(*copies.solutions, SolutionResult(4, "passed", same_as=0)))
    chosen = choose_voters(copies)
    assert sorted(chosen.voters) == [0, 1, 2]


def test_who_is_held_out_depends_on_the_source_and_not_on_its_place():
    sources = different(10)
    held_out = {sources[i] for i in choose_voters(problem(sources)).held_out}
    turned = [sources[0], *reversed(sources[1:])]
    assert {turned[i] for i in choose_voters(problem(turned)).held_out} == held_out


def test_of_many_solutions_the_most_different_vote():
    odd = "import sys\nclass Solution:\n    def f(self, value):\n        return value << True\n"
    chosen = choose_voters(problem([*different(30), odd]), most=3)
    assert len(chosen.voters) == 3
    assert chosen.voters[1] == 30 or 30 in chosen.held_out
