"""``WinCCMessageSensor``: a task that waits until a message (alarm) is there, or no longer there."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.archive_export.interval import read_moment
from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.client.messages.query import MOST_MESSAGES, MessageList, MessageQuery
from airflow_provider_wincc.client.messages.values import Message
from airflow_provider_wincc.conditions.literals import is_template
from airflow_provider_wincc.message_export.log_lines import log_lines
from airflow_provider_wincc.messages import MessagePattern
from airflow_provider_wincc.messages.waiting import MessageWait, Until, check_moment, check_wait
from airflow_provider_wincc.sensors.waiting_sensor import WaitingSensor

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from airflow_provider_wincc.client.client import WinCCClient
    from airflow_provider_wincc.triggers.messages import WinCCMessageTrigger


class WinCCMessageSensor(WaitingSensor):
    """Waits until a message that matches is in a list of the station, or until none that matches is in it any more.

    It looks at the list, as often as ``poke_interval`` says: a message that comes in and goes out between two looks is
    not seen in ``message_list``, which holds what is pending; read ``short_term_archive`` with ``since`` for that. A
    message that went out and is not acknowledged is still pending in WinCC's terms; say ``state`` in the pattern to
    leave it out.

    In poke, reschedule and deferrable mode it gives the same result, the same errors and the same time-out. The
    result (XCom): ``count`` of the messages that match, and ``messages``, the newest 100 of them, oldest first:
    ``number``, ``state``, ``time``, ``text`` and what else the station says, see :meth:`Message.to_json`. Texts are
    the station's, markup and control characters included; only NUL and half surrogate pairs, which databases refuse,
    become U+FFFD.

    What happens on failure: a station that is away or busy is waited through, up to ``max_consecutive_failures``
    readings in a row. A refused login, a missing permission, an unknown filter and a station without a REST interface
    for messages fail the task at once, without retries. A time-out raises ``AirflowSensorTimeout`` and logs what the
    last reading had. ``soft_fail`` turns the time-out, and nothing else, into a skip. A message that does not say what
    the pattern asks for is never taken for one that matches, nor for one that does not: until it has gone, nothing
    counts as absent.

    Reschedule mode counts failed readings from Airflow 3.3 on; below, they are waited through until the time-out.

    :param rest_filter: name of the REST filter, configured in WinCC, through which messages are read. (templated)
    :param pattern: which of them are waited for; None for any. It may hold templates.
    :param until: ``present`` (a message matches) or ``absent`` (none matches any more). ``absent`` needs a list that
        is handed out in full: not an archive and not the hit list.
    :param message_list: which list; see :class:`MessageList`.
    :param since: only messages of this moment and later count, by the station's clock: a datetime, or a text in
        ISO 8601, with its zone. Needed with archives, which keep messages of the past. (templated)
    :param language: of the texts and names in the answer, such as ``de-DE``; None for the station's default, which is
        en-US. (templated)
    :param name_language: in which ``rest_filter`` is given; None for the station's default. (templated)
    :param max_values: most messages in an answer of a list that has such a limit, 1 to 1000.
    :param wincc_conn_id: id of the connection. (templated)
    :param max_consecutive_failures: failed readings in a row that are waited through.
    :param deferrable: wait in the triggerer, where all waiting tasks share one reader per connection, instead of on a
        worker. Default: ``[operators] default_deferrable``. Where the connection has ``allow_deferrable`` false, the
        task is rescheduled instead, at least 10 s later each time; below Airflow 3.3 with ``mode="reschedule"`` and
        where that mode is not refused, else it waits on the worker.
    """

    template_fields: Sequence[str] = (
        "wincc_conn_id",
        "rest_filter",
        "pattern",
        "since",
        "language",
        "name_language",
    )
    _unmet = "The messages were not as waited for"

    def __init__(
        self,
        *,
        rest_filter: str,
        pattern: MessagePattern | None = None,
        until: str = Until.PRESENT.value,
        message_list: MessageList | str = MessageList.MESSAGE_LIST.value,
        since: datetime | str | None = None,
        language: str | None = None,
        name_language: str | None = None,
        max_values: int = MOST_MESSAGES,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.rest_filter = rest_filter
        self.pattern = pattern
        self.until = until
        self.message_list = message_list
        self.since = since
        self.language = language
        self.name_language = name_language
        self.max_values = max_values
        self._check_arguments()

    def _inputs(self) -> Collection[str]:
        from airflow_provider_wincc.hooks.message_lineage import name_for_lineage

        return [name_for_lineage(MessageList(self.message_list), self.rest_filter)]

    def _new_wait(self) -> MessageWait:
        return MessageWait(
            self._query(),
            self.pattern or MessagePattern(),
            until=Until(self.until),
            since=self._since(),
            max_consecutive_failures=self._failures_waited_through,
        )

    def _read(self, client: WinCCClient, sources: Collection[MessageQuery]) -> dict[Any, Any]:
        return {query: client.read_messages(query) for query in sources}

    def _new_trigger(self, **shared: Any) -> WinCCMessageTrigger:
        from airflow_provider_wincc.triggers.messages import WinCCMessageTrigger

        since = self._since()
        return WinCCMessageTrigger(
            query=self._query().to_json(),
            pattern=(self.pattern or MessagePattern()).to_json(),
            until=Until(self.until).value,
            since=None if since is None else since.isoformat(),
            **shared,
        )

    def _result(self, event: dict[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = event["result"]
        self.log.info("WinCC messages are as waited for: %d match.", result["count"])
        for line in log_lines([Message.from_json(told) for told in result["messages"]]):
            self.log.info("WinCC message %s", line)
        return result

    def _query(self) -> MessageQuery:
        return MessageQuery(
            self.rest_filter,
            message_list=MessageList(self.message_list),
            max_values=self.max_values,
            language=self.language,
            name_language=self.name_language,
        )

    def _since(self) -> datetime | None:
        return None if self.since is None else check_moment(read_moment("since", self.since))

    def _check_arguments(self) -> None:
        if self.pattern is not None and not isinstance(self.pattern, MessagePattern):
            raise WinCCConfigurationError(
                f"The pattern of task {self.task_id!r} is {self.pattern!r}.",
                hint="Give a pattern such as MessagePattern(class_name='Error'), or None for any message.",
            )
        # What is rendered, or comes from another task, is checked when the task runs.
        given = {name: _unless_rendered(getattr(self, name)) for name in ("language", "name_language", "since")}
        query = MessageQuery(
            self.rest_filter if isinstance(self.rest_filter, str) else "rendered",
            message_list=self.message_list,  # type: ignore[arg-type]  # it takes the text of one, too
            max_values=self.max_values,
            language=given["language"],
            name_language=given["name_language"],
        )
        check_wait(query.message_list, self.until, since=self.since)
        if given["since"] is not None:
            check_moment(read_moment("since", given["since"]))


def _unless_rendered(given: Any) -> Any:
    return None if not isinstance(given, str | datetime) or is_template(str(given)) else given
