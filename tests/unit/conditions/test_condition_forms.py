from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pytest

from airflow_provider_wincc.client.models import FailureKind, Quality, TagFailure, TagValue
from airflow_provider_wincc.conditions import WinCCConditionError, all_of, any_of, at_least, number, tag

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.conditions import Condition

    Judged = Callable[..., bool | None]
    Reading = Callable[..., TagValue]

a = tag("A")
TRUE, FALSE, UNKNOWN = tag("T") == 1, tag("T") == 2, tag("Missing") == 1


@pytest.mark.parametrize(
    ("condition", "text", "expected"),
    [
        (a == 41, "41", True),
        (a == 41, "41.0", True),
        (a == 41, "42", False),
        (a != 41, "42", True),
        (a < 41, "40.9", True),
        (a < 41, "41", False),
        (a <= 41, "41", True),
        (a > 41, "41.1", True),
        (a >= 41.5, "41,5", True),
        (a > 9, "10", True),
        (a == 7, "007", True),
        (a == "IDLE", "IDLE", True),
        (a == "IDLE", "idle", False),
        (a != "IDLE", "RUNNING", True),
        (a == "41", "41.0", False),
        (a == True, "true", True),  # noqa: E712  # == builds a condition
        (a == True, "TRUE", True),  # noqa: E712
        (a == True, "1", True),  # noqa: E712
        (a == False, "0", True),  # noqa: E712
        (a == False, "true", False),  # noqa: E712
        (a.between(40, 90), "40", True),
        (a.between(40, 90), "90", True),
        (a.between(40, 90), "90.1", False),
        (a.outside(40, 90), "39", True),
        (a.outside(40, 90), "91", True),
        (a.outside(40, 90), "40", False),
        (a.close_to(40, tolerance=0.5), "40.5", True),
        (a.close_to(40, tolerance=0.5), "39.4", False),
        (a.is_in(["IDLE", "READY"]), "READY", True),
        (a.is_in(["IDLE", "READY"]), "ready", False),
        (a.is_in([1, 2]), "2.0", True),
        (a.is_in([1, 2]), "3", False),
        (a.matches(r"B-\d+"), "B-17", True),
        (a.matches(r"B-\d+"), "B-17x", False),
        (a.matches(r"B-\d+"), "xB-17", False),
        (a.bit(0), "1", True),
        (a.bit(4), "16", True),
        (a.bit(4), "15", False),
        (a.bit(63), "-1", True),
        (a.bit(1), "2.0", True),
        (a == number("42"), "42.0", True),
    ],
    ids=repr,
)
def test_a_form_is_true_as_its_row_says(judged: Judged, condition: Condition, text: str, *, expected: bool) -> None:
    assert judged(condition, A=text) is expected


@pytest.mark.parametrize(
    ("condition", "left", "right", "expected"),
    [
        (a > tag("B"), "10", "9", True),
        (a < tag("B"), "10", "9", False),
        (a >= tag("B"), "9.0", "9", True),
        (a == tag("B"), "9.0", "9", True),
        (a != tag("B"), "9.0", "9", False),
        (a == tag("B"), "true", "TRUE", True),
        (a == tag("B"), "IDLE", "IDLE", True),
        (a == tag("B"), "IDLE", "idle", False),
        (a == tag("B"), "000123", "123", False),
    ],
)
def test_two_tags_compare_as_numbers_or_bools_when_both_are_and_as_texts_otherwise(
    judged: Judged, condition: Condition, left: str, right: str, *, expected: bool
) -> None:
    assert judged(condition, A=left, B=right) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [(a > 0, a > 0), (a >= 0, a >= 0), (a < 0, a < 0), (a <= 0, a <= 0), (a == 0, a == 0), (a != 0, a != 0)],
)
def test_a_literal_on_the_left_gives_the_mirrored_comparison(condition: Condition, expected: Condition) -> None:
    assert condition == expected


@pytest.mark.parametrize(
    ("condition", "text", "needed"),
    [
        (a == 1, "RUN", "number"),
        (a > 1, "true", "number"),
        (a == 1, "", "number"),
        (a.between(1, 2), "RUN", "number"),
        (a.outside(1, 2), "RUN", "number"),
        (a.close_to(1, tolerance=2), "RUN", "number"),
        (a.is_in([1]), "RUN", "number"),
        (a == True, "RUN", "bool"),  # noqa: E712
        (a == False, "2", "bool"),  # noqa: E712
        (a.bit(1), "RUN", "number"),
        (a.bit(1), "2.5", "whole number"),
        (a.bit(1), "1.8446744073709552E+19", "whole number"),
        (a > 1, "9" * 350, "number"),
    ],
)
def test_a_value_that_cannot_be_read_as_the_literal_asks_is_an_error_and_not_false(
    judged: Judged, condition: Condition, text: str, needed: str
) -> None:
    with pytest.raises(WinCCConditionError) as caught:
        judged(condition, A=text)

    assert "'A'" in caught.value.message
    assert repr(text[:100]) in caught.value.message
    assert needed in caught.value.message
    assert repr(condition) in caught.value.message
    assert not caught.value.retryable


def test_an_error_in_one_part_is_not_hidden_by_the_others(judged: Judged) -> None:
    with pytest.raises(WinCCConditionError, match="'A' has the value 'RUN'"):
        judged(TRUE | (a == 1), A="RUN", T="1")


def test_texts_of_two_tags_have_no_order(judged: Judged) -> None:
    with pytest.raises(WinCCConditionError, match=r"tag 'A' has the value 'IDLE'.*number"):
        judged(a < tag("B"), A="IDLE", B="RUNNING")


def test_a_text_longer_than_any_of_wincc_is_not_matched_but_an_error(judged: Judged) -> None:
    with pytest.raises(WinCCConditionError, match=r"'A' has 5000 characters.*4096"):
        judged(a.matches("x*"), A="x" * 5000)


@pytest.mark.parametrize("condition", [a == 1, a == "nan", a.bit(0), a.matches(".*"), a.is_in([1]), a == tag("B")])
@pytest.mark.parametrize("text", ["nan", "-inf", "1.#QNAN"])
def test_not_a_number_is_unknown(judged: Judged, condition: Condition, text: str) -> None:
    assert judged(condition, A=text, B="1") is None


@pytest.mark.parametrize(
    "condition",
    [a == 1, a != 1, a < 2, a.is_in([1]), a.close_to(1, tolerance=1), a.between(1, 2), a.bit(0), a > tag("B")],
)
def test_not_a_number_with_blanks_around_is_unknown_too(judged: Judged, condition: Condition) -> None:
    assert judged(condition, A=" nan ", B="1") is None


@pytest.mark.parametrize("code", [0x80, 0x83, 0x94, 0xC0, 0xD8])
def test_readings_of_good_quality_count(judged: Judged, code: int) -> None:
    assert judged(a == 1, quality=code, A="1") is True


@pytest.mark.parametrize("code", [0x40, 0x44, 0x4C, 0x60])
def test_uncertain_readings_count_only_when_accepted(judged: Judged, code: int) -> None:
    assert judged(a == 1, quality=code, A="1") is None
    assert judged(a.accept_uncertain() == 1, quality=code, A="1") is True
    assert judged((a == 1).accept_uncertain(), quality=code, A="1") is True


@pytest.mark.parametrize("code", [0x00, 0x08, 0x14, 0x3F])
def test_bad_readings_never_count(judged: Judged, code: int) -> None:
    assert judged(a.accept_uncertain() == 1, quality=code, A="1") is None


@pytest.mark.parametrize("kind", list(FailureKind))
def test_a_tag_that_failed_is_unknown(kind: FailureKind) -> None:
    assert (a == 1).evaluate({"A": TagFailure(kind, "away")}).is_unknown


def test_a_tag_that_was_not_read_is_unknown() -> None:
    assert (a == 1).evaluate({}).is_unknown


def test_a_comparison_of_two_tags_is_unknown_when_one_of_them_is(judged: Judged) -> None:
    assert judged(a == tag("B"), A="1") is None
    assert judged(a == tag("B"), B="1") is None


@pytest.mark.parametrize(
    ("level", "code", "expected"),
    [
        ("good", 0x80, True),
        ("good", 0xC0, True),
        ("good", 0x40, False),
        ("uncertain", 0x4C, True),
        ("uncertain", 0x80, False),
        ("bad", 0x08, True),
        ("bad", 0x80, False),
    ],
)
def test_quality_is_looks_at_every_reading(judged: Judged, level: str, code: int, *, expected: bool) -> None:
    assert judged(a.quality_is(level), quality=code, A="nan") is expected


def test_a_tag_without_connection_to_its_controller_has_bad_quality() -> None:
    readings = {"A": TagFailure(FailureKind.NOT_CONNECTED, "no connection")}

    assert a.quality_is("bad").evaluate(readings).is_true
    assert a.quality_is("good").evaluate(readings).is_false


@pytest.mark.parametrize("kind", [kind for kind in FailureKind if kind is not FailureKind.NOT_CONNECTED])
def test_the_quality_of_a_tag_that_failed_otherwise_is_unknown(kind: FailureKind) -> None:
    assert a.quality_is("bad").evaluate({"A": TagFailure(kind, "away")}).is_unknown


def test_the_quality_of_a_tag_that_was_not_read_is_unknown() -> None:
    assert a.quality_is("bad").evaluate({}).is_unknown


def test_a_reading_older_than_allowed_is_unknown(judged: Judged) -> None:
    fresh_only = a.not_older_than(minutes=5) == 1

    assert judged(fresh_only, A="1", age=299) is True
    assert judged(fresh_only, A="1", age=301) is None
    assert judged((a == 1).not_older_than(minutes=5), A="1", age=301) is None


def test_age_counts_for_the_quality_too(judged: Judged) -> None:
    assert judged(a.not_older_than(minutes=5).quality_is("good"), A="1", age=301) is None


def test_without_an_age_limit_an_old_reading_counts(judged: Judged) -> None:
    assert judged(a == 1, A="1", age=10_000_000) is True


def test_a_reading_without_timestamp_is_unknown_where_age_matters(noon: object) -> None:
    readings = {"A": TagValue("A", 1, Quality(0x80), None, "1")}

    assert (a.not_older_than(minutes=5) == 1).evaluate(readings).is_unknown
    assert (a == 1).evaluate(readings).is_true


def test_of_two_age_limits_the_stricter_holds() -> None:
    assert a.not_older_than(minutes=5).not_older_than(minutes=9).source == a.not_older_than(minutes=5).source
    assert (a.not_older_than(minutes=5) == 1).not_older_than(minutes=1) == (a.not_older_than(minutes=1) == 1)


def test_an_age_limit_says_when_to_look_again(reading: Reading, noon: object) -> None:
    condition = a.not_older_than(minutes=5) == 1
    readings = {"A": reading("A", "1", age=100)}

    first = condition.evaluate(readings, now=50.0, wall_time=noon)  # type: ignore[arg-type]
    assert first.recheck_at == pytest.approx(250.001)
    later = condition.evaluate(
        readings,
        now=first.recheck_at,
        wall_time=noon.add(seconds=200.001),  # type: ignore[attr-defined]
    )
    assert later.is_unknown
    assert later.recheck_at is None


def test_a_time_of_day_without_timezone_is_refused(noon: object) -> None:
    with pytest.raises(WinCCConditionError, match="timezone"):
        (a == 1).evaluate({}, wall_time=noon.naive())  # type: ignore[attr-defined]


@pytest.mark.parametrize("code", [0x60, 0x63, 0xD8, 0xDB])
def test_an_interlock_takes_no_simulated_or_overridden_value(reading: Reading, code: int) -> None:
    readings = {"A": reading("A", "1", quality=code)}

    for condition in (a.accept_uncertain() == 1, a.quality_is("good"), a.quality_is("uncertain")):
        assert condition.evaluate(readings, refuse_overridden=True).is_unknown
        assert not condition.evaluate(readings).is_unknown


def test_something_else_than_a_reading_is_refused() -> None:
    with pytest.raises(WinCCConditionError, match="'A' must be a TagValue or a TagFailure, not 1"):
        (a == 1).evaluate({"A": 1})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (FALSE & UNKNOWN, False),
        (TRUE & UNKNOWN, None),
        (TRUE & TRUE, True),
        (TRUE | UNKNOWN, True),
        (FALSE | UNKNOWN, None),
        (FALSE | FALSE, False),
        (~UNKNOWN, None),
        (~TRUE, False),
        (~FALSE, True),
        (all_of(TRUE, UNKNOWN, FALSE), False),
        (any_of(FALSE, UNKNOWN, TRUE), True),
        (at_least(2, TRUE, TRUE, UNKNOWN), True),
        (at_least(2, TRUE, UNKNOWN, FALSE), None),
        (at_least(2, TRUE, FALSE, FALSE), False),
        (at_least(2, UNKNOWN, FALSE, FALSE), False),
    ],
)
def test_conditions_combine_with_three_values(judged: Judged, condition: Condition, *, expected: bool | None) -> None:
    assert judged(condition, T="1") is expected


def test_readings_are_given_back_as_json(reading: Reading) -> None:
    condition = (a == 1) & (tag("B") == 1) & (tag("C") == 1)
    failure = TagFailure(FailureKind.NOT_FOUND, "no such tag", 5)

    result = condition.evaluate({"A": reading("A", "1"), "B": failure, "Other": reading("Other", "1")})

    assert result.readings_json() == {
        "A": {
            "value": 1,
            "quality": "good",
            "quality_code": 128,
            "timestamp": "2026-11-23T12:00:00+00:00",
        },
        "B": {"error": "not found: no such tag, error code 5"},
        "C": {"error": "not read"},
    }


def test_the_words_of_a_station_are_given_back_as_airflow_can_pass_them_on(reading: Reading) -> None:
    failure = TagFailure(FailureKind.FAILED, "half \ud800")

    told = ((a == "x") & (tag("B") == 1)).evaluate({"A": reading("A", "half \ud800"), "B": failure}).readings_json()

    assert told["A"]["value"] == "half \ufffd"
    assert told["B"] == {"error": "failed: half \ufffd"}


def test_an_evaluation_keeps_its_readings_when_the_mapping_changes_later(reading: Reading) -> None:
    readings = {"A": reading("A", "1")}
    result = (a == 1).evaluate(readings)

    readings.clear()

    assert result.readings_json()["A"]["value"] == 1


def test_an_evaluation_is_neither_true_nor_false() -> None:
    with pytest.raises(TypeError, match="is_true"):
        bool((a == 1).evaluate({}))


def test_comparing_with_a_float_is_warned_of_where_the_user_wrote_it() -> None:
    from airflow_provider_wincc.conditions import FloatEqualityWarning

    for define in (
        lambda: a == 1.5,
        lambda: a != 1.5,
        lambda: a.is_in([1, 1.5]),
        lambda: 1.5 == a,  # noqa: SIM300  # the mirrored form
        lambda: a == number("1.5"),
    ):
        with pytest.warns(FloatEqualityWarning, match=r"close_to\(1.5, tolerance") as caught:
            define()
        assert [warning.filename for warning in caught] == [__file__]


def test_ordering_with_a_float_and_equality_with_an_integer_are_not_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        conditions = [a > 1.5, a == 1, a.close_to(1.5, tolerance=0.1), a.between(0.5, 1.5)]

    assert len(conditions) == 4
