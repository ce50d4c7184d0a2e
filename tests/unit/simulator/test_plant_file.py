"""A plant file is read whole or refused with its place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from airflow_provider_wincc.client.models import DataType
from airflow_provider_wincc.simulator import DailySpan, PlantFile, PlantFileError, Simulator, TagList

if TYPE_CHECKING:
    from pathlib import Path


def plant(text: str) -> Simulator:
    """Make a station, not started, with a frozen plant."""
    return Simulator(plant=PlantFile.parse("frozen: true\n" + text))


def walked(station: Simulator, name: str, seconds: float, times: int) -> list[object]:
    values = []
    for _ in range(times):
        station.step(seconds)
        values.append(station.get(name).value)
    return values


def test_a_tag_has_what_the_file_says_of_it() -> None:
    station = plant("""
tags:
  Oven.Temperature:
    {type: float32, value: 42.3, unit: "°C", description: Of the oven, group: Oven, connection: S7, quality: 0x4C}
""")

    tag = station.get("oven.TEMPERATURE")

    assert (tag.data_type, tag.value, tag.unit, tag.description) == (DataType.FLOAT32, 42.3, "°C", "Of the oven")
    assert (tag.group, tag.connection, tag.quality) == ("Oven", "S7", 0x4C)


@pytest.mark.parametrize(
    ("written", "data_type", "value"),
    [
        ("5", DataType.INT32, 5),
        ("3000000000", DataType.INT64, 3_000_000_000),
        ("5.0", DataType.FLOAT64, 5.0),
        ("1e3", DataType.FLOAT64, 1000.0),
        ("true", DataType.BOOL, True),
        ("on", DataType.TEXT, "on"),
        ("no", DataType.TEXT, "no"),
        ("000042", DataType.TEXT, "000042"),
        ("12:30", DataType.TEXT, "12:30"),
        ("2026-03-02", DataType.TEXT, "2026-03-02"),
        ("'5'", DataType.TEXT, "5"),
        ('""', DataType.TEXT, ""),
        ("0x1F", DataType.INT32, 31),
        ("{type: text, value: 000042}", DataType.TEXT, "000042"),
        ("{type: text, value: true}", DataType.TEXT, "true"),
        ("{type: bool, value: 1}", DataType.BOOL, True),
        ("{type: int, value: -7}", DataType.INT64, -7),
        ("{type: uint16}", DataType.UINT16, 0),
    ],
)
def test_a_value_is_read_as_it_is_written(written: str, data_type: DataType, value: object) -> None:
    tag = plant(f"tags: {{A: {written}}}").get("A")

    assert (tag.data_type, tag.value, type(tag.value)) == (data_type, value, type(value))


@pytest.mark.parametrize(
    ("text", "line", "column", "key", "told"),
    [
        ("tags:\n  A:\n    typ: bool", 3, 5, "tags.A.typ", "did you mean 'type'?"),
        ("tags:\n  A: {type: boool}", 2, 13, "tags.A.type", "did you mean 'bool'?"),
        ("tags:\n  A: {type: Float32}", 2, 13, "tags.A.type", "did you mean 'float32'?"),
        ("tags:\n  A: 1\n  A: 2", 3, 3, "tags.A", "stands twice, first in line 2"),
        ("tags:\n  A: 1\n  a: 2", 3, 6, "tags.a", "first as 'A'"),
        ("tags:\n  A: {unit: m, unit: s}", 2, 16, "tags.A.unit", "stands twice"),
        ("tags:\n  A: {unit: m}", 2, 6, "tags.A", "type or a value"),
        ("tags:\n  A:", 2, 5, "tags.A", "not nothing"),
        ("tags:\n  A: [1]", 2, 6, "tags.A", "not a list"),
        ("tags:\n  B: {type: uint8, value: 300}", 2, 27, "tags.B.value", "uint8, 0 to 255"),
        ("tags:\n  B: {type: bool, value: yes}", 2, 26, "tags.B.value", "'yes' is not a value of type bool"),
        ("tags:\n  B: {type: float32, value: 1e999}", 2, 29, "tags.B.value", "above the range"),
        ("tags:\n  B: {value: 1, quality: 300}", 2, 26, "tags.B.quality", "a quality code from 0 to 255"),
        ("tag: {}", 1, 1, "tag", "did you mean 'tags'?"),
        ("- a", 1, 1, "", "expected a mapping"),
        ("", 1, 1, "", "is empty"),
        ("tags:\n\tA: 1", 2, 1, "", "indent with spaces"),
        ("a: b: c", 1, 5, "", "no YAML"),
        ("tags: {A: \x07}", 1, 11, "", "cannot stand in YAML"),
        ("tags: " + "[" * 5000, None, None, "", "no YAML"),
        ("name: &x A\ntags: {B: *x}", 1, 7, "", "anchors"),
        ("name: !!python/object:os.system A\ntags: {[1]: 1}", 2, 8, "tags", "a key is a text"),
        (
            "tags:\n  A: {value: 1.0, behaviour: {kind: rump}}",
            2,
            37,
            "tags.A.behaviour.kind",
            "did you mean 'ramp'?",
        ),
        (
            "tags:\n  A: {value: 1.0, behaviour: {kind: sine, low: 1, hihg: 2, period: 3}}",
            2,
            30,
            "tags.A.behaviour",
            "the key 'high' is missing; is 'hihg' meant for it?",
        ),
        (
            "tags:\n  A: {value: true, behaviour: {kind: ramp, from: 1, to: 2, per_second: 1}}",
            2,
            38,
            "tags.A.behaviour.kind",
            "a tag of type bool cannot behave so",
        ),
        (
            "tags:\n  A: {value: 1.0, behaviour: {kind: ramp, from: 1, to: 2, per_second: 0}}",
            2,
            30,
            "tags.A.behaviour",
            "per_second is a number above 0",
        ),
        (
            "tags:\n  A: {value: 1.0, behaviour: {kind: sine, low: 1, high: 2, period: 3, every: 0.25}}",
            2,
            78,
            "tags.A.behaviour.every",
            "whole tenths",
        ),
        (
            "tags:\n  Tank.Setpoint: 5.0\n  A: {value: 1.0, behaviour: {kind: follow, tag: Tank.Setpont}}",
            3,
            30,
            "tags.A.behaviour",
            "did you mean 'Tank.Setpoint'?",
        ),
        (
            "tags:\n  T: text\n  A: {value: 1.0, behaviour: {kind: follow, tag: T}}",
            3,
            30,
            "tags.A.behaviour",
            "'T' is text; expected a tag that is a number",
        ),
        ("units: {M: {profile: E}}", 1, 22, "units.M.profile", "one of A, B, C, D"),
        ("units: {M: {quantity_limits: [1]}}", 1, 30, "units.M.quantity_limits", "two numbers"),
        ("units: {M: {}}\ntags: {M.Order.Id: x}", 1, 12, "units.M", "makes the tag 'M.Order.Id' itself"),
        ("archives: {X: {Y: {low: 5, high: 1}}}", 1, 25, "archives.X.Y.low", "low is below high"),
        ("archives: {X: {Y: {first: 2026-01-01}}}", 1, 27, "archives.X.Y.first", "has no zone"),
        ("archives: {X: {Y: {knd: binary}}}", 1, 20, "archives.X.Y.knd", "did you mean 'kind'?"),
        ("messages: {none: {class: Error, text: x}}", 1, 18, "messages.none", "its number"),
        ("messages: {5: {class: Fault, text: x}}", 1, 23, "messages.5.class", "Error, Warning, Process"),
        ("messages: {5: {class: Error}}", 1, 15, "messages.5", "the key 'text' is missing"),
        (
            "tags: {A: true}\nmessages: {5: {class: Error, text: x, raised_by: {tag: A, above: 3}}}",
            2,
            56,
            "messages.5.raised_by.tag",
            "use equals",
        ),
        (
            "tags: {A: 1}\nmessages: {5: {class: Error, text: x, raised_by: {tag: A, above: 3, below: 1}}}",
            2,
            50,
            "messages.5.raised_by",
            "not 2 of them",
        ),
        ("tags: {A: 1}\ntimeline: [{at: 3, sett: {A: 1}}]", 2, 20, "timeline[1].sett", "did you mean 'set'?"),
        ("tags: {A: 1}\ntimeline: [{at: 3, set: {B: 1}}]", 2, 29, "timeline[1].set.B", "unknown tag 'B'"),
        ("tags: {A: 1}\ntimeline: [{at: -3, set: {A: 1}}]", 2, 17, "timeline[1].at", "from 0"),
        ("timeline: [{at: 3, raise: 7}]", 1, 27, "timeline[1].raise", "no message 7"),
        ("timeline: [{at: 3, fault: delya}]", 1, 27, "timeline[1].fault", "did you mean 'delay'?"),
        ("timeline: [{at: 3, fault: delay, seconds: -1}]", 1, 27, "timeline[1].fault", "above 0"),
        ("timeline: [{at: 3, service: off}]", 1, 29, "timeline[1].service", "stopped, running"),
        ("timeline: [{at: 3, dialect: {key_case: upper}}]", 1, 29, "timeline[1].dialect", "lower, camel"),
        ("timeline: [{at: 3, service: stopped, raise: 1}]", 1, 12, "timeline[1]", "raise and service"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_what_to_do(
    text: str, line: int | None, column: int | None, key: str, told: str
) -> None:
    with pytest.raises(PlantFileError) as caught:
        PlantFile.parse(text, source="plant.yaml")

    problem = caught.value
    assert told in str(problem)
    assert problem.key == key
    assert line in {None, problem.line}
    assert column in {None, problem.column}
    assert str(problem).startswith(f"plant.yaml, line {problem.line}, column {problem.column}")


def test_a_file_that_is_no_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "plant.yaml"
    file.write_bytes("tags:\n  A: {type: text, value: Öl}\n".encode("cp1252"))

    with pytest.raises(PlantFileError, match=r"plant\.yaml, line 2, column 1: no UTF-8"):
        PlantFile.read(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(PlantFileError, match="cannot be read"):
        Simulator(plant=tmp_path / "none.yaml")


def test_the_name_of_the_file_names_the_plant(tmp_path: Path) -> None:
    file = tmp_path / "bakery.yaml"
    file.write_text("tags: {A: 1}", encoding="utf-8")

    assert PlantFile.read(file).name == "bakery"


def test_a_station_takes_the_path_of_a_file_as_text(tmp_path: Path) -> None:
    file = tmp_path / "bakery.yml"
    file.write_text("tags: {A: 1}", encoding="utf-8")

    assert Simulator(plant=str(file)).get("A").value == 1


def test_an_archive_has_the_settings_of_the_file() -> None:
    file = PlantFile.parse("""
archives:
  Ovens:
    T: {kind: on_change, period_ms: 500, low: -5, high: 5, first: 2026-01-01T00:00:00Z, seed: 3,
        gaps: [{daily: "02:00", minutes: 10}, {from: 2026-03-02T06:00:00+01:00, to: 2026-03-02T07:00:00+01:00}],
        bad_quality: 0.1, bad_qualities: [24, bad], duplicate_every: 10, duplicate_count: 3}
    H: {rows: [{at: 2026-03-02T06:00:00Z, value: 1.5}, {at: 2026-03-02T07:00:00Z, value: 2, quality: bad}]}
""")

    generated, by_hand = file.archives[0].tags

    assert (generated.kind, generated.period_ms, generated.low, generated.high) == ("on_change", 500, -5, 5)
    assert (generated.first, generated.seed) == (datetime(2026, 1, 1, tzinfo=UTC), 3)
    assert isinstance(generated.gaps[0], DailySpan)
    assert generated.gaps[1] == (datetime(2026, 3, 2, 5, tzinfo=UTC), datetime(2026, 3, 2, 6, tzinfo=UTC))
    assert (generated.bad_quality, generated.bad_qualities) == (0.1, (24, 0))
    assert (generated.duplicate_every, generated.duplicate_count) == (10, 3)
    assert by_hand.rows is not None
    assert [(value, quality) for _, value, quality in by_hand.rows] == [(1.5, 0x80), (2.0, 0)]


def test_a_unit_has_the_settings_of_the_file() -> None:
    station = plant("units: {Kneader1: {profile: C, run_seconds: 3, work_masters: [Rye], parameters: {Salt: float32}}}")

    settings = station.unit("kneader1").settings

    assert (settings.profile, settings.run_seconds, settings.work_masters) == ("C", 3, ("Rye",))
    assert station.get("Kneader1.Order.Salt").data_type is DataType.FLOAT32


def test_a_plant_that_says_nothing_of_units_and_archives_has_none() -> None:
    station = plant("tags: {A: 1}")

    with pytest.raises(LookupError, match="it has none"):
        station.unit("Mixer1")
    with pytest.raises(LookupError, match="it has none"):
        station.archive("ProcessData")


def test_a_listed_tag_stays_and_the_file_is_read_on_top_of_it() -> None:
    listed = TagList.parse("Name;Data type;Comment\nA;Signed 16-bit value;first\nB;Binary Tag;second\n")

    file = PlantFile.parse("tags: {a: {value: 7, unit: m}, C: 1}", listed=listed.tags)

    assert [(tag.name, tag.data_type.value, tag.value, tag.unit, tag.description) for tag in file.tags] == [
        ("a", "int16", 7, "m", "first"),
        ("B", "bool", False, "", "second"),
        ("C", "int32", 1, "", ""),
    ]


def test_a_ramp_stops_at_its_end() -> None:
    station = plant("tags: {A: {value: 0.0, behaviour: {kind: ramp, from: 0, to: 2, per_second: 1}}}")

    assert walked(station, "A", 1, 4) == [1.0, 2.0, 2.0, 2.0]


def test_a_ramp_begins_again_or_turns() -> None:
    station = plant("""
tags:
  Again: {value: 0, behaviour: {kind: ramp, from: 0, to: 2, per_second: 1, at_end: repeat}}
  Turns: {value: 0, behaviour: {kind: ramp, from: 0, to: 2, per_second: 1, at_end: reverse}}
  Down: {value: 2, behaviour: {kind: ramp, from: 2, to: 0, per_second: 1, at_end: reverse}}
""")

    both = [(station.step(1), *(station.get(name).value for name in ("Again", "Turns", "Down")))[1:] for _ in range(6)]

    assert both == [(1, 1, 1), (2, 2, 0), (0, 1, 1), (1, 0, 2), (2, 1, 1), (0, 2, 0)]


def test_a_slow_ramp_of_whole_numbers_arrives_all_the_same() -> None:
    station = plant("tags: {A: {type: int16, behaviour: {kind: ramp, from: 0, to: 3, per_second: 0.1}}}")

    assert walked(station, "A", 10, 4) == [1, 2, 3, 3]


def test_a_ramp_goes_on_from_what_was_written() -> None:
    station = plant("tags: {A: {value: 0.0, behaviour: {kind: ramp, from: 0, to: 10, per_second: 1}}}")
    station.step(2)

    station.set("A", 7.5)
    station.step(1)

    assert station.get("A").value == 8.5


def test_a_sine_swings_by_the_clock() -> None:
    station = plant("tags: {A: {value: 0.0, behaviour: {kind: sine, low: -10, high: 10, period: 4}}}")

    assert walked(station, "A", 1, 4) == pytest.approx([10, 0, -10, 0], abs=1e-9)


def test_a_random_walk_of_one_seed_is_always_the_same_and_stays_in_its_limits() -> None:
    text = "tags: {{A: {{value: 5.0, behaviour: {{kind: random_walk, step: 2, low: 0, high: 10, seed: {}}}}}}}"

    first, again, other = (walked(plant(text.format(seed)), "A", 1, 200) for seed in (7, 7, 8))

    assert first == again != other
    assert all(isinstance(value, float) and 0 <= value <= 10 for value in first)
    assert len(set(first)) > 100


def test_a_counter_counts_while_its_tag_is_true_and_begins_again_after_its_top() -> None:
    station = plant("tags: {On: true, A: {type: uint8, behaviour: {kind: counter, while: On, top: 3}}}")

    counted = walked(station, "A", 1, 5)
    station.set("On", value=False)
    stopped = walked(station, "A", 1, 2)

    assert (counted, stopped) == ([1, 2, 3, 0, 1], [1, 1])


def test_a_counter_without_a_top_begins_again_after_the_highest_number_of_its_type() -> None:
    station = plant("tags: {A: {type: uint8, value: 254, behaviour: {kind: counter}}}")

    assert walked(station, "A", 1, 3) == [255, 0, 1]


def test_a_tag_follows_another_with_a_time_constant() -> None:
    station = plant("tags: {S: 100.0, A: {value: 0.0, behaviour: {kind: follow, tag: S, time_constant: 10}}}")

    after_ten, *_, last = walked(station, "A", 10, 12)

    assert after_ten == pytest.approx(63.2, abs=0.1)
    assert last == 100.0


def test_behaviours_look_at_the_step_before_whatever_their_order() -> None:
    chain = {"A": "S", "B": "A"}
    texts = [f"{name}: {{value: 0.0, behaviour: {{kind: follow, tag: {tag}}}}}" for name, tag in chain.items()]

    there, back = (plant(f"tags: {{S: 5.0, {', '.join(order)}}}") for order in (texts, texts[::-1]))
    for station in (there, back):
        station.step(1)

    assert [[s.get(n).value for n in "AB"] for s in (there, back)] == [[5.0, 0.0], [5.0, 0.0]]


def test_a_toggle_is_false_first_then_true() -> None:
    station = plant("tags: {A: {type: bool, behaviour: {kind: toggle, true_for: 0.3, false_for: 0.2}}}")

    assert walked(station, "A", 0.1, 7) == [False, True, True, True, False, False, True]


def test_a_tag_that_reads_one_that_was_removed_stands_still() -> None:
    station = plant("tags: {S: 5.0, A: {value: 0.0, behaviour: {kind: follow, tag: S}}}")

    station.remove("S")
    station.step(5)

    assert station.get("A").value == 0.0


def test_a_tag_whose_type_cannot_hold_the_value_stands_still() -> None:
    station = plant("""
tags:
  Wide: 1e300
  Narrow: {type: float32, value: 5, behaviour: {kind: follow, tag: Wide}}
  Byte: {type: uint8, behaviour: {kind: follow, tag: Wide}}
  Fine: {value: 0, behaviour: {kind: counter}}
""")

    station.step(1)

    assert [station.get(name).value for name in ("Narrow", "Byte", "Fine")] == [5.0, 255, 1]


def test_many_small_steps_are_the_same_as_one_large_one() -> None:
    text = """
tags:
  S: {value: 10.0, behaviour: {kind: sine, low: 0, high: 20, period: 7}}
  A: {type: float32, behaviour: {kind: follow, tag: S, time_constant: 3, every: 0.2}}
  R: {value: 0.0, behaviour: {kind: random_walk, step: 1, low: -5, high: 5}}
timeline: [{at: 12.3, set: {S: 3.0}}]
"""
    small, large = plant(text), plant(text)

    for _ in range(300):
        small.step(0.1)
    large.step(30)

    names = ("S", "A", "R")
    assert [small.get(name).value for name in names] == [large.get(name).value for name in names]


def test_upper_and_lower_limits_raise_messages_with_hysteresis() -> None:
    station = plant("""
tags: {A: 50}
messages:
  1: {class: Warning, text: "high @1%d@ of @2%.0f@", raised_by: {tag: A, above: 90, hysteresis: 5}}
  2: {class: Warning, text: low, raised_by: {tag: A, below: 10, hysteresis: 5}}
""")
    pending = {}

    for value in (90, 86, 84, 10, 14, 16):
        station.set("A", value)
        pending[value] = [(message.number, message.text) for message in station.pending_messages]

    assert pending == {
        90: [(1, "high 90 of 90")],
        86: [(1, "high 90 of 90")],
        84: [],
        10: [(2, "low")],
        14: [(2, "low")],
        16: [],
    }


def test_a_state_raises_a_message_in_both_languages() -> None:
    station = plant("""
tags: {A: true}
messages: {7: {class: Process, text: {en: Open, de: Offen}, details: x, raised_by: {tag: A, equals: true}}}
""")

    (message,) = station.pending_messages

    assert (message.texts("en-US"), message.texts("de-DE")) == (("Open", "", "x"), ("Offen", "", "x"))


def test_messages_of_the_demo_plant_are_not_there() -> None:
    station = plant("tags: {A: 1}")

    with pytest.raises(LookupError, match="none of its own, and 10000 to 39999 for bursts"):
        station.raise_message(1001)
