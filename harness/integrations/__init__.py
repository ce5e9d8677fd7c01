"""APPS+ in other people's trainers and evaluators. Each module imports one tool, and nothing else imports the module.

export/        apps-plus export: rows, dataset cards, eval.yaml, upload
ground_truth   what a row carries, so that its answers can be judged without the build
rewards        the judge of a process, and the rewards of its verdicts
verl, skyrl, trl, open_r1       the rewards as these trainers call them
"""
