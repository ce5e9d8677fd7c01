#!/usr/bin/env bash
# mlx-lm drops the first space of a completion: a function's body begins one column too far left.
. "$(dirname "$0")/shared/environment.sh"
install 'mlx-lm[cpu]==0.32.2' mlx==0.32.4 transformers==5.24.0
observe <<'PYTHON'
from mlx_lm.tokenizer_utils import load
from pathlib import Path
from report import report
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

PROMPT, BODY = "def add(a, b):\n", "    total = a + b\n    return total\n"
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
alphabet = pre_tokenizers.ByteLevel.alphabet()
trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=["</s>"], initial_alphabet=alphabet, show_progress=False)
tokenizer.train_from_iterator([PROMPT + BODY] * 20, trainer)
PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="</s>").save_pretrained("model")

wrapped = load(Path("model"))
streamed = wrapped.detokenizer  # what generate, stream_generate and the server write an answer with
streamed.reset()
tokens = wrapped.encode(BODY, add_special_tokens=False)
for token in tokens:
    streamed.add_token(token)
streamed.finalize()
try:
    compile(PROMPT + streamed.text, "completion", "exec")
    compiles = "it compiles"
except IndentationError as error:
    compiles = f"IndentationError: {error.msg}"
report(
    "mlx-lm mlx transformers",
    "the tokens of a function's body are written as this body",
    f"{streamed.text!r} for {BODY!r}, which tokenizer.decode gives back ({wrapped.decode(tokens) == BODY}); "
    f"after {PROMPT!r}: {compiles}",
    holds=streamed.text == BODY[1:] and wrapped.decode(tokens) == BODY,
)
PYTHON
