from curation.generated_tests.standard_input.find_grammars import find_grammars
from curation.generated_tests.standard_input.grammar import Body, Count, Line, Repeat, Text, parse, render, split_lines
from curation.generated_tests.standard_input.stated_counts import StatedCount, read_counts, support_of


def grammars(
    *texts: str, has_cases: bool = False, links: tuple[tuple[int, int], ...] = (), are_lines: bool = False
) -> list[Body]:
    lines, raw = [split_lines(text) for text in texts], [text.split("\n") for text in texts]
    return find_grammars(lines, raw, has_cases, links, are_lines)


def test_a_list_whose_length_stands_before_it() -> None:
    assert (Line((0,)), Line((), 1, Count(0))) in grammars("3\n7 7 7\n", "2\n1 5\n")


def test_cases_with_lists_and_rows() -> None:
    text = "2\n2 1\n8 9\n3\n1 2\n5\n4\n6\n"
    body = (Line((0,)), Repeat(Count(0), (Line((1, 2)), Line((), 3, Count(1)), Repeat(Count(2), (Line((4,)),)))))
    assert body in grammars(text, has_cases=True)


def test_the_number_of_cases_counts_nothing_inside_a_case() -> None:
    for body in grammars("3\n1 2 3\n4 5 6\n7 8 9\n", has_cases=True):
        assert body == (Line((0,)), Repeat(Count(0), (Line((1, 2, 3)),)))


def test_cases_of_one_line_each_come_before_what_fits_by_chance() -> None:
    lines_of_cases = (Line((0,)), Repeat(Count(0), (Text(1),)))
    text = "3\njar\nred jar\nold red jar\n"
    assert grammars(text, has_cases=True, are_lines=True) == [lines_of_cases]
    assert lines_of_cases not in grammars(text, has_cases=True)


def test_a_count_that_the_statement_gives_is_tried() -> None:
    rows = "".join(f"{number} 5\n" for number in range(7))
    assert (Line((0,)), Repeat(Count(0, 4, -1), (Line((1, 2)),))) in grammars("2\n" + rows, links=((4, -1),))


def test_every_text_must_be_explained() -> None:
    assert grammars("2\n1 2\n", "2\n1 2 3\n4\n") == []


def test_what_is_parsed_is_written_again() -> None:
    text = "2\n2\n1 2\n1\n5"
    body = (Line((0,)), Repeat(Count(0), (Line((1,)), Line((), 2, Count(1)))))
    tree = parse(body, split_lines(text))
    assert tree == [["2"], [[["2"], [["1", "2"]]], [["1"], [["5"]]]]]
    assert "\n".join(render(body, tree)) == text
    assert parse(body, split_lines("2\n2\n1 2\n2\n5")) is None


def test_a_sequence_may_be_twice_as_long_as_a_number() -> None:
    question = "-----Input-----\nN\nx_1 y_1\n:\nx_{2N} y_{2N}\n"
    assert StatedCount("N", 2, 0) in read_counts(question)


def test_counts_are_read_from_the_format_and_choose_between_grammars() -> None:
    question = "-----Input-----\nFirst N. Then 4N-1 lines follow. Last M space-separated integers A_1 ... A_M."
    counts = read_counts(question)
    assert {StatedCount("N", 4, -1), StatedCount("M", 1, 0)} <= counts
    right = (Line((0,)), Repeat(Count(0, 4, -1), (Line((1,)),)))
    bent = (Line((0,)), Repeat(Count(0, 1, 2), (Line((1,)),)))
    assert support_of(right, {0: "N"}, counts) > support_of(bent, {0: "N"}, counts)
