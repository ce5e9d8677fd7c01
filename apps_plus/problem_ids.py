"""Find, pad and order problem ids: ``<split>/<NNNN>``."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from apps_plus.errors import InputError
from apps_plus.storage import SPLITS

_MOST_DIGITS = 18
"""Numbers of more digits have no neighbours."""
SPLIT_ORDER = {split: number for number, split in enumerate(SPLITS)}


def find_problem(ids: Iterable[str], wanted: str, note: str = "") -> str:
    """Return the id that a user means by ``3``, ``0003``, ``train/3`` or ``train/0003``.

    The split of an id is that of raw APPS: a problem of its train split may be in any split of a build. A note ends
    the message where no id matches.

    Raises:
        InputError: No id or several ids match; the message lists the closest ones, of the same split by their numbers.
    """
    known = list(ids)
    wanted = wanted.strip()
    if wanted in known:
        return wanted
    split, _, name = wanted.rpartition("/")
    matches = [i for i in known if _bare_name(i) == _bare(name) and (not split or i.rpartition("/")[0] == split)]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise InputError(f"{wanted} matches {len(matches)} problems: write {_either(matches)}")
    same_name = [i for i in known if _bare_name(i) == _bare(name)]
    close = same_name or _nearest(known, split, name) or difflib.get_close_matches(padded(wanted), known, n=3)
    hint = (
        f"did you mean {_either(close)}?" if close else f"the ids look like {known[0]}" if known else "there are none"
    )
    if same_name and split in SPLITS:
        hint += " (the split in an id is that of raw APPS, not of the build)"
    raise InputError(f"no problem {wanted}: {hint}{note}")


def _nearest(known: Iterable[str], split: str, name: str) -> list[str]:
    """Return the three ids of that split (of any, if none is given) whose numbers are nearest to a number."""
    if not (is_number(name) and len(name) <= _MOST_DIGITS):
        return []
    numbers = [
        (abs(int(own) - int(name)), problem_id)
        for problem_id in known
        for of_split, _, own in [problem_id.rpartition("/")]
        if is_number(own) and len(own) <= _MOST_DIGITS and of_split in (split or of_split,)
    ]
    return [problem_id for _, problem_id in sorted(numbers)[:3]]


def _either(ids: Sequence[str]) -> str:
    return ", ".join(ids[:5]) + (", ..." if len(ids) > 5 else "")


def is_number(name: str) -> bool:
    """Return whether a name consists of ASCII digits."""
    return name.isascii() and name.isdigit()


def _bare(name: str) -> str:
    """Strip the leading zeros of a number; not by ``int``, which refuses more than 4,300 digits."""
    return (name.lstrip("0") or "0") if is_number(name) else name


def _bare_name(problem_id: str) -> str:
    return _bare(problem_id.rpartition("/")[2])


def padded(problem_id: str) -> str:
    """Pad the number of an id to four digits: ``train/3`` becomes ``train/0003``."""
    split, slash, name = problem_id.rpartition("/")
    return split + slash + (_bare(name).zfill(4) if is_number(name) else name)


def order_of(split: str, problem_id: str) -> tuple[int, str, bool, int, str, str]:
    """Return the sort key of a problem: by split, then by number, then names that are not numbers."""
    name = _bare_name(problem_id)
    number = is_number(name)
    return SPLIT_ORDER.get(split, 3), split, not number, len(name) if number else 0, name, problem_id
