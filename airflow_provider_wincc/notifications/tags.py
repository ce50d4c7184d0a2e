"""``WinCCTagNotifier``: the operators in the plant see what became of a task or a run."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from copy import copy
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseNotifier

from airflow_provider_wincc.client.errors import (
    WinCCError,
    WinCCTagError,
    WinCCWriteOutcomeUnknownError,
    WinCCWriteVerificationError,
)
from airflow_provider_wincc.client.models import DataType
from airflow_provider_wincc.connection_form import DEFAULT_CONNECTION_ID
from airflow_provider_wincc.notifications.arguments import (
    check_number,
    check_status,
    check_tags,
    check_text,
    data_type_of,
)
from airflow_provider_wincc.notifications.display_text import SHORTEST_LIMIT, display_text
from airflow_provider_wincc.safe_write import WriteOrder, write_safely

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    import jinja2
    from airflow.sdk import Context

    from airflow_provider_wincc.client import WinCCClient
    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.client.settings import StationSettings

_NO_TEXT = "No text: its template failed, see Airflow's log."
_FAILURES_OF_SINGLE_TAGS = (WinCCTagError, WinCCWriteOutcomeUnknownError, WinCCWriteVerificationError)


class WinCCTagNotifier(BaseNotifier):
    """Writes a status tag, and a text before it, when a task or a run has succeeded, failed, or is late.

    For ``on_success_callback``, ``on_failure_callback``, ``on_retry_callback`` and ``on_skipped_callback``, and as
    the callback of a deadline (``AsyncCallback`` or ``SyncCallback``, Airflow 3.2 and later), where the arguments are
    JSON and the context has nothing but ``dag_run`` and ``deadline``.

    It writes as WinCCWriteTagsOperator does: the write policy of the connection and the types are checked, and
    nothing is sent unless both tags pass; each tag is sent once, in a request of its own, and read back. The status
    is sent when its text is proved.

    What happens on failure: **nothing is raised**, and the task stays what it is. Every failure is logged as an
    error that says what to do: a refusal, a station that is away, a login, a connection or a template that is wrong.
    A write whose outcome is unknown is logged as such and never sent again. If the text's tag alone fails, the status
    is written all the same, because a failed job that nobody sees is worse than one without a text; and if the
    template of the text fails, the text says so. A status whose template fails is not written.

    A deadline's callback may run twice (a triggerer was restarted): it writes the same values again.

    :param status_tag: tag that says what became of it. (templated)
    :param status: its absolute value: a bool, a number or a text; the plant decides what it means. (templated)
    :param text_tag: tag of type text, to be shown beside the status. (templated)
    :param text: what to write there, such as ``"{{ ti.task_id }}: {{ exception }}"``. Secrets that Airflow masks in
        its logs, and those of the connection, become ``***``. It is made into one line without control characters.
        (templated)
    :param max_text_length: characters after which the text is cut, with ``...`` at its end.
    :param status_type: type of the status tag (see :class:`DataType`), where the value that it reads now does not
        tell it.
    :param verify_timeout: seconds to wait for each tag to show its value.
    :param wincc_conn_id: id of the connection. (templated)
    :raises WinCCConfigurationError: when an argument is wrong.
    """

    template_fields: Sequence[str] = ("wincc_conn_id", "status_tag", "status", "text_tag", "text")

    def __init__(
        self,
        *,
        status_tag: str,
        status: Scalar,
        text_tag: str | None = None,
        text: str | None = None,
        max_text_length: int = 80,
        status_type: str | None = None,
        verify_timeout: float = 10.0,
        wincc_conn_id: str = DEFAULT_CONNECTION_ID,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_tags(status_tag, text_tag)
        check_status(status)
        check_text(text, text_tag)
        check_number("max_text_length", max_text_length, least=SHORTEST_LIMIT)
        check_number("verify_timeout", verify_timeout, least=0)
        self.status_tag = status_tag
        self.status = status
        self.text_tag = text_tag
        self.text = text
        self.max_text_length = max_text_length
        self.status_type = data_type_of(status_type)
        self.verify_timeout = verify_timeout
        self.wincc_conn_id = wincc_conn_id

    def __call__(self, *args: Any) -> None:
        """Render the arguments and write, as Airflow calls a callback: with the context alone.

        Never raises; see :meth:`notify`.
        """
        with self._failures_in_the_log():
            (context,) = args
            self._rendered(context).notify(context)

    def __await__(self) -> Generator[Any, None, None]:
        """Render the arguments and write without blocking the event loop; the context was given to the constructor.

        Never raises; see :meth:`async_notify`.
        """
        return self._notify_with_own_context().__await__()

    def render_template_fields(self, context: Context, jinja_env: jinja2.Environment | None = None) -> None:
        """Render the templated arguments in place; a text whose template fails becomes a text that says so.

        :raises Exception: of Jinja, when the template of another argument fails.
        """
        environment = jinja_env or self.get_template_env(context.get("dag"))
        # Airflow's own way keeps, on Airflow 3.1, the template itself when nothing comes out of it.
        for name in self.template_fields:
            if name != "text":
                setattr(self, name, self.render_template(getattr(self, name), context, environment))
        if self.text is None:
            return
        try:
            self.text = self.render_template(self.text, context, environment)
        except Exception:
            self.text = _NO_TEXT
            self.log.exception(
                "WinCC notification: the template of the text failed. What to do: correct it, and use names that this "
                "callback's context has. The status is written all the same."
            )

    def notify(self, context: Context) -> None:  # noqa: ARG002  the base class's signature
        """Write the tags. Never raises: every failure is logged."""
        with self._failures_in_the_log():
            self._write(self._hook().get_settings())

    async def async_notify(self, context: Context) -> None:  # noqa: ARG002  the base class's signature
        """Write the tags, in a thread, so that the event loop goes on. Never raises: every failure is logged."""
        with self._failures_in_the_log():
            settings = await self._hook().aget_settings()
            await asyncio.to_thread(self._write, settings)

    async def _notify_with_own_context(self) -> None:
        with self._failures_in_the_log():
            await self._rendered(self.context).async_notify(self.context)

    def _rendered(self, context: Context) -> WinCCTagNotifier:
        # Airflow renders in place: one notifier on several tasks would go on with the texts of the first.
        notifier = copy(self)
        notifier.render_template_fields(context)
        return notifier

    @contextmanager
    def _failures_in_the_log(self) -> Iterator[None]:
        try:
            yield
        except WinCCError as error:
            self.log.error(  # noqa: TRY400  the error says all that is needed
                "WinCC notification failed, status %r in doubt or not written; the task is left as it is: %s",
                self.status_tag,
                error,
            )
        except Exception:
            self.log.exception(
                "WinCC notification failed, status %r not written; the task is left as it is. What to do: check that "
                "connection %r exists, and the arguments and templates of the notifier.",
                self.status_tag,
                self.wincc_conn_id,
            )

    def _hook(self) -> Any:
        # The hook brings the whole HTTP stack with it, which parsing a DAG file does not need.
        from airflow_provider_wincc.hooks.wincc import WinCCHook

        return WinCCHook(self.wincc_conn_id)

    def _write(self, settings: StationSettings) -> None:
        from airflow_provider_wincc.client import WinCCClient

        check_tags(self.status_tag, self.text_tag)
        status = self.status
        if isinstance(status, str):
            status = _without_secrets(status, settings)
        with WinCCClient(settings) as client:
            if self.text_tag is None:
                write_safely(client, self._order({self.status_tag: status}))
            else:
                # Redacted before it is cut: half a secret would not be recognised.
                text = display_text(_without_secrets(str(self.text), settings), self.max_text_length)
                self._write_with_text(client, {self.text_tag: text}, {self.status_tag: status})

    def _write_with_text(self, client: WinCCClient, text: dict[str, Scalar], status: dict[str, Scalar]) -> None:
        try:
            write_safely(client, self._order(text, status))
        except _FAILURES_OF_SINGLE_TAGS as error:
            if self.text_tag in error.written or self.status_tag in getattr(error, "errors", ()):
                raise
            self.log.error(  # noqa: TRY400  the error says all that is needed
                "WinCC notification: text %r in doubt or not written, writing the status without it: %s",
                self.text_tag,
                error,
            )
            write_safely(client, self._order(status))

    def _order(self, *groups: dict[str, Scalar]) -> WriteOrder:
        types = {} if self.status_type is None else {self.status_tag: self.status_type}
        if len(groups) > 1:
            # Without it, a text tag that shows digits now would be taken for one of numbers.
            types[str(self.text_tag)] = DataType.TEXT
        return WriteOrder(groups=groups, types=types, verify_timeout=self.verify_timeout)


def _without_secrets(text: str, settings: StationSettings) -> str:
    from airflow.sdk._shared.secrets_masker import redact as redact_known

    from airflow_provider_wincc.client.secrets import redact, secrets_of

    return redact(str(redact_known(text)), secrets_of(settings))
