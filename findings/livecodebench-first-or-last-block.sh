#!/usr/bin/env bash
# Which of an answer's code blocks LiveCodeBench judges depends on how the model is reached.
. "$(dirname "$0")/shared/environment.sh"
install --no-deps nvidia-livecodebench==26.3
observe <<'PYTHON'
from livecodebench.lm_styles import LMStyle
from livecodebench.utils.extraction_utils import extract_code
from report import report

ANSWER = "A slow way:\n```python\nprint('slow')\n```\nA fast one:\n```python\nprint('fast')\n```\n"
PYTHON3 = "The program:\n```python3\nprint('right')\n```\n"
server, named = LMStyle.GenericOAIServer, LMStyle.OpenAIChat
blocks = extract_code(ANSWER, server), extract_code(ANSWER, named)
tagged = extract_code(PYTHON3, server), extract_code(PYTHON3, named)
report(
    "nvidia-livecodebench",
    "the last of two blocks, and the content of a block marked python3, for every model",
    f"two blocks: {blocks[0]} behind a server of OpenAI's protocol, {blocks[1]} for OpenAI's own; "
    f"a block marked python3: {tagged[0]!r} and {tagged[1]!r}",
    holds=blocks == ("print('slow')", "print('fast')") and tagged == (PYTHON3.strip(), "print('right')"),
)
PYTHON
