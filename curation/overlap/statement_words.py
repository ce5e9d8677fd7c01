"""Turn statements into words and n-grams of words, whatever they are marked up with.

The convention is GPT-3's (arXiv 2005.14165, appendix C): lower case, no punctuation, 13-grams; a text of fewer words
is one n-gram if it has at least 8. The same statement comes as HTML, Markdown, LaTeX or plain text, so character
references are decoded, and tags, images, addresses and LaTeX's commands are no words.
"""

from __future__ import annotations

import html
import re
import unicodedata

from curation.pipeline.near_duplicates import normalise

NGRAM_WORDS = 13
MIN_WORDS = 8
"""A text of fewer words has no n-gram: any two statements may share so few."""

_TAG = re.compile(
    r"</?(?:a|abbr|b|blockquote|br|center|code|dd|div|dl|dt|em|font|h[1-6]|hr|i|img|kbd|li|ol|p|pre|s|section|small|"
    r"span|strike|strong|sub|sup|table|tbody|td|th|thead|tr|tt|u|ul|var)"
    r"(?:\s+[\w:-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>]+))*\s*/?>",
    re.IGNORECASE,
)
"""Tags by name: ``a < b and c > d`` holds none."""
_LATEX_COMMAND = re.compile(r"\\[A-Za-z]+")
_SUPERSCRIPTS = str.maketrans({power: f" {digit}" for digit, power in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")})


def words_of(statement: str) -> list[str]:
    """Return the words of a statement: lower-case, without markup and punctuation; numbers are words."""
    text = _LATEX_COMMAND.sub(" ", html.unescape(_TAG.sub(" ", statement)))
    text = unicodedata.normalize("NFKC", text.translate(_SUPERSCRIPTS))
    return normalise(text.replace("_", " "))


def ngrams(words: list[str], size: int = NGRAM_WORDS) -> frozenset[str]:
    """Return every run of ``size`` words, once; of fewer words, at least ``MIN_WORDS``, the whole text."""
    if len(words) < size:
        return frozenset([" ".join(words)] if len(words) >= MIN_WORDS else [])
    return runs(words, size)


def runs(words: list[str], size: int) -> frozenset[str]:
    """Return every run of ``size`` words, once; none if there are fewer words."""
    return frozenset(" ".join(words[i : i + size]) for i in range(len(words) - size + 1))
