"""Invented programs, and the ways in which models wrap a program in an answer."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass

F = "```"
OUTPUT, RUN, WRONG = "2\n", "$ python a.py\n2\n", "# wrong\n"
DOTS, PASS = "def f(x):\n    ...\n", "def f(x):\n    pass\n"
ABSTRACT, IMPORTED = "def f(x):\n    raise NotImplementedError(1)\n", "from solution import f\nprint(f(1))\n"


@dataclass(frozen=True)
class Written:
    """A program and its entry point; None for a script."""

    name: str
    code: str
    entry_point: str | None


FUNCTIONS = (
    Written("function", "def f(x):\n    return x + 1\n", "f"),
    Written(
        "imports and helper",
        "import math\n\n\ndef g(x):\n    return math.floor(x)\n\n\ndef f(x):\n    return g(x)\n",
        "f",
    ),
    Written("lambda", "from operator import add\n\nf = lambda x: add(x, 1)\n", "f"),
    Written("method", "class Solution:\n    def f(self, x):\n        return x + 1\n", "f"),
    Written("coroutine", "async def f(x):\n    return x\n", "f"),
    Written(
        "conditional definition",
        "try:\n    from a import f\nexcept ImportError:\n    def f(x):\n        return x\n",
        "f",
    ),
    Written(
        "a fence in its docstring",
        f'def f(x):\n    """Add one.\n\n    {F}\n    f(1)\n    {F}\n    """\n    return x + 1\n',
        "f",
    ),
    Written(
        "a Python fence in its docstring",
        f'def f(x):\n    """\n    {F}python\n    f(1)\n    {F}\n    """\n    return x\n',
        "f",
    ),
    Written("backticks in a string", f"def f(x):\n    return '{F}' + x + '{F}python'\n", "f"),
    Written("tags in strings", 'def f(x):\n    s = x.split("</think>")\n    return "<think>" + s[-1]\n', "f"),
    Written(
        "tokens in strings",
        "def f(x):\n    return x.replace('<|endoftext|>', '').replace('</s>', '')\n",
        "f",
    ),
    Written(
        "comments", "# Wrong answers are told apart.\ndef f(x):\n    # do not use this for x < 0\n    return x\n", "f"
    ),
    Written("blank lines and tabs", "def f(x):\n\n\tif x:\n\t\treturn x\n\n\treturn 0\n", "f"),
    Written("main guard", 'def f(x):\n    return x\n\n\nif __name__ == "__main__":\n    print(f(1))\n', "f"),
    Written("future", "from __future__ import annotations\n\n\ndef f(x: int) -> int:\n    return x\n", "f"),
)
SCRIPTS = (
    Written("script", "n = int(input())\nprint(n + 1)\n", None),
    Written(
        "fast script",
        "import sys\ninput = sys.stdin.readline\n\n\ndef main():\n    sys.stdout.write(input())\n\n\nmain()\n",
        None,
    ),
    Written("buffer", "import os\nos.write(1, os.read(0, 100))\n", None),
    Written("open(0)", "a = open(0).read().split()\nfor b in a:\n    print(b)\n", None),
    Written("text of several lines", 'n = input()\nprint("""\n1.\n2.\n""" + n)\n', None),
)
PROGRAMS = FUNCTIONS + SCRIPTS


def draft_of(program: Written) -> str:
    """Return a wrong program for the same problem: a draft in a model's reasoning."""
    return "print(len(input()))\n" if program.entry_point is None else "def f(x):\n    return None\n"


def usage_of(program: Written) -> str:
    """Return text that models write after their program."""
    return "assert 1 == 1\n" if program.entry_point is None else "print(f(1))\nassert f(1) == 2\n"


Wrap = Callable[[Written], str]


def _indented(code: str, by: str) -> str:
    return textwrap.indent(code, by, lambda line: True)


def _block(code: str, language: str = "python", marks: str = F) -> str:
    return f"{marks}{language}\n{code}{marks}\n"


def _list(by: str, marker: str) -> Wrap:
    return lambda p: f"{marker}The program:\n\n{_indented(_block(p.code), by)}\n{marker}Done.\n"


FENCED: dict[str, Wrap] = {
    "a block": lambda p: _block(p.code),
    "a block in prose": lambda p: f"Here is the solution:\n\n{_block(p.code)}\nIt adds one.\n",
    "py": lambda p: _block(p.code, "py"),
    "Python3": lambda p: _block(p.code, "Python3"),
    "an attribute list": lambda p: _block(p.code, "{.python .numberLines}"),
    "a title": lambda p: _block(p.code, 'python title="a.py"'),
    "a file name": lambda p: _block(p.code, "python:solution.py"),
    "no language": lambda p: f"Here:\n\n{_block(p.code, '')}\nDone.\n",
    "tildes": lambda p: _block(p.code, "python", "~~~"),
    "four backticks": lambda p: _block(p.code, "python", "````"),
    "three blanks before the closing fence": lambda p: f"{F}python\n{p.code}   {F}\n",
    "a numbered list": _list("   ", "1. "),
    "a bulleted list": _list("    ", "- "),
    "a quotation": lambda p: "> Here:\n" + textwrap.indent(_block(p.code), "> ", lambda line: True) + "\nDone.\n",
    "never closed": lambda p: f"So:\n\n{F}python\n{p.code}",
    "closed and prose on the line": lambda p: f"{F}python\n{p.code}{F} This is the program.\n",
    "closed and a special token": lambda p: f"{F}python\n{p.code}{F}<|im_end|>\n",
    "closed and an end of text": lambda p: f"{F}python\n{p.code}{F}</s>",
    "closed as a comment": lambda p: f"{F}python\n{p.code}# {F}\n\nThis program is right, I believe.\n",
    "opened behind text": lambda p: f"Here is the solution: {F}python\n{p.code}{F}\n",
    "opened behind a list marker": lambda p: f"1. {F}python\n{_indented(p.code, '   ')}   {F}\n",
    "a stray fence before": lambda p: f"{F}\n\n{_block(p.code)}",
    "a stray fence and prose before": lambda p: f"{F}\nHere it is.\n\n{_block(p.code)}",
    "two opening fences": lambda p: f"{F}python\n{_block(p.code)}",
    "a Markdown block around": lambda p: f"{F}markdown\n# Solution\n\n{_block(p.code)}{F}\n",
    "a block of a shell before": lambda p: f"{F}bash\npip install numpy\n{F}\n{_block(p.code)}",
    "a usage after": lambda p: f"{_block(p.code)}\nUsage:\n\n{_block(usage_of(p))}",
    "an output after": lambda p: f"{_block(p.code)}\nIt prints:\n\n{_block(OUTPUT, '')}",
    "a sample run after": lambda p: f"{_block(p.code)}\nOutput:\n\n{_block(RUN, 'console')}",
    "a usage that is never closed": lambda p: f"{_block(p.code)}\nUsage:\n\n{F}python\n{usage_of(p)}",
    "a draft before": lambda p: f"A first try:\n\n{_block(draft_of(p))}\nBetter:\n\n{_block(p.code)}",
    "a draft never closed before": lambda p: f"{F}python\n{draft_of(p)}\nBetter:\n{_block(p.code)}",
    "what not to do after": lambda p: f"{_block(p.code)}\nDo not write it like this:\n\n{_block(draft_of(p))}",
    "a wrong one after": lambda p: f"{_block(p.code)}\nA common mistake:\n\n{_block(WRONG + draft_of(p))}",
    "answer tags": lambda p: f"<answer>\n{_block(p.code)}</answer>\n",
    "a role before": lambda p: f"<|im_start|>assistant\n{_block(p.code)}<|im_end|>",
}
STUBBED: dict[str, Wrap] = {
    "a stub before": lambda p: f"{_block(DOTS)}Assistant: {_block(p.code)}",
    "a stub never closed before": lambda p: f"{F}python\ndef f(x):\n    pass\n\nAssistant: {_block(p.code)}",
    "a stub after": lambda p: f"{_block(p.code)}\nYou may begin with:\n\n{_block(PASS)}",
    "an abstract one after": lambda p: f"{_block(p.code)}{_block(ABSTRACT)}",
    "an import of it after": lambda p: f"{_block(p.code)}{_block(IMPORTED)}",
}
"""Wrappings that need an entry point."""
IN_PROMPTS_BLOCK: dict[str, Wrap] = {
    "ends the prompt's block": lambda p: f"{p.code}{F}\n\nThis adds one.\n",
    "ends it and goes on with usage": lambda p: f"{p.code}{F}\n\nUsage:\n{_block(usage_of(p))}",
    "begins with the language": lambda p: f"python\n{p.code}{F}\n",
}
BARE: dict[str, Wrap] = {
    "bare": lambda p: p.code,
    "bare, then a special token": lambda p: f"{p.code}<|endoftext|>",
    "bare in the tags of Code Llama": lambda p: f"[PYTHON]\n{p.code}[/PYTHON]\n",
}
REASONED: dict[str, Callable[[str, str], str]] = {
    "none": lambda draft, answer: answer,
    "think": lambda draft, answer: f"<think>\nPerhaps:\n{draft}No.\n</think>\n\n{answer}",
    "think in capitals": lambda draft, answer: f"<THINK>{draft}</THINK>\n{answer}",
    "think opened by the template": lambda draft, answer: f"Perhaps:\n{draft}No.\n</think>\n\n{answer}",
    "thinking": lambda draft, answer: f"<thinking>\n{draft}</thinking>\n{answer}",
    "reasoning": lambda draft, answer: f"<reasoning>\n{draft}</reasoning>\n{answer}",
    "brackets": lambda draft, answer: f"[THINK]\n{draft}[/THINK]\n{answer}",
    "begin_of_thought": lambda draft, answer: f"<|begin_of_thought|>\n{draft}<|end_of_thought|>\n\n{answer}",
    "channels": lambda draft, answer: (
        f"<|channel|>analysis<|message|>{draft}<|end|><|start|>assistant<|channel|>final<|message|>{answer}"
    ),
    "channels without their tokens": lambda draft, answer: f"analysisWe try\n{draft}assistantfinal\n{answer}",
    "twice": lambda draft, answer: f"<think>\n{draft}</think>\n{draft}<think>\n{draft}</think>\n{answer}",
    "a fence left open in it": lambda draft, answer: f"<think>\n{F}python\ndef f(x): pass\n</think>\n\n{answer}",
}


def draft_block(program: Written) -> str:
    """Return a draft program inside reasoning."""
    return f"{F}python\n{draft_of(program)}{F}\n"
