#!/usr/bin/env bash
# TRL's think_format_reward gives 0 to every answer of the models whose chat template opens the reasoning itself.
. "$(dirname "$0")/shared/environment.sh"
install --no-deps trl==1.16.0 # its reward function and its folder of chat templates need nothing of it
install transformers==5.23.0 jinja2==3.1.6
observe <<'PYTHON'
import importlib.util
from pathlib import Path

from report import report
from transformers.utils.chat_template_utils import render_jinja_template

FAMILIES = ["deepseek_r1_distill", "deepseekv3", "nemotron_3_super", "qwen3_5_think", "qwen3_6", "qwen3_8", "qwen3"]
ANSWER = "Two and two.\n</think>\n\n4"  # as such a model ends the reasoning that its prompt began
trl = Path(importlib.util.find_spec("trl").origin).parent
spec = importlib.util.spec_from_file_location("format_rewards", trl / "rewards/format_rewards.py")
rewards = importlib.util.module_from_spec(spec)
spec.loader.exec_module(rewards)


def opening(family):
    template = (trl / "chat_templates" / f"{family}.jinja").read_text(encoding="utf-8")
    messages = [[{"role": "user", "content": "2 + 2?"}]]
    [text], _ = render_jinja_template(
        messages, chat_template=template, add_generation_prompt=True, bos_token="", eos_token=""
    )
    return "<think>\n" if text.endswith("<think>\n") else ""


def reward(completion):
    return rewards.think_format_reward([[{"role": "assistant", "content": completion}]])[0]


opened = [family for family in FAMILIES if opening(family)]
seen = {family: reward(ANSWER if opening(family) else "<think>\n" + ANSWER) for family in FAMILIES}
report(
    "trl transformers",
    "an answer whose reasoning is between <think> and </think> in the text of prompt and answer gets 1, with every template of TRL's own",
    f"the prompt ends with <think> with {', '.join(opened)}; the reward: {seen}",
    holds=opened == FAMILIES[:-1] and seen == {family: float(family == "qwen3") for family in FAMILIES},
)
PYTHON
