"""The tree of a condition's text, built form by form from the vocabulary."""

from __future__ import annotations

import ast
import operator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from airflow_provider_wincc.conditions.condition import Condition, all_of, any_of
from airflow_provider_wincc.conditions.errors import WinCCConditionError
from airflow_provider_wincc.conditions.expressions import TagExpression
from airflow_provider_wincc.conditions.literals import Number, NumberTemplate, read_literal
from airflow_provider_wincc.conditions.text.calls import match_arguments, nearest
from airflow_provider_wincc.conditions.text.order import DEEPEST, TOO_DEEP
from airflow_provider_wincc.conditions.text.parsing import PYTHON_FORM
from airflow_provider_wincc.conditions.text.pointing import short
from airflow_provider_wincc.conditions.text.vocabulary import (
    ARGUMENTS,
    FUNCTIONS,
    METHODS_OF_A_CONDITION,
    METHODS_OF_A_TAG,
    NUMBER,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow_provider_wincc.conditions.text.pointing import ConditionText
    from airflow_provider_wincc.conditions.text.vocabulary import Argument, Function

_T = TypeVar("_T")


def read_tree(source: ConditionText, tree: ast.expr) -> Condition:
    """Return the condition that the tree of a text describes.

    :raises WinCCConditionError: when it describes none; it points at the place.
    """
    return _Reader(source).condition(tree, 0)


_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Condition]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_TURNED_ROUND: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.Eq,
    ast.NotEq: ast.NotEq,
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
}
_JOINED = 'Compare each tag, and join the comparisons with and or or: tag("A") == 1 and tag("B") == 2.'
_PARENTHESES = (
    'In Python, &, | and ~ bind tighter than comparisons. Put each comparison in parentheses, as in (tag("A") == 1) '
    '& (tag("B") == 2), or write and, or, not.'
)
_QUOTES = 'The name of a tag stands in quotes: tag("Tank1.Level").'
_RANGE = 'Write low <= tag("A") <= high with numbers, or join two comparisons: tag("A") > low and tag("A") < high.'


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the tree of one text. Nodes and names that it does not know are refused."""

    source: ConditionText

    def condition(self, node: ast.expr, depth: int, *, hint: str = _JOINED) -> Condition:
        value = self._value(node, depth)
        if isinstance(value, Condition):
            return value
        if isinstance(value, TagExpression):
            hint = f"Compare the tag, as in {value!r} == True. {hint}"
        raise self.source.error_at(node, f"expected a condition, not {_described(value)}", hint=hint)

    def _value(self, node: ast.expr, depth: int) -> object:
        if depth > DEEPEST:
            raise self.source.error_at(node, TOO_DEEP)
        inside = depth + 1
        match node:
            case ast.Constant(value=bool() | int() | float() | str()):
                return node.value
            case ast.UnaryOp():
                return self._unary(node, inside)
            case ast.BoolOp() | ast.BinOp(op=ast.BitAnd() | ast.BitOr()):
                return self._joined(node, inside)
            case ast.Compare():
                return self._comparison(node, inside)
            case ast.Call(func=ast.Name() as name):
                return self._called(self._function(name), node, self.source.span(name), (), inside)
            case ast.Call(func=ast.Attribute() as method):
                receiver = self._value(method.value, inside)
                return self._called(self._method(method, receiver), node, self._name_of(method), (receiver,), inside)
            case ast.List() | ast.Tuple():
                return [self._value(item, inside) for item in node.elts]
            case ast.Name():
                raise self._not_called(self.source.span(node), self._function(node, hint=_QUOTES))
            case ast.Attribute():
                function = self._method(node, self._value(node.value, inside))
                raise self._not_called(self._name_of(node), function)
            case _:
                raise self.source.error_at(node, "this cannot stand in a condition", hint=PYTHON_FORM)

    def _unary(self, node: ast.UnaryOp, depth: int) -> Condition | int | float:
        match node:
            case ast.UnaryOp(op=ast.Not()):
                return ~self.condition(node.operand, depth)
            case ast.UnaryOp(op=ast.Invert()):
                return ~self.condition(node.operand, depth, hint=_PARENTHESES)
            case ast.UnaryOp(operand=ast.Constant(value=int() | float() as value)) if not isinstance(value, bool):
                return -value if isinstance(node.op, ast.USub) else value
        raise self.source.error_at(node, "a sign stands before a number, and nowhere else")

    def _joined(self, node: ast.BoolOp | ast.BinOp, depth: int) -> Condition:
        join = all_of if isinstance(node.op, ast.And | ast.BitAnd) else any_of
        if isinstance(node, ast.BoolOp):
            return join(*[self.condition(part, depth) for part in node.values])
        return join(*[self.condition(part, depth, hint=_PARENTHESES) for part in _operands(node)])

    def _comparison(self, node: ast.Compare, depth: int) -> Condition:
        nodes = [node.left, *node.comparators]
        values = [self._value(part, depth) for part in nodes]
        for part, value in zip(nodes, values, strict=True):
            if isinstance(value, Condition):
                raise self.source.error_at(part, "only tags are compared, and this is a condition", hint=_PARENTHESES)
        operators = [type(one) for one in node.ops]
        match values:
            case [TagExpression() as tag, other]:
                return self._compared(tag, operators[0], other, nodes[1])
            case [other, TagExpression() as tag]:
                return self._compared(tag, _TURNED_ROUND[operators[0]], other, nodes[0])
            case [_, _]:
                raise self.source.error_at(
                    node, "a comparison needs a tag on one side", hint='Write tag("Tank1.Level") >= 40.'
                )
            case [_, TagExpression() as tag, _] if operators in ([ast.LtE, ast.LtE], [ast.GtE, ast.GtE]):
                first, last = (self._read(NUMBER, nodes[index], values[index], hint=_RANGE) for index in (0, 2))
                low, high = (first, last) if operators[0] is ast.LtE else (last, first)
                return self._made(self.source.span(node), tag.between, low, high)
        raise self.source.error_at(node, "these comparisons in a row are no form of a condition", hint=_RANGE)

    def _compared(self, tag: TagExpression, kind: type[ast.cmpop], other: object, node: ast.expr) -> Condition:
        span = self.source.span(node)
        if not isinstance(other, TagExpression):
            self._made(span, read_literal, other)
        return self._made(span, _COMPARE[kind], tag, other)

    def _function(self, name: ast.Name, *, hint: str = "") -> Function:
        function = FUNCTIONS.get(name.id)
        if function is None:
            hint = f"{nearest(name.id, FUNCTIONS)} {hint}".rstrip()
            raise self.source.error_at(name, f"unknown name {short(name.id)!r}", hint=hint)
        return function

    def _method(self, method: ast.Attribute, receiver: object) -> Function:
        name = method.attr
        match receiver:
            case TagExpression():
                methods, others = METHODS_OF_A_TAG, METHODS_OF_A_CONDITION
                elsewhere = f"{name} belongs to a condition, not to a tag"
                advice = "Compare the tag first, and put the comparison in parentheses."
            case Condition():
                methods, others = METHODS_OF_A_CONDITION, METHODS_OF_A_TAG
                elsewhere = f"{name} belongs to a tag, not to a condition"
                advice = "Write it right behind tag(...)."
            case _:
                raise self.source.error(
                    *self._name_of(method),
                    f"{_described(receiver)} has no methods",
                    hint="Methods belong to tags and to conditions.",
                )
        if name in methods:
            return methods[name]
        problem = elsewhere if name in others else f"unknown method {short(name)!r}"
        raise self.source.error(
            *self._name_of(method), problem, hint=advice if name in others else nearest(name, methods)
        )

    def _not_called(self, span: tuple[int, int], function: Function) -> WinCCConditionError:
        return self.source.error(*span, f"{function.name} must be called", hint=f"Write {function.usage}.")

    def _name_of(self, method: ast.Attribute) -> tuple[int, int]:
        _, end = self.source.span(method)
        return end - len(method.attr), end

    def _called(
        self, function: Function, call: ast.Call, name: tuple[int, int], receiver: tuple[object, ...], depth: int
    ) -> object:
        positional, named = list(receiver), {}
        given = match_arguments(self.source, function, call, name)
        for one in given:
            argument = ARGUMENTS[one.parameter.name]
            value = self._read(argument, one.node, self._value(one.node, depth))
            if one.by_name:
                named[one.parameter.name] = value
            else:
                positional.append(value)
        span = self.source.span(given[0].node) if len(given) == 1 else (name[0], self.source.span(call)[1])
        return self._made(span, function.make, *positional, **named)

    def _read(self, argument: Argument, node: ast.expr, value: object, *, hint: str | None = None) -> object:
        read = self._made(self.source.span(node), argument.read, value)
        if read is None:
            raise self.source.error_at(node, f"expected {argument.what}, not {_described(value)}", hint=hint)
        return read

    def _made(self, span: tuple[int, int], make: Callable[..., _T], *arguments: object, **named: object) -> _T:
        try:
            return make(*arguments, **named)
        except WinCCConditionError as error:
            raise self.source.error(*span, error.message, hint=error.hint) from None


def _operands(node: ast.BinOp) -> list[ast.expr]:
    """Return what is joined by the same operator, in its order. A long chain is no deep one."""
    operands = [node.right]
    left = node.left
    while isinstance(left, ast.BinOp) and type(left.op) is type(node.op):
        operands.append(left.right)
        left = left.left
    return [left, *reversed(operands)]


def _described(value: object) -> str:
    match value:
        case TagExpression():
            return f"the tag {short(repr(value.source.name))}"
        case Condition():
            return "a condition"
        case bool():
            return str(value)
        case str():
            return f"the text {short(repr(value))}"
        case int() | float():
            return f"the number {short(repr(value))}"
        case Number() | NumberTemplate():
            return "a number"
        case timedelta():
            return "a duration"
        case _:
            return "a list"
