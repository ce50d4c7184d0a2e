"""Checks what a notifier is given, when a DAG is parsed, and its tags once more when they are rendered."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.arguments import is_finite, quoted_number
from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.client.models import DataType

if TYPE_CHECKING:
    from airflow_provider_wincc.client.models import Scalar


def check_tags(status_tag: str, text_tag: str | None) -> None:
    """Check the names of the tags, which may be templates.

    :raises WinCCConfigurationError: when one is no name, or both name the same tag.
    """
    names = {"status_tag": status_tag} if text_tag is None else {"status_tag": status_tag, "text_tag": text_tag}
    for argument, name in names.items():
        if not isinstance(name, str) or not name.strip():
            raise WinCCConfigurationError(
                f"The {argument} of the notifier is {name!r}.",
                hint='Give the name of a tag, such as "Line3.JobStatus".',
            )
    if text_tag is not None and text_tag.lower() == status_tag.lower():
        raise WinCCConfigurationError(
            f"The status_tag and the text_tag of the notifier are both {status_tag!r}.",
            hint="Give two tags, or leave the text out.",
        )


def check_status(status: Scalar) -> None:
    """Check the value of the status, which may be a template.

    :raises WinCCConfigurationError: when it is no bool, finite number or text.
    """
    if not isinstance(status, bool | int | float | str) or (isinstance(status, float) and not math.isfinite(status)):
        raise WinCCConfigurationError(
            f"The status of the notifier is {status!r}.", hint="Give a bool, a finite number or a text."
        )


def check_text(text: str | None, text_tag: str | None) -> None:
    """Check that there is a text where there is a tag for it.

    :raises WinCCConfigurationError: when one of the two is missing, or the text is none.
    """
    if (text_tag is None) != (text is None):
        missing = "text_tag" if text_tag is None else "text"
        raise WinCCConfigurationError(
            f"The notifier has no {missing}.", hint="Give text_tag and text together, or neither."
        )
    if text is not None and not isinstance(text, str):
        raise WinCCConfigurationError(
            f"The text of the notifier is {text!r}.", hint="Give a text; it may be a template."
        )


def check_number(argument: str, number: float, *, least: int) -> None:
    """Check a number that has a lowest value.

    :raises WinCCConfigurationError: when it is none, not finite, or lower.
    """
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    if not is_number or not is_finite(number) or number < least:
        raise WinCCConfigurationError(
            f"The {argument} of the notifier is {quoted_number(number)}.", hint=f"Give a finite number from {least}."
        )


def data_type_of(status_type: str | None) -> DataType | None:
    """Return the type of the status tag; None where the tag's own reading tells it.

    :raises WinCCConfigurationError: naming the known types.
    """
    if status_type is None:
        return None
    try:
        return DataType.parse(status_type)
    except ValueError as error:
        raise WinCCConfigurationError(f"The status_type of the notifier: {error}.") from None
