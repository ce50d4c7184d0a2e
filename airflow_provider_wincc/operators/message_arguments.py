"""Arguments that the operators for messages share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.messages import MessagePattern

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator


def check_pattern(operator: BaseOperator, pattern: object) -> None:
    """Check that a pattern is one, or None.

    :raises WinCCConfigurationError: when it is neither.
    """
    if pattern is not None and not isinstance(pattern, MessagePattern):
        raise WinCCConfigurationError(
            f"The pattern of task {operator.task_id!r} is {pattern!r}.",
            hint="Give a pattern such as MessagePattern(class_name='Error'), or None for all messages.",
        )
