import time

import pytest

from amparo.rules.model.rule import RuleRefused
from amparo.rules.text import syntax
from amparo.rules.text.parser import parse


def refusal(text: str) -> RuleRefused:
    with pytest.raises(RuleRefused) as refused:
        parse(text)
    return refused.value


def test_and_binds_more_tightly_than_or():
    assert parse("a || b && c").operator == "||"


def test_comparison_binds_more_tightly_than_and():
    chain = parse("a < 1 && b > 2")
    assert [part.operator for part in chain.of] == ["<", ">"]


def test_a_choice_reads_to_the_right():
    assert isinstance(parse("a ? b : c ? d : e").otherwise, syntax.Ternary)


def test_subtraction_reads_to_the_left():
    assert parse("a - b - c").left.operator == "-"


def test_places_count_lines_and_columns_from_one():
    place = parse("a &&\n  b == 1").of[1].place
    assert (place.line, place.column) == (2, 3)


def test_the_place_of_a_bracketed_operand_includes_the_bracket():
    text = "(a + b) * c"
    place = parse(text).place
    assert text[place.start : place.end] == text


def test_comments_are_passed_over():
    assert parse("a // as the decree of 1994 says\n&& b") == parse("a                              \n&& b")


@pytest.mark.parametrize(
    ("written", "meant"),
    [(r'"a\"b"', 'a"b'), (r"'it\'s'", "it's"), (r'"a\\n"', r"a\n"), (r'"a\nb"', "a\nb"), ('"أمل"', "أمل"), ('""', "")],
)
def test_texts_are_read_with_their_escapes(written, meant):
    assert parse(written).value == meant


@pytest.mark.parametrize(
    ("text", "write"),
    [
        ("a and b", "&&"),
        ("a or b", "||"),
        ("not a", "!"),
        ("a = 1", "=="),
        ("a <> 1", "!="),
        ("a ≤ 1", "<="),
        ("a & b", "&&"),
        ("a == “x”", '"'),
    ],
)
def test_a_likely_mistake_is_told_what_to_write(text, write):
    assert refusal(text).message.values["write"] == write


def test_a_refusal_names_line_and_column():
    refused = refusal("a &&\n b ? ) c")
    assert (refused.line, refused.column) == (2, 6)


@pytest.mark.parametrize("text", ["", "  \n ", "// only a comment"])
def test_an_empty_rule_is_refused(text):
    assert refusal(text).message.id in ("rules-empty", "rules-syntax-end")


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("x" * 8001, "rules-too-long"),
        ("(" * 1_000_000, "rules-too-long"),
        ("a &&\n" * 200_000, "rules-too-long"),
        ("true&&" * 1300, "rules-syntax-end"),
        ("a.?" * 2600 + "b", "rules-too-deep"),
        ("(" * 3000 + "1" + ")" * 3000, "rules-too-deep"),
        ("!" * 7000 + "a", "rules-too-deep"),
        ("-" * 7000 + "a", "rules-too-deep"),
        ("1" + "+1" * 3900, "rules-too-deep"),
        ("a?b:" * 1900 + "c", "rules-too-deep"),
        ("a." * 3900 + "b", "rules-too-deep"),
        ("f(" * 2000 + "1" + ")" * 2000, "rules-too-deep"),
        ("[" * 7999, "rules-syntax-end"),
        ('"' + "a" * 7000, "rules-syntax"),
        ("9" * 7999, "rules-integer-too-large"),
        ("1e" + "9" * 7000, "rules-integer-too-large"),
        ("\x00", "rules-syntax"),
        ("a\u202eb", "rules-syntax"),
        ("__import__('os').system('true');", "rules-syntax"),
    ],
)
def test_a_hostile_text_is_refused_quickly(text, id):
    started = time.thread_time()  # other threads of the test process have work of their own
    assert refusal(text).message.id == id
    assert time.thread_time() - started < 2
