"""``WinCCRetryPolicy``: which failures of a task are tried again, and how long after; for Airflow 3.3 and later.

Importing this on an older Airflow, which has no retry policies, raises ``AirflowOptionalProviderFeatureException``.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowOptionalProviderFeatureException

from airflow_provider_wincc.client.errors import (
    WinCCConfigurationError,
    WinCCConnectionError,
    WinCCError,
    WinCCRuntimeError,
    WinCCServiceUnavailableError,
    WinCCWriteOutcomeUnknownError,
)
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

if not AIRFLOW_V_3_3_PLUS:
    raise AirflowOptionalProviderFeatureException(
        "airflow_provider_wincc.retries needs Airflow 3.3 or later, which has retry policies. Leave retry_policy out; "
        "operators and sensors fail without retries where trying again cannot help, on every Airflow."
    )

from airflow.sdk import RetryDecision, RetryPolicy

if TYPE_CHECKING:
    from airflow.sdk import Context

_AWAY = (WinCCConnectionError, WinCCServiceUnavailableError, WinCCRuntimeError)
_MOST_DOUBLINGS = 32


class WinCCRetryPolicy(RetryPolicy):
    """Decides by the error whether a task is tried again; give it as ``retry_policy`` of a task or in ``default_args``.

    How often is said by the task's ``retries``, which no policy exceeds.

    - An error that is not retryable (login refused, not allowed, unknown tag, a limit, a wrong argument) fails the task
      at once. Operators and sensors do so by themselves; with the policy, so do Python tasks that use the hook.
    - A write of unknown outcome fails it at once: the tags are read before anything is written again.
    - When the station is away, is busy or limits the rate, the task is tried again after a delay that doubles from try
      to try, and is shortened by chance by up to half, so that not all tasks come back at the same moment.
    - Any other error is left to the task's ``retries`` and ``retry_delay``.

    Which error is retryable stands in ``docs/errors.md``. An ``AirflowFailException`` and the time-out of a sensor fail
    a task before Airflow asks any policy.

    :param first_delay: how long after the first try a station that is away is tried again.
    :param longest_delay: what the doubling ends at.
    :raises WinCCConfigurationError: when a delay is not positive, or the first one is longer than the longest.
    """

    def __init__(
        self, *, first_delay: timedelta = timedelta(seconds=30), longest_delay: timedelta = timedelta(minutes=10)
    ) -> None:
        if not timedelta(0) < first_delay <= longest_delay:
            raise WinCCConfigurationError(
                f"The retry policy has first_delay={first_delay!s} and longest_delay={longest_delay!s}.",
                hint="Give positive delays, the first one not longer than the longest.",
            )
        self.first_delay = first_delay
        self.longest_delay = longest_delay

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,  # noqa: ARG002  Airflow's signature
        context: Context | None = None,  # noqa: ARG002
    ) -> RetryDecision:
        """Decide; Airflow calls it on the worker, for a task that has failed.

        :param try_number: the try that has failed, from 1.
        """
        if not isinstance(exception, WinCCError):
            return RetryDecision.default()
        kind = type(exception).__name__
        if not exception.retryable:
            return RetryDecision.fail(f"{kind}: trying again cannot help")
        if isinstance(exception, WinCCWriteOutcomeUnknownError):
            return RetryDecision.fail(f"{kind}: read the tags before anything is written again")
        if isinstance(exception, _AWAY):
            return RetryDecision.retry(self._delay(try_number), f"{kind}: the station is away or busy")
        return RetryDecision.default()

    def serialize(self) -> dict[str, Any]:
        """Return the policy as a dict of JSON types."""
        return {
            "first_delay": self.first_delay.total_seconds(),
            "longest_delay": self.longest_delay.total_seconds(),
        }

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> WinCCRetryPolicy:
        """Make the policy again out of what :meth:`serialize` returned."""
        return cls(**{name: timedelta(seconds=seconds) for name, seconds in data.items()})

    def _delay(self, try_number: int) -> timedelta:
        # Bounded, because the power would be too large for a float in the end.
        doublings = min(max(try_number - 1, 0), _MOST_DOUBLINGS)
        seconds = min(self.first_delay.total_seconds() * 2**doublings, self.longest_delay.total_seconds())
        return timedelta(seconds=seconds * random.uniform(0.5, 1.0))  # nosec B311 # noqa: S311  jitter needs no cryptography
