"""Find the tolerance that a statement allows: "absolute or relative error at most 1e-2". Pure functions over its text.

Tuned on 3,023 raw problems by reading the sentences that match and those that nearly match. A bound counts if the
sentence is about an *error* (a difference, a precision, a tolerance) of the *answer*:

- "rounded to 2 decimal places", "print 3 digits after the decimal point", "correct up to 6 decimal places" define the
  format of the answer, not its error: not a bound.
- The precision of the input ("measured with an error of at most 0.01", "the sum of n does not exceed 10^5"): not a
  bound.
- Of several bounds (looser ones for subtasks) the strictest counts.
- "absolute or relative" allows either; "absolute" or "relative" alone allows that one. A bound that names neither
  ("within 10^-5 of the actual value") allows either, as the judges of such statements do.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator

from apps_plus.problem import Tolerance, ToleranceKind

_MINUS = dict.fromkeys(map(ord, "\u2212\u2012\u2013\u2014\u2010\u2011\ufe63\uff0d"), "-")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_REWRITINGS: list[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]] = [
    (re.compile(r"<sup>(.*?)</sup>", re.IGNORECASE), r"^\1"),
    (re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+"), lambda match: "^" + match[0].translate(_RAISED)),
    (re.compile(r"(?<=\d)\s*\*\*\s*(?=[-({\d])"), "^"),
    (re.compile(r"\\(?:leqslant|leq|le)\b|≤|⩽|&le;"), " <= "),
    (re.compile(r"\\lt\b"), " < "),
    (re.compile(r"\\(?:cdot|times)\b|[×·⋅∙]|(?<=\d)\s*\*\s*(?=10\s*\^)"), " x "),
    (re.compile(r"\\(?:text|textrm|mathrm|mathbf|operatorname|rm)\b"), " "),
    (re.compile(r"\\[,;:!()\[\] ]|[$`{}*_\\]|~"), " "),
    (re.compile(r"[’ʼ`]"), "'"),
    (re.compile(r"[“”\"]"), " "),
]
"""Rewritings of LaTeX, HTML, Markdown and Unicode notation into one plain notation."""

_INPUT_SECTION = re.compile(r"^\W*-{3,}\W*input\b.*?(?=^\W*-{3,}\W*(?!input)\w|\Z)", re.I | re.DOTALL | re.M)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\s-{4,}\s|\s[-•]\s(?=[A-Z])")

_WORDS = {
    "NUMBER": r"""
        (?: (?:(?P<factor>\d+(?:\.\d+)?)\s*x\s*)? \b10 (?:\s*\^\s*\(?\s*-\s*|-) (?P<power>\d{1,2})\b
          | (?P<plain>\d+(?:\.\d+)?\s?e\s?\^?\s?-\s?\d{1,2}\b | (?<![\d.])0?\.\d*[1-9]\d*)
        )
        (?! [\d.]*\d
          | \s*(?:% | (?:percent|seconds?|secs?|m?s|minutes?|[ckm]?m|(?:kilo|centi)?met(?:er|re)s?|k?g|units?)\b) )
    """,
    "BOUND": r"""
        (?: at\ most | up\ to | at\ least | (?:less|smaller|lower|better)\ than | or\ equal(?:\ to)?
          | below | under | within | <=? | of | in\ the\ range | by | to
          | (?:not?|n't|cannot)\ (?:be\ )?(?:exceed(?:s|ing)?|(?:more|greater|larger|bigger|worse|higher)\ than) )
    """,
    "ERROR": r"""
        (?: errors? | inaccuracy | discrepancy | (?<!standard\ )deviation | tolerance | accuracy | precision | exactness
          | epsilon | eps )\b
    """,
    "KIND": r"(?:absolute|relative)",
}
_FORMS = (
    # "its absolute or relative error does not exceed 10^-6", "a precision of 1e-6"
    r"\b@ERROR .{0,90}? (?:@BOUND [\s(a-z±+/-]{0,14}? | (?P<loose>is|:|=)\s*) @NUMBER",
    # "an absolute error 10^-6", "with precision 10^-6"
    r"\b@ERROR \s @NUMBER",
    # "at most 10^-6 absolute or relative error", "with 10^-6 precision"
    r"@NUMBER \W{0,3} (?:(?:of|in|the|maximum|for|or|and|@KIND)\W+){0,5} @ERROR",
    # "within 10^-5 of the actual value", "within a relative or absolute difference of 1e-9"
    r"""\b(?:within|accurate\ to|precise\ to|correct\ to|exact\ to) \s (?:within\ )?(?:an?\ )?
        (?:(?:@KIND|or|and|difference|distance|margin|of|by|\+/?-|±|plus\ or\ minus)\s+){0,6} @NUMBER""",
    # "should not differ by more than 0.01 from the correct lengths", "off by at most 1e-6"
    r"\b(?:differ(?:s|ence|ing|ent)?|deviat(?:e|es|ing)|off|away)\b (?:(?!at\ least).){0,80}? @BOUND .{0,12}? @NUMBER",
    # the formula alone: |a - b| / max(1, |b|) <= 10^-6
    r"\bmax\s*\(?\s*\(?\s*1\s*,.{0,30}? (?:<=?|not\ exceed|less\ than) \s* @NUMBER",
)
_PATTERNS = [
    re.compile(re.sub(r"@([A-Z]+)", lambda match: _WORDS[match[1]], form), re.VERBOSE | re.IGNORECASE)
    for form in _FORMS
]
_DIFFERENCE = next(pattern for pattern in _PATTERNS if "differ(" in pattern.pattern)
_SMALL_NUMBER = re.compile(r"\^\s*\(?\s*-|10-\d|\de\s?-\s?\d|\.\d", re.IGNORECASE)
_TRUTH = re.compile(r"\b(?:answers?|outputs?|correct|expected|exact|actual|true|jury|judges?)\b", re.IGNORECASE)
"""Words for the correct answer: a difference from something else belongs to the task."""
_ABOUT_ANSWER = re.compile(
    r"\b(?:answers?|outputs?|results?|solutions?|correct(?:ly)?|accept(?:ed|able|s)?|judged?|jury|checker|graders?|allowed"
    r"|allows?|permitted|tolerated?|your|you|print(?:ed)?|returns?|returned|report|compar(?:ed|isons?|es)|tests?|expected"
    r"|absolute|relative|errors?|calculated?|computed?|estimate|values?|must\ be)\b",
    re.IGNORECASE,
)
_ABOUT_INPUT = re.compile(
    r"\b(?:measur\w+|sensors?|instrument\w*|inputs?\ (?:is|are|will|data)|given\ (?:with|to|as|in|at)"
    r"|(?:is|are)\ given)\b",
    re.IGNORECASE,
)
_SURELY_ABOUT_ANSWER = re.compile(
    r"\b(?:answers?|outputs?|results?|jury|accept\w*|judged?|considered|your)\b", re.IGNORECASE
)
_NO_ALLOWANCE = re.compile(r"\b(?:guarante\w*|until|iterat\w+|stop(?:s|ping)?|mean\ squared?)\b", re.IGNORECASE)
"""Words of guarantees about the data, and of the termination of a loop: not a bound on the answer."""
LONGEST_SENTENCE = 2000
"""Characters searched at most; of a longer "sentence" (an example) both ends are searched."""
LOOSELY_SAID = 0.01
"""Largest bound after "is" or "=": a larger number is a quantity of the task ("the relative error is 0.25")."""


def stated_tolerance(question: str) -> Tolerance | None:
    """Return the tolerance that a statement gives for its answer, or None."""
    found = [bound for part, is_input in _parts(question) for bound in _bounds(part, is_input)]
    return min(found, key=lambda bound: bound.value, default=None)


def _parts(question: str) -> Iterator[tuple[str, bool]]:
    """Split a statement into parts of plain text, each with whether it describes the input."""
    text = html.unescape(question)
    end = 0
    for match in _INPUT_SECTION.finditer(text):
        yield _plain(text[end : match.start()]), False
        yield _plain(match[0]), True
        end = match.end()
    yield _plain(text[end:]), False


def _plain(text: str) -> str:
    text = text.translate(_MINUS)
    for pattern, written in _REWRITINGS:
        text = pattern.sub(written, text)
    return " ".join(text.split())


def _bounds(text: str, is_input: bool) -> Iterator[Tolerance]:
    for sentence in _SENTENCE_END.split(text):
        if len(sentence) > LONGEST_SENTENCE:
            sentence = f"{sentence[: LONGEST_SENTENCE // 2]} ... {sentence[-LONGEST_SENTENCE // 2 :]}"
        if not _SMALL_NUMBER.search(sentence) or _NO_ALLOWANCE.search(sentence):
            continue
        if not _ABOUT_ANSWER.search(sentence):
            continue
        if (is_input or _ABOUT_INPUT.search(sentence)) and not _SURELY_ABOUT_ANSWER.search(sentence):
            continue
        for pattern in _PATTERNS:
            if pattern is _DIFFERENCE and not _TRUTH.search(sentence):
                continue
            for match in pattern.finditer(sentence):
                if value := _value(match):
                    yield Tolerance(value, _kind(sentence))


def _value(match: re.Match[str]) -> float:
    if match["plain"]:
        value = float(re.sub(r"[\s^]", "", match["plain"]))
    else:
        value = float(f"{match['factor'] or 1}e-{match['power']}")
    largest = LOOSELY_SAID if match.groupdict().get("loose") else 1.0
    return value if value <= largest and value < 1 else 0.0


def _kind(sentence: str) -> ToleranceKind:
    absolute, relative = (re.search(rf"\b{word}", sentence, re.IGNORECASE) for word in ("absolute", "relative"))
    if absolute and not relative:
        return ToleranceKind.ABSOLUTE
    if relative and not absolute:
        return ToleranceKind.RELATIVE
    return ToleranceKind.EITHER
