#!/usr/bin/env bash
# Inspect's exact scorers strip punctuation from both ends of answer and target, and a minus sign is punctuation.
. "$(dirname "$0")/shared/environment.sh"
install inspect-ai==0.3.285
observe <<'PYTHON'
import asyncio

from inspect_ai.model import ModelOutput
from inspect_ai.scorer import Target, exact, match
from inspect_ai.solver import TaskState
from report import report


def score(scorer, answer, target):
    output = ModelOutput.from_content("mockllm/model", answer)
    state = TaskState(model="mockllm/model", sample_id=1, epoch=1, input="", messages=[], output=output)
    return asyncio.run(scorer(state, Target(target))).value


pairs = [("5", "-5"), ("C", "C++"), ("C#", "C")]
seen = {
    f"{answer} for {target}": (score(exact(), answer, target), score(match(location="exact"), answer, target))
    for answer, target in pairs
}
different = (score(exact(), "5", "6"), score(match(location="exact"), "5", "6"))
report(
    "inspect-ai",
    'exact() and match(location="exact") call 5 for -5, C for C++ and C# for C incorrect (I), like 5 for 6',
    f"{'; '.join(f'{what}: {values[0]}, {values[1]}' for what, values in seen.items())}; 5 for 6: {different[0]}, {different[1]}",
    holds=set(seen.values()) == {("C", "C")} and different == ("I", "I"),
)
PYTHON
