"""Detect that the prose before a block introduces it as an example of what not to do.

Only a sentence about the block that follows counts. "The above is wrong. Here is my code:" and "we avoid a copy" are
about something else, so the whole last line must have one of a few forms.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.judging.extraction.blocks import Block

_BAD = (
    r"(?:wrong|incorrect|not (?:right|correct|allowed)|bad|na[i\u00ef]ve|buggy|broken|faulty|flawed|inefficient|"
    r"too slow|invalid)"
)
_CODE = (
    r"(?:approach(?:es)?|versions?|solutions?|ways?|codes?|implementations?|attempts?|ones?|examples?|answers?|programs?|"
    r"functions?)"
)
_FORMS = (
    # Avoid the following. Do not write it like this. Never do this.
    r"(?:so |please )*(?:do not|don't|never|avoid)(?: ever)?(?: (?:do|use|write|submit|code|doing|using|writing))?"
    r"(?: (?:it|this|that|code|something|solutions?))?(?: (?:like this|as follows|this way|this|that|the following))?",
    # This is wrong. The following version would be too slow.
    rf"(?:this|the following|that|which|it)(?: {_CODE})? (?:is|was|would be|will be) {_BAD}",
    r"(?:this|the following|it)(?: \w+)? (?:would fail|will fail|fails|does not work|doesn't work|will not work|"
    r"won't work|does not pass|would not work|would break)(?: .{0,40})?",
    # A common mistake is. The naive version. Incorrect approach. For comparison, the wrong one.
    rf"(?:(?:for comparison|for reference|note|by contrast|in contrast|here is|here's|this is|below is)[,:]? )?"
    rf"(?:(?:a|an|the|some|my) )?(?:very )?(?:common |typical |frequent )?{_BAD} {_CODE}(?: \([^)]*\))?"
    r"(?: (?:is|would be|looks like this|would look like this))?",
    r"(?:(?:a|an|the|some|one) )?(?:very )?(?:common |typical |frequent )*(?:mistakes?|pitfalls?|bugs?|errors?)"
    r"(?: (?:is|are|would be|to avoid|here is|looks like this))?(?: this)?",
    r"(?:an? |the )?(?:anti-?patterns?|counter-?examples?)|what not to do|how not to do it",
    r"original \(before .*\)",
    rf"{_BAD}",
    # "wrong (example)" in Chinese, Russian and German
    "\u9519\u8bef\u793a\u4f8b|\u043d\u0435\u043f\u0440\u0430\u0432\u0438\u043b\u044c\u043d\u043e|falsch",
)
_CONDEMNS = re.compile("|".join(f"(?:{form})" for form in _FORMS), re.IGNORECASE)
_CROSS = ("\u274c", "\u2717", "\u2716")
_MARKUP = " \t#*_>:`~.!-\u2014\uff1a"
_COMMENT = re.compile(r"\s*#+[ \t]*([^\r\n]{0,80})")


def is_discouraged(text: str, block: Block, blocks: Sequence[Block]) -> bool:
    """Return whether the prose right before a block, or its first comment, calls it an example of what not to do."""
    comment = _COMMENT.match(block.code)
    if comment is not None and condemns(comment[1]):
        return True
    window = max(block.start - 600, 0)
    start = max((other.end for other in blocks if window <= other.end <= block.start), default=window)
    lines = [line for line in text[start : block.start].splitlines() if line.strip(_MARKUP)]
    if lines and condemns(lines[-1]):
        return True
    return len(lines) > 1 and lines[-2].lstrip().startswith(("#", "**")) and condemns(lines[-2])


def condemns(line: str) -> bool:
    """Return whether a line says that the code after it is wrong."""
    words = line.strip(_MARKUP).replace("*", "").replace("`", "").replace("\u2019", "'")
    if words.startswith(_CROSS):
        return True
    return _CONDEMNS.fullmatch(words.strip(_MARKUP)) is not None
