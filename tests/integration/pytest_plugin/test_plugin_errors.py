"""What is wrong in a user's test is told in one line, and without the extra only those who use the fixtures notice."""

from __future__ import annotations

import pytest

pytest_plugins = "pytester"
QUIET = ("-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:xdist", "--tb=short")


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        ("tag={'A': 1}", "@pytest.mark.wincc_station has no argument 'tag'; there are tls, dialect, plant, tags, *"),
        ("port=34568", "@pytest.mark.wincc_station has no argument 'port'; there are *"),
        ("plant='moving'", "@pytest.mark.wincc_station is wrong: *plant*'moving'*"),
        ("plant='nowhere.yaml'", "@pytest.mark.wincc_station is wrong: *nowhere.yaml*"),
        ("tags={'A': object()}", "@pytest.mark.wincc_station is wrong: *A*"),
        ("{'A': 1}", "@pytest.mark.wincc_station takes arguments by name only, such as tags={*}; not {'A': 1}."),
    ],
)
def test_a_wrong_marker_is_named_with_what_was_expected(pytester: pytest.Pytester, marker: str, told: str) -> None:
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.wincc_station({marker})
        def test_a_station(wincc_station):
            pass
        """
    )

    result = pytester.runpytest_inprocess(*QUIET)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([told])
    result.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("'line 2'", "wincc_connect takes the id of a connection, *; not 'line 2'."),
        ("None", "wincc_connect takes the id of a connection, *; not None."),
        ("login='root'", "The station has no user 'root'; there are engineer, viewer, guest."),
        ("tag_limit={'A': (0, 1)}", "*extra has 'tag_limit', which is not an option*Write 'tag_limits'*"),
        ("read_only='perhaps'", "*read_only*'perhaps'*"),
    ],
)
def test_a_wrong_connection_is_told_before_a_dag_runs(pytester: pytest.Pytester, arguments: str, told: str) -> None:
    pytester.makepyfile(
        f"""
        def test_a_connection(wincc_connect):
            wincc_connect({arguments})
        """
    )

    result = pytester.runpytest_inprocess(*QUIET)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([told])


@pytest.fixture
def no_other_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plugins of others in this environment load what they like, among it what is missing here."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


@pytest.mark.usefixtures("no_other_plugin")
def test_without_the_extra_a_used_fixture_says_what_to_install_and_other_tests_run(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import sys
        from importlib.machinery import PathFinder

        class WithoutStarlette(PathFinder):
            @classmethod
            def find_spec(cls, name, path=None, target=None):
                return None if name == "starlette" else super().find_spec(name, path, target)

        sys.meta_path[:] = [WithoutStarlette if finder is PathFinder else finder for finder in sys.meta_path]
        """
    )
    pytester.makepyfile(
        """
        def test_with_a_station(wincc_station):
            pass

        def test_without_one():
            pass
        """
    )

    result = pytester.runpytest_subprocess("-p", "wincc", "--tb=short")

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["The fixture wincc_station needs starlette: pip install 'airflow-provider-wincc[[]pytest]'"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.usefixtures("no_other_plugin")
def test_a_run_without_the_fixtures_loads_neither_airflow_nor_a_web_server(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_what_is_loaded():
            loaded = {name.partition(".")[0] for name in sys.modules}
            assert not loaded & {"airflow", "requests", "starlette", "trustme", "typer", "uvicorn"}
            ours = {name for name in sys.modules if name.startswith("airflow_provider_wincc")}
            assert ours == {"airflow_provider_wincc", "airflow_provider_wincc.pytest_plugin"}
        """
    )

    result = pytester.runpytest_subprocess("-p", "wincc")

    result.assert_outcomes(passed=1)
