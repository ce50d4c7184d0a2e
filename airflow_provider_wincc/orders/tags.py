"""``OrderHandoffTags``: which tags of a unit play which role in the handoff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.orders.commits import commit_profile
from airflow_provider_wincc.orders.states import ReturnCodes, state_map

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.orders.commits import CommitProfile
    from airflow_provider_wincc.orders.order import ProductionOrder
    from airflow_provider_wincc.orders.states import JobState, StateMap

STANDARD_NAMES: Mapping[str, str] = {
    "id": "Order.Id",
    "revision": "Order.Revision",
    "sequence": "Order.Sequence",
    "request": "Order.Request",
    "client_status": "Order.ClientStatus",
    "start": "Order.Start",
    "clear": "Order.Clear",
    "stop": "Order.Stop",
    "abort": "Order.Abort",
    "cancel": "Order.Cancel",
    "ack_sequence": "Order.AckSequence",
    "acknowledge": "Order.Acknowledge",
    "unit_status": "Order.UnitStatus",
    "ack_id": "Order.AckId",
    "current_id": "Order.CurrentId",
    "current_sequence": "Order.CurrentSequence",
    "current_revision": "Order.CurrentRevision",
    "return_status": "Order.ReturnStatus",
    "state": "Order.State",
    "result": "Order.Result",
    "ready": "Order.Ready",
    "mode": "Unit.Mode",
    "heartbeat": "Unit.Heartbeat",
}
"""Role → standard name of its tag, below the prefix."""

METHOD_ROLES = ("start", "clear", "stop", "abort", "cancel")
"""The commands that are bound to the stored order: in force when equal to its number."""
ID_ECHO_ROLES = ("ack_id", "current_id")
"""How the unit says which order an answer and a state belong to."""
TEXT_ROLES = ("id", *ID_ECHO_ROLES)
_OPTIONAL = frozenset(
    {
        *("revision", "current_revision", "stop", "abort", "cancel", "ack_id", "current_id"),
        *("return_status", "result", "ready", "mode", "heartbeat"),
    }
)
_HANDSHAKE = ("sequence", "request", "client_status", "ack_sequence", "acknowledge", "unit_status")
# A STRING of an S7 controller holds at most this many characters.
_LONGEST_TEXT = 254


@dataclass(frozen=True, kw_only=True)
class OrderHandoffTags:
    """The tags of one unit, in their roles; the standard names are those of ``docs/order-handoff-unit.md``.

    Names of tags may hold templates where an operator takes the map.

    :param prefix: stands before every tag of this map, such as ``Mixer1.``
    :param payload: the parameters of an order: names, for tags ``Order.<name>``; or parameter → tag.
    :param echo: where the unit shows the parameters that it has stored: parameter → tag. None stands for
        ``Order.Current<name>``. A parameter without an echo is not compared before the start.
    :param results: what the unit reports at the end: names, for tags ``Order.<name>``; or name → tag.
    :param names: role → tag, where the unit has other names than :data:`STANDARD_NAMES`.
    :param without: roles that the unit has no tag for. ``revision``, ``stop``, ``abort``, ``cancel``, ``result``,
        ``ready``, ``mode`` and ``heartbeat`` may be missing; ``return_status`` in profile D; ``ack_id`` and
        ``current_id`` in B and D, which makes automatic retries impossible.
    :param states: meaning of the state tag: ``isa95``, ``packml``, ``packml_tmc``, or number → job state.
    :param profile: handshake by which an order is committed: ``A`` (sequence numbers), ``B`` (two increments with
        permission), ``C`` (four-phase bits), ``D`` (status words of two owners).
    :param accept_code: the return status that means "accepted".
    :param unable_now_code: the return status for "not now": the order is offered again when the unit is free.
    :param already_taken_code: the return status for "id already held or executed".
    :param status_bits: the two latter are bits that may stand beside others; False compares whole numbers.
    :param production_mode: the number of the unit mode in which orders are taken.
    :param id_length: characters that the tag of the id holds; a longer order id is refused before anything is written.
    :raises WinCCConfigurationError: naming the role and the tag that do not fit.
    """

    prefix: str = ""
    payload: Mapping[str, str] | Sequence[str] = ()
    echo: Mapping[str, str] | None = None
    results: Mapping[str, str] | Sequence[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    without: Sequence[str] = ()
    states: str | Mapping[int, JobState | int | str] = "isa95"
    profile: Literal["A", "B", "C", "D"] = "A"
    accept_code: int = 1
    unable_now_code: int = 8
    already_taken_code: int = 16
    status_bits: bool = True
    production_mode: int = 1
    id_length: int = _LONGEST_TEXT

    def __post_init__(self) -> None:
        _check_texts("prefix", [self.prefix])
        for name in ("payload", "results"):
            _check_names(name, getattr(self, name))
        if self.echo is not None and not isinstance(self.echo, Mapping):
            raise _wrong("echo", self.echo, "a mapping of parameter to tag, or None")
        if not isinstance(self.names, Mapping):
            raise _wrong("names", self.names, "a mapping of role to tag")
        if isinstance(self.without, str) or not isinstance(self.without, Sequence):
            raise _wrong("without", self.without, 'a list of roles, such as ["cancel"]')
        _check_number("id_length", self.id_length, smallest=1)
        for name in ("accept_code", "unable_now_code", "already_taken_code", "production_mode"):
            _check_number(name, getattr(self, name))
        self._check_roles()
        self._check_echo()
        self._check_each_tag_once()
        state_map(self.states)

    @cached_property
    def roles(self) -> Mapping[str, str]:
        """Role → full name of its tag, for the roles that this unit has."""
        handshake = {*self.commit_profile.client_roles, *self.commit_profile.unit_roles}
        left_out = {*self._left_out, *(role for role in _HANDSHAKE if role not in handshake)}
        return {
            role: self.prefix + self.names.get(role, standard)
            for role, standard in STANDARD_NAMES.items()
            if role not in left_out
        }

    @cached_property
    def payload_tags(self) -> Mapping[str, str]:
        """Parameter → full name of the tag that it is written to."""
        return self._full(self.payload)

    @cached_property
    def echo_tags(self) -> Mapping[str, str]:
        """Parameter → full name of the tag that shows what the unit has stored."""
        if self.echo is not None:
            return self._full(self.echo)
        return {name: self.prefix + _echo_name(tag) for name, tag in _mapping(self.payload).items()}

    @cached_property
    def result_tags(self) -> Mapping[str, str]:
        """Name of a result → full name of its tag."""
        return self._full(self.results)

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """The full names of all tags that a snapshot reads."""
        maps = (self.roles, self.payload_tags, self.echo_tags, self.result_tags)
        return tuple(dict.fromkeys(tag for names in maps for tag in names.values()))

    @cached_property
    def commit_profile(self) -> CommitProfile:
        """The handshake of this unit."""
        return commit_profile(self.profile)

    @cached_property
    def state_map(self) -> StateMap:
        """The meaning of the state tag."""
        return state_map(self.states)

    @cached_property
    def return_codes(self) -> ReturnCodes:
        """The meaning of the return status."""
        return ReturnCodes(self.accept_code, self.unable_now_code, self.already_taken_code, self.status_bits)

    @cached_property
    def methods(self) -> tuple[str, ...]:
        """The roles of the commands that this unit has."""
        return tuple(role for role in METHOD_ROLES if role in self.roles)

    @property
    def has_id_echo(self) -> bool:
        """Whether the unit says which order an answer and a state belong to."""
        return "current_id" in self.roles

    @property
    def unit(self) -> str:
        """The unit's name for logs and errors."""
        return self.prefix.rstrip("._-") or self.roles["id"]

    def check_order(self, order: ProductionOrder) -> None:
        """Check that an order fits this map; nothing is sent.

        :raises WinCCConfigurationError: naming the parameter without a tag, the missing parameter, or the id that
            is too long for its tag.
        """
        unknown = [name for name in order.payload if name not in self.payload_tags]
        if unknown:
            raise WinCCConfigurationError(
                f"Order {order.order_id!r} has the parameters {_listed(unknown)}, for which the tag map of unit "
                f"{self.unit!r} names no tag.",
                hint=f"Name their tags in payload (it has {_listed(self.payload_tags)}), or leave them out of the "
                "order.",
            )
        missing = [name for name in self.payload_tags if name not in order.payload]
        if missing:
            raise WinCCConfigurationError(
                f"Order {order.order_id!r} lacks the parameters {_listed(missing)} of unit {self.unit!r}.",
                hint="Give every parameter: the tag would otherwise keep the value of the order before.",
            )
        if len(order.order_id) > self.id_length:
            raise WinCCConfigurationError(
                f"The order id {order.order_id!r} has {len(order.order_id)} characters, and the tag "
                f"{self.roles['id']!r} holds {self.id_length} (id_length). Nothing was sent.",
                hint="Use a longer STRING in the controller and say so in id_length; an id is never cut off.",
            )
        if order.revision and "revision" not in self.roles:
            raise WinCCConfigurationError(
                f"Order {order.order_id!r} has revision {order.revision}, and unit {self.unit!r} has no tag for it.",
                hint="Give the unit the tags of role 'revision' and 'current_revision', or release the change under a "
                "new order id.",
            )

    def rendered(self, render: Callable[[object], object]) -> OrderHandoffTags:
        """Return the map with every template in its texts replaced by what ``render`` makes of it."""
        return replace(self, **{spec.name: _rendered(getattr(self, spec.name), render) for spec in fields(self)})

    def resolve(self, context: Mapping[str, Any]) -> OrderHandoffTags:
        """Return the map rendered by the task of an Airflow context; Airflow's templater calls this."""
        task = context["task"]
        return self.rendered(lambda text: task.render_template(text, context))

    def to_json(self) -> dict[str, Any]:
        """Return the map as a dict of JSON types."""
        data = {spec.name: _plain(getattr(self, spec.name)) for spec in fields(self)}
        if not isinstance(self.states, str):
            data["states"] = {str(number): state.name for number, state in self.state_map.states.items()}
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> OrderHandoffTags:
        """Make a map out of a dict of its parameters.

        :raises WinCCConfigurationError: naming a key that is no parameter.
        """
        known = {spec.name for spec in fields(cls)}
        unknown = [name for name in data if name not in known]
        if unknown:
            raise WinCCConfigurationError(
                f"A tag map has no {_listed(unknown)}.", hint=f"Known are {', '.join(sorted(known))}."
            )
        return cls(**data)

    @property
    def _left_out(self) -> set[str]:
        left_out = set(self.without)
        return left_out | ({"current_revision"} if "revision" in left_out else set())

    def _full(self, names: Mapping[str, str] | Sequence[str]) -> dict[str, str]:
        return {name: self.prefix + tag for name, tag in _mapping(names).items()}

    def _check_roles(self) -> None:
        for parameter, roles in (("names", self.names), ("without", self.without)):
            unknown = [role for role in roles if role not in STANDARD_NAMES]
            if unknown:
                raise WinCCConfigurationError(
                    f"The tag map's {parameter} has {_listed(unknown)}, which is no role.",
                    hint=f"Known are {', '.join(STANDARD_NAMES)}.",
                )
        _check_texts("names", self.names.values())
        profile = self.commit_profile
        needed = [role for role in self.without if role not in _OPTIONAL]
        if "return_status" in self.without and profile.name != "D":
            needed.append("return_status")
        if not profile.may_lack_id_echo:
            needed += [role for role in ID_ECHO_ROLES if role in self.without]
        if needed:
            raise WinCCConfigurationError(
                f"A unit of profile {profile.name} cannot be without {_listed(needed)}.",
                hint="Give the unit these tags: without them nobody can tell what became of an order.",
            )
        if len({role in self._left_out for role in ID_ECHO_ROLES}) > 1:
            raise WinCCConfigurationError(
                "The tag map is without one of 'ack_id' and 'current_id'.",
                hint="Leave out both, when the unit does not echo the order's id, or none.",
            )

    def _check_echo(self) -> None:
        strangers = [name for name in self.echo or {} if name not in _mapping(self.payload)]
        if strangers:
            raise WinCCConfigurationError(
                f"The echo has {_listed(strangers)}, which the payload does not have.", hint="Correct the names."
            )

    def _check_each_tag_once(self) -> None:
        owners: dict[str, str] = {}
        for kind, names in (
            ("role", self.roles),
            ("payload", self.payload_tags),
            ("echo of", self.echo_tags),
            ("result", self.result_tags),
        ):
            for name, tag in names.items():
                other = owners.setdefault(tag.lower(), f"{kind} {name!r}")
                if other != f"{kind} {name!r}":
                    raise WinCCConfigurationError(
                        f"The tag {tag!r} stands twice in the tag map: for {other} and for {kind} {name!r}.",
                        hint="WinCC ignores letter case in names. Give each its own tag.",
                    )


def _mapping(names: Mapping[str, str] | Sequence[str]) -> Mapping[str, str]:
    return names if isinstance(names, Mapping) else {name: f"Order.{name}" for name in names}


def _echo_name(tag: str) -> str:
    before, dot, name = tag.rpartition(".")
    return f"{before}{dot}Current{name}"


def _check_names(parameter: str, names: object) -> None:
    if isinstance(names, Mapping):
        _check_texts(parameter, [*names, *names.values()])
    elif isinstance(names, Sequence) and not isinstance(names, str):
        _check_texts(parameter, names)
        if len({name.lower() for name in names}) < len(names):
            raise _wrong(parameter, names, "each name once")
    else:
        raise _wrong(parameter, names, "a list of names, or a mapping of name to tag")


def _check_texts(parameter: str, texts: object) -> None:
    for text in texts:  # type: ignore[attr-defined]  # always a collection
        if not isinstance(text, str) or (not text and parameter != "prefix"):
            raise _wrong(parameter, text, "texts that are not empty")


def _check_number(parameter: str, value: object, *, smallest: int = 0) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < smallest:
        raise _wrong(parameter, value, f"a whole number from {smallest}")


def _wrong(parameter: str, value: object, expected: str) -> WinCCConfigurationError:
    return WinCCConfigurationError(f"The tag map's {parameter} is {value!r}.", hint=f"Expected {expected}.")


def _rendered(part: Any, render: Callable[[object], object]) -> Any:
    if isinstance(part, str):
        return render(part) if "{" in part else part
    if isinstance(part, Mapping):
        return {_rendered(key, render): _rendered(value, render) for key, value in part.items()}
    if isinstance(part, Sequence):
        return tuple(_rendered(item, render) for item in part)
    return part


def _plain(part: Any) -> Any:
    if isinstance(part, Mapping):
        return {str(key): _plain(value) for key, value in part.items()}
    return [_plain(item) for item in part] if isinstance(part, tuple | list) else part


def _listed(names: object) -> str:
    return ", ".join(map(repr, names)) or "none"  # type: ignore[call-overload]  # always a collection of texts
