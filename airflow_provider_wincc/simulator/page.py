"""The page for people at the origin of the simulated station."""

from __future__ import annotations

PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Simulated WinCC station</title></head>
<body>
<h1>Simulated WinCC station</h1>
<p>This is a test double of the documented REST interface of SIMATIC WinCC. It is not WinCC, no product of
Siemens, and controls nothing.</p>
<ul>
<li>REST service, with login: <a href="/WinCCRestService/tagManagement/variables">/WinCCRestService/</a></li>
<li>State, from this machine only: <a href="/simulator/state">/simulator/state</a></li>
<li>Production units, what they have started and their timelines, from this machine only:
<a href="/simulator/units">/simulator/units</a></li>
<li>Messages that are pending, and what happened to messages, from this machine only:
<a href="/simulator/messages">/simulator/messages</a></li>
<li>Requests so far, from this machine only: <a href="/simulator/requests">/simulator/requests</a></li>
</ul>
<p>Users and passwords are printed where the station was started.</p>
</body>
</html>
"""
