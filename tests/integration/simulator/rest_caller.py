"""Calls the REST service of a simulated station with plain requests, verified by its CA."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator import Simulator


class RestCaller:
    """One session with one login; paths are below the REST service."""

    def __init__(self, station: Simulator, user: str | None = "engineer") -> None:
        self.session = requests.Session()
        # The environment of a build machine may name another CA, which requests would prefer.
        self.session.trust_env = False
        self.session.verify = station.ca_file or False
        if user is not None:
            self.session.auth = (user, station.users[user].password)
        self.origin = station.url

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.session.request(method, f"{self.origin}/WinCCRestService{path}", **{"timeout": 10, **options})

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.call("GET", path, **options)

    def read(self, *names: str, **options: Any) -> requests.Response:
        return self.call("POST", "/tagManagement/Values", json={"variableNames": list(names)}, **options)

    def write(self, name: str, value: object, **options: Any) -> requests.Response:
        return self.call("PUT", f"/tagManagement/Value/{name}", json={"value": value}, **options)

    def write_many(self, values: dict[str, object], **options: Any) -> requests.Response:
        items = [{"variableName": name, "value": value} for name, value in values.items()]
        return self.call("PUT", "/tagManagement/Values", json=items, **options)
