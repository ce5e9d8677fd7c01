"""Accept any colouring in which rectangles that touch by a side differ (train/2156).

There always is one: sides are odd, so that the parities of the lower left corners of touching rectangles differ.
"""

from collections import defaultdict

Span = tuple[int, int, int]
"""Start and end of a side along its line, and the colour of its rectangle."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the colours are 1 to 4, and no two sides of one colour touch."""
    n, *corners = [int(token) for token in input.split()]
    answer, *tokens = actual.split()
    colours = [int(token) for token in tokens]
    if answer != "YES" or len(colours) != n or not set(colours) <= {1, 2, 3, 4}:
        return False
    ending: dict[tuple[str, int], list[Span]] = defaultdict(list)  # by direction, and the place of the side
    starting: dict[tuple[str, int], list[Span]] = defaultdict(list)
    for x1, y1, x2, y2, colour in zip(corners[::4], corners[1::4], corners[2::4], corners[3::4], colours, strict=True):
        ending["vertical", x2].append((y1, y2, colour))
        starting["vertical", x1].append((y1, y2, colour))
        ending["horizontal", y2].append((x1, x2, colour))
        starting["horizontal", y1].append((x1, x2, colour))
    return not any(_same_colours_touch(sides, starting[line]) for line, sides in ending.items() if line in starting)


def _same_colours_touch(ending: list[Span], starting: list[Span]) -> bool:
    """Walk along a line: the sides of each list do not overlap one another, as rectangles do not intersect."""
    ending.sort()
    starting.sort()
    i = j = 0
    while i < len(ending) and j < len(starting):
        (start, end, colour), (other_start, other_end, other_colour) = ending[i], starting[j]
        if colour == other_colour and max(start, other_start) < min(end, other_end):
            return True
        if end <= other_end:
            i += 1
        else:
            j += 1
    return False
