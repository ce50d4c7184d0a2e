from __future__ import annotations

import pytest

from demo.environment import AIRFLOW_VERSION
from demo.matrix.__main__ import main
from demo.matrix.cells import CELLS, UnknownCellError, choose
from demo.matrix.declared import floors


def test_the_required_airflows_and_pythons_are_all_there() -> None:
    required = {cell.airflow for cell in CELLS if not cell.awaited}

    assert required == {"==3.1.8", "==3.2.2", f"=={AIRFLOW_VERSION}"}
    assert {cell.python for cell in CELLS if not cell.awaited} == {"3.11", "3.12", "3.13"}


def test_the_lowest_cell_has_the_first_airflow_that_setup_cfg_allows() -> None:
    (lowest,) = choose(["lowest"])

    assert lowest.airflow == f"=={floors('test')['apache-airflow']}"


def test_without_names_all_cells_are_chosen() -> None:
    assert choose([]) == list(CELLS)


def test_cells_run_in_the_order_of_the_matrix_whatever_the_order_of_their_names() -> None:
    assert [cell.name for cell in choose(["newest", "lowest"])] == ["lowest", "newest"]


def test_a_cell_that_does_not_exist_is_an_error_that_names_those_that_do() -> None:
    with pytest.raises(UnknownCellError, match=r"No cell is called oldest\. There are: lowest, middle, newest"):
        choose(["oldest", "lowest"])


def test_the_command_says_that_a_cell_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["oldest"])

    assert code == 2
    assert "No cell is called oldest" in capsys.readouterr().err


def test_the_list_names_airflow_python_and_dependencies_of_each_cell(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--list"])

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert [line.split()[0] for line in lines] == [cell.name for cell in CELLS]
    for line, cell in zip(lines, CELLS, strict=True):
        assert cell.airflow in line
        assert f"Python {cell.python}" in line
        assert cell.dependencies in line
