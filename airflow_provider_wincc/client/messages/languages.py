"""The languages of a request to the message system.

Source: the README of a REST client written at Siemens. Without these headers WinCC takes en-US.
"""

from __future__ import annotations

from airflow_provider_wincc.client.messages.query import check_language


def language_headers(language: str | None, name_language: str | None = None) -> dict[str, str]:
    """Return the headers of a request.

    :param language: of the names and texts in the answer.
    :param name_language: of the names in the path.
    :raises WinCCConfigurationError: when one of them is no language tag.
    """
    check_language("language", language)
    check_language("name_language", name_language)
    headers = {"Accept-Language": language, "Content-Language": name_language}
    return {name: tag for name, tag in headers.items() if tag is not None}
