"""Messages (alarms) as what to wait for: patterns that pick messages, and what is made of those picked.

``MessagePattern(class_name="Error", text="level high", state="came in")`` describes; ``pattern.matches(message)``
judges one message. Nothing here needs Airflow or a station.
"""

from __future__ import annotations

from airflow_provider_wincc.client.messages.query import MessageList
from airflow_provider_wincc.client.messages.values import MessageState
from airflow_provider_wincc.messages.pattern import MessagePattern

__all__ = ["MessageList", "MessagePattern", "MessageState"]
