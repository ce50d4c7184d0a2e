"""A YAML plant as nodes that know their places, so that each error can name file, line, column and key."""

from __future__ import annotations

import difflib
import math
import re
from typing import TYPE_CHECKING, NoReturn

import yaml

from airflow_provider_wincc.simulator.errors import PlantFileError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from airflow_provider_wincc.client.models import Scalar

# The one that is written in C reads three times as fast and has no limit of Python's to run into.
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LONGEST_SHOWN = 60


class PlantNode:
    """A value of the file with its place and its key.

    Numbers and bools are read as in YAML 1.2: ``on`` and ``yes`` are texts, and so is ``000042``.

    :param key: path of keys, such as ``tags.Tank1.Level.unit``; empty for the whole file.
    """

    def __init__(self, node: yaml.Node, source: str, key: str) -> None:
        self._node = node
        self._source = source
        self.key = key

    def fail(self, problem: str) -> NoReturn:
        """Complain about this value.

        :raises PlantFileError: always.
        """
        mark = self._node.start_mark
        raise PlantFileError(problem, source=self._source, line=mark.line + 1, column=mark.column + 1, key=self.key)

    def fields(self, expected: str) -> PlantFields:
        """Take the value as a mapping.

        :param expected: what should be there, for the error.
        :raises PlantFileError: when it is none, or has a key twice.
        """
        if not isinstance(self._node, yaml.MappingNode):
            self.fail(f"expected {expected}, not {self._shown()}")
        return PlantFields(self, dict(self._children(self._node, self._source)))

    def items(self, expected: str) -> list[PlantNode]:
        """Take the value as a list.

        :raises PlantFileError: when it is none.
        """
        if not isinstance(self._node, yaml.SequenceNode):
            self.fail(f"expected {expected}, not {self._shown()}")
        return [PlantNode(item, self._source, f"{self.key}[{place}]") for place, item in enumerate(self._node.value, 1)]

    @property
    def is_mapping(self) -> bool:
        """Whether it is a mapping."""
        return isinstance(self._node, yaml.MappingNode)

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""
        return isinstance(self._node, yaml.SequenceNode)

    def text(self, expected: str = "a text") -> str:
        """Take the value as it is written: ``000042`` is a text of six digits.

        :raises PlantFileError: when it is a mapping, a list or nothing.
        """
        if not isinstance(self._node, yaml.ScalarNode) or self._is_nothing():
            self.fail(f"expected {expected}, not {self._shown()}")
        return str(self._node.value)

    def scalar(self, expected: str = "a number, true, false or a text") -> Scalar:
        """Take the value as bool, int, float or text, by how it is written.

        :raises PlantFileError: when it is a mapping, a list or nothing.
        """
        text = self.text(expected)
        return text if self._is_quoted else _plain_scalar(text)

    def number(self, expected: str = "a number") -> float:
        """Take the value as a finite number.

        :raises PlantFileError: when it is none.
        """
        value = self.scalar(expected)
        if isinstance(value, bool | str) or not math.isfinite(value):
            self.fail(f"expected {expected}, not {self._shown()}")
        return value

    def whole(self, expected: str = "a whole number") -> int:
        """Take the value as a whole number.

        :raises PlantFileError: when it is none.
        """
        value = self.number(expected)
        if not isinstance(value, int):
            self.fail(f"expected {expected}, not {self._shown()}")
        return value

    def flag(self) -> bool:
        """Take the value as true or false.

        :raises PlantFileError: when it is neither.
        """
        value = self.scalar("true or false")
        if not isinstance(value, bool):
            self.fail(f"expected true or false, not {self._shown()}")
        return value

    def choice(self, known: Collection[str], what: str) -> str:
        """Take the value as one of some words.

        :raises PlantFileError: naming the nearest one, when it is none of them.
        """
        word = self.text(f"one of {', '.join(known)}")
        if word not in known:
            self.fail(unknown_word(what, word, known))
        return word

    def _children(self, node: yaml.MappingNode, source: str) -> Iterator[tuple[str, PlantNode]]:
        seen: dict[str, int] = {}
        for key_node, value in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                PlantNode(key_node, source, self.key).fail("a key is a text, not a list or a mapping")
            name = str(key_node.value)
            key = f"{self.key}.{name}" if self.key else name
            if name in seen:
                PlantNode(key_node, source, key).fail(f"the key stands twice, first in line {seen[name]}; keep one")
            seen[name] = key_node.start_mark.line + 1
            yield name, _Named(value, source, key, key_node)

    def _is_nothing(self) -> bool:
        return not self._is_quoted and self._node.value in ("", "~", "null")

    @property
    def _is_quoted(self) -> bool:
        return isinstance(self._node, yaml.ScalarNode) and self._node.style in {"'", '"', "|", ">"}

    def _shown(self) -> str:
        if isinstance(self._node, yaml.MappingNode):
            return "a mapping"
        if isinstance(self._node, yaml.SequenceNode):
            return "a list"
        if self._is_nothing():
            return "nothing"
        text = repr(self._node.value)
        return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


class _Named(PlantNode):
    """A value below a key."""

    def __init__(self, node: yaml.Node, source: str, key: str, key_node: yaml.Node) -> None:
        super().__init__(node, source, key)
        self.key_node = key_node

    def at_key(self) -> PlantNode:
        return PlantNode(self.key_node, self._source, self.key)


class PlantFields:
    """The keys of a mapping, to be taken one by one; :meth:`done` complains about those that nobody took."""

    def __init__(self, node: PlantNode, children: dict[str, PlantNode]) -> None:
        self._node = node
        self._left = dict(children)
        self._asked: list[str] = []
        self.children = children

    def fail(self, problem: str) -> NoReturn:
        """Complain about the mapping as a whole.

        :raises PlantFileError: always.
        """
        self._node.fail(problem)

    def take(self, name: str) -> PlantNode | None:
        """Take the value of a key; None where the mapping does not have it."""
        self._asked.append(name)
        return self._left.pop(name, None)

    def need(self, name: str) -> PlantNode:
        """Take the value of a key that must be there.

        :raises PlantFileError: when it is not, naming a key that looks like it.
        """
        found = self.take(name)
        if found is None:
            near = difflib.get_close_matches(name, self._left, n=1)
            self._node.fail(f"the key {name!r} is missing" + (f"; is {near[0]!r} meant for it?" if near else ""))
        return found

    def done(self) -> None:
        """Complain about the first key that was not asked for.

        :raises PlantFileError: naming the nearest known key.
        """
        for name, child in self._left.items():
            place = child.at_key() if isinstance(child, _Named) else child
            place.fail(unknown_word("key", name, self._asked))


def read_nodes(text: str, source: str) -> PlantNode:
    """Read YAML text, safely: nothing in it is run, and anchors are refused.

    :param source: name of the file, for errors.
    :raises PlantFileError: for text that is no YAML, or has anchors in it.
    """
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        place = (1, 1) if mark is None else (mark.line + 1, mark.column + 1)
        raise PlantFileError(f"no YAML: {_reason(problem)}", source=source, line=place[0], column=place[1]) from None
    except yaml.reader.ReaderError:
        found = yaml.reader.Reader.NON_PRINTABLE.search(text)
        begin = text[: found.start()] if found else ""
        raise PlantFileError(
            f"the character {found[0] if found else '?'!r} cannot stand in YAML",
            source=source,
            line=begin.count("\n") + 1,
            column=len(begin) - begin.rfind("\n"),
        ) from None
    except RecursionError:
        raise PlantFileError("nested too deeply", source=source, line=1, column=1) from None
    if root is None:
        raise PlantFileError("the file is empty; expected at least tags", source=source, line=1, column=1)
    _refuse_anchors(root, source)
    return PlantNode(root, source, "")


def unknown_word(what: str, word: str, known: Collection[str]) -> str:
    """Say that a word is unknown, which one looks like it, and which are known."""
    spellings = {each.lower(): str(each) for each in known}
    near = difflib.get_close_matches(word.lower(), spellings, n=1)
    hint = f"did you mean {spellings[near[0]]!r}? Known are" if near else "known are"
    return f"unknown {what} {word[:_LONGEST_SHOWN]!r}; {hint} {', '.join(known)}"


_WHOLE = re.compile(r"[-+]?(0|[1-9]\d{0,30})")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]{1,16}")
_REAL = re.compile(r"[-+]?(\d{1,40}\.\d{0,40}|\.\d{1,40}|\d{1,40}(?=[eE]))([eE][-+]?\d{1,3})?")


def _plain_scalar(text: str) -> Scalar:
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    if _WHOLE.fullmatch(text):
        return int(text)
    if _HEXADECIMAL.fullmatch(text):
        return int(text, 16)
    return float(text) if _REAL.fullmatch(text) else text


def _refuse_anchors(root: yaml.Node, source: str) -> None:
    # A value that is met again is one that an alias points to. A few of them can stand for billions.
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            PlantNode(node, source, "").fail("anchors and aliases (& and *) are not read here; write the value out")
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            waiting += [each for pair in node.value for each in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value


def _reason(problem: yaml.MarkedYAMLError) -> str:
    parts = [part for part in (problem.context, problem.problem) if part]
    if "\t" in str(problem.problem) or "cannot start any token" in str(problem.problem):
        parts.append("indent with spaces, and put texts with special characters into quotes")
    return ", ".join(parts)
