"""``airflow-wincc check``: every step, and what to do about the one that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from command_runs import at, environment_for, run, run_at

from airflow_provider_wincc.client.check import Step

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator import Simulator


def failed_steps(shown: str) -> list[str]:
    """Return the names of the steps that a table calls failed."""
    return [line.split()[0] for line in shown.splitlines() if " failed " in line]


def test_all_steps_pass_and_no_secret_is_shown(plant: Simulator) -> None:
    result = run_at(plant, "check")

    assert (result.returncode, result.stderr) == (0, "")
    assert [line for line in result.stdout.splitlines() if " passed " in line] == result.stdout.splitlines()[2:]
    assert len(result.stdout.splitlines()) == 2 + len(Step)
    assert plant.users["engineer"].password not in result.stdout


def test_a_refused_login_is_the_step_that_fails_and_is_sent_once(plant: Simulator) -> None:
    result = run("check", *at(plant), environment=environment_for(None, WINCC_PASSWORD="not the one"))

    assert result.returncode == 1
    assert failed_steps(result.stdout) == ["login"]
    assert result.stdout.count("not reached") == 2
    assert "Check user name and password" in result.stderr
    assert len(plant.requests) == 1
    assert "not the one" not in result.stdout + result.stderr


def test_a_certificate_that_is_not_trusted_names_the_option(plant: Simulator) -> None:
    result = run("check", "--url", plant.url, "--user", "engineer", environment=environment_for(plant))

    assert result.returncode == 1
    assert failed_steps(result.stdout) == ["TLS"]
    assert "--ca-file FILE" in result.stderr


def test_without_the_check_of_the_certificate_it_works_and_warns_once(plant: Simulator) -> None:
    result = run("check", "--url", plant.url, "--user", "engineer", "--no-verify", environment=environment_for(plant))

    assert result.returncode == 0
    assert result.stderr == "airflow-wincc check: warning: the station's certificate is not checked.\n"


def test_a_port_where_nobody_listens_is_told_with_the_remedy(plant: Simulator) -> None:
    result = run("check", "--url", "https://127.0.0.1:9", "--user", "engineer", environment=environment_for(plant))

    assert result.returncode == 1
    assert failed_steps(result.stdout) == ["TCP"]
    assert "Check host and port" in result.stderr


def test_a_ca_file_that_is_not_there_is_told(plant: Simulator) -> None:
    result = run(
        "check",
        "--url",
        plant.url,
        "--user",
        "engineer",
        "--ca-file",
        "nowhere.pem",
        environment=environment_for(plant),
    )

    assert result.returncode == 1
    assert "nowhere.pem" in result.stderr
    assert plant.requests == []
