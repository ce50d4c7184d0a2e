"""Languages, texts with process values, and what is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airflow_provider_wincc.simulator.message_catalogue import MESSAGES, REST_FILTERS
from airflow_provider_wincc.simulator.message_settings import language_of, with_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_provider_wincc.client.models import Scalar


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en-US"),
        ("", "en-US"),
        ("de-DE", "de-DE"),
        ("DE-de", "de-DE"),
        ("de-DE, en-US;q=0.5", "de-DE"),
        ("de-DE;q=0.9", "de-DE"),
        ("en-US, de-DE", "en-US"),
        ("fr-FR", "en-US"),
        ("de", "en-US"),
        ("*", "en-US"),
    ],
)
def test_a_header_chooses_the_language(header: str | None, language: str) -> None:
    assert language_of(header) == language


@pytest.mark.parametrize(
    ("text", "values", "shown"),
    [
        ("@1%.1f@ of @2%d@", (95.55, 100), "95.5 of 100"),
        ("@1%s@", ("x",), "x"),
        ("@1%d@", ("x",), "???"),
        ("@3%d@", (1,), "???"),
        ("@0%d@", (1,), "@0%d@"),
        ("100 % @ home", (1,), "100 % @ home"),
        ("@1%n@ {0} %s", (1,), "@1%n@ {0} %s"),
    ],
)
def test_process_values_are_put_into_a_text(text: str, values: Sequence[Scalar], shown: str) -> None:
    assert with_values(text, values) == shown


def test_names_and_numbers_are_unlike_in_each_language() -> None:
    assert len({message.number for message in MESSAGES}) == len(MESSAGES)
    for names in (
        [each.name.english for each in REST_FILTERS],
        [each.name.german for each in REST_FILTERS],
    ):
        assert len(set(names)) == len(REST_FILTERS)
