"""Templates in a tag map, rendered by Airflow's own templater."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.sdk import BaseOperator

from airflow_provider_wincc.client import WinCCConfigurationError
from airflow_provider_wincc.orders import OrderHandoffTags


class TagMapOperator(BaseOperator):
    """An operator with a tag map in a template field."""

    template_fields = ("tags",)

    def __init__(self, *, tags: OrderHandoffTags, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tags = tags


def rendered(tags: OrderHandoffTags, **params: object) -> OrderHandoffTags:
    operator = TagMapOperator(task_id="hand_over", tags=tags)
    operator.render_template_fields({"task": operator, "params": params})
    return operator.tags


def test_templates_are_rendered_in_prefix_names_payload_echo_and_results() -> None:
    tags = rendered(
        OrderHandoffTags(
            prefix="{{ params.unit }}.",
            names={"id": "{{ params.id_tag }}"},
            payload={"Recipe": "{{ params.unit }}_Recipe"},
            echo={"Recipe": "{{ params.unit }}_RecipeNow"},
            results=["{{ params.result }}"],
        ),
        unit="Mixer2",
        id_tag="JobNo",
        result="Made",
    )

    assert tags.roles["state"] == "Mixer2.Order.State"
    assert tags.roles["id"] == "Mixer2.JobNo"
    assert tags.payload_tags == {"Recipe": "Mixer2.Mixer2_Recipe"}
    assert tags.echo_tags == {"Recipe": "Mixer2.Mixer2_RecipeNow"}
    assert tags.result_tags == {"Made": "Mixer2.Order.Made"}


def test_rendering_leaves_the_map_of_the_task_alone() -> None:
    tags = OrderHandoffTags(prefix="{{ params.unit }}.")

    first, second = rendered(tags, unit="Mixer1"), rendered(tags, unit="Mixer2")

    assert (first.prefix, second.prefix) == ("Mixer1.", "Mixer2.")
    assert tags.prefix == "{{ params.unit }}."
    assert second.roles["id"] == "Mixer2.Order.Id"


def test_a_map_without_templates_means_the_same_afterwards() -> None:
    tags = OrderHandoffTags(prefix="Mixer1.", payload=["A"], without=["heartbeat"], states={1: "RUNNING"})

    assert rendered(tags).to_json() == tags.to_json()


def test_a_map_that_makes_no_sense_once_it_is_rendered_is_refused() -> None:
    with pytest.raises(WinCCConfigurationError, match="stands twice"):
        rendered(OrderHandoffTags(names={"id": "{{ params.tag }}"}), tag="Order.State")
