"""Review the problems that a build could not decide, and save decisions that a later build replays.

queue, queue_rows, item_header      the items of a build, and how a list shows them
session, changes, assignment        one reviewer's decisions: checked, written, undone, shared among reviewers
trial, rerun, solution_answers      run the solutions again, on changed tests or as they are
accepted_outputs, output_diff       what a comparison accepts; two outputs side by side
agreement                           Cohen's kappa of two reviewers
cli, decide_command, console        the commands `review list|show|decide|agreement|export`
worklist, tui/                      the terminal UI; only ``tui`` imports Textual
"""
