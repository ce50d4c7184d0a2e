"""The retry policy judges each error as its page says, and never lets a write of unknown outcome be repeated."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta

import pytest

from airflow_provider_wincc.client import (
    FailureKind,
    TagFailure,
    WinCCConfigurationError,
    WinCCConnectionError,
    WinCCError,
    WinCCInterlockNotMetError,
    WinCCResponseError,
    WinCCRuntimeError,
    WinCCServiceUnavailableError,
    WinCCTagError,
    WinCCTagNotFoundError,
    WinCCTimeoutError,
    WinCCWriteOutcomeUnknownError,
    WinCCWriteVerificationError,
)
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

NEEDS_POLICIES = pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="Airflow has retry policies from 3.3")
IMPORT = """
import airflow
{before}
try:
    import airflow_provider_wincc.retries
except Exception as error:
    print(type(error).__name__, error)
"""


def decide(error, *, try_number=1, **delays):
    from airflow_provider_wincc.retries import WinCCRetryPolicy

    return WinCCRetryPolicy(**delays).evaluate(error, try_number, 3)


def errors_of_all_kinds():
    below, found = [WinCCError], []
    while below:
        kind = below.pop()
        found.append(kind)
        below += kind.__subclasses__()
    plain = [kind for kind in found if not issubclass(kind, WinCCTagError | WinCCWriteOutcomeUnknownError)]
    return [kind("wrong") for kind in plain]


def tag_error(kind, reason):
    return kind("Tags failed.", errors={"A": TagFailure(reason, "")})


@NEEDS_POLICIES
@pytest.mark.parametrize(
    "error",
    [
        *(error for error in errors_of_all_kinds() if not error.retryable),
        tag_error(WinCCTagError, FailureKind.REFUSED),
        tag_error(WinCCTagNotFoundError, FailureKind.NOT_FOUND),
        WinCCRuntimeError("not this time", retryable=False),
    ],
    ids=repr,
)
def test_what_no_retry_can_mend_fails_at_once(error):
    assert decide(error).action.value == "fail"


@NEEDS_POLICIES
def test_a_write_of_unknown_outcome_fails_although_operators_would_retry_it():
    error = WinCCWriteOutcomeUnknownError("In doubt.", unknown=["A"])
    assert error.retryable

    decision = decide(error)

    assert decision.action.value == "fail"
    assert "read the tags before" in decision.reason


@NEEDS_POLICIES
@pytest.mark.parametrize(
    "kind", [WinCCConnectionError, WinCCTimeoutError, WinCCServiceUnavailableError, WinCCRuntimeError]
)
def test_a_station_that_is_away_or_busy_is_tried_again_later(kind):
    decision = decide(kind("away"))

    assert decision.action.value == "retry"
    assert timedelta(seconds=15) <= decision.retry_delay <= timedelta(seconds=30)


@NEEDS_POLICIES
@pytest.mark.parametrize(
    "error",
    [
        WinCCInterlockNotMetError("not idle"),
        WinCCWriteVerificationError("another value"),
        WinCCResponseError("HTML"),
        tag_error(WinCCTagError, FailureKind.NOT_CONNECTED),
        ValueError("the user's own"),
    ],
    ids=repr,
)
def test_any_other_is_left_to_the_task(error):
    decision = decide(error)

    assert (decision.action.value, decision.retry_delay) == ("default", None)


@NEEDS_POLICIES
def test_the_delay_doubles_up_to_the_longest_however_many_tries_there_were():
    delays = {"first_delay": timedelta(seconds=8), "longest_delay": timedelta(seconds=60)}

    for try_number, longest in ((1, 8), (2, 16), (3, 32), (4, 60), (5, 60), (10_000, 60)):
        decision = decide(WinCCConnectionError("away"), try_number=try_number, **delays)
        assert timedelta(seconds=longest / 2) <= decision.retry_delay <= timedelta(seconds=longest)


@NEEDS_POLICIES
def test_tasks_that_failed_together_do_not_come_back_together():
    delays = {decide(WinCCConnectionError("away")).retry_delay for _ in range(20)}

    assert len(delays) > 10


@NEEDS_POLICIES
@pytest.mark.parametrize("delays", [(0, 60), (-1, 60), (61, 60)])
def test_delays_that_mean_nothing_are_refused_when_the_dag_is_parsed(delays):
    first, longest = (timedelta(seconds=seconds) for seconds in delays)

    with pytest.raises(WinCCConfigurationError, match="first_delay"):
        decide(WinCCError("wrong"), first_delay=first, longest_delay=longest)


@NEEDS_POLICIES
def test_it_comes_back_from_json_as_it_was():
    from airflow_provider_wincc.retries import WinCCRetryPolicy

    policy = WinCCRetryPolicy(first_delay=timedelta(seconds=5), longest_delay=timedelta(hours=1))

    copy = WinCCRetryPolicy.deserialize(json.loads(json.dumps(policy.serialize())))

    assert (copy.first_delay, copy.longest_delay) == (timedelta(seconds=5), timedelta(hours=1))


def test_on_an_older_airflow_the_import_says_which_one_it_needs():
    before = "airflow.__version__ = '3.2.2'" if AIRFLOW_V_3_3_PLUS else ""

    finished = subprocess.run(
        [sys.executable, "-c", IMPORT.format(before=before)], capture_output=True, text=True, timeout=60, check=True
    )

    assert finished.stdout.startswith("AirflowOptionalProviderFeatureException ")
    assert "needs Airflow 3.3 or later" in finished.stdout
