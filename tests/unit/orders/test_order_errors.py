"""How a handoff can end other than well, and how that survives the way between processes."""

from __future__ import annotations

import json
import pickle

import pytest

from airflow_provider_wincc.client import WinCCError
from airflow_provider_wincc.client.error_json import error_from_json, error_to_json
from airflow_provider_wincc.orders import (
    OrderAbortedError,
    OrderError,
    OrderOutcomeUnknownError,
    OrderPayloadMismatchError,
    OrderRefusedError,
    OrderTakenOverError,
    OrderTimeoutError,
    OrderUnitError,
    OrderUnsuccessfulError,
)
from airflow_provider_wincc.orders.errors import OrderTaskEndedError

KINDS = [
    OrderAbortedError,
    OrderOutcomeUnknownError,
    OrderPayloadMismatchError,
    OrderRefusedError,
    OrderTakenOverError,
    OrderTaskEndedError,
    OrderTimeoutError,
    OrderUnitError,
    OrderUnsuccessfulError,
]
MESSAGE = "Order '000012' at unit 'Mixer1' was refused."


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_says_what_to_do_and_is_one_of_the_family(kind: type[OrderError]) -> None:
    error = kind(MESSAGE)

    assert isinstance(error, OrderError)
    assert isinstance(error, WinCCError)
    assert str(error) == f"{MESSAGE} What to do: {error.hint}"
    assert error.hint


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_a_retry_can_mend_is_worth_one(kind: type[OrderError]) -> None:
    assert kind(MESSAGE).retryable == (kind in {OrderTakenOverError, OrderTaskEndedError, OrderTimeoutError})


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_survives_pickling(kind: type[OrderError]) -> None:
    error = kind(MESSAGE, hint="Look.", retryable=False)

    again = pickle.loads(pickle.dumps(error))

    assert type(again) is kind
    assert vars(again) == vars(error)
    assert str(again) == str(error)


def test_a_time_out_keeps_its_step_when_it_is_pickled() -> None:
    error = OrderTimeoutError(MESSAGE)
    error.step = "answer"

    assert pickle.loads(pickle.dumps(error)).step == "answer"


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_comes_back_from_json_as_its_class(kind: type[OrderError]) -> None:
    error = kind(MESSAGE, station="https://scada.example:34568", retryable=True)

    again = error_from_json(json.loads(json.dumps(error_to_json(error))))

    assert type(again) is kind
    assert str(again) == str(error)
    assert again.retryable
