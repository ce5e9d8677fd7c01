#!/usr/bin/env bash
# Inspect's match(numeric=True) compares five significant digits, of whole numbers too.
. "$(dirname "$0")/shared/environment.sh"
install inspect-ai==0.3.285
observe <<'PYTHON'
import asyncio

from inspect_ai.model import ModelOutput
from inspect_ai.scorer import Target, match
from inspect_ai.solver import TaskState
from report import report


def score(answer, target, location):
    output = ModelOutput.from_content("mockllm/model", answer)
    state = TaskState(model="mockllm/model", sample_id=1, epoch=1, input="", messages=[], output=output)
    return asyncio.run(match(location=location, numeric=True)(state, Target(target))).value


pairs = [("1000000008", "1000000007"), ("123456", "123457"), ("12345", "12346")]
seen = {pair: (score(*pair, "end"), score(*pair, "exact")) for pair in pairs}
report(
    "inspect-ai",
    "match(numeric=True) tells whole numbers apart, at the end of an answer and as a whole (location=\"exact\"): all incorrect (I)",
    "; ".join(f"{answer} for {target}: {values[0]}, {values[1]}" for (answer, target), values in seen.items()),
    holds=[*seen.values()] == [("C", "C"), ("C", "C"), ("I", "I")],
)
PYTHON
