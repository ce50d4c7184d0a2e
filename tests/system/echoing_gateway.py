"""A gateway in front of no station at all, which repeats the login that it was given in its answers, as some do."""

from __future__ import annotations

import base64
import html
import json
import threading
from collections import Counter
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from typing import Self

ROW = {"variableName": "T.A", "dataType": 5, "value": "0", "qualitycode": "128", "errorcode": 0}


class EchoingGateway:
    """Answers by the first part of the path; see ``_Answers``. Use it as a context manager.

    ``echoed`` counts by the first part of the path how often a login was repeated.
    """

    def __init__(self) -> None:
        self.echoed: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()

    def __enter__(self) -> Self:
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                _, kind, path = self.path.split("/", maxsplit=2)
                status, headers, body = gateway.answer(kind, path, self.headers.get("Authorization", "no login"))
                self.send_response(status)
                for name, text in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = _answer  # noqa: N815  the names that the base class looks for

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, kind: str) -> str:
        """Where it answers in this way."""
        return f"http://127.0.0.1:{self._server.server_port}/{kind}"

    def answer(self, kind: str, path: str, authorization: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body.

        A number is a status whose body repeats the login in every form; ``then-`` before it has the first request of
        tags, and the first one of messages, answered well. ``garbage`` is no JSON, ``rows`` is the error of a tag,
        ``redirect`` sends to an address with the login.
        """
        if kind.startswith("then-"):
            rows = [] if "alarmLogging" in path else [ROW]
            self._seen[f"{kind} {rows}"] += 1
            if self._seen[f"{kind} {rows}"] == 1:
                return 200, {}, json.dumps(rows).encode()
            kind = kind.removeprefix("then-")
        self.echoed[kind] += 1
        echo = _echo(authorization)
        match kind:
            case "garbage":
                return 200, {}, b"[{ " + echo.encode()
            case "rows":
                row = {**ROW, "value": None, "error": echo, "errorcode": -2147483648}
                return 200, {}, json.dumps([row]).encode()
            case "redirect":
                return 302, {"Location": f"http://{quote(_decoded(authorization), safe=':')}@127.0.0.1:1/"}, b""
            case _:
                return HTTPStatus(int(kind)), {"Content-Type": "text/html"}, f"<p>{echo}</p>".encode()


def _echo(authorization: str) -> str:
    login = _decoded(authorization)
    secret = login.partition(":")[2] or login
    forms = [authorization, login, secret, quote(secret, safe=""), json.dumps(secret), html.escape(secret)]
    return " ".join(forms)


def _decoded(authorization: str) -> str:
    scheme, _, rest = authorization.partition(" ")
    return base64.b64decode(rest).decode() if scheme == "Basic" else rest
