"""Read from a statement what it promises about inputs besides ranges: alphabets, distinctness, order, trees, ...

Two things come of it. *Kinds*: promises that a model of inputs can check on the given inputs and keep. *Unread*:
sentences that promise something which no kind represents ("it is guaranteed that the walls form a maze with one exit"):
an input that was made up may break them, so only pieces of given inputs may be used.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from curation.generated_tests.bounds import NUMBER, normalize_mathematics
from curation.generated_tests.comparison_chains import CHAIN
from curation.generated_tests.stated_ranges import sentences
from curation.generated_tests.statement_sections import split_sections

UNEQUAL_NEIGHBOURS = (
    r"\b(\w+?)_i\s?!=\s?\1_\(?i ?[+-] ?1|\b(\w+)\[i\]\s?!=\s?\2\[i ?[+-] ?1\]"
    r"|\bno (?:two|pairs? of) (?:adjacent|consecutive|neighbou?ring) [^.;,]{0,40}\b(?:equal|the same|identical)\b"
    r"|\b(?:adjacent|consecutive|neighbou?ring) [^.;,]{0,30}\b(?:are|be) (?:different|distinct|not equal)\b"
)
_KINDS = {
    "parity": r"\b(?:even|odd)\b",
    "divisible": r"\bdivisible\b|\bmultiple of\b|\bdivides\b|\bdivisor of\b|\bevenly\b",
    "distinct": r"\bdistinct|\bunique|\bpairwise\b|\bdifferent\b|\bno two\b|\bnot equal\b|\bduplicate|\brepeat"
    r"|\b(?:appears?|occurs?)\b.{0,40}\btwice\b"
    r"|!=|\bdiffer\b|\bexactly once\b|\bonly once\b|\bat most once\b|\bcoincide\b|\bsame\b",
    "sorted": r"\bsorted\b|creasing\b|\bstrictly (?:in|de)crease\b|\bascending\b|\bdescending\b|\bchronological"
    r"|\b(?:given|listed) in order\b|_i\s?<=?\s?\w+_\(?i ?\+|\b([A-Za-z])_?1\s?<=?\s?\1_?2\s?<",
    "unequal neighbours": UNEQUAL_NEIGHBOURS,
    "coprime": r"\bco-?primes?\b|\bgcd\s*\(\s*\w+\s*,\s*\w+\s*\)\s*=\s*1\b",
    "power of two": r"\bpowers? of (?:two|2)\b(?!\s*\^)",
    "zero sum": r"(?:\bsum|\\sum)(?:\b|_)[^.;]{0,60}?(?:\bis|\bequals?(?: to)?|\bbe|=)\s*(?:zero|0)\s*(?:$|[.,;)])",
    "permutation": r"\bpermutation",
    "palindrome": r"\bpalindrom",
    "tree": r"\btrees?\b|\brooted\b|\bparent\b",
    "connected": r"\bconnected\b|\breachable\b|\bpath (?:between|from)\b|\btrees?\b"
    r"|\b(?:reach|get to|get from) (?:any|every|each)\b",
    "simple": r"\bself[- ]?loops?\b|\b(?:multiple|multi|parallel|duplicate)[- ]?(?:edges|roads|arcs)\b|\bloops\b"
    r"|\bat most one (?:edge|road)\b|\bto itself\b|\bmultiple edges\b",
}
_KIND_OF = {kind: re.compile(words, re.IGNORECASE) for kind, words in _KINDS.items()}

_DISTINCT_VALUES = re.compile(
    r"\b(?:distinct|different|unique)\ (?:positive\ |non-?negative\ )?"
    r"(?:integers|numbers|elements|values|strings|words|names?|points|positions|heights|weights|coordinates)\b"
    r"|\bpairwise\b|\bno two\b|\ball\b.{0,40}\b(?:distinct|different|unique)\b|!=",
    re.IGNORECASE,
)
"""Distinct values, in the body of a statement, which also counts the different ways of doing something."""

_PROMISE = re.compile(
    r"""guarante|\b(?:always|ensured|assured|promised)\b|\bassum(?:e|ing)\b|\b(?:is|are)\ known\b
    |\bgiven\ that\b(?!\ if)|\bsuch\ that\b(?=.*[a-z]{4})|\bvalid\b|\bno\ two\b|\bexists?\b|\bconsistent\b|\bnever\b
    |\bat\ least\ one\b|(?<!\ of)(?<!contain)(?<!contains)(?<!containing)(?<!describes)\ exactly\ one\b""",
    re.IGNORECASE | re.VERBOSE,
)
_ASSUMED = re.compile(
    r"(?:\bin all (?:the )?(?:sub)?tasks?\b,?\s*)?\b(?:you|we) (?:may|can|should) (?:safely )?assume\b(?: that)?",
    re.IGNORECASE,
)
"""The words around a range in a sentence: "you may assume that 1 <= n <= 100"."""
_INDEXED_RANGE = re.compile(
    rf"\W*-?{NUMBER}\s*<=?\s*[\w,\[\] ]+?<=?\s*-?{NUMBER}\s*,?\s*"
    r"for (?:each|every|all|any) (?:valid )?[ijk](?:(?:,| and) [ijk])* (?:such that|where)\b[\s\w<=,-]+\W*"
)
"""A range of all elements of a list, with the range of the index: "0 <= a_i <= 9 for each i such that 1 <= i <= n"."""
_COUNTED = re.compile(r"\bnumber of\b[^.,;:()]*")
"""A number's description, which promises nothing: "the number of pairs that do not fit"."""
_DESCRIBED = re.compile(
    r"\((?:the )?(?:number|count|amount|size|length|(?:min|max)(?:imum)?|total|index|cost|price)\b[^()]*\)",
    re.IGNORECASE,
)
"""The description of a number in parentheses: "X (the least weight that a jar must have)"."""
_DENOTED = re.compile(r"\blet(?:['’]s| us| me)? denote\b[^.;]*?\b(?:by|as) [A-Za-z]\b", re.IGNORECASE)
"""A name for something that the statement counts: "let's denote the number of such jars by K"."""
_EXCLAMATION = re.compile(r"(?<![A-Za-z\d)\]]\s)(?<=[a-z]{2})!+\W*$")
"""The end of a remark: "you will see!"."""
_RULE = re.compile(
    r"(?<!\bmay )(?<!\bcan )(?<!\bshould )(?<!\bsafely )\bassume that\b"
    r"(?!.*\b(?:inputs?|given|always|valid|strings?|arrays?|lists?|arguments?|numbers?|parameters?|elements?|values?"
    r"|words?|tests?|each|every|all|at least|at most|only|exists?|possible|no|non|positive|contains?)\b)",
    re.IGNORECASE,
)
"""A rule of the task: "assume that the water does not cool". Of inputs such a sentence speaks in other words."""
_MULTIPLE = re.compile(r"\b(?:multiples? of|divisible by) (\d{1,3})\b", re.IGNORECASE)
_EVEN_LENGTH = re.compile(
    r"\|\s*\w+\s*\| is (?:an? )?(?:even|odd)\b|\blength (?:of (?:the )?(?:string )?\w+ )?is (?:an? )?(?:even|odd)\b"
    r"|\b(?:even|odd)[- ]length\b|\bof (?:even|odd) length\b",
    re.IGNORECASE,
)
_SAME_LENGTHS = re.compile(
    r"\|\s*\w+\s*\| ?={1,2} ?\|\s*\w+\s*\||\b(?:same|equal|identical) (?:length|size)"
    r"|\blengths? (?:are|is) (?:the )?(?:same|equal)",
    re.IGNORECASE,
)
_PROMISE_IN_BODY = re.compile(
    r"guarante|\b(?:may|can|should) (?:safely )?assume\b|\bassume that\b|\bit is (?:known|given|ensured|assured)\b"
    r"|\bthere (?:is|will be) always\b|\balways (?:be )?(?:possible|exists?|valid)\b|\bensured that\b"
    r"|\b(?:is|are|was|were|will be) (?:always )?chosen (?:so|in such a (?:way|manner)) that\b"
    r"|^(?:all |the |these )[\w' ]{1,40}\b(?:is|are|will be) (?:always )?such that\b",
    re.IGNORECASE,
)
_NO_PROMISE = re.compile(
    r"""\bnot\ guarante|\bguarantees\b|n[o']t\ guarantee|\bno\ (?:additional\ )?guarantee
    |\bvice[- ]versa\b|\bseparated\b
    |\b(?:under|within|for|has|have)\ (?:the\ |these\ |such\ )?(?:given\ |following\ )?constraints\b
    |\bcontain\ any\ spaces
    |^Let\ \w+\ (?:be|denote)\b
    |\bforget\b|\bmay\ not\b|\bwhitespace|\b(?:in|for)\ \d+\s?\\?%
    |\b(?:not|no)\ (?:be\ )?(?:greater|more|less|longer)\ than\b
    |\b(?:let\ us|let's|we|let\ me)\ assume\b|\bassumed\ to\ be\b|\binfinite|\bspace\ character\b|\bleading\ zero
    |\binput\ (?:is|will\ (?:always\ )?be)\ (?:correct|valid)\b
    |\bassume\ that\ (?:you|we)\ have\b|\bit\ is\ known\ that\ (?:there\ are\ )?(?![ai]\s)[a-z](?:_\w+)?\s
    |\bit\ means\ that\b|\byou\ are\ guaranteed\ to\b|\bin\ a\ circular\ (?:fashion|manner|way)\b
    |\bit\ is\ known\ that\ the\ (?:\w+\ ){1,6}is\ (?:equal\ to\ )?[A-Za-z]\b(?=\s*(?:[.,;]|$))
    |^if\ (?:the|an?)\ [\w\ ]{1,30}\ (?:contains?|is)\ ['"‘“`]\S['"’”`].*\b(?:then|else|otherwise)\b
    |\bnot\ (?:explicitly\ )?given\ explicitly\b|\bnot\ explicitly\ given\b|\bdoes\ not\ depend\ on\b
    |\bnegligible\b|\bformat\ it\ like\b|\ball\ the\ constraints\ on\ the\ input\b
    |\bdenot\w+\ (?:that\ )?there\ exists?\b|\ba\ pair\ of\ \w+\ that\ are\ neighbou?rs\b
    |\bare\ natural\ numbers\b|\bis\ an?\ ascii\ character\b
    |\bcan(?:'t|not|\ not)\ be\ (?:bought|used|chosen|selected|picked)\ (?:more\ than\ once|twice|multiple\ times)\b
    |\bfor\ the\ examples?\b|\bcan\ be\ (?:shown|prov)|\b(?:show|prove)\ that\b
    |\b(?:do|need)(?:n['’]t|\ not)\ (?:(?:have|need)\ to\ )?be\ (?:pairwise\ |all\ )?(?:distinct|different|unique)\b
    |\bnot\ necessar|\bvalid\ (?:i|pair|index|indices|j|triple)\b|\beach\ valid\b|\bevery\ valid\b
    |\bif\ (?:it|there|no|such)\b|\bif\ .*\bexists?\b|\bwhether\b|\bofficial\ test|\bverify\b|\btreated\ as\b
    |\btest\ cases?\ (?:for\ this|in\ the)|\bfollowing\ format\b|\bgets?\ \d+\ points\b|\btime\ limit|\bmemory\b
    |\b(?:print|output|find|determine|calculate|compute|count)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_HARMLESS = re.compile(
    r"""(?:\bnot|n't|n’t)\ exceed|\bin\ the\ range\b|\brange\ from\b|\bdenotes\b
    |\bat\ most\ \d+\ (?:letters|char|digits|words)
    |\bgrouped\b|\bstrictly\ (?:more|less|greater|smaller)\ than\ \d|\brecommended\b|\bbetween\ \d+\ (?:and|to)\ \d
    |\b(?:is|are)\ either\b
    |\bexactly\ (?:\d|one|two|three)\ (?:digits?|decimals?)\b.{0,20}\b(?:point|decimal|places)
    |^[^.]*[-(:]\s*\d+\s*(?:points?|pts|marks)\W*$
    |\b(?:sum|total)\b.*(?:exceed|<=|<|at\ most|(?:less|more|greater|smaller|larger)\ than|bounded|up\ to|within)
    |\b(?:fits?|fit\ in)\b|\b(?:is|are|be)\ (?:an?\ |all\ )?(?:positive\ |non-?negative\ )?(?:integers?|numbers?)\b
    |\ball\ (?:input\ )?(?:values|numbers)\b.*\bintegers\b|\bnon-?empty\b|\bnot\ (?:be\ )?empty\b
    |\b(?:answer|result|output)\b.*(?:<=|<|exceed|fit|less|bit)|\blength\b.*\b(?:exceed|at\ most|same|equal|more\ than)
    |\blength\ (?:of\ )?exactly\ [A-Za-z]\b
    |\bcontains?\ at\ least\ (?:one|1)\ (?:character|letter)\b(?!\ ['"])""",
    re.IGNORECASE | re.VERBOSE,
)
_CUES_IN_INPUT = re.compile(
    r"""\b(?:even|odd)\ (?:positive\ )?(?:integer|number)|\ba\ permutation\b
    |\bprimes?\b|\bco-?prime|\bpalindrom|\bbalanced\b|\bpowers?\ of\ (?:two|three|2|3|10)\b
    |\bperfect\ (?:square|cube)|\bintersect|\boverlap|\bconvex\b|\bcollinear|\badjacent\b|\bneighbou?r|\bcorrect\b
    |\bregular\b|\bclockwise|\bgreater\ than\b|\bsmaller\ than\b|\bless\ than\b(?!\ or)|\bmust\b
    |\bexactly\b(?!\ (?:one|two|three|\d)\ (?:lines?|integers?|test))|\bcannot\b
    |\bcan(?:'t|\ not)\b|\bdoes\ not\b|\bdon't\b|\bdo\ not\b|\bdoesn't\b|\bnot\b|\bonly\ if\b""",
    re.IGNORECASE | re.VERBOSE,
)
_PLAIN_WORDS = frozenset(
    """a across additionally al all alphabet alphabets also an and and/or any are array as at be between both by case
    cases cdot character characters combined consist consisting consists constant constraints contain contains
    decimal denoting describe described description digit digits does each element elements english equal
    every exceed exceeds file first following for frac from given i in including inclusive index indices input
    inputs integer integers is it it's its j k last latin length less letters limit limits line list log lower
    lowercase matrix max min more most n natural nd negative non nonnegative not note number number's numbers
    of on one only or original over per points positive pts range rd real respectively roman s same satisfy
    sec second text texts seconds separated sequence single size space spaces st string strings sub subtask subtasks sum
    task test testcase testcases tests th than that the their then these they this time to total two upper
    uppercase valid value values where which will with within word words
    """.split()
)


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The characters that a sentence allows in texts."""

    characters: str
    sentence: str
    """The sentence that states it: of the texts that it names, or of any."""
    is_range: bool = False
    """True if a chain states it (``'1' <= a_i <= '3'``): what it names is a text, also one of digits."""


@dataclass(frozen=True, slots=True)
class Promises:
    """The promises of a statement about its inputs, besides ranges."""

    kinds: frozenset[str] = frozenset()
    """Kinds that are mentioned: ``parity``, ``divisible``, ``distinct``, ``sorted``, ``permutation``, ``tree``, ..."""
    promised: tuple[frozenset[str], ...] = ()
    """For each sentence that promises something of a known kind: the kinds, one of which must be found."""
    alphabets: tuple[Alphabet, ...] = ()
    words: tuple[tuple[str, ...], ...] = ()
    """Lists of quoted words that texts are taken from."""
    even_lengths: bool = False
    """True if the statement promises that the length of a text is even, or odd."""
    same_lengths: bool = False
    """True if the statement says that texts are of one length."""
    moduli: tuple[int, ...] = ()
    """Numbers that others are said to be multiples of; 2 where even and odd numbers are mentioned."""
    ends: tuple[tuple[str, int, int], ...] = ()
    """Elements of lists that are always the same: the name ``a[]``, 0 for the first or -1 for the last, the value."""
    unread: tuple[str, ...] = ()
    """Sentences that promise something which no kind represents."""


@lru_cache(maxsize=64)
def read_promises(question: str) -> Promises:
    """Read what a statement promises about inputs, from its body, the input's format and the constraints."""
    sections = split_sections(question)
    kinds: set[str] = set()
    promised: list[frozenset[str]] = []
    unread: list[str] = []
    words: list[tuple[str, ...]] = []
    alphabets: list[Alphabet] = []
    even_lengths = False
    ends: list[tuple[str, int, int]] = []
    for name, text in (("body", sections.body), ("input", sections.input), ("constraints", sections.constraints)):
        for sentence in sentences(text):
            mentioned = frozenset(_mentioned(sentence, name))
            kinds |= mentioned
            found = list(read_alphabets(sentence))
            own_ends = list(read_ends(sentence)) if name != "body" else []
            ends += own_ends
            alphabets += found
            if name != "body" and (listed := read_words(sentence)):
                words.append(listed)
                continue
            if not _promises(sentence, name) or (found and not mentioned):
                continue
            if own_ends and not mentioned and _is_plain(_GUARANTEED.sub(" ", CHAIN.sub(" ", _END.sub(" ", sentence)))):
                continue
            even_lengths |= bool(_EVEN_LENGTH.search(sentence))
            if mentioned:
                promised.append(mentioned)
            if not mentioned or (mentioned == {"distinct"} and _says_more(sentence)):
                unread.append(sentence)
    moduli = {int(number) for number in _MULTIPLE.findall(normalize_mathematics(question))}
    if "parity" in kinds:
        moduli.add(2)
    return Promises(
        frozenset(kinds),
        tuple(promised),
        tuple(alphabets),
        tuple(dict.fromkeys(words)),
        even_lengths,
        bool(_SAME_LENGTHS.search(normalize_mathematics(f"{sections.input}\n{sections.constraints}"))),
        tuple(sorted(moduli - {0, 1}, reverse=True)),
        tuple(dict.fromkeys(ends)),
        tuple(dict.fromkeys(unread)),
    )


def _mentioned(sentence: str, section: str) -> Iterator[str]:
    unequal = _KIND_OF["unequal neighbours"]
    for kind, words in _KIND_OF.items():
        text = unequal.sub(" ", sentence) if kind == "distinct" else sentence
        if words.search(text) and (kind != "distinct" or section != "body" or _DISTINCT_VALUES.search(sentence)):
            yield kind


_CLAUSE_END = re.compile(r"\band\b|[,;]")
_VERB = re.compile(r"\b(?:is|are|has|have|does|do|can|cannot|will|contains?)\b")


def _says_more(sentence: str) -> bool:
    """Return whether a promise that values are distinct has a clause that promises something else."""
    text = CHAIN.sub(" ", re.sub(r"^.*?\b(?:guarantee[ds]?|ensured|assured)\b(?: that)?", " ", sentence))
    clauses = _CLAUSE_END.split(text)
    return len(clauses) > 1 and any(
        _VERB.search(clause)
        and not _is_plain(clause)
        and not _HARMLESS.search(clause)
        and not any(words.search(clause) for words in _KIND_OF.values())
        for clause in clauses
    )


def _promises(sentence: str, section: str) -> bool:
    """Return whether a sentence of a section restricts inputs in a way that a range does not."""
    if _NO_PROMISE.search(sentence) or _HARMLESS.search(sentence) or _INDEXED_RANGE.fullmatch(sentence):
        return False
    if section != "body" and _KIND_OF["unequal neighbours"].search(sentence):
        return True
    rest = CHAIN.sub(" ", sentence)
    if _EXCLAMATION.search(sentence) and not _PROMISE.search(rest):
        return False
    if rest != sentence:
        rest = _DENOTED.sub(" ", rest)
    if rest != sentence and _is_plain(_ASSUMED.sub(" ", rest)):
        return False
    if section == "body":
        return bool(_PROMISE_IN_BODY.search(_RULE.sub(" ", sentence))) and len(re.findall(r"[A-Za-z]{3,}", rest)) > 4
    if section == "input":
        if rest != sentence and len(re.findall(r"[A-Za-z]{3,}", rest)) <= 4:
            return False
        return bool(_PROMISE.search(rest) or _CUES_IN_INPUT.search(_COUNTED.sub(" ", _DESCRIBED.sub(" ", rest))))
    return bool(_PROMISE.search(rest)) or not _is_plain(rest)


def _is_plain(text: str) -> bool:
    """Return whether a text has no words but those of ranges."""
    return all(word in _PLAIN_WORDS for word in re.findall(r"[a-z][a-z']+", text.lower()))


_END = re.compile(
    r"\b(?P<list>[A-Za-z])_?(?P<at>1|[nN]|\([nN]\))(?: ?= ?(?P=list)_?(?P<other>[nN]|\([nN]\)))? ?= ?(?P<value>-?\d+)"
    r"(?!\w|\.\d)(?! ?[-<>=+*/^])"
)
_GUARANTEED = re.compile(r"\b(?:guaranteed|ensured|known|note)\b", re.IGNORECASE)
_CONDITION = re.compile(r"\b(?:if|when|where|unless|whenever|i\.e\.|case)\b", re.IGNORECASE)


def read_ends(sentence: str) -> Iterator[tuple[str, int, int]]:
    """Yield what a normalised sentence says of the ends of lists: ``a_1 = 1``, ``b_n = 0``, ``a_1 = a_n = 1``."""
    for found in _END.finditer(sentence):
        if not _CONDITION.search(sentence[: found.start()]):
            value = int(found["value"])
            places = {0 if found["at"] == "1" else -1, *([-1] if found["other"] else [])}
            yield from ((f"{found['list']}[]", place, value) for place in sorted(places))


_QUOTED_WORD = r"[\"“'‘]([A-Za-z]{2,20})[\"”'’]"
_LISTED_WORDS = re.compile(
    r"\b(?:one of|from|among|either|any of|is in)\b[^\"“'‘]{0,40}"
    + _QUOTED_WORD
    + rf"(?:,? ?(?:and|or)? ?{_QUOTED_WORD})+"
)


def read_words(sentence: str) -> tuple[str, ...]:
    """Return the quoted words of a sentence that says from which list texts are taken; none if it is no such one."""
    match = _LISTED_WORDS.search(sentence)
    return tuple(re.findall(_QUOTED_WORD, match[0])) if match else ()


_LOWER = r"\b(?:lower ?-?case|small)\b"
_UPPER = r"\b(?:upper ?-?case|capital)\b"
_ABOUT_TEXT = re.compile(
    r"\b(?:strings?|words?|letters?|characters?|alphabets?|digits?|binary|names?|cells?|consist\w*)\b", re.I
)
_LISTED = re.compile(
    r"\b(?:characters?|letters?|digits?|consists? (?:only )?of|contains? only|either)\s+(?:the )?"
    r"((?:[^\s,]\s*,\s*|[^\s,]\s+(?:and|or)\s+(?:the )?)+[^\s,.])(?=[\s.,;)]|$)"
)
"""Single characters that are listed without quotation marks: "digits 4 and 7"."""
_QUOTED = re.compile(r"['\"‘’“”`]+([^\s'\"‘’“”`])['\"‘’“”`]+")

_SPAN = re.compile(r"(?<![\w'\"‘“`])['\"‘“`]?\b([aA0])['\"’”`]?\s?(?:-|–|to|through|\.\.+)\s?['\"‘“`]?([zZ9])\b")
"""A span of letters or digits: ``a-z``, ``'A' to 'Z'``."""

_CHARACTER_RANGE = re.compile(r"['‘’`]([A-Za-z\d])['‘’`] ?<= ?[^'‘’`<>]{1,30} ?<= ?['‘’`]([A-Za-z\d])['‘’`]")
"""A range of characters in a chain: ``'a' <= s_i <= 'z'``."""
_BITS = re.compile(r"(?:\\in(?![a-z])|∈)\s*\{?\s*0\s*,\s*1\s*(?![\d,])")
"""The set of the digits 0 and 1; where they are not separated, they spell texts."""

_EXCLUDED = re.compile(
    r"\b(?:not (?:have|contain|include)|without|except(?: for)?) (?:the )?(?:characters?|letters?|digits?)?"
    r"\s*['\"‘“`]+(\S)['\"’”`]+"
)


def read_alphabets(sentence: str) -> Iterator[Alphabet]:
    """Yield the alphabets that a normalised sentence states: named classes of letters, or quoted characters."""
    if spanned := _CHARACTER_RANGE.search(sentence):
        yield Alphabet("".join(map(chr, range(ord(spanned[1]), ord(spanned[2]) + 1))), sentence, True)
        return
    if not _ABOUT_TEXT.search(sentence) and not _BITS.search(sentence):
        return
    characters = set(_QUOTED.findall(sentence))
    for listed in _LISTED.findall(sentence):
        characters |= set(re.findall(r"(?<!\S)[^\s,](?![^\s,.])", listed)) - {","}
    for first, last in _SPAN.findall(sentence):
        if first + last in ("az", "AZ", "09"):
            characters |= set(map(chr, range(ord(first), ord(last) + 1)))
    lower, upper = re.search(_LOWER, sentence, re.I), re.search(_UPPER, sentence, re.I)
    characters |= set(string.ascii_lowercase) if lower else set()
    characters |= set(string.ascii_uppercase) if upper else set()
    if re.search(r"\balpha-?numeric", sentence, re.I):
        characters |= set(string.ascii_letters + string.digits)
    elif (
        not lower
        and not upper
        and re.search(r"\b(?:english|latin|roman) (?:letters|alphabets?|characters)", sentence, re.I)
    ):
        characters |= set(string.ascii_letters)
    if re.search(r"\bdigits?\b", sentence, re.I) and re.search(
        r"\b(?:consist|contain|string|character)", sentence, re.I
    ):
        characters |= set(string.digits) if not characters & set(string.digits) else set()
    if re.search(
        r"\bbinary (?:string|number|word|sequence)|\b0'?s? (?:and|or) 1'?s?\b"
        r"|\bzero(?:e?s)? (?:and|or) ones?\b|\b(?:0|zero) or (?:1|one)\b|" + _BITS.pattern,
        sentence,
        re.I,
    ):
        characters |= set("01")
    if re.search(r"\bspaces?\b(?! ?-?separated)", sentence, re.I) and re.search(
        r"\b(?:consist|contain)", sentence, re.I
    ):
        characters |= {" "}
    characters -= set(_EXCLUDED.findall(sentence))
    if len(characters) >= 2:
        yield Alphabet("".join(sorted(characters)), sentence)


def mentions_cases(question: str) -> bool:
    """Return whether the input is said to hold several cases after their number."""
    text = normalize_mathematics(split_sections(question).input or question)
    return bool(
        re.search(
            r"\b(?:number of|no\.? of|total) (?:the |different |independent )*"
            r"(?:test ?-?cases?|tests?|testcases?|queries|scenarios|data ?sets)"
            r"|\btest ?-?cases?\b|\btestcases?\b|\bT lines\b|\bof each (?:test|query)\b",
            text,
            re.IGNORECASE,
        )
    )
