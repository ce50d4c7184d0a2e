"""What a test does when a service that it needs is not there: it fails in CI, and is skipped elsewhere."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

POSTGRESQL = (
    "No PostgreSQL answers on 127.0.0.1:5432 as user postgres without a password. Start one: "
    "docker run --rm -d -p 127.0.0.1:5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres:16"
)
REDIS = "No Redis answers on 127.0.0.1:6379. Start one: docker run --rm -d -p 127.0.0.1:6379:6379 redis:7"
NAMESPACES = "The zones of a plant are network namespaces, which takes Linux, the command ip (iproute2) and root."


def is_ci() -> bool:
    """Whether this is the continuous integration, which has every service."""
    return "CI" in os.environ


def missing(message: str) -> NoReturn:
    """Fail in CI, skip elsewhere.

    :param message: what is missing, and how to start it.
    """
    if is_ci():
        pytest.fail(message)
    pytest.skip(message)
