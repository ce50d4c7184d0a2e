"""The SQL of the page on the ERP's tables runs on either database, as the page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from erp_databases import ErpDatabase

PAGE = Path(__file__).parents[3] / "docs" / "erp.md"


def test_the_sql_of_the_page_runs_here(erp: ErpDatabase) -> None:
    scripts = re.findall(r"^```sql\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)

    for script in scripts:
        for statement in filter(str.strip, script.split(";")):
            erp.run(statement)

    assert erp.statuses() == {"000042": "released", "000045": "released"}
