"""APPS+ in other people's trainers and evaluators. Only the module named after a tool imports the tool.

export/          apps-plus export: rows, dataset cards, eval.yaml, upload
ground_truth     what a row carries, so that its answers can be judged without the build
questions        the prompts of rows and tasks
rewards          the judge of a process, and the rewards of its verdicts
scored_build     the problems of a build, scored as evaluate scores them
mending          episodes of several turns
verl, skyrl, trl, open_r1                       the rewards as these trainers call them
inspect_ai, lm_eval_tasks, verifiers, openenv   tasks and environments of these tools
"""
