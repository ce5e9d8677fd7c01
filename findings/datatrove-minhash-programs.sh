#!/usr/bin/env bash
# DataTrove's MinHash removes a program that computes something else, and keeps both copies of a short one.
. "$(dirname "$0")/shared/environment.sh"
install datatrove==0.10.1 spacy==3.8.18 tokenizers==0.23.3 regex==2026.11.19 xxhash==3.5.0
observe <<'PYTHON'
from datatrove.utils.logging import logger

logger.remove()
from datatrove.data import Document
from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig
from report import report

LONG = """n = int(input())
a = list(map(int, input().split()))
best = 0
for i in range(n):
    if a[i] > 10:
        best = max(best, a[i] + 3)
print(best - 1)
"""
OTHER = LONG.replace("> 10", "< 99").replace("+ 3", "* 7").replace("- 1", "% 8")
SHORT = "print(input()[::-1])\n"
programs = [Document(text, name) for name, text in [("long", LONG), ("other", OTHER), ("short", SHORT), ("copy", SHORT)]]

MinhashDedupSignature("signatures").run(iter(programs))
for bucket in range(MinhashConfig().num_buckets):
    MinhashDedupBuckets("signatures", "buckets").run(None, bucket, MinhashConfig().num_buckets)
MinhashDedupCluster("buckets", "removed").run(None)
kept = [program.id for program in MinhashDedupFilter("removed").run(iter(programs))]
report(
    "datatrove",
    "with the default configuration: kept are long, other (each operator and number differs) and short; its copy is removed",
    f"kept are {', '.join(kept)}",
    holds=kept == ["long", "short", "copy"],
)
PYTHON
