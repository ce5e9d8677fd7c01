"""Accept any skills that reach the expected force, which is the most, with the money that there is (train/2111)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the skills are allowed and affordable, and their force is the stated and the expected one."""
    n, most, for_perfect, for_least, money, *given = [int(token) for token in input.split()]
    stated, *skills = [int(token) for token in actual.split()]
    if len(skills) != n or not all(before <= after <= most for before, after in zip(given, skills, strict=True)):
        return False
    if sum(skills) - sum(given) > money:
        return False
    return stated == int(expected.split()[0]) == for_perfect * skills.count(most) + for_least * min(skills)
