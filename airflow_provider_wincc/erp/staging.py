"""The two staging tables that stand for the ERP, and every change that the handoff makes to them."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any, get_args

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.client.storable import storable_text
from airflow_provider_wincc.erp import statements
from airflow_provider_wincc.erp.arguments import check_choice, check_claim, check_text
from airflow_provider_wincc.erp.database import Database
from airflow_provider_wincc.erp.ddl import staging_ddl
from airflow_provider_wincc.erp.dialects import DialectName, dialect_named
from airflow_provider_wincc.erp.json_columns import json_text, read_json_object
from airflow_provider_wincc.erp.outcomes import Outcome, ReportedStatus, status_after
from airflow_provider_wincc.erp.staged_order import StagedOrder, read_row, status_of_unreadable, when_claimed
from airflow_provider_wincc.erp.tables import ORDERS_TABLE, RESULTS_TABLE, check_table_name
from airflow_provider_wincc.orders.errors import OrderPayloadMismatchError, OrderTakenOverError
from airflow_provider_wincc.orders.progress import noted_revision

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow_provider_wincc.erp.database import DbApiConnection, Transaction

_log = logging.getLogger(__name__)

_DONE = {"confirmed", "failed", "needs_decision"}


class StagingTables:
    """The orders that the ERP releases, and what became of them.

    Each call is one short transaction on a connection of its own. A call that fails changed nothing, or, when the
    connection broke while the transaction was being committed, all of it; both may be called again. Every method
    raises :class:`ErpUnavailableError` when the database cannot be asked now, and ``WinCCConfigurationError`` when
    the tables are not there or not as :func:`staging_ddl` makes them.

    :param connect: makes a new DB-API 2 connection each time: ``sqlite3``, ``psycopg2`` or ``psycopg``.
    :param dialect: ``sqlite`` or ``postgresql``.
    :param orders_table: name of the ERP's outbox; on PostgreSQL also ``schema.table``.
    :param results_table: name of the ERP's inbox.
    """

    def __init__(
        self,
        connect: Callable[[], DbApiConnection],
        *,
        dialect: DialectName,
        orders_table: str = ORDERS_TABLE,
        results_table: str = RESULTS_TABLE,
    ) -> None:
        differences = dialect_named(dialect)
        self.dialect = dialect
        self.orders_table = check_table_name(orders_table, dialect)
        self.results_table = check_table_name(results_table, dialect)
        if orders_table.lower() == results_table.lower():
            raise WinCCConfigurationError(
                f"Orders and results cannot be one table, {orders_table!r}.", hint="Name two tables."
            )
        names = {"orders": orders_table, "results": results_table, **statements.PIECES}
        self._database = Database(connect, differences, names)

    def create(self) -> None:
        """Make the tables where they are not there yet."""
        definitions = staging_ddl(self.dialect, orders_table=self.orders_table, results_table=self.results_table)
        with self._database.creating() as transaction:
            for definition in definitions:
                transaction.change(definition)

    def claim(
        self,
        *,
        owner: str,
        unit: str | None = None,
        limit: int = 100,
        reclaim_after: timedelta = timedelta(hours=24),
    ) -> list[StagedOrder]:
        """Claim released orders for an owner; return all that the owner holds, highest priority first.

        No two owners get the same order. Calling it again for the
        same owner returns again what it holds and has not finished, so a task that died after the commit loses
        nothing; released orders are added up to the limit.

        A claim of another owner that is older than ``reclaim_after`` is taken over. That is safe: the handoff looks
        at the unit first, the note of the row is kept, and the earlier attempt may not write any more once the new
        one has begun.

        An order whose payload or note cannot be read is set to ``failed`` with the reason (to ``needs_decision`` for
        the note, or once an attempt has begun), and the others are claimed.

        :param owner: names who claims, such as a DAG run; at most one claim of an owner runs per unit.
        :param unit: claim for this unit only.
        :param limit: how many orders to hold at most; more are returned only when the owner holds more already.
        :param reclaim_after: longer than an order takes from its claim to its result.
        """
        check_text("owner", owner)
        if unit is not None:
            check_text("unit", unit)
        check_claim(limit, reclaim_after)
        with self._database.writing() as transaction:
            transaction.change(statements.RENEW_OWN, owner, unit, unit)
            held = len(_readable(transaction, transaction.select(statements.SELECT_OWN, owner, unit, unit)))
            while held < limit:
                rows = transaction.select(
                    statements.LOCK_FREE, owner, reclaim_after.total_seconds(), unit, unit, limit - held
                )
                if not rows:
                    break
                for order in _readable(transaction, rows):
                    transaction.change(statements.CLAIM, owner, order.order_id)
                    held += 1
            return [read_row(row) for row in transaction.select(statements.SELECT_OWN, owner, unit, unit)]

    def load(self, order_id: str) -> StagedOrder | None:
        """Return the order, or None when the ERP does not list it.

        :raises WinCCConfigurationError: when its payload or note cannot be read.
        """
        check_text("order id", order_id)
        with self._database.reading() as transaction:
            row = _row(transaction, order_id)
        return None if row is None else read_row(row)

    def begin(self, order_id: str, *, owner: str, attempt: str, revision: int | None = None) -> StagedOrder:
        """Make this attempt the only one that may write for the order; return the order as it is now, with its note.

        A released order becomes claimed. One that has a result already, because it was released again, gets the
        status of that result instead: ``failed`` when the result is of another revision. An order that is confirmed,
        failed or waits for a decision keeps its status and its owner, and the attempt is entered only when it has a
        result: look at ``attempt``.

        :param owner: who claimed the order, or claims it hereby.
        :param attempt: a text that no other attempt has.
        :param revision: the revision that is to be handed over; None for whichever the ERP lists.
        :raises OrderTakenOverError: when another owner has claimed it; no retry helps.
        :raises OrderPayloadMismatchError: when the ERP lists another revision, and that one neither has a result nor
            may have been committed. The attempt is not entered, and a claimed row gets the reason.
        :raises WinCCConfigurationError: when the ERP does not list the order or has not released it, or when its
            payload or note cannot be read. An unreadable row is set aside, as :meth:`claim` does.
        """
        check_text("order id", order_id)
        check_text("owner", owner)
        check_text("attempt", attempt)
        with self._database.writing() as transaction:
            row = self._known(order_id, _row(transaction, order_id, lock=True))
            self._check_may_begin(row, owner)
            try:
                order = read_row(row)
                results = transaction.select(statements.SELECT_RESULT, order_id)
                is_corrected = not results and _is_of_a_refused_revision(transaction, order)
                begun = [result["revision"] for result in results]
                _check_revision(order, revision, begun if is_corrected else [*begun, noted_revision(order.note)])
            except (WinCCConfigurationError, OrderPayloadMismatchError) as error:
                # Raised when the transaction has ended, so that the row keeps the reason.
                problem = error
                _set_aside(transaction, row, error)
            else:
                _enter(transaction, order, results, owner=owner, attempt=attempt)
                if is_corrected:
                    transaction.change(statements.FORGET_NOTE, order_id)
                return read_row(self._known(order_id, _row(transaction, order_id)))
        raise problem

    def save_note(self, order_id: str, note: Mapping[str, Any], *, attempt: str) -> None:
        """Store what the handoff must remember, in place of the note before; durable when this returns.

        :param note: a JSON object.
        :raises OrderTakenOverError: when another attempt has begun; nothing was stored.
        """
        check_text("order id", order_id)
        text = json_text(note, what=f"the note of order {order_id!r}")
        with self._database.writing() as transaction:
            if not transaction.change(statements.SAVE_NOTE, text, order_id, attempt):
                self._check_attempt(order_id, attempt, _row(transaction, order_id))

    def check(self, order_id: str, *, attempt: str) -> None:
        """Return when this attempt is still the one that may write for the order.

        :raises OrderTakenOverError: when it is not.
        """
        check_text("order id", order_id)
        with self._database.reading() as transaction:
            self._check_attempt(order_id, attempt, _row(transaction, order_id))

    def result_of(self, order_id: str) -> dict[str, Any] | None:
        """Return the recorded result of the order as it was given, or None.

        What stands in columns of its own (``order_id``, ``revision``, ``unit``, ``outcome``) is in it even when a
        person wrote the row.

        The refusal of an earlier revision than the ERP lists now is no result: that order never ran, and may be
        offered again.
        """
        check_text("order id", order_id)
        with self._database.reading() as transaction:
            rows = transaction.select(statements.SELECT_RESULT, order_id)
        return _result(order_id, rows[0]) if rows else None

    def record_result(
        self,
        order_id: str,
        result: Mapping[str, Any],
        *,
        outcome: Outcome,
        revision: int | None,
        unit: str,
        reason: str = "",
        attempt: str | None = None,
    ) -> dict[str, Any]:
        """Store the result and set the order's status, in one transaction; return the result that stands.

        ``successful`` confirms the order, anything else makes it failed, and so does any run of another revision than
        the ERP lists now. The first result of an order stands, and a
        second one changes nothing; but a refusal gives way to any other outcome, and to the refusal of a higher
        revision. An order that the ERP does not list gets its result alone.

        :param result: a JSON object.
        :param revision: what was made; None where the unit does not say it: then it is the revision that was
            committed by the row's note, or else the one that the ERP lists.
        :param reason: what the unit said, in words.
        :param attempt: record it only while this attempt may write for the order; None records it in any case. What a
            unit reports of a run is true whoever brings it, but a newer attempt may run what an older one calls
            refused.
        :raises OrderTakenOverError: when another attempt has begun; nothing was stored.
        """
        check_text("order id", order_id)
        check_text("unit", unit)
        check_choice("outcome", outcome, get_args(Outcome))
        text = json_text(result, what=f"the result of order {order_id!r}")
        with self._database.writing() as transaction:
            # The order is locked before its result, here and everywhere, so that no two transactions wait in a circle.
            row = _row(transaction, order_id, lock=True)
            if attempt is not None:
                self._check_attempt(order_id, attempt, row)
            listed = 0 if row is None else row["revision"]
            made = _made(row) if revision is None else revision
            is_new = transaction.change(statements.INSERT_RESULT, order_id, made, unit, outcome, text) > 0
            (standing,) = transaction.select(statements.SELECT_STANDING, order_id)
            status: str = status_after(standing["outcome"])
            why = storable_text(reason) or None
            if standing["outcome"] != "refused" and standing["revision"] != listed:
                status, why = _settled(listed, standing)
            if row is not None and _changes_the_order(row, standing, status, is_new=is_new):
                transaction.change(statements.SET_STATUS, status, why, order_id)
        return _result(order_id, standing)

    def report(
        self, order_id: str, *, reason: str, status: ReportedStatus | None = None, attempt: str | None = None
    ) -> None:
        """Tell the ERP in words what holds the order up; a confirmed order is left as it is.

        :param status: ``failed`` or ``needs_decision``; None leaves it, and leaves an order that has one of these as
            it is.
        :param attempt: report it only while this attempt may write for the order; None reports it in any case.
        :raises OrderTakenOverError: when another attempt has begun; nothing was changed.
        """
        check_text("order id", order_id)
        if status is not None:
            check_choice("status", status, get_args(ReportedStatus))
        with self._database.writing() as transaction:
            if attempt is not None:
                self._check_attempt(order_id, attempt, _row(transaction, order_id, lock=True))
            why = storable_text(reason)
            changed = (
                transaction.change(statements.REPORT, why, order_id)
                if status is None
                else transaction.change(statements.REPORT_STATUS, why, status, order_id)
            )
            if not changed:
                _log.warning("WinCC order %r is not open in %s: %s", order_id, self.orders_table, reason)

    def _known(self, order_id: str, row: dict[str, Any] | None) -> dict[str, Any]:
        if row is None:
            raise WinCCConfigurationError(
                f"There is no order {order_id!r} in table {self.orders_table}.",
                hint="Check the order id (a text: leading zeros count) and the table, or have the ERP release the "
                "order there.",
            )
        return row

    def _check_may_begin(self, row: Mapping[str, Any], owner: str) -> None:
        if row["status"] == "planned":
            raise WinCCConfigurationError(
                f"Order {row['order_id']!r} in table {self.orders_table} is only planned.",
                hint="Hand off orders that a claim returned, or release this one: set its status to 'released'.",
            )
        if row["status"] == "claimed" and row["claimed_by"] not in {None, owner}:
            raise OrderTakenOverError(
                f"Order {row['order_id']!r} is claimed by {row['claimed_by']!r} (at {when_claimed(row)}), not by "
                f"{owner!r}.",
                hint="Let that one go on. If it is gone for good, release the order again: set its status to "
                "'released'.",
                retryable=False,
            )

    def _check_attempt(self, order_id: str, attempt: str, row: dict[str, Any] | None) -> None:
        current = self._known(order_id, row)["attempt"]
        if current != attempt:
            raise OrderTakenOverError(
                f"Order {order_id!r} belongs to attempt {current!r} now, no longer to {attempt!r}."
            )


def _row(transaction: Transaction, order_id: str, *, lock: bool = False) -> dict[str, Any] | None:
    rows = transaction.select(statements.LOCK_ORDER if lock else statements.SELECT_ORDER, order_id)
    return rows[0] if rows else None


def _check_revision(order: StagedOrder, revision: int | None, begun: list[int | None]) -> None:
    # What may run in the unit is brought to its end, whatever the ERP has made of the order since.
    if revision not in {None, order.revision, *begun}:
        raise OrderPayloadMismatchError(
            f"The ERP lists order {order.order_id!r} in revision {order.revision} ({order.status}), and revision "
            f"{revision} was to be handed over. This attempt has sent nothing.",
            hint="Claim the order again: the ERP changed it after it was claimed.",
        )


def _enter(
    transaction: Transaction, order: StagedOrder, results: list[dict[str, Any]], *, owner: str, attempt: str
) -> None:
    """Make an attempt the only one of its order, and let a result that stands settle an order that was released."""
    if order.status not in _DONE:
        transaction.change(statements.BEGIN, owner, attempt, order.order_id)
        for standing in results:
            transaction.change(statements.SET_STATUS, *_settled(order.revision, standing), order.order_id)
    elif results:
        # It is not started again; what is left to do, such as the Clear, needs the note all the same.
        transaction.change(statements.BEGIN_DONE, attempt, order.order_id)


def _made(row: Mapping[str, Any] | None) -> int:
    """Return the revision that a unit has made which does not say it."""
    if row is None:
        return 0
    listed: int = row["revision"]
    try:
        noted = None if row["note"] is None else noted_revision(read_json_object(row["note"]))
    except ValueError:
        noted = None
    return listed if noted is None else noted


def _is_of_a_refused_revision(transaction: Transaction, order: StagedOrder) -> bool:
    """Whether the note says only what the unit has refused: that may have started nothing, and is corrected now."""
    noted = noted_revision(order.note)
    standing = transaction.select(statements.SELECT_STANDING, order.order_id)
    return noted is not None and any(
        result["outcome"] == "refused" and noted == result["revision"] < order.revision for result in standing
    )


def _set_aside(
    transaction: Transaction, row: dict[str, Any], error: WinCCConfigurationError | OrderPayloadMismatchError
) -> None:
    """Write into the row of an order that is not done why it is not begun."""
    if row["status"] in _DONE:
        return
    if isinstance(error, WinCCConfigurationError):
        status: str = status_of_unreadable(row)
    elif row["status"] == "claimed":
        status = "claimed"
    else:
        # The ERP has released it anew, and whoever claims it gets what it lists now.
        return
    transaction.change(statements.SET_STATUS, status, storable_text(str(error)), row["order_id"])


def _readable(transaction: Transaction, rows: list[dict[str, Any]]) -> list[StagedOrder]:
    """Return the orders that can be read; set the others aside with the reason."""
    orders = []
    for row in rows:
        try:
            orders.append(read_row(row))
        except WinCCConfigurationError as error:
            _set_aside(transaction, row, error)
            _log.warning("WinCC order set to %s: %s", status_of_unreadable(row), error)
    return orders


def _result(order_id: str, row: Mapping[str, Any]) -> dict[str, Any]:
    columns = {"order_id": order_id, **{name: row[name] for name in ("revision", "unit", "outcome")}}
    try:
        return read_json_object(row["result"]) | columns
    except ValueError as error:
        raise WinCCConfigurationError(
            f"The recorded result of order {order_id!r} {error}.",
            hint="Only the handoff writes results. Correct the row by hand; the order has run.",
        ) from None


def _changes_the_order(row: Mapping[str, Any], standing: Mapping[str, Any], status: str, *, is_new: bool) -> bool:
    if row["status"] == "confirmed":
        return False
    if standing["outcome"] == "refused" and row["revision"] > standing["revision"]:
        # The ERP has corrected the order meanwhile; the refusal is not of what it lists now.
        return False
    # A result that stood before says nothing of another revision that the ERP has released since.
    return is_new or bool(row["status"] != status and row["revision"] == standing["revision"])


def _settled(listed: int, standing: Mapping[str, Any]) -> tuple[str, str]:
    """Return the status of an order that has a result and is not handed over again, and the reason.

    :param listed: the revision that the ERP lists.
    """
    revision, outcome = standing["revision"], standing["outcome"]
    stands = f"The result of revision {revision} stands ({outcome})"
    if revision == listed:
        return status_after(outcome), f"{stands}. The order was released again and not handed over again."
    # It is known what ran, so nobody has to find out; but what is listed now was not made.
    return "failed", f"{stands}. Revision {listed} was released after it and not handed over."
