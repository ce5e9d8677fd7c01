#!/usr/bin/env bash
# Chat templates that trainers use strip an assistant's message: a function's body loses its first line's indentation.
. "$(dirname "$0")/shared/environment.sh"
install --no-deps trl==1.16.0 # for its folder of chat templates
install transformers==5.23.0 jinja2==3.1.6
observe <<'PYTHON'
from importlib.util import find_spec
from pathlib import Path

from report import report
from transformers.utils.chat_template_utils import render_jinja_template

FAMILIES = ["gemma3", "glm4moe", "llama3", "llama3_1", "llama3_2", "qwen3_6", "gptoss", "phi3", "qwen2_5", "qwen3"]
PROMPT = "Complete this function:\n\ndef add(a, b):\n"
BODY = "    total = a + b\n    return total\n"
templates = Path(find_spec("trl").origin).parent / "chat_templates"


def rendered(family):
    messages = [{"role": "user", "content": PROMPT}, {"role": "assistant", "content": BODY}]
    template = (templates / f"{family}.jinja").read_text(encoding="utf-8")
    [text], _ = render_jinja_template([messages], chat_template=template, bos_token="", eos_token="")
    return text


texts = {family: rendered(family) for family in FAMILIES}
verbatim = [family for family, text in texts.items() if BODY in text]
stripped = [family for family, text in texts.items() if BODY.strip() in text and "    total" not in text]
report(
    "trl transformers",
    "a template writes an assistant's message as it is: the body of a function, as in HumanEval, keeps its indentation",
    f"`total = a + b` has lost its four blanks, and the second line has not, with {', '.join(stripped)}; "
    f"as it was with {', '.join(verbatim)}",
    holds=stripped == FAMILIES[:6] and verbatim == FAMILIES[6:],
)
PYTHON
