"""Predict where another judge's verdicts could differ from ours, without running that judge.

    judges.py        the judges, and the facts of them that rules need
    reasons.py       why a verdict could differ
    wrapping.py      how each judge turns a script into a function
    program_rules.py, script_rules.py, name_rules.py, function_rules.py
                     rules over syntax trees: what these judges do not run as Python does
    texts.py, values.py
                     how these judges compare outputs and returned values
    predict.py       the rules put together

``docs/judges.md`` has a case for each rule, and says how often the predictions were right. Nothing is run here.
"""
