"""The simulated unit keeps what a unit must promise, whatever is written to it."""

from __future__ import annotations

import pytest
from unit_bench import UnitBench

from airflow_provider_wincc.simulator.unit_commits import following, following_alternating

PROFILES = ["A", "B", "C", "D"]


@pytest.mark.parametrize("profile", PROFILES)
def test_an_order_is_stored_started_ended_and_cleared(profile: str) -> None:
    bench = UnitBench(profile=profile)

    status = bench.offer("000042", revision=3, work_master="R-002", quantity=70.0)
    stored = bench.read(
        "State", "AckId", "CurrentId", "CurrentRevision", "CurrentWorkMaster", "CurrentQuantity", "Ready"
    )
    bench.command("Start")
    allowed = bench.shows("State")
    bench.step(1)
    running = bench.shows("State")
    bench.step(10)
    ended = bench.read("State", "Result", "ActualQuantity", "ActualDuration", "CurrentId")
    bench.command("Clear")

    assert status == 1
    assert stored == [1, "000042", "000042", 3, "R-002", 70.0, False]
    assert (allowed, running) == (2, 3)
    assert ended == [5, 1, 70.0, 10.0, "000042"]
    assert bench.read("State", "Result", "ActualQuantity", "CurrentId", "CurrentSequence", "Ready") == [
        0, 0, 0.0, "", 0, True,
    ]  # fmt: skip
    start = bench.unit.starts[0]
    assert (start.order_id, start.revision, start.payload) == ("000042", 3, {"WorkMaster": "R-002", "Quantity": 70.0})
    assert [event for event in bench.events if event != "permitted"] == [
        "offered", "accepted", "started", "running", "ended", "cleared",
    ]  # fmt: skip


@pytest.mark.parametrize("number", [0, 2, 7, 2**32 - 1])
def test_only_the_next_number_is_a_commit(number: int) -> None:
    bench = UnitBench()
    bench.payload("A")
    bench.write(Sequence=number)
    bench.step(5)

    assert bench.read("AckSequence", "State") == [0, 0]
    assert bench.events == []


def test_the_same_number_again_is_no_commit() -> None:
    bench = UnitBench()
    bench.offer("A")
    bench.command("Cancel")
    bench.write(Sequence=1)
    bench.step(5)

    assert bench.read("AckSequence", "State") == [1, 0]


@pytest.mark.parametrize(("number", "after"), [(0, 1), (1, 2), (2**32 - 2, 2**32 - 1), (2**32 - 1, 1)])
def test_numbers_wrap_without_zero(number: int, after: int) -> None:
    assert following(number) == after


@pytest.mark.parametrize(("number", "after"), [(0, 1), (1, 2), (2**32 - 3, 2**32 - 2), (2**32 - 2, 1), (2**32 - 1, 1)])
def test_the_numbers_of_profile_b_keep_odd_and_even_apart_over_the_wrap(number: int, after: int) -> None:
    assert following_alternating(number) == after


def test_the_commit_after_the_largest_number_is_one() -> None:
    bench = UnitBench()
    bench.write(Sequence=2**32 - 1)
    bench.step()
    bench.unit.restart(memory="lost", seconds=0)
    bench.step()
    adopted = bench.shows("AckSequence")

    status = bench.offer("A")

    assert (adopted, status) == (2**32 - 1, 1)
    assert bench.read("AckSequence", "CurrentSequence") == [1, 1]


@pytest.mark.parametrize("method", ["Start", "Clear", "Stop", "Abort", "Cancel"])
def test_a_command_with_another_number_than_that_of_the_order_does_nothing(method: str) -> None:
    bench = UnitBench()
    bench.offer("A")
    bench.write(**{method: 7})
    bench.step(20)

    assert bench.read("State", "CurrentId") == [1, "A"]


def test_an_order_that_was_started_cannot_be_cancelled() -> None:
    bench = UnitBench()
    bench.offer("A")
    bench.command("Start")
    bench.command("Cancel")
    bench.step(5)
    bench.command("Cancel")

    assert bench.read("State", "CurrentId") == [3, "A"]


def test_a_command_without_an_order_does_nothing() -> None:
    bench = UnitBench()
    bench.write(Start=0, Clear=0, Abort=0, Stop=0, Cancel=0)
    bench.step(5)

    assert bench.events == []


def test_what_is_written_after_the_commit_does_not_reach_the_order() -> None:
    bench = UnitBench()
    bench.payload("A", quantity=10.0)
    bench.step()
    bench.write(Sequence=1)
    bench.step(0.05)
    bench.payload("B", work_master="R-003", quantity=99.0)
    bench.step()
    bench.command("Start")
    bench.step(2)

    start = bench.unit.starts[0]
    assert (start.order_id, start.payload) == ("A", {"WorkMaster": "R-001", "Quantity": 10.0})


def test_the_answer_comes_after_its_time() -> None:
    bench = UnitBench(answer_seconds=2.0)
    bench.payload("A")
    bench.write(Sequence=1)
    bench.step(1.9)
    before = bench.read("AckSequence", "State")
    bench.step(0.2)

    assert (before, bench.read("AckSequence", "State")) == ([0, 0], [1, 1])


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("end", ["run", "stop", "abort", "abort before the start"])
def test_an_id_that_was_executed_is_refused(profile: str, end: str) -> None:
    bench = UnitBench(profile=profile)
    bench.offer("A")
    if end != "abort before the start":
        bench.command("Start")
        bench.step(2)
    {"run": lambda: bench.step(15), "stop": bench.unit.stop}.get(end, bench.unit.abort)()
    bench.step()
    bench.command("Clear")

    status = bench.offer("A", revision=9)

    assert (status, bench.read("State", "CurrentId")) == (16, [0, ""])


@pytest.mark.parametrize("profile", ["A", "C", "D"])
def test_an_id_that_is_held_is_refused_and_the_order_untouched(profile: str) -> None:
    bench = UnitBench(profile=profile)
    bench.offer("A", quantity=10.0)
    bench.command("Start")
    bench.step(2)

    status = bench.offer("A", revision=9, quantity=99.0)

    assert status == 16
    assert bench.read("State", "CurrentId", "CurrentRevision", "CurrentQuantity") == [3, "A", 0, 10.0]


def test_an_order_that_was_cancelled_before_its_start_may_come_again() -> None:
    bench = UnitBench()
    bench.offer("A")
    bench.command("Cancel")

    assert bench.read("State", "CurrentId") == [0, ""]
    assert bench.offer("A") == 1


def test_as_many_ids_as_configured_are_remembered() -> None:
    bench = UnitBench(remembered_ids=2, run_seconds=0.1, setup_seconds=0.0)
    for order_id in ("A", "B", "C"):
        bench.offer(order_id)
        bench.finish()

    assert bench.offer("B") == 16
    assert bench.offer("A") == 1


def test_cancelled_orders_push_no_executed_id_out_of_the_memory() -> None:
    bench = UnitBench(remembered_ids=2)
    bench.offer("A")
    bench.finish()
    for order_id in ("B", "C", "D"):
        bench.offer(order_id)
        bench.command("Cancel")

    assert bench.offer("A") == 16


def test_the_broken_unit_takes_an_id_again() -> None:
    bench = UnitBench(refuses_duplicates=False)
    bench.offer("A")
    bench.finish()
    bench.offer("A")
    bench.finish()

    assert bench.started_ids == ["A", "A"]


@pytest.mark.parametrize("profile", ["A", "C", "D"])
def test_a_second_order_is_refused_while_one_is_held_and_changes_nothing_of_it(profile: str) -> None:
    bench = UnitBench(profile=profile)
    bench.offer("A")
    held = bench.read("State", "CurrentId", "CurrentSequence", "CurrentQuantity")

    status = bench.offer("B", quantity=99.0)

    assert (status, bench.shows("AckId")) == (8, "B")
    assert bench.read("State", "CurrentId", "CurrentSequence", "CurrentQuantity") == held


@pytest.mark.parametrize(
    ("order_id", "work_master", "quantity"),
    [("A", "R-999", 10.0), ("A", "", 10.0), ("A", "R-001", 0.5), ("A", "R-001", 1000.5), ("", "R-001", 10.0)],
)
def test_content_that_is_not_acceptable_is_refused(order_id: str, work_master: str, quantity: float) -> None:
    bench = UnitBench()

    status = bench.offer(order_id, work_master=work_master, quantity=quantity)

    assert status == 32
    assert bench.read("AckSequence", "AckId", "State", "CurrentId", "CurrentSequence") == [1, order_id, 0, "", 0]


def test_an_id_that_is_taken_goes_before_a_busy_unit_and_that_before_bad_content() -> None:
    bench = UnitBench()
    bench.offer("A")
    bench.finish()
    bench.offer("B")

    assert bench.offer("A", work_master="R-999") == 16
    assert bench.offer("C", work_master="R-999") == 8


def test_a_higher_revision_of_the_stored_order_replaces_it() -> None:
    bench = UnitBench()
    bench.offer("A", revision=1, quantity=10.0)

    status = bench.offer("A", revision=2, quantity=20.0)
    updated = bench.read("State", "CurrentRevision", "CurrentQuantity", "CurrentSequence")
    bench.write(Start=1)
    bench.step()
    after_old_start = bench.shows("State")
    bench.command("Start")

    assert (status, updated, after_old_start, bench.shows("State")) == (1, [1, 2, 20.0, 2], 1, 2)
    assert bench.events == ["offered", "accepted", "offered", "updated", "started"]


@pytest.mark.parametrize(("revision", "quantity", "status"), [(1, 20.0, 16), (0, 20.0, 16), (2, 5000.0, 32)])
def test_an_update_that_is_none_or_not_acceptable_changes_nothing(revision: int, quantity: float, status: int) -> None:
    bench = UnitBench()
    bench.offer("A", revision=1, quantity=10.0)

    assert bench.offer("A", revision=revision, quantity=quantity) == status
    assert bench.read("CurrentRevision", "CurrentQuantity", "CurrentSequence") == [1, 10.0, 1]


def test_a_stored_order_waits_for_its_start_command_for_ever() -> None:
    bench = UnitBench()
    bench.offer("A")
    bench.step(600)

    assert (bench.shows("State"), bench.unit.starts) == (1, [])


def test_a_one_phase_unit_starts_what_it_accepts() -> None:
    bench = UnitBench(store_and_start=True)
    bench.offer("A")
    bench.step(20)

    assert (bench.shows("State"), bench.started_ids) == (5, ["A"])


def test_results_stay_until_they_are_cleared() -> None:
    bench = UnitBench()
    bench.offer("A")
    bench.command("Start")
    bench.step(3600)

    assert bench.read("State", "Result", "CurrentId", "ActualQuantity", "Ready") == [5, 1, "A", 10.0, False]


def test_the_actual_quantity_counts_up_while_the_order_runs() -> None:
    bench = UnitBench()
    bench.offer("A", quantity=100.0)
    bench.command("Start")
    bench.step(1)
    counts = []
    for _ in range(3):
        bench.step(2)
        counts.append(float(bench.shows("ActualQuantity")))

    assert counts == sorted(set(counts))
    assert 0 < counts[0] < counts[-1] < 100


def test_a_held_order_stands_still_and_goes_on() -> None:
    bench = UnitBench()
    bench.offer("A")
    bench.command("Start")
    bench.step(5)
    held = bench.unit.hold()
    bench.step(60)
    interrupted = bench.read("State", "Result")
    unheld = bench.unit.unhold()
    bench.step(10)

    assert (held, interrupted, unheld) == (True, [4, 0], True)
    assert bench.read("State", "Result", "ActualDuration") == [5, 1, 10.0]
    assert bench.started_ids == ["A"]


@pytest.mark.parametrize("by", ["client", "person"])
def test_a_stopped_order_ends_without_success(by: str) -> None:
    bench = UnitBench()
    bench.offer("A")
    bench.command("Start")
    bench.step(5)
    bench.command("Stop") if by == "client" else bench.unit.stop()
    bench.step()

    assert bench.read("State", "Result", "CurrentId") == [5, 2, "A"]
    assert 0 < float(bench.shows("ActualQuantity")) < 10


def test_a_stored_order_cannot_be_stopped_but_aborted() -> None:
    bench = UnitBench()
    bench.offer("A")
    bench.command("Stop")
    after_stop = bench.shows("State")
    bench.command("Abort")

    assert (after_stop, bench.read("State", "Result")) == (1, [6, 2])


def test_a_button_without_an_order_has_no_effect() -> None:
    unit = UnitBench().unit

    assert [unit.hold(), unit.unhold(), unit.stop(), unit.abort()] == [False] * 4


def test_the_next_order_can_be_made_to_fail_and_only_that_one() -> None:
    bench = UnitBench()
    bench.unit.fail_next_order()
    results = []
    for order_id in ("A", "B"):
        bench.offer(order_id)
        bench.command("Start")
        bench.step(15)
        results.append(bench.read("State", "Result"))
        bench.command("Clear")

    assert results == [[5, 2], [5, 1]]


@pytest.mark.parametrize("mode", [2, 3])
def test_out_of_production_no_order_is_taken_or_started(mode: int) -> None:
    bench = UnitBench()
    bench.unit.set_mode(mode)
    bench.step()
    shown = bench.read("Unit.Mode", "Ready")
    refused = bench.offer("A")
    bench.unit.set_mode(1)
    accepted = bench.offer("A")
    bench.unit.set_mode(mode)
    bench.command("Start")
    bench.step(5)
    waiting = bench.shows("State")
    bench.unit.set_mode(1)
    bench.step(5)

    assert (shown, refused, accepted, waiting, bench.shows("State")) == ([mode, False], 8, 1, 1, 3)


def test_a_local_unit_says_so_in_mode_and_quality_and_takes_no_order() -> None:
    bench = UnitBench()
    bench.unit.set_local(True)
    bench.step()
    local = (bench.shows("Unit.Mode"), bench.quality("Order.State"), bench.quality("Order.Id"), bench.offer("A"))
    bench.unit.set_local(False)
    bench.step()

    assert local == (3, 0xD8, 0x80, 8)
    assert (bench.shows("Unit.Mode"), bench.quality("Order.State")) == (1, 0x80)


def test_the_heartbeat_changes_at_least_once_a_second_until_it_is_stopped() -> None:
    bench = UnitBench()
    beats = []
    for _ in range(10):
        bench.step(1)
        beats.append(bench.shows("Unit.Heartbeat"))
    bench.unit.stop_heartbeat()
    bench.step(60)
    still = bench.shows("Unit.Heartbeat")
    bench.unit.start_heartbeat()
    bench.step(1)

    assert len(set(beats)) == 10
    assert still == beats[-1] != bench.shows("Unit.Heartbeat")


def test_a_faster_unit_takes_less_real_time() -> None:
    bench = UnitBench(speed=10.0)
    bench.offer("A")
    bench.command("Start")
    bench.step(1.1)

    assert bench.read("State", "ActualDuration") == [5, 10.0]


def test_an_id_that_is_too_long_is_cut_and_shown_cut() -> None:
    bench = UnitBench(id_length=4)
    bench.write(Id="000042")
    written = bench.shows("Id")
    bench.step()

    assert (written, bench.shows("Id")) == ("000042", "0000")


@pytest.mark.parametrize(
    ("states", "numbers"),
    [
        ("isa95", [0, 1, 2, 3, 4, 3, 5, 0, 1, 2, 5, 0, 1, 6]),
        ("packml", [4, 4, 3, 6, 11, 6, 17, 4, 4, 3, 2, 4, 4, 9]),
        ("packml_tmc", [2, 2, 3, 4, 15, 4, 6, 2, 2, 3, 0, 2, 2, 8]),
    ],
)
def test_states_are_shown_in_the_numbers_asked_for(states: str, numbers: list[int]) -> None:
    bench = UnitBench(states=states)
    shown = [bench.shows("State")]

    def after(act: object) -> None:
        bench.step()
        shown.append(int(bench.shows("State")))

    after(bench.offer("A"))
    after(bench.write(Start=1))
    after(bench.step(1))
    after(bench.unit.hold())
    after(bench.unit.unhold())
    after(bench.step(10))
    after(bench.command("Clear"))
    after(bench.offer("B"))
    after(bench.write(Start=2))
    after(bench.unit.stop())
    after(bench.command("Clear"))
    after(bench.offer("C"))
    after(bench.unit.abort())

    assert shown == numbers


def test_a_state_that_nobody_knows_can_be_shown() -> None:
    bench = UnitBench()
    bench.offer("A")
    bench.unit.show_state(77)
    bench.step()
    shown = bench.shows("State")
    bench.unit.show_state(None)
    bench.step()

    assert (shown, bench.shows("State"), bench.unit.state) == (77, 1, "stored")
