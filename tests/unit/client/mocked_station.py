"""The address of the station whose answers the tests make up."""

from __future__ import annotations

HOST = "https://wincc01.plant.example:34568"
BASE = f"{HOST}/WinCCRestService"
VALUES = f"{BASE}/tagManagement/Values"
VALUE = f"{BASE}/tagManagement/Value"
VARIABLES = f"{BASE}/tagManagement/variables"
