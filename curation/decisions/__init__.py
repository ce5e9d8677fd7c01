"""The decisions that ship with this package, so that nobody reviews the problems of APPS twice.

``apps/<reviewer>.jsonl`` holds the portable decisions (``review_decisions``) of two passes over every item that APPS's
problems put into the review queue, and ``apps/checkers/`` the checkers that they embed. A build applies them wherever
the raw problem is the same; a user's own decision on a problem comes before them.
"""

from curation.decisions.build_decisions import BuildDecisions
from curation.decisions.shipped import CHECKERS, SHIPPED, read_shipped_decisions

__all__ = ["CHECKERS", "SHIPPED", "BuildDecisions", "read_shipped_decisions"]
