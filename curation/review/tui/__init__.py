"""The terminal UI of ``apps-plus review``, and all of the house that knows Textual.

``app`` goes from screen to screen: the queue, an item, its correction. What decides stands below it, in
``curation.review``, and is the same for the plain commands.
"""
