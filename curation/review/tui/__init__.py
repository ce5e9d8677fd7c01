"""The terminal UI of ``apps-plus review``; no other package imports Textual.

    app                                        opens the screens, writes decisions
    queue_screen, item_screen, fix_screen      the three full screens; batch_screen, dialogs, editor open over them
    item_heading, item_body                    the lines above and the area below the tabs of an item
    diff_pane, statement_pane, solutions_pane, tests_pane, history_pane    its five tabs
    keys                                       every key, and the reviewer's keymap file
    background_runner                          runs programs while the screens stay responsive

What is decided is the same as in the plain-text commands: see ``curation.review``.
"""
