"""A notifier on two tags of the station, and what it has logged."""

from __future__ import annotations

from airflow_provider_wincc.notifications.tags import WinCCTagNotifier

STATUS = "Line3.JobStatus"
TEXT = "Line3.JobText"
FAILED = 2
PATH = "airflow_provider_wincc.notifications.tags.WinCCTagNotifier"


def add_screen(station):
    """Give the station the two tags that a screen shows."""
    station.set(STATUS, 0)
    station.set(TEXT, "")


def arguments(**others):
    """Arguments of a notifier that says that a job failed; None leaves one out."""
    given = {"status_tag": STATUS, "status": FAILED, "text_tag": TEXT, "text": "job failed", "verify_timeout": 2}
    return {name: value for name, value in {**given, **others}.items() if value is not None}


def notifier(**others):
    return WinCCTagNotifier(**arguments(**others))


def status_only(**others):
    return notifier(text_tag=None, text=None, **others)


def shown(station):
    """What the screen shows now."""
    return station.get(STATUS).value, station.get(TEXT).value


def written(station):
    return [(write.tag, write.value) for write in station.writes]


def puts(station):
    return [request for request in station.requests if request.method == "PUT"]


def logged(caplog, capsys):
    """Return the log, wherever this version of Airflow writes it."""
    return "\n".join([*(record.getMessage() for record in caplog.records), capsys.readouterr().out])
