"""The page for people in a real browser."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from airflow_provider_wincc.simulator import Dialect, Fault, Simulator
from airflow_provider_wincc.simulator.control_connection import airflow_connection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from browser_page import BrowserPage
    from selenium.webdriver import Chrome

TAG = "/WinCCRestService/tagManagement/Value"


@pytest.fixture
def rest(station: Simulator) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.auth = ("engineer", station.users["engineer"].password)
        yield session


def test_a_value_changes_on_the_page_without_a_reload(page: BrowserPage, station: Simulator) -> None:
    page.open()
    page.script("window.isTheSamePage = true")

    station.set("Tank1.Level", 73.5, quality=0x54)

    page.wait_for(lambda: page.value("Tank1.Level") == "73.5 %", "the new value in the table")
    page.wait_for(lambda: page.texts(".tank .reading")[0] == "73.5 %", "the new level in the tank")
    assert page.row("Tank1.Level")[1] == "uncertain, engineering range violated"
    assert page.texts(".drawing[data-doubtful='true'] h3") == ["Tank1"]
    assert page.script("return window.isTheSamePage")


def test_the_plant_moves_when_it_is_switched_on(page: BrowserPage, station: Simulator) -> None:
    station.set("Tank2.Setpoint", 80.0)
    page.open()
    assert page.value("Tank2.Level") == "40 %"

    page.find("plant-moves").click()

    page.wait_for(lambda: page.value("Tank2.Level") not in {"", "40 %"}, "the level to move")
    page.wait_for(lambda: page.texts(".tank .valve[data-on='true']") == [""], "the valve of one tank to open")


def test_a_fault_is_switched_on_and_its_effect_is_seen(
    page: BrowserPage, station: Simulator, rest: requests.Session
) -> None:
    page.open()
    page.switch("server_error").click()
    page.wait_for(lambda: "waits for the next request" in page.texts("#fault-list .left"), "the fault to wait")

    answer = rest.get(f"{station.url}{TAG}/Tank1.Level", timeout=10)

    assert answer.status_code == 500
    page.wait_for(lambda: not page.switch("server_error").is_selected(), "the fault to go off by itself")
    page.find("newest-details").click()
    page.wait_for(lambda: page.texts("#newest .status") == ["500"], "the answer among the newest requests")
    assert page.texts("#endpoints th") == ["GET /tagManagement/Value/{tag}"]


def test_a_fault_stays_until_it_is_switched_off_and_others_stay_then(
    page: BrowserPage, station: Simulator, rest: requests.Session
) -> None:
    page.open()
    Select(page.find("fault-count")).select_by_visible_text("all requests until it is switched off")
    page.find("faults").find_element(By.TAG_NAME, "summary").click()
    page.find("fault-path").send_keys("/tagManagement/Value/Tank1.*")
    for name in ("forbidden", "unavailable"):
        page.switch(name).click()
        page.wait_for(lambda name=name: page.switch(name).is_selected(), name)  # type: ignore[misc]

    def status(tag: str) -> int:
        return rest.get(f"{station.url}{TAG}/{tag}", timeout=10).status_code

    assert [status("Tank1.Level"), status("Tank1.Level"), status("Tank2.Level")] == [403, 403, 200]
    page.switch("forbidden").click()
    page.wait_for(lambda: not page.switch("forbidden").is_selected(), "the fault to be off")
    assert status("Tank1.Level") == 503
    page.find("clear-faults").click()
    page.wait_for(lambda: not page.find("clear-faults").is_enabled(), "all faults to be off")
    assert status("Tank1.Level") == 200


def test_there_is_a_switch_for_each_fault_and_each_switch_of_the_dialect(page: BrowserPage) -> None:
    page.open()

    assert page.texts("#fault-list label") == list(Fault)
    assert page.texts("#dialect-list label > code") == [*Dialect.__dataclass_fields__]
    assert "" not in page.texts("#fault-list .note") + page.texts("#dialect-list .note")


def test_a_dialect_is_switched_and_put_back(page: BrowserPage, station: Simulator, rest: requests.Session) -> None:
    page.open()
    label = next(one for one in page.all("#dialect-list label") if "value_typing" in one.text)
    Select(label.find_element(By.TAG_NAME, "select")).select_by_visible_text("json")
    page.switch("archive_flags").click()
    page.wait_for(lambda: page.text("dialect-count").startswith("2 of "), "two switches to be changed")

    assert (station_value(rest, station), rest.headers["Accept"]) == (40.0, "*/*")
    page.find("reset-dialect").click()
    page.wait_for(lambda: page.text("dialect-count") == "All switches are at their defaults.", "the defaults")
    assert station_value(rest, station) == "40"


def test_the_rest_service_is_switched_off_and_on(page: BrowserPage, station: Simulator, rest: requests.Session) -> None:
    page.open()

    def status() -> int:
        return rest.get(f"{station.url}{TAG}/Tank1.Level", timeout=10).status_code

    page.find("service-on").click()
    page.wait_for(lambda: status() == 503, "the service to be off")
    page.find("service-on").click()
    page.wait_for(lambda: status() == 200, "the service to be on")


def test_a_tag_is_set_by_its_dialog_and_a_wrong_value_is_explained(page: BrowserPage, station: Simulator) -> None:
    page.open()
    next(button for button in page.all("button.name") if button.text == "Tank1.Setpoint").click()
    page.find("tag-value").clear()
    page.find("tag-value").send_keys("much")
    page.find("tag-set").click()
    page.wait_for(lambda: "Conversion error: 'much'" in page.text("tag-problem"), "the problem to be told")
    assert station.get("Tank1.Setpoint").value == 40.0

    page.find("tag-value").clear()
    page.find("tag-value").send_keys("64.5")
    page.find("tag-set").click()

    page.wait_for(lambda: page.value("Tank1.Setpoint") == "64.5 %", "the value to be set")
    page.wait_for(lambda: not page.find("tag-dialog").is_displayed(), "the dialog to close")
    # The answer with status 400 is what was wanted.
    assert all("400 (Bad Request)" in complaint for complaint in page.complaints())


def test_an_order_is_shown_with_its_timeline_and_its_starts(page: BrowserPage, station: Simulator) -> None:
    page.open()
    assert page.texts("#orders-list .empty") == ["No order yet."]

    run_order(station, "000042", sequence=1)

    page.wait_for(lambda: page.texts(".order h4") == ["Order 000042"], "the order")
    assert page.texts(".order .badge") == ["started once"]
    assert [text.partition(",")[0] for text in page.texts(".order .event")] == [
        "offered",
        "accepted",
        "started",
        "running",
    ]
    next(button for button in page.all("#orders-list button") if button.text == "Hold").click()
    page.wait_for(lambda: page.texts(".order .event")[-1] == "held", "the order to be held")
    assert station.unit("Mixer1").state == "interrupted"


def test_messages_come_are_acknowledged_and_go(page: BrowserPage, station: Simulator) -> None:
    page.open()
    station.raise_message(1002, texts=["Tank2 is nearly full"])
    page.wait_for(lambda: "Tank2 is nearly full" in page.texts(".message-text"), "the message")

    page.browser.find_element(By.CSS_SELECTOR, "[aria-label='Acknowledge message 1002']").click()
    page.wait_for(lambda: any("1002 · acknowledged" in text for text in page.texts(".messages .note")), "the state")
    station.clear_message(1002)

    page.wait_for(lambda: "Tank2 is nearly full" not in page.texts(".message-text"), "the message to go")


def test_the_connection_is_copied(page: BrowserPage, station: Simulator) -> None:
    page.open()
    page.emulate("Browser.setPermission", permission={"name": "clipboard-write"}, setting="granted", origin=station.url)
    page.emulate("Browser.setPermission", permission={"name": "clipboard-read"}, setting="granted", origin=station.url)

    page.find("copy-connection").click()

    page.wait_for(lambda: page.text("status") == "Connection copied. It holds a password.", "it to be copied")
    copied = page.browser.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert json.loads(copied) == airflow_connection(station)
    assert station.users["engineer"].password not in page.browser.page_source


def test_the_connection_is_shown_where_a_page_may_not_copy(page: BrowserPage, station: Simulator) -> None:
    page.open()
    page.emulate("Browser.setPermission", permission={"name": "clipboard-write"}, setting="denied", origin=station.url)

    page.find("copy-connection").click()

    page.wait_for(lambda: page.find("connection-dialog").is_displayed(), "the text to be shown")
    shown = page.script("return document.getElementById('connection-text').value")
    assert json.loads(shown) == airflow_connection(station)
    page.find("connection-dialog").find_element(By.TAG_NAME, "button").click()
    page.wait_for(
        lambda: page.script("return document.getElementById('connection-text').value") == "", "the password to be gone"
    )


def test_a_thousand_tags_are_filtered_and_their_rows_stay_when_all_change(
    page: BrowserPage, station: Simulator
) -> None:
    names = [f"Cell{number % 10}.Sensor{number}" for number in range(1000)]
    for name in names:
        station.set(name, 0)
    page.open()
    total = len(station.tag_names)
    assert page.text("tags-count") == f"{total:,} of {total:,} tags"

    page.find("tag-filter").send_keys("cell7 sensor77")
    page.wait_for(lambda: page.text("tags-count") == f"2 of {total:,} tags", "the filter")
    assert page.texts("#tag-rows tr:not([hidden]) th") == ["Cell7.Sensor77", "Cell7.Sensor777"]
    page.find("tag-filter").clear()
    page.find("tag-filter").send_keys(" ")
    page.script(
        """
        window.firstRows = [...document.querySelectorAll("#tag-rows tr")];
        window.longest = 0;
        new PerformanceObserver((list) => {
          for (const task of list.getEntries()) window.longest = Math.max(window.longest, task.duration);
        }).observe({ type: "longtask" });
        """
    )
    for value in range(1, 6):
        for name in names:
            station.set(name, value)
        page.wait_for(lambda value=value: page.value(names[-1]) == str(value), "the last tag to change")  # type: ignore[misc]

    assert page.script(
        'return [...document.querySelectorAll("#tag-rows tr")].every((row, place) => row === window.firstRows[place])'
    )
    assert page.script("return window.longest") < 2000


def test_only_tags_that_are_not_good_are_shown_on_demand(page: BrowserPage, station: Simulator) -> None:
    station.set("T.Bad", 1, quality=8)
    station.set("T.Refused", 1, error_code=128)
    page.open()

    page.find("not-good").click()

    page.wait_for(lambda: page.texts("#tag-rows tr:not([hidden]) th") == ["T.Bad", "T.Refused"], "the filter")
    station.set("T.Bad", 2)
    page.wait_for(lambda: page.texts("#tag-rows tr:not([hidden]) th") == ["T.Refused"], "the good tag to go")
    station.remove("T.Refused")
    page.wait_for(lambda: page.texts("#tag-rows tr:not([hidden]) th") == [], "the removed tag to go")


HOSTILE = '<img src=x onerror="window.caught=1"></td><script>window.caught=1</script>&amp;\'\u202e{{7*7}}'


def test_hostile_texts_stay_texts(page: BrowserPage, station: Simulator, rest: requests.Session) -> None:
    station.set(HOSTILE, HOSTILE, error=HOSTILE, error_code=1)
    for name in ("__proto__", "constructor", "<b>.Level", "<b>.Setpoint"):
        station.set(name, 1.0)
    station.raise_message(1001, texts=[HOSTILE], instance="<i>1</i>")
    run_order(station, HOSTILE[:30], sequence=1)
    rest.get(f"{station.url}/WinCCRestService/<script>alert(1)</script>", timeout=10)
    page.open()
    page.wait_for(lambda: HOSTILE in page.texts(".message-text"), "the message")
    page.wait_for(lambda: page.texts(".order h4") == [f"Order {HOSTILE[:30]}"], "the order")

    assert page.row(HOSTILE)[0] == HOSTILE
    assert page.row("__proto__")[0] == page.row("constructor")[0] == "1"
    assert "<b>" in page.texts("#equipment h3")
    assert any("<script>alert(1)</script>" in text for text in page.texts("#newest code"))
    next(button for button in page.all("button.name") if button.text.startswith("<img")).click()
    page.wait_for(lambda: HOSTILE in page.text("tag-heading"), "the dialog")
    assert page.all("img, iframe, b, i, body script") == []
    assert page.script("return window.caught") is None


def test_the_page_finds_the_station_again_when_it_comes_back(page: BrowserPage, station: Simulator) -> None:
    page.open()
    port = station.port
    station.stop()
    page.wait_for(lambda: "trying again" in page.text("link-state"), "the page to tell that the station is away")

    with Simulator(port, tls=False, plant="still", tags={"After.Restart": 1}):
        page.wait_for(lambda: page.value("After.Restart") == "1", "the tags of the new station")
        assert page.text("link-state") == "Live"

    # A station that is away is complained about by the browser itself.
    assert all("ERR_" in complaint for complaint in page.complaints())


def test_over_https_the_page_is_the_same(browser: Chrome) -> None:
    from browser_page import BrowserPage

    with Simulator(plant="still") as station:
        page = BrowserPage(browser, station.url)
        page.open()

        assert page.value("Tank1.Level") == "40 %"
        assert page.complaints() == []
        page.leave()


def test_other_machines_are_told_why_they_see_nothing(browser: Chrome, own_address: str) -> None:
    from browser_page import BrowserPage

    with Simulator(host="0.0.0.0", tls=False, plant="still") as station:
        page = BrowserPage(browser, f"http://{own_address}:{station.port}")
        browser.get(page.url)
        page.wait_for(lambda: page.find("refused").is_displayed(), "the notice")

        assert "at its own machine only" in page.text("refused")
        assert not page.find("main").is_displayed()
        assert not page.find("copy-connection").is_displayed()
        page.leave()


@pytest.fixture
def own_address() -> str:
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing, only chooses the way out
        except OSError:
            pytest.skip("this machine has no address but loopback")
        return str(probe.getsockname()[0])


def station_value(rest: requests.Session, station: Simulator) -> Any:
    return rest.get(f"{station.url}{TAG}/Tank1.Level", timeout=10).json()["value"]


def run_order(station: Simulator, order_id: str, *, sequence: int) -> None:
    """Hand an order over to the frozen unit and let it run for a second."""
    for name, value in {"Id": order_id, "WorkMaster": "R-001", "Quantity": 70.0}.items():
        station.set(f"Mixer1.Order.{name}", value)
    station.step(1)
    station.set("Mixer1.Order.Sequence", sequence)
    station.step(1)
    station.set("Mixer1.Order.Start", station.get("Mixer1.Order.CurrentSequence").value)
    station.step(2)
