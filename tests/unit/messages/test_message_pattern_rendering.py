"""Templates in a pattern: what they render to, by texts and natively."""

from __future__ import annotations

import pytest

from airflow_provider_wincc.client import WinCCConfigurationError
from airflow_provider_wincc.client.messages.values import Message
from airflow_provider_wincc.messages import MessagePattern


class Task:
    """Renders by looking up."""

    def __init__(self, results):
        self.results = results

    def render_template(self, text, context):
        return self.results[text]


def resolve(pattern, **results):
    return pattern.resolve({"task": Task({f"{{{{ {name} }}}}": result for name, result in results.items()})})


def test_every_text_may_hold_a_template():
    pattern = MessagePattern(
        number="{{ number }}",
        class_name="{{ name }}",
        type_name="{{ type }}",
        text="{{ text }}",
        priority=("{{ low }}", 16),
        state="{{ state }}",
    )

    resolved = resolve(pattern, number="1001", name="Err*", type="Alarm", text="high", low="8", state="came in")

    assert resolved == MessagePattern(1001, "Err*", "Alarm", "high", (8, 16), "came in")
    assert pattern.is_templated
    assert not resolved.is_templated


@pytest.mark.parametrize("number", ["{{ it }}", [5, "{{ it }}"]])
def test_a_number_may_be_rendered_natively(number):
    assert 7 in resolve(MessagePattern(number=number), it=7).number


def test_a_single_template_may_stand_for_several():
    resolved = resolve(MessagePattern(number="{{ numbers }}", state="{{ states }}"), numbers=[2, 1], states=["came in"])

    assert resolved == MessagePattern(number=[1, 2], state="came in")


def test_a_pattern_without_templates_is_left_alone():
    pattern = MessagePattern(number=1001, class_name="Error")

    assert pattern.resolve({}) is pattern


@pytest.mark.parametrize(
    ("pattern", "result", "told"),
    [
        (MessagePattern(number="{{ it }}"), "many", "number .*'many'"),
        (MessagePattern(number="{{ it }}"), None, "number .*rendered to None"),
        (MessagePattern(class_name="{{ it }}"), "", "class_name .*not empty"),
        (MessagePattern(priority="{{ it }}"), "99", "priority .*'99'"),
        (MessagePattern(priority=("{{ it }}", 3)), "4", r"priority .*lowest and the highest"),
        (MessagePattern(state="{{ it }}"), "gone", "'gone' is no state"),
    ],
)
def test_what_does_not_fit_after_rendering_is_named(pattern, result, told):
    with pytest.raises(WinCCConfigurationError, match=told):
        resolve(pattern, it=result)


def test_a_pattern_that_was_not_rendered_judges_nothing():
    with pytest.raises(WinCCConfigurationError, match=r"'\{\{ it \}\}'.*not rendered"):
        MessagePattern(text="{{ it }}").matches(Message(texts=("{{ it }}",)))
