"""Judge programs: find the program in an answer, run it on tests, compare outputs, give a verdict.

Scores, curation and training share it. ``extraction`` finds the program, ``judge`` runs it, ``comparison``,
``numbers`` and ``cases`` compare outputs, ``verdict`` has the verdicts, ``judged_program`` sums a program up.
"""
