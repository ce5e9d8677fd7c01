"""Flag statements: the task is in an image, the program is interactive, several answers are allowed.

Pure predicates over the text of ``question``. Each is a short list of phrases, tuned on 3,023 raw problems by
reading the sentences that they flag and nearly flag; none looks at tests or solutions. For an ambiguous phrase
``is_image_only`` and ``is_interactive`` return False, because they drop a problem; the others only affect the
comparison, or what a reviewer sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MIN_CONTENT_WORDS = 3
"""With fewer different content words, the task of a statement with an image is in the image.

The poorest of the 114 raw statements with an image has 6 (the pieces of a cake after so many straight cuts), the next
three 7, 8 and 13; all of them state their task in words.
"""

_IMAGE = re.compile(
    r"""
      !\[[^\]\n]*\]\s?(?:\([^)]*\)|\[[^\]\n]*\])      # ![alt](address), ![alt][label]
    | <img\b[^>]*>
    | \[Image\]                                       # what APPS left of Codeforces's images (and of formulas)
    | https?://\S+?\.(?:png|jpe?g|gif|svg|bmp|webp)\b[^\s)"'>]*
    | data:image/[^\s)"'>]*
    """,
    re.IGNORECASE | re.VERBOSE,
)

_URL = re.compile(r"https?://[^\s)\"'>\]]+")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_EXAMPLES = re.compile(
    r"^-+ *(?:examples?|sample[^-\n]*)-+ *$.*?(?=^-+ *\w|\Z)", re.IGNORECASE | re.DOTALL | re.MULTILINE
)
_WORD = re.compile(r"[^\W\d_]{2,}")

_BOILERPLATE_WORDS = """
    about above according all an and answer answers are array as asked at be below but by can case cases code complete
    constraint constraints contain containing contains contents could denote denotes denoting description detail details
    determine diagram do does each example examples explanation explanations figure figures file find first follow
    following follows for format formula from function give given gives has have how if illustrated illustration image
    images in input inputs integer integers into is it its kata let line lines list look more need note notes number
    numbers of on one only or out output outputs per photo picture pictures please print problem problems program read
    result return returns same sample samples screenshot second see separated should show shown shows single solution
    solve some space statement string strings task test tests text that the their then there these third this three to
    two understand use value values via we what when where which will with write you your
"""
"""Words that frame a task without stating one; none of them counts as content."""

_BOILERPLATE = frozenset(_BOILERPLATE_WORDS.split())

_DEPICTION = r"(?:image|picture|pic|figure|diagram|illustration|drawing|screenshot)s?"
_POINTING = r"(?:below|above|following|shown?|left|right|attached)"
_MENTION = re.compile(
    rf"""
      \b{_POINTING}\b.{{0,25}}\b{_DEPICTION}\b
    | \b{_DEPICTION}\b.{{0,40}}\b(?:{_POINTING}|represents?|corresponds?|describes?|illustrat\w+|shows|depicts?)\b
    | \b(?:see|in|on|from|by|refer\ to|look\ at|as)\ (?:the|this|these|our)\ {_DEPICTION}\b
    | [(]see\ {_DEPICTION}\b
    """,
    re.IGNORECASE | re.VERBOSE,
)

_INTERACTIVE = re.compile(
    r"""
      \b(?<!not\ an\ )interactive\ (?:problem|task|judge|grader)\b
    | \b(?:problem|task)\ is\ interactive\b
    | \binteract(?:ion|ing|s)?\ with\ (?:the|our|an?)\ (?:hidden\ )?
        (?:judge|grader|jury|interactor|checker|testing\ system)\b
    | ^-+\ *interaction\ *-+
    | \bfflush\ *\(|\b(?:stdout|cout)\.flush\b|\bsystem\.out\.flush\b
    | \bflush(?:ing)?\ (?:the\ |your\ )?(?:standard\ )?(?:output|stdout)\b.{0,60}\b(?:after|every|each|otherwise)\b
    | \b(?:remember|forget|have|need|must|sure)\ (?:to\ )?flush\ (?:the\ |your\ )?(?:standard\ )?(?:output|stdout)\b
    """,
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)

_GIVE = r"(?:print|output|return|report|display|write)"
_ANSWER = (
    r"(?:answer|solution|output|array|sequence|permutation|string|subset|set|pair|triple|path|tree|graph|matrix|one"
    r"|integer|arrangement|ordering|order|coloring|colouring|plan|schedule|way|proof|example|list|voting|partition)"
)
_THEM = r"(?:them|these|those|such|one|(?:the\ )?(?:possible|valid|correct|suitable|optimal|acceptable)\b)"
_MANY = r"(?:multiple|several|many|different|more\ than\ one)"
_RIGHT = (
    r"(?:accepted|acceptable|allowed|fine|ok|okay|valid|suitable|(?:judged|considered)\ (?:as\ )?correct"
    r"|a\ correct\ answer)"
)
# Gaps are bounded: a "sentence" may be a whole example, and an open gap in one costs its length squared.
_SEVERAL_ANSWERS = re.compile(
    rf"""
      \b{_GIVE}\ any(?:\ \W?one\W?)?                            # print any (one) (of them)
        (?:\ {_ANSWER}\b|\ of\ (?!the\ following)|\ {_THEM}|\ ?[.,;:)!]|$)
    | \b{_GIVE}\ any\ (?:[\w-]+\ ){{0,2}}{_ANSWER}\b(?!\ of\ the) # output any balanced sequence
    | \bfind\ any\ {_ANSWER}\b.{{0,200}}\b(?:such\ that|which|that|with|satisf\w+)\b
    | \b(?:if|when|in\ case)\b.{{0,200}}\b{_MANY}\b.{{0,200}}
        \b(?:find|choose|pick|give|use|show|make)\ (?:any|an\ arbitrary)\b
    | \b{_MANY}\b.{{0,200}}\b{_GIVE}\ (?:just\ |only\ )?(?:one\ of\ (?!the(?:se)?\b){_THEM}|whichever\b)
    | \b(?:{_GIVE}|produce|construct|find)\ (?:\(any\)\ one\ of|(?:an\ )?arbitrary\ (?:one|of|{_ANSWER}))\b
    | \b(?:{_GIVE}|find|construct|represent|describ)(?:s|ing)?\ (?:at\ least\ |just\ |only\ )?
        one\ (?:possible|valid|such|suitable)\ (?:\w+\ )?(?:{_ANSWER}|assignment)\b
    | \bmatter\ which\ (?:one\ |of\ (?:them|these|those)\ )?(?:you|is)\ (?:{_GIVE}|choose|pick)
    | \b(?:task|goal)\ is\ to\ (?:sort|transform|convert|turn)\b.{{0,120}}  # more moves than needed are allowed
        \b(?:in|by|using|with|within)\ (?:at\ most|no\ more\ than)\ \S+\ (?:such\ )?(?:operation|move|swap|step|flip)s\b
    | \bcontain\ any\ of\ the\ valid\b
    | (?<!removing\ )\bany\ (?:of\ )?(?:{_THEM}|(?:[\w-]+\ ){{0,2}}(?:{_ANSWER}|subsequence)|the\ \w+)\b.{{0,200}}
        \b(?:is|are|be)\ (?:also\ )?{_RIGHT}\b
    | (?<!removing\ )\bany\ ?(?:one\ )?(?:of\ (?:them|these|those|the\ \w+)\ )?(?:will\ do|(?:is|are)\ fine)\b
    | \b(?:either|both)\ (?:answer|solution|output)s?\b.{{0,200}}\b(?:accepted|acceptable|correct|fine|valid)\b
    | \b(?:also|all)\ (?:be\ )?(?:an?\ )?(?:valid|correct|acceptable|accepted|possible)\ (?:answer|solution|output)s?\b
    | \balso\ (?:be\ )?accepted\b
    | \bany\ (?:suitable|appropriate|acceptable|feasible)\ {_ANSWER}\b
    """,
    re.IGNORECASE | re.VERBOSE,
)

_ANY_ORDER = re.compile(
    rf"""
      \b{_GIVE}(?:ed|ing|s)?\b(?!\s*[:,])(?P<between>.{{0,200}})\bin\ (?:any|an\ arbitrary|arbitrary)\ (?:\w+\ )?order\b
    | \border\ of\ (?:the\ |your\ )?(?:\w+\ ){{0,5}}?
        (?:outputs?|returned|results?|answers?|permutations|combinations|sub-?arrays)(?:\ \w+){{0,4}}
        \ (?:does|is|do|are)(?:\ not|n['’]t|\ un)\ ?(?:matter|important|relevant)
    | \border\ of\ (?:the\ |your\ )?(?:\w+\ ){{0,5}}?(?:is|are)(?:\ not|n['’]t)\ (?:tested|checked)
    | \b(?:answers?|results?)\b.{{0,60}}\b(?:may|can|could)\ be\b.{{0,40}}\bin\ (?:any|arbitrary)\ order\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NOT_PYTHON = re.compile(r"\bif-not:[\w,]*\bpython\b|\bin\ the\ (?!python\b)[\w+#]+\ version\b", re.IGNORECASE)
"""A sentence for the other languages of a statement that addresses several, as Codewars' do."""
_ORDER_OF_STEPS = re.compile(
    r"\b(?:form|combin|concatenat|rearrang|reorder|perform|appl|made|making|obtain|us(?:e|ing)\b|operation|times)\w*"
    r"\b[^—;]*$",
    re.IGNORECASE,
)


def is_image_only(question: str) -> bool:
    """Return whether the task itself is in an image: without the image, too little text remains to state one.

    Flagged when the statement has an image (markdown, HTML, ``[Image]``, or the address of one) and, without
    images, addresses, tags and the examples, fewer than ``MIN_CONTENT_WORDS`` different words remain that are not
    boilerplate ("print", "integer", "see the picture below"). A short statement without an image is never flagged.
    """
    if not _IMAGE.search(question):
        return False
    text = _EXAMPLES.sub(" ", _TAG.sub(" ", _URL.sub(" ", _IMAGE.sub(" ", question))))
    content = {word.lower() for word in _WORD.findall(text)} - _BOILERPLATE
    return len(content) < MIN_CONTENT_WORDS


def mentions_image(question: str) -> bool:
    """Return whether the statement has an image and refers to it: "the picture above shows", "(see figure)".

    Informational: nearly all such statements can be solved from their text.
    """
    return bool(_IMAGE.search(question)) and bool(_MENTION.search(" ".join(_IMAGE.sub(" ", question).split())))


def is_interactive(question: str) -> bool:
    """Return whether the program must hold a dialogue with a judge, so that no fixed input and output can test it.

    Flagged where the statement says so ("interactive problem", "Interaction with the judge", a section
    "Interaction"), or asks the program to flush its output. "Interactive" of a shell, and a royal flush, are not.
    """
    return bool(_INTERACTIVE.search(question) or _INTERACTIVE.search(" ".join(question.split())))


def allows_several_answers(question: str) -> bool:
    """Return whether a sentence allows any of several answers, or any order of the answer.

    "Print any of them", "output any", "any valid answer will be accepted", "in any order". Not: "if there are
    several, print the smallest". Implied by ``allows_any_order``.
    """
    return allows_any_order(question) or allows_any_answer(question)


def allows_any_answer(question: str) -> bool:
    """Return whether a sentence allows any of several answers that differ in more than their order."""
    return any(_SEVERAL_ANSWERS.search(sentence) for sentence in _sentences(question))


def allows_any_order(question: str) -> bool:
    """Return whether a sentence allows the elements of the *output* in any order.

    Not: operations that may be performed in any order, letters that may be combined in any order, or the order of
    the input.
    """
    return any(_frees_output_order(sentence) for sentence in _sentences(question))


def _frees_output_order(sentence: str) -> bool:
    match = _ANY_ORDER.search(sentence)
    if match is None or _NOT_PYTHON.search(sentence):
        return False
    between = match["between"]
    return between is None or not _ORDER_OF_STEPS.search(between)


def _sentences(question: str) -> Iterator[str]:
    """Yield the sentences of the statement, each on one line with single spaces; list items and headings separately."""
    for part in re.split(r"(?<=[.!?])\s+|\n\s*\n|-{4,}|\n\s*(?=[-*•]\s)", question):
        if sentence := " ".join(part.replace("*", " ").replace("`", " ").split()):
            yield sentence
