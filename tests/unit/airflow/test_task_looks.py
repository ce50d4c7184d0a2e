"""What all operators and sensors show in Airflow's web page: colours that can be read, and the link to the station."""

from __future__ import annotations

import colorsys

import pytest

from airflow_provider_wincc.links.station import WinCCStationLink
from airflow_provider_wincc.operators.erp import WinCCClaimOrdersOperator
from tests.provider_tasks import tasks_of_the_provider

ENOUGH = 7.0
"""The contrast that WCAG asks for at its highest level."""


TASKS = tasks_of_the_provider()


def channels(color):
    return [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]


def luminance(color):
    linear = [value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in channels(color)]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_all_tasks_are_looked_at():
    assert len(TASKS) == 15


@pytest.mark.parametrize("task", TASKS)
def test_its_text_can_be_read_on_its_colour(task):
    text = {"#000": "#000000"}.get(task.ui_fgcolor, task.ui_fgcolor)

    assert contrast(text, task.ui_color) >= ENOUGH


def test_all_colours_are_of_one_hue():
    hues = {round(colorsys.rgb_to_hls(*channels(task.ui_color))[0], 2) for task in TASKS}

    assert hues == {0.5}


def test_what_changes_the_plant_is_told_apart_from_what_looks():
    dark = {task.__name__ for task in TASKS if luminance(task.ui_color) < 0.2}

    assert dark == {
        "WinCCWriteTagsOperator",
        "WinCCWriteDecoratedOperator",
        "WinCCOrderHandoffOperator",
        "WinCCClearOrderOperator",
    }


@pytest.mark.parametrize("task", TASKS)
def test_it_links_to_its_station_where_it_has_one(task):
    links = [type(link) for link in task.operator_extra_links]

    assert links == ([] if task is WinCCClaimOrdersOperator else [WinCCStationLink])
