"""Infer the model of the inputs of a call-based problem from its given inputs, its statement and its solutions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from apps_plus.problem import DictKeys, dump_json
from curation.generated_tests.arguments.argument_model import ArgumentModel
from curation.generated_tests.arguments.domain import unique
from curation.generated_tests.arguments.infer_domain import Place, infer_domain
from curation.generated_tests.arguments.relations import learn_relations
from curation.generated_tests.arguments.solution_constants import read_constants
from curation.generated_tests.arguments.stated_facts import facts_of_parameters, parameter_names
from curation.generated_tests.arguments.stated_relations import stated_relations
from curation.generated_tests.arguments.statement_examples import example_inputs
from curation.generated_tests.arguments.tidy_inputs import tidy

FEW_GIVEN = 3
"""With fewer given inputs, those of the statement's examples show what inputs are like, too."""

_PROMISE = re.compile(
    r"\bguaranteed?\b(?![^.\n]{0,80}(?:\bfit|\b32-?bit|\b64-?bit|less than (?:or equal to )?[\d(]|<=?|≤|\brange\b"
    r"|\bunique\b|no zero))"
    r"|\b(?:may|can|could) assume (?:that )?(?:no|each|every|there)\b"
    r"(?![^.\n]{0,40}\b(?:duplicates?|empty|integers?)\b)"
    r"|\bexcept (?:for )?(?:a |an )?(?:single|one)\b"
    r"|\beach \w+ (?:is|are|can be|will be) [^.\n]{0,40}\b(?:one \w+ at most|at most one \w+)\b"
    r"|exactly one (?:solution|answer|way)|valid (?:sudoku|expression|board|equation)"
    r"|always (?:be |have |has )?(?:a |an |at least one |one )?(?:solution|answer|possible|exists?|found)"
    r"|\b(?:will|is|are) always (?:a )?valid"
    r"|\b(?:strings?|texts?|expressions?|sentences?|formulas?)`? (?:\w+ ){0,2}always (?:be )?(?:a )?valid\b",
    re.IGNORECASE,
)
"""Promises about the inputs that the model cannot represent; that an answer fits into 32 bits is none."""
_REPRESENTED = re.compile(
    r"\bonly (?:lower|upper|(?:the )?characters)|\bpositive int|\bsorted\b|>=|\binteger argument\b"
    r"|\bno (?:extra |leading |trailing )*(?:white)?spaces?\b|\byou are guaranteed to\b"
    r"|\b(?:could|can|will|would|to) guarantee\b|\b(?:appears?|occurs?)\b.*\bexcept\b",
    re.IGNORECASE,
)
"""Words of a promise that the model keeps, as an alphabet, a range or a trait of lists, or that is none."""
_SENTENCE_END = re.compile(r"[.!?;]\s|\n")
_PARITY = re.compile(
    r"\b(?:there (?:are|is|will be)|ha(?:s|ve|ving)|of|with|contains?) (?:an )?(?:even|odd)"
    r" (?:number|length|count|amount|size)\b"
    r"|\b(?:even|odd)[- ]length\b|\blength (?:is|of \w+ is|will be) (?:always )?(?:even|odd)\b"
    r"|\b(?:sum|total)\b[^.\n]{0,40}\bis (?:always )?(?:even|odd)\b"
    r"|^[ \t*-]*(?:\w+|[\w.]+\.length|(?:sum|len)\(\w+\)) is (?:always )?(?:even|odd)\b",
    re.IGNORECASE | re.MULTILINE,
)
"""A parity that inputs must have, or that the answer depends on: no new input is proposed where given ones share it."""

_PROMISED_ANSWER = re.compile(
    r"\bexactly one (?:solution|answer|way)\b|\b(?:a|one) unique (?:solution|answer)\b"
    r"|\b(?:solution|answer|result)s?\b[^.\n]{0,60}\b(?:guaranteed|always|will be|is) (?:to be )?unique\b"
    r"|\balways (?:be |have |has )?(?:a |an |at least one |one )?(?:solution|answer)\b"
    r"|\bguaranteed?\b[^.\n]{0,60}\w\[\w\] ?(?:[<>]=?|≤|≥) ?\w+\[\w\]"
    r"|(?:^|[.!?]\s)\W*(?:all |the |these )[\w' ]{1,40}\b(?:is|are|will be) (?:always )?such that\b"
    r"|\b(?:is|are|was|were|will be) (?:always )?chosen (?:so|in such a (?:way|manner)) that\b"
    r"|\bno (?:[a-z-]+ )?cases like\b"
    r"|\b(?:won['’]?t|will not|do(?:es)? not|never) violates?\b"
    r"|\b(?:repeated|appears?|occurs?) (?:exactly )?[NK] times\b"
    r"|\bassume (?:that )?there (?:is|are) (?:only|exactly) (?:one|1)\b"
    r"|\bguaranteed?\b[^.\n]{0,30}\b(?:answer|result)s?\b[^.\n]{0,40}\b(?:in|within) (?:the )?range \[",
    re.IGNORECASE | re.MULTILINE,
)
"""A promise about the answer, of the order of two lists, element by element, or of the input as a whole: "the commands
are such that". Solutions agree on inputs that break it (all print the first), so none is proposed."""
_BOUNDED_SUM = re.compile(
    r"\bsum of (?:all )?(?:the )?(?:numbers|elements|values|integers)\b[^.\n]{0,60}(?:32-?bit|2\^31|at most|exceed)",
    re.IGNORECASE,
)
"""A bound on a sum: values beyond the given ones may break it."""


def infer(
    question: str,
    inputs: Sequence[list[Any]],
    entry_point: str,
    starter_code: str,
    outputs: Sequence[Any] = (),
    dict_keys: DictKeys = DictKeys.STR,
    solutions: Sequence[str] = (),
) -> ArgumentModel | None:
    """Return the model of a problem's inputs; None where the function takes no arguments.

    Args:
        question: The statement.
        inputs: The given inputs, each the list of arguments.
        entry_point: The function that is called.
        starter_code: The starter code, with the names of the parameters; may be empty.
        outputs: The expected outputs, in the order of the inputs.
        dict_keys: The type of the keys of dicts.
        solutions: Accepted solutions: the constants that they share tell where they branch, and which words they know.
    """
    if not inputs or not min(map(len, inputs)):
        return None
    question = question.replace("\xa0", " ")  # LeetCode's statements have them between any two words
    given = tidy(inputs)
    count = max(map(len, given))
    names = parameter_names(starter_code, entry_point, count)
    examples = example_inputs(question, names, given) if len(given) < FEW_GIVEN else []
    facts = facts_of_parameters(question, names)
    constants = read_constants(solutions)
    columns = [[arguments[at] for arguments in given if at < len(arguments)] for at in range(count)]
    for at, column in enumerate(columns):  # a list that examples repeat shows no more than once what lists are like
        known = set(map(dump_json, column))
        further = unique([one[at] for one in examples if at < len(one)], dump_json)
        column += [value for value in further if dump_json(value) not in known]
    given = unique([*given, *examples], dump_json)
    domains = tuple(infer_domain(column, Place(facts[at], constants)) for at, column in enumerate(columns))
    relations = tuple(learn_relations(given, facts, question))
    stated = tuple(stated_relations(facts, given))
    return ArgumentModel(
        domains,
        relations,
        stated,
        tuple(given),
        tuple(map(list, inputs)),
        promised=_promises_more(question) or bool(_BOUNDED_SUM.search(question)),
        promised_answer=bool(_PROMISED_ANSWER.search(question)),
        keeps_parity=bool(_PARITY.search(question)),
    )


def _promises_more(question: str) -> bool:
    """Return whether the statement promises something of the inputs that the model does not represent."""
    return any(_PROMISE.search(one) and not _REPRESENTED.search(one) for one in _SENTENCE_END.split(question))
