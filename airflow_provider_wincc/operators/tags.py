"""Operators that read, write and branch on tags."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from airflow.providers.common.compat.sdk import AirflowSkipException
from airflow.providers.standard.operators.branch import BaseBranchOperator
from airflow.sdk import BaseOperator

from airflow_provider_wincc.assets.tags import is_tag_asset, tag_of, wincc_conn_id_of
from airflow_provider_wincc.client.arguments import check_from_zero
from airflow_provider_wincc.client.errors import (
    WinCCConfigurationError,
    WinCCError,
    WinCCInterlockNotMetError,
    WinCCTagError,
    WinCCTagNotFoundError,
    WinCCWriteVerificationError,
)
from airflow_provider_wincc.client.models import DataType, FailureKind, TagFailure, TagReadings, TagValue
from airflow_provider_wincc.client.options import read_tag_limits
from airflow_provider_wincc.client.policy import refuse_idle_limits
from airflow_provider_wincc.conditions import Condition
from airflow_provider_wincc.conditions.text import given_condition
from airflow_provider_wincc.connection_form import DEFAULT_CONNECTION_ID
from airflow_provider_wincc.links.station import WinCCStationLink
from airflow_provider_wincc.operators.execution import check_choice, check_flag, client_of, fail, is_mapped, run_of
from airflow_provider_wincc.safe_write import WriteOrder, write_safely
from airflow_provider_wincc.task_colors import READS, TEXT_ON_WRITES, WRITES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow.providers.openlineage.extractors import OperatorLineage
    from airflow.sdk import Context

    from airflow_provider_wincc.client import WinCCClient
    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.client.policy import TagLimits
    from airflow_provider_wincc.safe_write import WriteReceipt

_RE_READ_PAUSE = 2.0


class WinCCReadTagsOperator(BaseOperator):
    """Reads tags; returns tag → ``value``, ``quality``, ``quality_code``, ``timestamp``.

    ``value`` is a bool, a number, a text, or None for "not a number"; ``timestamp`` is ISO 8601 in UTC. A tag that
    nobody has asked for in a while first answers with its initial value and uncertain quality; it is read again for
    up to ``quality_timeout`` seconds.

    What happens on failure: an unknown tag, a refused login or a missing permission fail the task at once, without
    retries; a station that is away or busy fails it with retries. Nothing half read is returned.

    :param tags: names of the tags. (templated)
    :param wincc_conn_id: id of the connection. (templated)
    :param types: tag → type to read its value as: ``bool``, ``int``, ``float``, ``text`` (see :class:`DataType`).
        Without it, values become what their own text allows; an order number that must keep to text needs ``text``.
        (templated)
    :param quality_timeout: seconds to wait for good quality, 0 or more.
    :param on_bad_quality: what to do with a tag whose quality is not good even then: ``fail``, or ``return`` it for
        the next task to judge.
    """

    template_fields: Sequence[str] = ("wincc_conn_id", "tags", "types")
    ui_color = READS
    operator_extra_links = (WinCCStationLink(),)

    def __init__(
        self,
        *,
        tags: Sequence[str] | str,
        wincc_conn_id: str = DEFAULT_CONNECTION_ID,
        types: Mapping[str, str] | None = None,
        quality_timeout: float = 10.0,
        on_bad_quality: Literal["fail", "return"] = "fail",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.tags = tags
        self.wincc_conn_id = wincc_conn_id
        self.types = types
        self.quality_timeout = quality_timeout
        self.on_bad_quality = on_bad_quality
        check_from_zero(f"The quality_timeout of task {self.task_id!r}", quality_timeout)
        check_choice(self, "on_bad_quality", on_bad_quality, ("fail", "return"))

    def execute(self, context: Context) -> dict[str, dict[str, Any]]:  # noqa: ARG002  the base class's signature
        """Read the tags.

        :raises AirflowFailException: for what no retry can mend.
        :raises WinCCError: for what a retry may mend.
        """
        try:
            names = _tag_names(self, self.tags)
            with client_of(self.wincc_conn_id) as client:
                values = self._read(client, names)
        except WinCCError as error:
            fail(error)
        for value in values.values():
            self.log.info("WinCC %r = %r (%s, %s)", value.name, value.value, value.quality, value.timestamp)
        return {name: value.to_json() for name, value in values.items()}

    def get_openlineage_facets_on_start(self) -> OperatorLineage[Any, Any]:
        """Return the tags that are read, for OpenLineage."""
        from airflow_provider_wincc.assets.openlineage import tag_lineage

        return tag_lineage(self.wincc_conn_id, read=_tag_names(self, self.tags))

    def _read(self, client: WinCCClient, names: list[str]) -> dict[str, TagValue]:
        deadline = time.monotonic() + self.quality_timeout
        values = client.read_tags(names, types=self.types)
        while True:
            doubtful = [name for name in names if not values[name].quality.is_good]
            left = deadline - time.monotonic()
            if not doubtful or left <= 0:
                break
            self.log.info("WinCC quality not good yet, reading again: %s", doubtful)
            time.sleep(min(_RE_READ_PAUSE, left))
            values |= client.read_tags(doubtful, types=self.types)
        if doubtful and self.on_bad_quality == "fail":
            raise _bad_quality([values[name] for name in doubtful], client)
        return values


class WinCCWriteTagsOperator(BaseOperator):
    """Writes tags safely, proves that the values arrived, and returns a receipt.

    In this order, and nothing is sent unless all hold: the write policy of the connection (``read_only``,
    ``writable_tags``, ``tag_limits``), the task's ``limits``, the interlock ``only_if``, the types. Then one request
    for the whole set where it fits, and reading back until the tags show the values.

    What happens on failure: a write that timed out or whose connection broke is never sent again by itself; the
    operator reads back, and if the value is there, it is written; otherwise ``WinCCWriteOutcomeUnknownError``. A
    retry of the task starts from the first check. A refusal (policy, limit, type, unknown tag, login) fails the task
    at once, without retries. Reading back proves the station's image; name a tag that the controller computes in
    ``verify_with`` to prove that the controller has it.

    The result (XCom): ``receipts`` (for each tag ``old_value``, ``new_value``, ``written_at``, ``outcome``,
    ``verified``, ``verified_with``, ``confirmed_by``), ``station``, ``dry_run``, and the run that wrote: ``dag_id``,
    ``run_id``, ``task_id``, ``map_index``, ``try_number``.

    Outlets that are assets of tags (:func:`~airflow_provider_wincc.assets.tags.tag_asset`) get the result as the
    ``extra`` of their event, with the receipt of their own tag alone if it was written. A dry run sends the event
    too, since Airflow does so for every task that succeeds: ``dry_run`` says so in it.

    :param values: tag → absolute value. The order inside one request is undefined; give a list of mappings to have
        them sent one after the other, each only when the one before is proved. (templated, names and values)
    :param wincc_conn_id: id of the connection. (templated)
    :param only_if: interlock: a condition read just before the write, and again before each group of it. Simulated
        and overridden values never satisfy it. Also as text, which is read when the task is defined. (may hold
        templates)
    :param when_not_allowed: what to do when the interlock is false or unknown: ``fail`` or ``skip``. A write of which
        a group was sent already always fails.
    :param limits: tag pattern → (lowest, highest); None leaves a side open. Given, but empty once it is rendered, or
        with a pattern that fits none of the tags in ``values``, it fails the task; where the values are computed, only
        when no pattern fits any. (templated, patterns and limits)
    :param types: tag → type, where the value that the tag reads now does not tell it. (templated, names and types)
    :param verify: read back until equal.
    :param verify_with: tag → feedback tag that must show the value instead. (templated, both names)
    :param verify_timeout: seconds to wait for that, 0 or more.
    :param tolerance: by how much a number read back may differ, 0 or more.
    :param dry_run: do all but the sending; the interlock is evaluated for real.
    :raises WinCCConfigurationError: when an argument is wrong.
    """

    template_fields: Sequence[str] = ("wincc_conn_id", "values", "only_if", "limits", "types", "verify_with")
    template_fields_renderers: ClassVar[dict[str, str]] = {"values": "json", "limits": "json"}
    ui_color = WRITES
    ui_fgcolor = TEXT_ON_WRITES
    operator_extra_links = (WinCCStationLink(),)

    def __init__(
        self,
        *,
        values: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        wincc_conn_id: str = DEFAULT_CONNECTION_ID,
        only_if: Condition | str | None = None,
        when_not_allowed: Literal["fail", "skip"] = "fail",
        limits: Mapping[str, Sequence[float | None]] | None = None,
        types: Mapping[str, str] | None = None,
        verify: bool = True,
        verify_with: Mapping[str, str] | None = None,
        verify_timeout: float = 30.0,
        tolerance: float = 0.0,
        dry_run: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.values = values
        self.wincc_conn_id = wincc_conn_id
        self.only_if = None if only_if is None else _single_reading(self, "only_if", only_if)
        self.when_not_allowed = when_not_allowed
        self.limits = limits
        self.types = types
        self.verify = verify
        self.verify_with = verify_with
        self.verify_timeout = verify_timeout
        self.tolerance = tolerance
        # What is rendered to nothing must not be taken for "no limits were given".
        self._has_limits = limits is not None
        # BaseOperator has a method of the name "dry_run".
        self.is_dry_run = dry_run
        self._changed: tuple[str, ...] = ()
        self._name_templates = self._templates_of_names()
        # What is computed may be of some of the tags alone, each time of others.
        self._values_are_data = is_mapped(self) or not isinstance(values, Mapping | list | tuple) or not values
        check_choice(self, "when_not_allowed", when_not_allowed, ("fail", "skip"))
        check_flag(self, "verify", verify)
        check_flag(self, "dry_run", dry_run)
        check_from_zero(f"The verify_timeout of task {self.task_id!r}", verify_timeout)
        check_from_zero(f"The tolerance of task {self.task_id!r}", tolerance)

    def execute(self, context: Context) -> dict[str, Any]:
        """Check, write, prove; return the receipt.

        :raises AirflowSkipException: when the interlock does not hold and ``when_not_allowed`` is ``skip``.
        :raises AirflowFailException: for what no retry can mend.
        :raises WinCCError: for what a retry may mend.
        """
        try:
            order = self._order(context)
            with client_of(self.wincc_conn_id) as client:
                receipts = self._write(client, order)
                station = client.settings.station
        except WinCCInterlockNotMetError as error:
            # What was half done must not look like nothing at all.
            if self.when_not_allowed == "skip" and not error.written:
                raise AirflowSkipException(str(error)) from error
            raise
        except WinCCError as error:
            fail(error)
        result = {
            "receipts": [receipt.to_json() for receipt in receipts],
            "station": station,
            "dry_run": self.is_dry_run,
            **run_of(context),
        }
        self._attach_to_outlets(result, context)
        return result

    def get_openlineage_facets_on_start(self) -> OperatorLineage[Any, Any]:
        """Return what is going to be read and written, for OpenLineage, as far as the arguments alone tell it."""
        groups = [self.values] if isinstance(self.values, Mapping) else self.values
        # Names that are templates are rendered later.
        names = [name for group in groups for name in group if "{" not in name]
        return self._lineage([] if self.is_dry_run else names)

    def get_openlineage_facets_on_complete(self, task_instance: object) -> OperatorLineage[Any, Any]:  # noqa: ARG002  Airflow's signature
        """Return the interlock's tags and those that were written; of a task that failed, or may have been written."""
        return self._lineage(self._changed)

    def _lineage(self, written: Sequence[str]) -> OperatorLineage[Any, Any]:
        from airflow_provider_wincc.assets.openlineage import tag_lineage

        read = () if self.only_if is None else self.only_if.tags
        return tag_lineage(self.wincc_conn_id, read=read, written=written)

    def _write(self, client: WinCCClient, order: WriteOrder) -> list[WriteReceipt]:
        targets = [name for group in order.groups for name in group]
        refuse_idle_limits(
            order.limits,
            targets,
            subject=f"The limits of task {self.task_id!r} name",
            some_may_be_idle=self._values_are_data,
        )
        try:
            receipts = write_safely(client, order)
        except WinCCError as error:
            self._changed = _perhaps_changed(error, order)
            raise
        self._changed = () if order.dry_run else tuple(receipt.tag for receipt in receipts)
        return receipts

    def _attach_to_outlets(self, result: dict[str, Any], context: Context) -> None:
        for outlet in filter(is_tag_asset, self.outlets):
            own = [
                receipt
                for receipt in result["receipts"]
                if (self.wincc_conn_id, receipt["tag"].lower()) == (wincc_conn_id_of(outlet), tag_of(outlet).lower())
            ]
            context["outlet_events"][outlet].extra |= {**result, "receipts": own or result["receipts"]}

    def _order(self, context: Context) -> WriteOrder:
        groups = [self.values] if isinstance(self.values, Mapping) else self.values
        if isinstance(groups, str) or not isinstance(groups, Sequence):
            raise WinCCConfigurationError(
                f"The values of task {self.task_id!r} are a {type(self.values).__name__}.",
                hint='Give a mapping of tag to value, such as {"Tank1.Setpoint": 55.0}, or a list of such mappings.',
            )
        return WriteOrder(
            groups=tuple(self._with_rendered_names(group, context) for group in groups),
            only_if=self.only_if,
            limits=self._limits(context),
            types=_data_types(self._by_tag("types", self.types, context)),
            verify=self.verify,
            verify_with=self._by_tag("verify_with", self.verify_with, context),
            verify_timeout=self.verify_timeout,
            tolerance=self.tolerance,
            dry_run=self.is_dry_run,
        )

    def _with_rendered_names(self, group: Mapping[str, Scalar], context: Context) -> dict[str, Scalar]:
        if not isinstance(group, Mapping):
            raise WinCCConfigurationError(
                f"The values of task {self.task_id!r} hold {group!r}, which is not a mapping.",
                hint='Give mappings of tag to value, such as {"Tank1.Setpoint": 55.0}.',
            )
        return self._with_keys("values", group, context)

    def _limits(self, context: Context) -> tuple[TagLimits, ...]:
        if not self._has_limits:
            return ()
        if not self.limits:
            raise WinCCConfigurationError(
                f"The limits of task {self.task_id!r} are {self.limits!r}, after rendering. Nothing was sent.",
                hint='Give at least one, such as {"Tank1.Setpoint": (0, 100)}; to write without limits, leave the '
                "argument out.",
            )
        given: object = self.limits
        if isinstance(given, Mapping):
            given = self._by_tag("limits", given, context)
        limits = read_tag_limits(given, subject=f"The argument 'limits' of task {self.task_id!r}")
        if not limits or any("{{" in each.pattern for each in limits):
            raise WinCCConfigurationError(
                f"The limits of task {self.task_id!r} are {self.limits!r}, which bounds no tag. Nothing was sent.",
                hint="Name at least one tag or pattern; a template in it must be one that Airflow renders.",
            )
        return limits

    def _by_tag(self, argument: str, given: Mapping[str, Any] | None, context: Context) -> dict[str, Any]:
        if given is None:
            return {}
        if not isinstance(given, Mapping):
            raise WinCCConfigurationError(
                f"The {argument} of task {self.task_id!r} are a {type(given).__name__}, not a mapping by tag.",
                hint="A template that makes a mapping needs render_template_as_native_obj=True on the DAG.",
            )
        return self._with_keys(argument, given, context)

    def _with_keys(self, argument: str, given: Mapping[str, Any], context: Context) -> dict[str, Any]:
        # Airflow renders the values of a mapping but not its keys.
        rendered: dict[str, Any] = {}
        for name, value in given.items():
            tag = self._rendered_name(argument, name, context)
            if tag in rendered:
                raise WinCCConfigurationError(
                    f"Two of the {argument} of task {self.task_id!r} name the same tag after rendering: {tag!r}.",
                    hint="Correct the templates of the tag names.",
                )
            rendered[tag] = value
        return rendered

    def _templates_of_names(self) -> dict[str, set[str]]:
        """Return argument → names that are templates and stand in the DAG itself.

        What comes as data is never taken for a template: it could ask for a password. Of the arguments of a mapped
        task nobody can tell which are data.
        """
        if is_mapped(self):
            return {}
        groups = [self.values] if isinstance(self.values, Mapping) else self.values
        given = {
            "values": groups if isinstance(groups, list | tuple) else (),
            **{name: (getattr(self, name),) for name in ("limits", "types", "verify_with")},
        }
        return {argument: set().union(*map(_template_names, mappings)) for argument, mappings in given.items()}

    def _rendered_name(self, argument: str, name: str, context: Context) -> str:
        if name in self._name_templates.get(argument, ()):
            rendered: str = self.render_template(name, context)
            return rendered
        if isinstance(name, str) and ("{{" in name or "{%" in name):
            raise WinCCConfigurationError(
                f"The {argument} of task {self.task_id!r} name {name!r}, which looks like a template and is data. "
                "Nothing was sent.",
                hint="A name is rendered where it stands in the mapping of the DAG itself, and not in a mapped task. "
                "Let the task before make the whole name.",
            )
        return name


def _template_names(mapping: object) -> set[str]:
    return {name for name in mapping if "{" in str(name)} if isinstance(mapping, Mapping) else set()


class WinCCTagBranchOperator(BaseBranchOperator):
    """Follows one list of tasks if a condition is true, another if it is false.

    The condition is judged from one reading. *Unknown* (bad or uncertain quality, a tag that cannot be read) is
    neither: it fails the task, with retries, unless ``if_unknown`` names tasks to follow.

    :param condition: what to judge; ``held_for``, ``changed`` and ``alive`` need more than one reading and are
        refused. Also as text, which is read when the task is defined. (may hold templates)
    :param if_true: ids of the tasks or task groups to follow when it is true. (templated)
    :param if_false: the same for false; may be empty, to skip what comes after. (templated)
    :param if_unknown: the same for unknown; None fails the task. (templated)
    :param wincc_conn_id: id of the connection. (templated)
    """

    template_fields: Sequence[str] = ("wincc_conn_id", "condition", "if_true", "if_false", "if_unknown")
    ui_color = READS
    operator_extra_links = (WinCCStationLink(),)

    def __init__(
        self,
        *,
        condition: Condition | str,
        if_true: str | Sequence[str],
        if_false: str | Sequence[str],
        if_unknown: str | Sequence[str] | None = None,
        wincc_conn_id: str = DEFAULT_CONNECTION_ID,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.condition = _single_reading(self, "condition", condition)
        self.if_true = if_true
        self.if_false = if_false
        self.if_unknown = if_unknown
        self.wincc_conn_id = wincc_conn_id

    def choose_branch(self, context: Context) -> str | Iterable[str] | None:  # noqa: ARG002  the base class's signature
        """Read the condition's tags once, and return the tasks to follow.

        :raises AirflowFailException: for what no retry can mend.
        :raises WinCCError: for what a retry may mend, *unknown* among them.
        """
        try:
            with client_of(self.wincc_conn_id) as client:
                readings = client.try_read_tags(self.condition.tags)
                _check_known(readings, client)
            evaluation = self.condition.evaluate({**readings.values, **readings.failures})
        except WinCCError as error:
            fail(error)
        if evaluation.is_unknown and self.if_unknown is None:
            raise WinCCError(
                f"The condition is unknown, neither true nor false:\n{evaluation.explain()}\n",
                hint="Name the tasks to follow in if_unknown, or wait for good readings with a WinCCTagSensor.",
                retryable=True,
            )
        if evaluation.is_unknown:
            branch, word = self.if_unknown, "unknown"
        else:
            branch, word = (self.if_true, "true") if evaluation.is_true else (self.if_false, "false")
        self.log.info("WinCC condition %r is %s.\n%s", self.condition, word, evaluation.explain())
        return branch

    def get_openlineage_facets_on_start(self) -> OperatorLineage[Any, Any]:
        """Return the tags of the condition, for OpenLineage."""
        from airflow_provider_wincc.assets.openlineage import tag_lineage

        return tag_lineage(self.wincc_conn_id, read=self.condition.tags)


def _perhaps_changed(error: WinCCError, order: WriteOrder) -> tuple[str, ...]:
    """Return the tags of a failed write that the station has taken or may have taken."""
    taken = (*error.written, *getattr(error, "unknown", ()))
    if isinstance(error, WinCCWriteVerificationError):
        # It comes from the first group that is not proved; the same tag may stand in several groups.
        proved = len(error.written)
        for group in order.groups:
            if proved <= 0:
                taken = (*taken, *group)
                break
            proved -= len(group)
    return tuple(dict.fromkeys(taken))


def _tag_names(operator: BaseOperator, tags: object) -> list[str]:
    names = [tags] if isinstance(tags, str) else tags
    if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        raise WinCCConfigurationError(
            f"The tags of task {operator.task_id!r} are {tags!r}.",
            hint='Give a list of tag names, such as ["Tank1.Level"]. A template that makes a list needs '
            "render_template_as_native_obj=True on the DAG.",
        )
    return list(names)


def _data_types(types: Mapping[str, str]) -> dict[str, DataType]:
    try:
        return {name: DataType.parse(kind) for name, kind in types.items()}
    except ValueError as error:
        raise WinCCConfigurationError(f"{error}.") from None


def _bad_quality(values: Sequence[TagValue], client: WinCCClient) -> WinCCTagError:
    failures = {value.name: TagFailure(FailureKind.FAILED, f"quality is {value.quality}") for value in values}
    told = ", ".join(f"{name!r} ({failure.reason})" for name, failure in failures.items())
    return WinCCTagError(
        f"{len(failures)} tags have no good quality: {told}.",
        errors=failures,
        hint="Is the controller connected? Set on_bad_quality='return' to have such values returned with their "
        "quality, or wait for good ones with a WinCCTagSensor.",
        station=client.settings.station,
    )


def _check_known(readings: TagReadings, client: WinCCClient) -> None:
    unknown = {name: failure for name, failure in readings.failures.items() if failure.kind is FailureKind.NOT_FOUND}
    if unknown:
        told = ", ".join(f"{name!r} ({failure})" for name, failure in unknown.items())
        raise WinCCTagNotFoundError(
            f"The condition looks at tags that the station does not know: {told}.",
            errors=unknown,
            station=client.settings.station,
        )


def _single_reading(operator: BaseOperator, argument: str, given: Condition | str) -> Condition:
    """Return a condition that one reading can judge, given as itself or as its text."""
    condition = given_condition(given, where=f"The {argument} of task {operator.task_id!r}")
    if not isinstance(condition, Condition):
        raise WinCCConfigurationError(
            f"The {argument} of task {operator.task_id!r} is a {type(condition).__name__}.",
            hint='Give an expression such as tag("Tank1.Level") >= 40.',
        )
    if condition.needs_memory:
        raise WinCCConfigurationError(
            f"The {argument} of task {operator.task_id!r} uses {', '.join(condition.memory_forms)}, which one reading "
            "cannot tell.",
            hint="Wait for it with a WinCCTagSensor first.",
        )
    return condition
