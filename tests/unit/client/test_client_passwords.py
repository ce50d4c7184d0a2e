"""No password of a connection string or URL is left in what a driver says."""

from __future__ import annotations

import pytest

from airflow_provider_wincc.client.passwords import without_passwords


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("password=abc host=erp", "password=*** host=erp"),
        ("password='a b c' host=erp", "password=*** host=erp"),
        (r"password='it\'s me' host=erp", "password=*** host=erp"),
        ("DRIVER=x;UID=erp;PWD=abc;SERVER=y failed", "DRIVER=x;UID=erp;PWD=*** failed"),
        ("DRIVER=x;PWD={a b;c}}d};SERVER=y failed", "DRIVER=x;PWD=***;SERVER=y failed"),
        ('Password="a b"; failed', "Password=***; failed"),
        ("postgresql://erp:abc@host/db failed", "postgresql://erp:***@host/db failed"),
        ("postgresql://erp:a@b:c/d@host/db failed", "postgresql://erp:***@host/db failed"),
        ("s3://bucket/key was not found", "s3://bucket/key was not found"),
        ("https://host:443/a failed for erp@host", "https://host:443/a failed for erp@host"),
        ("password authentication failed for user erp", "password authentication failed for user erp"),
    ],
)
def test_a_password_is_put_out_and_nothing_else(said: str, left: str) -> None:
    assert without_passwords(said) == left
