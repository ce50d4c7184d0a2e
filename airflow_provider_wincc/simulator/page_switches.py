"""What can be switched at the station, taken from the code that does it: faults and dialect."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from dataclasses import fields
from itertools import pairwise
from typing import Any, Literal, get_args, get_origin, get_type_hints

from airflow_provider_wincc.simulator.dialect import Dialect
from airflow_provider_wincc.simulator.faults import Fault, make_fault


def switches() -> dict[str, Any]:
    """Describe all faults and all switches of the dialect.

    :returns: ``faults``, each with name, description, seconds that it takes by itself (None where it takes none) and
        whether it takes a tag; ``dialect``, each switch with name, description, default and the choices that it has
        (None where it is a whole number or None).
    """
    return {
        "faults": [_fault(fault, description) for fault, description in _faults_described()],
        "dialect": [_switch(name, description) for name, description in _dialect_described()],
    }


def _fault(fault: Fault, description: str) -> dict[str, Any]:
    return {
        "name": fault.value,
        "description": description,
        "seconds": make_fault(fault).seconds,
        "takes_tag": _takes_tag(fault),
    }


def _takes_tag(fault: Fault) -> bool:
    try:
        make_fault(fault, tag="any")
    except ValueError:
        return False
    return True


def _faults_described() -> list[tuple[Fault, str]]:
    """Pair each fault with the text below it in its class, which Python keeps in the source only."""
    texts: dict[str, str] = {}
    for definition in ast.parse(textwrap.dedent(inspect.getsource(Fault))).body:
        lines = definition.body if isinstance(definition, ast.ClassDef) else []
        for above, below in pairwise(lines):
            match above, below:
                case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(value=ast.Constant(value=str(text))):
                    texts[name] = _plain(text)
    return [(fault, texts.get(fault.name, "")) for fault in Fault]


def _switch(name: str, description: str) -> dict[str, Any]:
    hint = get_type_hints(Dialect)[name]
    choices = list(get_args(hint)) if get_origin(hint) is Literal else [False, True] if hint is bool else None
    return {"name": name, "description": description, "default": getattr(Dialect(), name), "choices": choices}


def _dialect_described() -> list[tuple[str, str]]:
    found = re.findall(r":param (\w+): (.*?)(?=\n\s*:|\Z)", Dialect.__doc__ or "", re.DOTALL)
    texts = {name: _plain(text) for name, text in found}
    return [(switch.name, texts.get(switch.name, "")) for switch in fields(Dialect)]


def _plain(text: str) -> str:
    return " ".join(text.replace("``", "").split())
