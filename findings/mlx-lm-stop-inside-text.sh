#!/usr/bin/env bash
# The server of mlx-lm cuts a stop string out of the text and goes on, where tokens do not begin and end with it.
. "$(dirname "$0")/shared/environment.sh"
install 'mlx-lm[cpu]==0.32.2' mlx==0.32.4 transformers==5.24.0
observe <<'PYTHON'
import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import mlx.core as mx
from mlx.utils import tree_flatten
from mlx_lm.models import llama
from report import report
from tokenizers import Tokenizer, decoders, models
from transformers import PreTrainedTokenizerFast

# A model whose next token depends on the last one alone: it writes this text, token by token, again and again.
TEXT = ["def", " add", "(a, b):", "\n    ", "return", " a", " + b", "\n\n\n"]
PIECES = ["<s>", "</s>", "\n", *TEXT, *(chr(code) for code in range(32, 127))]
SIZE = 128

model = Path("model")
tokenizer = Tokenizer(models.Unigram([(piece, -1.0) for piece in PIECES], unk_id=0))
tokenizer.decoder = decoders.Fuse()
PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>").save_pretrained(model)
config = {
    "model_type": "llama", "hidden_size": SIZE, "num_hidden_layers": 1, "intermediate_size": SIZE, "vocab_size": SIZE,
    "num_attention_heads": 2, "num_key_value_heads": 2, "rms_norm_eps": 1e-5, "tie_word_embeddings": False,
    "eos_token_id": 1, "max_position_embeddings": 512,
}  # fmt: skip
(model / "config.json").write_text(json.dumps(config))
weights = {
    name: mx.zeros(value.shape) for name, value in tree_flatten(llama.Model(llama.ModelArgs.from_dict(config)).parameters())
}
weights["model.embed_tokens.weight"] = mx.eye(SIZE)
weights["model.norm.weight"] = mx.ones(SIZE)
follows = [[0.0] * SIZE for _ in range(SIZE)]
for last, following in zip(TEXT, TEXT[1:] + TEXT[:1], strict=True):
    follows[PIECES.index(following)][PIECES.index(last)] = 1.0
weights["lm_head.weight"] = mx.array(follows)
mx.save_safetensors(str(model / "model.safetensors"), weights, metadata={"format": "mlx"})

with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
command = [sys.executable, "-m", "mlx_lm", "server", "--model", "model", "--port", str(port)]
server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def answer(**settings):
    body = {"model": "model", "prompt": "def", "max_tokens": 12, "temperature": 0, **settings}
    data, kind = json.dumps(body).encode(), {"content-type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/completions", data, kind)
    with urllib.request.urlopen(request, timeout=60) as response:
        [choice] = json.load(response)["choices"]
    return choice["text"], choice["finish_reason"]


try:
    for _ in range(120):
        try:
            plain = answer()
            break
        except OSError:
            time.sleep(0.5)
    stopped = answer(stop=["\ndef"])
finally:
    server.kill()
report(
    "mlx-lm mlx transformers",
    r"with stop='\ndef' the answer ends before '\ndef', with finish_reason 'stop'",
    f"without: {plain}; with: {stopped}",
    holds="\n\n\ndef" in plain[0] and "def" not in stopped[0] and " add" in stopped[0] and stopped[1] == "length",
)
PYTHON
