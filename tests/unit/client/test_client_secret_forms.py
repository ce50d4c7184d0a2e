"""A password that a station repeats is known again, whoever has encoded it."""

from __future__ import annotations

import pytest

from airflow_provider_wincc.client import StationSettings
from airflow_provider_wincc.client.secrets import redact, secrets_of

PASSWORD = "Kiln 7/(ä)\"<'&>@#x"
SETTINGS = StationSettings.from_fields(host="wincc01.plant.example", login="engineer", password=PASSWORD)


@pytest.mark.parametrize(
    ("encoder", "form"),
    [
        ("nobody", PASSWORD),
        ("urllib's quote", "Kiln%207/%28%C3%A4%29%22%3C%27%26%3E%40%23x"),
        ("urllib's quote_plus", "Kiln+7%2F%28%C3%A4%29%22%3C%27%26%3E%40%23x"),
        ("encodeURIComponent", "Kiln%207%2F(%C3%A4)%22%3C'%26%3E%40%23x"),
        ("encodeURI", "Kiln%207/(%C3%A4)%22%3C'&%3E@#x"),
        ("lower case", "Kiln%207%2f%28%c3%a4%29%22%3c%27%26%3e%40%23x"),
        ("Python's html", "Kiln 7/(ä)&quot;&lt;&#x27;&amp;&gt;@#x"),
        ("Go's html", "Kiln 7/(ä)&#34;&lt;&#39;&amp;&gt;@#x"),
        ("text of a page", "Kiln 7/(ä)\"&lt;'&amp;&gt;@#x"),
        ("JSON", "Kiln 7/(ä)\\\"<'&>@#x"),
        ("JSON in ASCII", "Kiln 7/(\\u00e4)\\\"<'&>@#x"),
        ("PHP's JSON", "Kiln 7\\/(\\u00e4)\\\"<'&>@#x"),
        ("Go's JSON", "Kiln 7/(ä)\\\"\\u003c'\\u0026\\u003e@#x"),
        ("Basic", "ZW5naW5lZXI6S2lsbiA3LyjDpCkiPCcmPkAjeA=="),
        ("base64 alone", "S2lsbiA3LyjDpCkiPCcmPkAjeA=="),
    ],
)
def test_a_password_is_put_out_in_the_form_of_each_encoder(encoder: str, form: str) -> None:
    assert redact(f"{encoder} says {form}.", secrets_of(SETTINGS)) == f"{encoder} says ***."
