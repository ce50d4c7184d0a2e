"""The zones of a plant's network on one machine, each with a network of its own, and a firewall between them.

The enterprise's zone is the machine's own network, where its databases are. The DMZ and the plant are network
namespaces. All three have a route to each other, through a fourth namespace that forwards what it is told to and
refuses the rest, as a packet filter does. It knows addresses, ports and directions, but no connections.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import socket
import subprocess
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.required_services import NAMESPACES, missing

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEW_NETWORK = 0x40000000  # CLONE_NEWNET of Linux' sched.h


class Zones:
    """The addresses of the three zones' one machine each, and the walls between them.

    :param token: a short text in the names of all namespaces and links.
    :param network: the third number of addresses in 198.18.0.0/15, which are for tests alone (RFC 2544).
    """

    def __init__(self, token: str, network: int) -> None:
        self._token = token
        self._firewall = self._namespace("firewall")
        self._legs = {"enterprise": f"w{token}e", "dmz": f"w{token}d", "plant": f"w{token}p"}
        self._gateways = {
            zone: f"198.18.{network}.{64 * place + 1}" for place, zone in enumerate(("enterprise", "dmz", "plant"))
        }
        self.enterprise = f"198.18.{network}.2"
        self.dmz = f"198.18.{network}.66"
        self.plant = f"198.18.{network}.130"

    @contextmanager
    def inside(self, zone: str) -> Iterator[None]:
        """Have this thread, and what it starts, be a machine of a zone for a while."""
        if zone == "enterprise":
            yield
            return
        with ExitStack() as stack:
            own = _opened(stack, "/proc/thread-self/ns/net")
            _enter(_opened(stack, f"/run/netns/{self._namespace(zone)}"))
            stack.callback(_enter, own)
            yield

    def allow(self, client: str, server: str, port: int) -> None:
        """Let the machine of one zone open TCP connections to a port of another one's, and the answers come back."""
        there, back = getattr(self, server), getattr(self, client)
        forth = f"iif {self._legs[client]} ipproto tcp from {back} to {there} dport {port}"
        answers = f"iif {self._legs[server]} ipproto tcp from {there} sport {port} to {back}"
        for what in (forth, answers):
            _ip(f"-n {self._firewall} rule add pref 100 {what} lookup main")

    def reaches(self, zone: str, address: str, port: int) -> bool:
        """Whether a TCP connection from a zone to an address stands."""
        with self.inside(zone):
            try:
                socket.create_connection((address, port), timeout=5).close()
            except OSError:
                return False
            return True

    @contextmanager
    def listener(self, zone: str) -> Iterator[int]:
        """Listen on a port of a zone's machine; give the port."""
        with self.inside(zone):
            listening = socket.create_server((getattr(self, zone), 0))
        with closing(listening):
            yield int(listening.getsockname()[1])

    def build(self) -> None:
        """Make the namespaces, the links and the routes; nothing is let through yet."""
        for namespace in self._namespaces:
            _ip(f"netns add {namespace}")
            _ip(f"-n {namespace} link set lo up")
        for zone, leg in self._legs.items():
            at = "" if zone == "enterprise" else f"-n {self._namespace(zone)} "
            _ip(f"link add {leg} netns {self._firewall} type veth peer name {leg}0")
            if at:
                _ip(f"link set {leg}0 netns {self._namespace(zone)}")
            _ip(f"-n {self._firewall} address add {self._gateways[zone]}/26 dev {leg}")
            _ip(f"-n {self._firewall} link set {leg} up")
            _ip(f"-n {self._firewall} rule add pref 200 iif {leg} prohibit")
            _ip(f"{at}address add {getattr(self, zone)}/26 dev {leg}0")
            _ip(f"{at}link set {leg}0 up")
            for other in self._legs.keys() - {zone}:
                _ip(f"{at}route add {getattr(self, other)}/32 via {self._gateways[zone]}")
        with self.inside("firewall"):
            Path("/proc/sys/net/ipv4/ip_forward").write_text("1")

    def tear_down(self) -> None:
        """Remove all of it, as far as it is there."""
        for namespace in self._namespaces:
            subprocess.run(["ip", "netns", "del", namespace], capture_output=True, check=False)

    @property
    def _namespaces(self) -> list[str]:
        return [self._namespace(zone) for zone in ("dmz", "plant", "firewall")]

    def _namespace(self, zone: str) -> str:
        return f"wincc-{self._token}-{zone}"


@contextmanager
def zones() -> Iterator[Zones]:
    """Make the zones, with nothing let through; fail in CI where that cannot be, skip elsewhere."""
    if shutil.which("ip") is None or os.geteuid() != 0:
        missing(NAMESPACES)
    made = Zones(secrets.token_hex(2), secrets.randbelow(256))
    try:
        try:
            made.build()
        except subprocess.CalledProcessError as error:
            missing(f"{NAMESPACES} ({' '.join(error.cmd)}: {error.stderr.strip()})")
        yield made
    finally:
        made.tear_down()


def _ip(command: str) -> None:
    subprocess.run(["ip", *command.split()], capture_output=True, text=True, check=True)


def _opened(stack: ExitStack, path: str) -> int:
    descriptor = os.open(path, os.O_RDONLY)
    stack.callback(os.close, descriptor)
    return descriptor


def _enter(network: int) -> None:
    # Python has it from 3.12 on, as os.setns.
    if ctypes.CDLL(None, use_errno=True).setns(network, _NEW_NETWORK):
        raise OSError(ctypes.get_errno(), "setns")
