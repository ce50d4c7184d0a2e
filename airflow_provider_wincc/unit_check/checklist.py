"""The checklist: all checks in their order. ``docs/order-handoff-unit.md`` has the same list."""

from __future__ import annotations

from airflow_provider_wincc.unit_check.first_checks import (
    check_bad_order,
    check_heartbeat,
    check_id_length,
    check_stale_number,
    check_tags,
    check_unit_is_free,
)
from airflow_provider_wincc.unit_check.last_checks import check_cancel, check_executed_id_after_restart, check_restart
from airflow_provider_wincc.unit_check.run_checks import (
    check_clear,
    check_clear_wrong_number,
    check_executed_id,
    check_not_ready_before_clear,
    check_result,
    check_result_kept,
    check_second_start,
    check_start,
)
from airflow_provider_wincc.unit_check.stored_checks import (
    check_duplicate_stored,
    check_foreign_order,
    check_no_start_by_itself,
    check_signal_held,
    check_start_wrong_number,
    check_store,
    check_update,
)
from airflow_provider_wincc.unit_check.verdicts import Check

CHECKLIST: tuple[Check, ...] = (
    Check(
        "tags",
        8,
        "Read all tags.",
        "All are there and good; ids are texts, the others numbers or bits, and the state has a meaning.",
        check_tags,
    ),
    Check(
        "unit-free",
        8,
        "Read the unit.",
        "No order, no command under way, mode production, ready.",
        check_unit_is_free,
    ),
    Check("heartbeat", 8, "Read the heartbeat for up to five seconds.", "It changes at least twice.", check_heartbeat),
    Check(
        "id-length",
        2,
        "Write an id of digits with leading zeros, as long as the tag holds; commit nothing.",
        "It is read back whole, and the unit does nothing.",
        check_id_length,
    ),
    Check(
        "stale-number",
        1,
        "Write a good order, then numbers that are not the next one.",
        "The unit does nothing.",
        check_stale_number,
    ),
    Check(
        "bad-order",
        4,
        "Commit an order with a bad value.",
        "Refused for its content; the unit stays free.",
        check_bad_order,
    ),
    Check(
        "store",
        2,
        "Commit a good order.",
        "Accepted; current id, number, revision and echo are those of the order.",
        check_store,
    ),
    Check("no-start-by-itself", 5, "Watch the stored order.", "It stays stored.", check_no_start_by_itself),
    Check(
        "signal-held",
        1,
        "Commit the stored id again, leave the signal on, and write another order.",
        "One answer, not two.",
        check_signal_held,
    ),
    Check(
        "duplicate-stored",
        3,
        "Commit the stored id again.",
        "Refused (id held, or not now); what is stored stays.",
        check_duplicate_stored,
    ),
    Check(
        "foreign-order",
        2,
        "Commit another good order.",
        "Refused (not now); what is stored stays.",
        check_foreign_order,
    ),
    Check(
        "update",
        3,
        "Commit the stored id under a higher revision.",
        "Accepted; still stored, with the new revision.",
        check_update,
    ),
    Check(
        "start-wrong-number",
        1,
        "Write Start with numbers of other orders.",
        "The order stays stored.",
        check_start_wrong_number,
    ),
    Check("start", 5, "Write Start with the number of the order.", "The order starts.", check_start),
    Check("result", 6, "Wait for the end.", "State ended, with a job result.", check_result),
    Check("result-kept", 6, "Watch the ended order.", "State, id and results stay.", check_result_kept),
    Check(
        "not-ready-before-clear",
        6,
        "Read whether the unit is ready.",
        "It is not.",
        check_not_ready_before_clear,
    ),
    Check("second-start", 5, "Write Start 0, then the number again.", "The order stays ended.", check_second_start),
    Check(
        "clear-wrong-number",
        1,
        "Write Clear with numbers of other orders.",
        "State, id and results stay.",
        check_clear_wrong_number,
    ),
    Check("clear", 6, "Write Clear with the number of the order.", "No order; ready.", check_clear),
    Check(
        "executed-id",
        3,
        "Commit the executed id again.",
        "Refused (id executed); the unit stays free.",
        check_executed_id,
    ),
    Check(
        "restart",
        7,
        "Store an order and have the controller restarted.",
        "The order is stored as before, and nothing starts.",
        check_restart,
    ),
    Check("cancel", 5, "Write Cancel with the number of a stored order.", "No order; ready.", check_cancel),
    Check(
        "executed-id-after-restart",
        7,
        "Commit the executed id again, after the restart.",
        "Refused (id executed); the unit stays free.",
        check_executed_id_after_restart,
    ),
)
