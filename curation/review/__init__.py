"""The review queue: what a build left for a person, and the decisions that a later build replays.

``queue`` opens it, ``session`` is one reviewer at work, ``trial`` runs every solution again on changed tests,
``agreement`` compares reviewers; ``cli`` is the command line. ``tui``, the terminal UI, stands on top of these and is
the only part that knows Textual.
"""
