"""The operations of the REST service, one by one, with an example of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow_provider_wincc.simulator.openapi_requests import body_schemas
from airflow_provider_wincc.simulator.routes import ROUTES

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.operations import Operation, Route


@dataclass(frozen=True)
class Request:
    """An operation with a request of the demo plant for it."""

    verb: str
    route: Route
    operation: Operation

    def __str__(self) -> str:
        return f"{self.verb} {self.route.shape}"

    @property
    def path(self) -> str:
        names = iter(self.route.names)
        return re.sub(r"{\w+}", lambda _: quote(next(names), safe=""), self.route.shape)

    @property
    def path_in_other_case(self) -> str:
        """The path with its words in the other case of letters; names stay."""
        words = self.route.shape.swapcase().split("/")
        names = iter(self.route.names)
        return "/".join(quote(next(names), safe="") if word.startswith("{") else word for word in words)

    @property
    def body(self) -> Any:
        if not self.operation.body:
            return None
        schema = body_schemas()[self.operation.body]
        if "examples" in schema:
            return schema["examples"][0]
        return {name: each["examples"][0] for name, each in schema["properties"].items()}


REQUESTS = [Request(verb, route, operation) for route in ROUTES for verb, operation in route.operations.items()]
