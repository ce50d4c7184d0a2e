"""The timeline happens by the clock of the plant."""

from __future__ import annotations

from airflow_provider_wincc.simulator import PlantFile, Simulator


def scripted(events: str) -> Simulator:
    return Simulator(
        plant=PlantFile.parse(f"""
frozen: true
tags:
  S: 10.0
  A: {{value: 0.0, behaviour: {{kind: follow, tag: S}}}}
messages: {{1: {{class: Error, text: "stop @1%d@"}}}}
timeline:
{events}
""")
    )


def test_an_event_happens_at_its_time_and_not_before() -> None:
    station = scripted("  - {at: 2.5, set: {S: 3}}")

    station.step(2.4)
    before = station.get("S").value
    station.step(0.1)

    assert (before, station.get("S").value) == (10.0, 3.0)


def test_events_happen_by_time_and_those_of_one_time_in_their_order() -> None:
    station = scripted("  - {at: 2, set: {S: 3}}\n  - {at: 1, set: {S: 1}}\n  - {at: 2, set: {S: 4}}")

    station.step(1)
    first = station.get("S").value
    station.step(5)

    assert (first, station.get("S").value) == (1.0, 4.0)


def test_a_tag_that_was_set_is_held_with_its_quality_until_it_is_released() -> None:
    station = scripted("  - {at: 1, set: {A: 99}, quality: bad}\n  - {at: 5, release: A}")

    station.step(4)
    held = station.get("A")
    station.step(2)
    released = station.get("A")

    assert (held.value, held.quality) == (99.0, 0)
    assert (released.value, released.quality) == (10.0, 0x80)


def test_a_tag_that_was_removed_or_has_another_type_is_left_out_and_the_rest_happens() -> None:
    station = scripted("  - {at: 1, set: {S: 3, A: 4}}\n  - {at: 2, raise: 1}")
    station.remove("S")
    station.remove("A")
    station.set("A", value=True)

    station.step(2)

    assert "S" not in station.tag_names
    assert station.get("A").value is True
    assert [message.number for message in station.pending_messages] == [1]


def test_a_message_comes_in_is_acknowledged_and_goes_out() -> None:
    station = scripted("""
  - {at: 1, raise: 1, process_values: [7], instance: Line1}
  - {at: 2, acknowledge: 1, user: Anna}
  - {at: 3, clear: 1}
""")

    station.step(2)
    (pending,) = station.pending_messages
    station.step(1)

    assert (pending.text, pending.instance, pending.user) == ("stop 7", "Line1", "Anna")
    assert station.pending_messages == []
    assert [row.state.name for row in station.message_archive] == ["CAME_IN", "ACKNOWLEDGED", "WENT_OUT"]


def test_nothing_happens_while_the_plant_is_not_stepped() -> None:
    station = scripted("  - {at: 0.1, set: {S: 3}}")

    with station:
        assert station.get("S").value == 10.0


def test_what_happens_at_zero_has_happened_when_the_station_runs() -> None:
    station = scripted("  - {at: 0, set: {S: 3}}")

    with station:
        assert station.get("S").value == 3.0
