"""Take released orders from the ERP, hand each one to the mixer, and bring its result back.

The ERP releases an order by writing a row into ``production_orders``. This DAG claims the released rows, asks a person
where the parameter ``approve`` says so, and hands one order after the other to the unit. One that the unit refuses
fails alone: the others go on, and the run is marked failed at the end, so that somebody looks.

The result is recorded in the ERP and the order confirmed in one transaction, and only then is the unit told to forget
it. That order is on purpose, and both are done by the task that handed the order over: a unit that is cleared first
loses the result when the ERP cannot be reached, whereas one that is cleared too late only waits. After any failure in
between, the next try finds the result in the ERP, or still in the unit.

It needs:

- a connection ``wincc_default`` of type WinCC, with the production unit ``Mixer1`` of the simulated station
  (``airflow-wincc simulate``). To use it on a plant, replace the names of the tags by your own;
- a connection ``erp`` of the type that ``DATABASE`` below says. The first task makes the tables where there are none;
- a pool with one slot for each unit, in which waiting tasks keep the slot, so that one order at a time is on its way
  to it. **Airflow does not start tasks of a pool that does not exist**, so make it first::

      airflow pools set wincc_mixer1 1 "orders for Mixer1" --include-deferred

Give the DAG a schedule, such as ``timedelta(minutes=1)``, to have orders fetched by themselves. A run without released
orders ends after the claim.
"""

from __future__ import annotations

from datetime import timedelta
from inspect import signature

from airflow.providers.common.compat.sdk import AirflowSkipException
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.providers.standard.operators.hitl import ApprovalOperator, HITLOperator
from airflow.sdk import DAG, Context, Param, task_group

from airflow_provider_wincc.erp import staging_ddl
from airflow_provider_wincc.operators.erp import WinCCClaimOrdersOperator
from airflow_provider_wincc.operators.orders import WinCCOrderHandoffOperator
from airflow_provider_wincc.orders import OrderHandoffTags

# Airflow's standard provider calls this time execution_timeout before its version 1.12.2.
TIMEOUT = (
    "response_timeout" if "response_timeout" in signature(HITLOperator.__init__).parameters else "execution_timeout"
)
ANSWER_WITHIN = {TIMEOUT: timedelta(hours=1)}

DATABASE = "sqlite"  # or "postgresql", with a connection of type postgres

MIXER1 = OrderHandoffTags(
    prefix="Mixer1.",
    payload=["WorkMaster", "Quantity"],
    results=["ActualQuantity", "ActualDuration"],
    id_length=32,
)

# What was claimed and never begun, because nobody approved it, goes back to the ERP: nothing was sent to the unit.
GIVE_BACK = """
UPDATE production_orders SET status = 'planned', claimed_by = NULL, reason = 'not approved'
WHERE claimed_by = '{{ dag.dag_id }}/{{ run_id }}' AND status = 'claimed' AND attempt IS NULL
"""

SHOW_OUTCOME = """
SELECT listed.order_id, listed.revision, listed.status, found.outcome, listed.reason
FROM production_orders AS listed LEFT JOIN production_results AS found ON found.order_id = listed.order_id
WHERE listed.claimed_by = '{{ dag.dag_id }}/{{ run_id }}'
ORDER BY listed.order_id
"""


def skip_unless_asked_for(context: Context) -> None:
    """Skip the approval of a run that was started without it."""
    if not context["params"]["approve"]:
        raise AirflowSkipException("The parameter 'approve' is off.")


with DAG(
    dag_id="wincc_order_handoff",
    schedule=None,
    catchup=False,
    max_active_runs=1,
    params={
        "approve": Param(default=False, type="boolean", description="A person approves each order before it is sent")
    },
    doc_md=__doc__,
    tags=["wincc", "example"],
) as dag:
    make_tables = SQLExecuteQueryOperator(task_id="make_tables", conn_id="erp", sql=staging_ddl(DATABASE))

    claim_orders = WinCCClaimOrdersOperator(task_id="claim_orders", erp_conn_id="erp", unit="Mixer1", limit=20)

    @task_group(group_id="order")
    def one_order(order_id: str, revision: int, payload: dict[str, float | str]) -> None:
        """Take one order from the claim to its result."""
        approve = ApprovalOperator(
            task_id="approve",
            subject="Order {{ ti.xcom_pull(task_ids='claim_orders')[ti.map_index]['order_id'] }} for Mixer1",
            body="{{ ti.xcom_pull(task_ids='claim_orders')[ti.map_index]['payload'] | tojson }}",
            pre_execute=skip_unless_asked_for,
            **ANSWER_WITHIN,
            defaults="Reject",
            # Airflow 3.3 does not skip what follows a rejection in a mapped group; what follows a failure never runs.
            fail_on_reject=True,
        )

        # A retry first looks at the unit and joins what it finds, so it never starts an order twice. Refused and
        # aborted orders are not retried.
        hand_off = WinCCOrderHandoffOperator(
            task_id="hand_off",
            order_id=order_id,
            revision=revision,
            payload=payload,
            tags=MIXER1,
            erp_conn_id="erp",
            deferrable=True,
            poke_interval=1,
            unit_timeout=timedelta(minutes=30),
            run_timeout=timedelta(hours=8),
            pool="wincc_mixer1",
            retries=5,
            retry_delay=timedelta(seconds=10),
            trigger_rule="none_failed",
        )
        approve >> hand_off

    # Both run whatever became of the orders. As teardowns they leave it to the orders whether the run has failed.
    give_back = SQLExecuteQueryOperator(task_id="give_back", conn_id="erp", sql=GIVE_BACK).as_teardown()
    show_outcome = SQLExecuteQueryOperator(
        task_id="show_outcome", conn_id="erp", sql=SHOW_OUTCOME, show_return_value_in_logs=True
    ).as_teardown()

    make_tables >> claim_orders >> one_order.expand_kwargs(claim_orders.output) >> give_back >> show_outcome
