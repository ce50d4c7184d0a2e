"""The text form of conditions: what is read, and what an error says and points at."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from airflow_provider_wincc.conditions import (
    Condition,
    FloatEqualityWarning,
    WinCCConditionError,
    alive,
    all_of,
    any_of,
    at_least,
    number,
    tag,
)
from airflow_provider_wincc.conditions.text import given_condition
from airflow_provider_wincc.conditions.text.vocabulary import (
    ARGUMENTS,
    FUNCTIONS,
    METHODS_OF_A_CONDITION,
    METHODS_OF_A_TAG,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

a, b, c = tag("A"), tag("B"), tag("C")


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ('tag("A") == 1', a == 1),
        ("tag('A') != 'IDLE'", a != "IDLE"),
        ('tag("A") == True', a == True),  # noqa: E712  # == builds a condition
        ('tag("A") < -1.5', a < -1.5),
        ('tag("A") >= +2', a >= 2),
        ('tag("A") > 1_000', a > 1000),
        ('tag("A") == 0x8000', a == 0x8000),
        ('tag("A") > 1e3', a > 1000.0),
        ('tag("A") > tag("B")', a > b),
        ('tag("A").between(40, 90)', a.between(40, 90)),
        ('tag("A").between(high=90, low=40)', a.between(40, 90)),
        ('tag("A").outside(40, "{{ params.high }}")', a.outside(40, "{{ params.high }}")),
        ('tag("A").close_to(65, tolerance=0.5)', a.close_to(65, tolerance=0.5)),
        ('tag("A").is_in(["x", 1, True, number("{{ x }}")])', a.is_in(["x", 1, True, number("{{ x }}")])),
        ('tag("A").is_in(("x",))', a.is_in(["x"])),
        (r'tag("A").matches(r"B-\d+")', a.matches(r"B-\d+")),
        (r'tag("A").matches("B-\\d+")', a.matches(r"B-\d+")),
        ('tag("A").bit(4)', a.bit(4)),
        ('tag("A").changed()', a.changed()),
        ('tag("A").changed(by=0.5)', a.changed(by=0.5)),
        ('tag("A").quality_is("bad")', a.quality_is("bad")),
        ('alive("A", within=timedelta(minutes=1, seconds=30))', alive("A", within=timedelta(seconds=90))),
        ('alive("A", within=timedelta(days=1))', alive("A", within=timedelta(days=1))),
        (
            'tag("A").accept_uncertain().not_older_than(minutes=5) > 1',
            a.accept_uncertain().not_older_than(minutes=5) > 1,
        ),
        ('(tag("A") == 1).held_for(minutes=2)', (a == 1).held_for(minutes=2)),
        ('(tag("A") == 1).held_for(timedelta(minutes=2))', (a == 1).held_for(minutes=2)),
        ('(tag("A") == 1).accept_uncertain()', (a == 1).accept_uncertain()),
        ('(tag("A") == 1) & (tag("B") == 2)', (a == 1) & (b == 2)),
        ('all_of(tag("A") == 1, tag("B") == 2)', all_of(a == 1, b == 2)),
        ('any_of(tag("A") == 1, tag("B") == 2,)', any_of(a == 1, b == 2)),
        ('at_least(1, tag("A") == 1, tag("B") == 2)', at_least(1, a == 1, b == 2)),
        (
            'tag("{{ params.unit }}.Level") == "{{ params.batch }}"',
            tag("{{ params.unit }}.Level") == "{{ params.batch }}",
        ),
        ('tag("Füllstand \\u00e9\\x41") == 1', tag("Füllstand éA") == 1),
        (' \n(tag("A") == 1)\r\n\t& tag("B").bit(1)\n', (a == 1) & b.bit(1)),
    ],
)
def test_every_form_can_be_written_as_text(text: str, condition: Condition) -> None:
    assert Condition.from_text(text) == condition


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ('tag("A") == 1 and tag("B") == 2', (a == 1) & (b == 2)),
        ('tag("A") == 1 or tag("B") == 2 and tag("C") == 3', (a == 1) | ((b == 2) & (c == 3))),
        ('tag("A") == 1 and tag("B") == 2 or tag("C") == 3', ((a == 1) & (b == 2)) | (c == 3)),
        ('tag("A") == 1 and (tag("B") == 2 or tag("C") == 3)', (a == 1) & ((b == 2) | (c == 3))),
        ('not tag("A") == 1 and tag("B") == 2', ~(a == 1) & (b == 2)),
        ('not (tag("A") == 1 and tag("B") == 2)', ~((a == 1) & (b == 2))),
        ('not not tag("A").bit(1)', ~~a.bit(1)),
        ('tag("A").bit(1) & tag("B").bit(2) and tag("C") == 3', a.bit(1) & b.bit(2) & (c == 3)),
        ('tag("A").bit(1) | tag("B").bit(2) and tag("C") == 3', (a.bit(1) | b.bit(2)) & (c == 3)),
        ('5 <= tag("A") <= 9', a.between(5, 9)),
        ('9 >= tag("A") >= 5', a.between(5, 9)),
        ('"{{ params.low }}" <= tag("A") <= 9', a.between("{{ params.low }}", 9)),
        ('5 <= tag("A") <= 9 and tag("B") == 2', a.between(5, 9) & (b == 2)),
        ('40 < tag("A")', a > 40),
        ('40 >= tag("A")', a <= 40),
        ('"IDLE" == tag("A")', a == "IDLE"),
        ('"IDLE" != tag("A")', a != "IDLE"),
    ],
)
def test_spellings_of_people_mean_what_they_say(text: str, condition: Condition) -> None:
    assert Condition.from_text(text) == condition


PARENTHESES = "Put each comparison in parentheses"


@pytest.mark.parametrize(
    ("text", "marked", "problem", "advice"),
    [
        # No silent misreading of what is joined.
        ('tag("A") and tag("B")', 'tag("A")', "expected a condition, not the tag 'A'", 'tag("A") == True'),
        ('tag("A") == 1 and tag("B")', 'tag("B")', "expected a condition, not the tag 'B'", 'tag("B") == True'),
        ('tag("A") == "x" or "y"', '"y"', "expected a condition, not the text 'y'", "Compare each tag"),
        ('tag("A") == 1 and 2', "2", "expected a condition, not the number 2", "Compare each tag"),
        ("True", "True", "expected a condition, not True", "Compare each tag"),
        ("not 5", "5", "expected a condition, not the number 5", "Compare each tag"),
        ('tag("A") == 1 & tag("B") == 2', "1", "expected a condition, not the number 1", PARENTHESES),
        ('tag("A").bit(1) & tag("B") == 2', 'tag("B")', "expected a condition, not the tag 'B'", PARENTHESES),
        ('~tag("A") == 1', 'tag("A")', "expected a condition, not the tag 'A'", PARENTHESES),
        ('tag("A") == tag("B").bit(1)', 'tag("B").bit(1)', "only tags are compared", PARENTHESES),
        ('(tag("A") == 1) == True', 'tag("A") == 1', "only tags are compared", PARENTHESES),
        ('5 < tag("A") < 9', '5 < tag("A") < 9', "in a row", "join two comparisons"),
        ('5 <= tag("A") < 9', '5 <= tag("A") < 9', "in a row", "join two comparisons"),
        ('5 <= tag("A") >= 9', '5 <= tag("A") >= 9', "in a row", "join two comparisons"),
        ('tag("A") == tag("B") == tag("C")', 'tag("A") == tag("B") == tag("C")', "in a row", "join two comparisons"),
        ('tag("B") <= tag("A") <= 9', 'tag("B")', "expected a number, not the tag 'B'", "join two comparisons"),
        ('9 <= tag("A") <= 5', '9 <= tag("A") <= 5', r"low \(9\) is greater than high \(5\)", "lower limit first"),
        ("5 < 6", "5 < 6", "needs a tag on one side", 'tag("Tank1.Level") >= 40'),
        # Names.
        ('tga("A") == 1', "tga", "unknown name 'tga'", "Did you mean tag?"),
        ('allof(tag("A") == 1)', "allof", "unknown name 'allof'", "Did you mean all_of?"),
        ('tag("A").beetween(1, 2)', "beetween", "unknown method 'beetween'", "Did you mean between?"),
        ('tag("A").isIn([1])', "isIn", "unknown method 'isIn'", "Did you mean is_in?"),
        ('(tag("A") == 1).heldfor(minutes=2)', "heldfor", "unknown method 'heldfor'", "Did you mean held_for?"),
        ('tag("A") == true', "true", "unknown name 'true'", "Did you mean True?"),
        ('tag("A") == 1 AND tag("B") == 2', "AND", "not 'AND'", "Did you mean and?"),
        ('NOT tag("A") == 1', "NOT", "unknown name 'NOT'", "Did you mean not?"),
        ("tag(Tank1)", "Tank1", "unknown name 'Tank1'", "in quotes"),
        ("tag == 1", "tag", "tag must be called", "Write tag(name)"),
        ('tag("A").bit', "bit", "bit must be called", "Write bit(index)"),
        ('tag("A").held_for(minutes=2)', "held_for", "held_for belongs to a condition", "Compare the tag first"),
        ('(tag("A") == 1).bit(2)', "bit", "bit belongs to a tag", "right behind tag"),
        ('"A".bit(2)', "bit", "the text 'A' has no methods", "Methods belong to tags"),
        # Arguments.
        ('tag("A").between(40,5, 90)', "90", "one argument too many for between", "between(low, high)"),
        ('tag("A").close_to(1, 0.5)', "0.5", "too many for close_to", "close_to(target, tolerance=...)"),
        ('tag("A").changed(1)', "1", "too many for changed", "changed(by=...)"),
        ('tag("A").between(1)', "between", "high is missing", "between(low, high)"),
        ('at_least(tag("A") == 1)', 'tag("A") == 1', "expected a whole number, not a condition", ""),
        ('(tag("A") == 1).held_for(minute=2)', "minute", "no argument 'minute'", "Did you mean minutes?"),
        ('tag("A").bit(index=1, index=2)', "bit", "index is given twice", "bit(index)"),
        ('tag("A").accept_uncertain(1)', "1", "one argument too many", "accept_uncertain()"),
        ('tag("A").accept_uncertain(by=1)', "by", "no argument 'by'", "accept_uncertain()"),
        ('alive("A", within=30)', "30", "expected a duration .*not the number 30", ""),
        ('tag(5) == "x"', "5", "expected a text in quotes, not the number 5", ""),
        ('tag("") == 1', '""', "must not be empty", ""),
        ('tag("A").between("1", 2)', '"1"', "expected a number or a Jinja template, not '1'", "without quotes"),
        ('tag("A").between(90, 40)', "between(90, 40)", r"low \(90\) is greater than high \(40\)", "lower limit first"),
        ('tag("A") > "40"', '"40"', "expected a number or a Jinja template, not '40'", "without quotes"),
        ('tag("A") > True', "True", "expected a number, not True", ""),
        ('tag("A") == [1]', "[1]", r"cannot be compared with \[1\]", ""),
        ('tag("A").is_in("x")', '"x"', "expected a list such as .*, not the text 'x'", ""),
        ('tag("A").is_in([tag("B")])', '[tag("B")]', "cannot be compared with tag", ""),
        ('tag("A").bit(64)', "64", "from 0 .* to 63, not 64", ""),
        ('tag("A").bit(True)', "True", "expected a whole number, not True", ""),
        ('tag("A").quality_is("fine")', '"fine"', "expected one of 'good', 'uncertain', 'bad'", ""),
        ('tag("A").matches(r"B-(")', 'r"B-("', "bad regular expression", ""),
        ('(tag("A") == 1).held_for(minutes=-2)', "-2", "minutes must be a number of zero or more", ""),
        ('(tag("A") == 1).held_for()', "held_for()", "longer than zero", "hours="),
        ('tag("A") == 1e999', "1e999", "expected a finite number, not inf", ""),
        # Signs and order.
        ('tag("A") = 5', "=", "expected an operator .*before '='", "Write =="),
        ('tag("A") > 71,5', ",", "expected an operator .*before ','", "decimals with a point"),
        ('tag("A") && tag("B")', "&&", "'&&' cannot stand", "Write and."),
        ('!tag("A")', "!", "'!' cannot stand", "Write not"),
        ('tag("A") <> 1', "<>", "'<>' cannot stand", "Write !="),
        ('tag("A") in [1, 2]', "in", "'in' cannot stand", "is_in"),
        ('tag("A") not in [1, 2]', "in", "'in' cannot stand", "is_in"),
        ('tag("A") is True', "is", "'is' cannot stand", "Write =="),
        ('tag("A") == None', "None", "'None' cannot stand", "quality_is"),
        ('tag("A") + 1 > 2', "+", "expected an operator", "do not calculate"),
        ('tag("A") * 2 > 2', "*", r"'\*' cannot stand", "do not calculate"),
        ('-tag("A") > 1', '-tag("A")', "a sign stands before a number", ""),
        ('tag("A") == not tag("B")', "not", "'not' cannot follow '=='", "parentheses"),
        ('tag("A") == tag("B"', "(", "never closed", ""),
        ('tag("A") == 1)', ")", "closes nothing", ""),
        ('tag("A"] == 1', "]", r"expected '\)', not '\]'", ""),
        ('tag("A") == == 1', "==", "expected a value .*before '=='", ""),
        ('tag("A").is_in(["a" "b"])', '"b"', 'expected an operator .*before "b"', ""),
        ('tag("A").5', ".5", "expected an operator", ""),
        ('tag("A").(1)', "(", "name of a method", ""),
        ('tag("A")(1)', "(", "expected an operator", ""),
        ('tag("A")[0] == 1', "[", "expected an operator", ""),
        ('tag(f"A") == 1', '"A"', "expected an operator", ""),
        ('tag(name="A", "B") == 1', "", "Python says: positional argument", "as in Python"),
        # Numbers and texts.
        ('tag("A") == 007', "007", "must not begin with 0", "quotes"),
        ('tag("A") == 12V', "12V", "'12V' is not a number", "without its unit"),
        ('tag("A") == 1j', "1j", "'1j' is not a number", "without its unit"),
        (f'tag("A") == {"9" * 309}', "9" * 40, "300 digits", ""),
        (f'tag("A") == {"9" * 5000}', "9" * 40, "5000 characters, which no tag can hold", ""),
        ('tag("A") == "x', '"x', "not closed on its line", ""),
        ('tag("A") == \u201cx\u201d', "\u201c", "cannot stand", "straight quotes"),
        ('tag("A") ==\u00a01', "\u00a0", r"U\+00A0 cannot stand", ""),
        ('tag("A\0") == 1', "\0", r"U\+0000 cannot stand", ""),
        ('tag("\ud800") == 1', "\ud800", r"U\+D800 cannot stand", ""),
        ('tag("A").matches("B-\\d")', "\\d", "the backslash before 'd' means nothing", "with an r before"),
        ('tag("A").matches("\\bB")', "\\b", "the backslash before 'b' means nothing", "with an r before"),
        # Templates.
        ('tag("A") > {{ params.x }}', "{", "'{' cannot stand", "stands in quotes"),
        ('tag("A") == "{{ params["x"] }}"', "x", "quotes end inside the template", "other quotes"),
        ("{{ params.condition }}", "{{ params.condition }}", "whole condition is a template", "only its names"),
        (' {% if x %}tag("A") == 1{% endif %}', '{% if x %}tag("A") == 1{% endif %}', "whole condition", "only its"),
        # What could do something, if it were run.
        ('__import__("os").system("true")', "__import__", "unknown name '__import__'", "Known are tag"),
        ('tag("A").__class__.__base__', "__class__", "unknown method '__class__'", "Known are between"),
        ('(tag("A") == 1).to_json()', "to_json", "unknown method 'to_json'", "Known are held_for"),
        ("lambda: 1", "lambda", "'lambda' cannot stand", ""),
        ("open", "open", "unknown name 'open'", ""),
    ],
)
def test_an_error_shows_the_place_and_says_what_to_do(text: str, marked: str, problem: str, advice: str) -> None:
    with pytest.raises(WinCCConditionError, match=problem) as caught:
        Condition.from_text(text)

    assert_marks(caught.value, text, marked)
    assert advice in caught.value.hint


def assert_marks(error: WinCCConditionError, text: str, marked: str) -> None:
    """Check that the carets stand under the marked part of the text, and that the column is its first."""
    said, line, carets = error.message.splitlines()
    column = int(said.partition("column ")[2].partition(":")[0])
    first = carets.index("^")
    assert text[column - 1 :].startswith(marked)
    assert first == 2 + column - 1
    assert carets.count("^") == max(1, len(marked))
    assert line[first : first + len(marked)] == "".join(one if one.isprintable() else "?" for one in marked)


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("", 1, "it is empty"),
        ("  \n ", 1, "it is empty"),
        ('tag("A") ==', 12, "it ends where a value such as"),
        ('tag("A") == 1 and  ', 18, "it ends where a value such as"),
        ('tag("A").', 10, "it ends where the name of a method is expected"),
        ("not", 4, "it ends where a value such as"),
    ],
)
def test_a_text_that_ends_too_early_is_marked_behind_its_end(text: str, column: int, expected: str) -> None:
    with pytest.raises(WinCCConditionError, match=f"column {column}: {expected}") as caught:
        Condition.from_text(text)

    assert caught.value.message.splitlines()[-1] == " " * (column + 1) + "^"


def test_a_text_over_several_lines_is_told_with_its_line() -> None:
    text = '\ntag("A") == 1\n  and tag("B").beetween(1, 2)\n  and tag("C") == 3\n'

    with pytest.raises(WinCCConditionError) as caught:
        Condition.from_text(text)

    assert caught.value.message == (
        "text of a condition, line 3, column 16: unknown method 'beetween'\n"
        '    and tag("B").beetween(1, 2)\n'
        "                 ^^^^^^^^\n"
    )


def test_the_carets_stand_under_the_place_behind_wide_letters() -> None:
    with pytest.raises(WinCCConditionError) as caught:
        Condition.from_text('tag("温度").bits(1)')

    said, _, carets = caught.value.message.splitlines()
    assert "column 11:" in said
    assert carets == " " * (2 + 10 + 2) + "^^^^"


def test_a_long_line_is_shown_around_the_place() -> None:
    text = " and ".join(['tag("A") == 1'] * 30 + ["tga(1)"] + ['tag("B") == 1'] * 30)

    with pytest.raises(WinCCConditionError) as caught:
        Condition.from_text(text)

    said, line, carets = caught.value.message.splitlines()
    assert f"column {text.index('tga') + 1}:" in said
    assert line.startswith("  ...")
    assert line.endswith("...")
    assert len(line) < 120
    assert line[carets.index("^") : carets.rindex("^") + 1] == "tga"


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(WinCCConditionError, match="must be a text, not a int"):
        Condition.from_text(5)  # type: ignore[arg-type]


def test_a_float_that_is_compared_for_equality_is_warned_of_as_in_python() -> None:
    with pytest.warns(FloatEqualityWarning, match=r"close_to\(71.5"):
        assert Condition.from_text('tag("A") == 71.5').tags == ("A",)


def test_a_condition_of_many_tags_is_no_deep_one() -> None:
    many = all_of(*(tag(f"Pump{n}").bit(n % 64) for n in range(700)))

    assert Condition.from_text(repr(many)) == many
    assert Condition.from_text(repr(many).replace("&", "and")) == many


@pytest.mark.parametrize("wrap", ["~{}", "not {}", "({})", "all_of({})", "({}).held_for(seconds=1)"])
def test_a_condition_may_be_many_levels_deep_but_not_too_many(wrap: str) -> None:
    def nested(levels: int) -> str:
        text = 'tag("A").bit(1)'
        for _ in range(levels):
            text = wrap.format(text)
        return text

    assert Condition.from_text(nested(40)).tags == ("A",)
    with pytest.raises(WinCCConditionError, match="more than 100 levels"):
        Condition.from_text(nested(101))


def test_a_text_may_have_20_000_characters_and_no_more() -> None:
    assert Condition.from_text('tag("A") == 1'.ljust(20_000)) == (a == 1)
    with pytest.raises(WinCCConditionError, match=r"20,001 characters.*20,000"):
        Condition.from_text('tag("A") == 1'.ljust(20_001))


def test_what_a_text_was_given_for_is_named_in_its_error() -> None:
    with pytest.raises(WinCCConditionError, match=r"^The condition of task 'wait' cannot be read. .*column 1"):
        given_condition("tga", where="The condition of task 'wait'")

    assert given_condition(a == 1, where="") == (a == 1)
    assert given_condition('tag("A") == 1', where="") == (a == 1)


def test_every_parameter_of_the_vocabulary_can_be_read() -> None:
    def names() -> Iterator[str]:
        for known in (FUNCTIONS, METHODS_OF_A_TAG, METHODS_OF_A_CONDITION):
            for function in known.values():
                yield from (parameter.name for parameter in function.parameters)

    assert set(names()) == set(ARGUMENTS)
