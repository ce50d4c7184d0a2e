"""What the simulated REST service does by verb and path, and what may be sent and comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator import faults
from airflow_provider_wincc.simulator import openapi_answers as answers
from airflow_provider_wincc.simulator import openapi_requests as requests

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.answers import Answer
    from airflow_provider_wincc.simulator.calls import Call
    from airflow_provider_wincc.simulator.dialect import Dialect
    from airflow_provider_wincc.simulator.state import StationState

Endpoint = Callable[["StationState", "Call"], "Answer"]


@dataclass(frozen=True, slots=True)
class Operation:
    """What one verb does on a path.

    :param purpose: what it is for, for people.
    :param endpoint: what answers it.
    :param answer: the answer of status 200, one of :mod:`openapi_answers`.
    :param query: parameters of the query string that it takes, of :mod:`openapi_requests`.
    :param body: the body that it takes, of :mod:`openapi_requests`; empty for none.
    :param needs_body: whether a request without a body is refused.
    :param kind: which kind of request it is for the faults that ask.
    :param absent_where_browse: it is not there in a dialect with this ``browse``.
    """

    purpose: str
    endpoint: Endpoint
    answer: str
    query: tuple[str, ...] = ()
    body: str = ""
    needs_body: bool = True
    kind: str = ""
    absent_where_browse: str = ""

    def parameters_of(self, query: Mapping[str, str]) -> dict[str, str]:
        """Pick the parameters that it takes, with their names in lower case."""
        if not query:
            return {}
        known = {requests.wire_name(parameter) for parameter in self.query}
        return {name.lower(): value for name, value in query.items() if name.lower() in known}


@dataclass(frozen=True, slots=True)
class Route:
    """A path and its operations by verb.

    :param shape: the path for people, with ``{...}`` in place of a name.
    :param operations: operation by verb.
    :param names: names of the demo plant to put into the path, as an example.
    """

    shape: str
    operations: Mapping[str, Operation]
    names: tuple[str, ...] = ()

    @property
    def is_of_messages(self) -> bool:
        """Whether it belongs to the message system, which an older WinCC has no REST interface for."""
        return self.shape.startswith("/alarmLogging/")

    def operations_in(self, dialect: Dialect) -> dict[str, Operation]:
        """Give the operations that there are in a dialect, by verb; none where the path is not there."""
        if self.is_of_messages and not dialect.has_messages:
            return {}
        return {
            verb: operation
            for verb, operation in self.operations.items()
            if operation.absent_where_browse != dialect.browse
        }


def single(shape: str, name: str, purpose: str, endpoint: Endpoint, answer: str) -> Route:
    """Make the route of one thing by its name."""
    return Route(shape, {"GET": Operation(purpose, endpoint, answer)}, (name,))


def paged(shape: str, purpose: str, endpoint: Endpoint, answer: str, names: tuple[str, ...] = ()) -> Route:
    """Make the route of a list that comes page by page."""
    paging = (requests.ITEM_LIMIT, requests.CONTINUATION_POINT)
    return Route(shape, {"GET": Operation(purpose, endpoint, answer, paging)}, names)


def message_list(
    shape: str, purpose: str, endpoint: Endpoint, query: tuple[str, ...] = (), answer: str = answers.MESSAGE_ROWS
) -> Route:
    """Make the route of a list of messages through a REST filter."""
    return Route(shape, {"GET": Operation(purpose, endpoint, answer, query, kind=faults.READ_MESSAGES)}, ("Errors",))
