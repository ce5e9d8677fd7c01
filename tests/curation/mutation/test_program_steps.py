"""Limits on steps: which programs get fewer mutants and candidates, and which import slow libraries."""

from __future__ import annotations

import pytest

from curation.mutation.program_steps import MOST_STEPS, STEPS, fewer, starts_slowly


@pytest.mark.parametrize(
    ("source", "is_slow"),
    [
        ("import pandas as pd\n", True),
        ("if True:\n    from scipy.spatial import ConvexHull\n", True),
        ("import networkx\n", True),
        ("import sys, numpy; import pandas\n", True),
        ("try: import sklearn.svm\nexcept ImportError: pass\n", True),
        ("print 'import pandas'\n", False),  # no Python 3
        ("import numpy\n", False),  # is there when a program starts
        ("import sympy\n", False),  # stays from one input to the next
        ("# import pandas\nprint('import pandas')\n", False),
        ("pandas = 1\n", False),
    ],
)
def test_scripts_that_import_slow_libraries(source, is_slow):
    assert starts_slowly(source, None) == is_slow
    assert not starts_slowly(source, "f")


def test_more_steps_mean_fewer_mutants():
    divisors = [fewer("print(1)", None, steps) for steps in STEPS]
    assert divisors[0] == 1
    assert divisors == sorted(divisors)
    assert fewer("print(1)", None, None) == fewer("import pandas", None, min(STEPS)) == STEPS[MOST_STEPS]
