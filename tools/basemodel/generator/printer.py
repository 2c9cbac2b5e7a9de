"""Print what Java and C# write alike; each language adds where it differs.

Levels of binding are those of both languages, which agree on them for the operators used here.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Final, cast

from tools.basemodel.generator import tree
from tools.basemodel.generator.api import ASSIGNMENT, PRIMARY, TERNARY, UNARY, Part
from tools.basemodel.generator.page import Page

BINARY_LEVELS: Final = {
    "||": 3,
    "&&": 4,
    "|": 5,
    "^": 6,
    "&": 7,
    "==": 8,
    "!=": 8,
    "<": 9,
    ">": 9,
    "<=": 9,
    ">=": 9,
    "<<": 10,
    ">>": 10,
    ">>>": 10,
    ">>>L": 10,
    "+": 11,
    "-": 11,
    "*": 12,
    "/": 12,
    "%": 12,
}
RELATION: Final = 9


class Printer(ABC):
    """Print a tree on a page; a subclass knows one language."""

    arrow: str
    instance_word: str

    def __init__(self, page: Page) -> None:
        self.page = page

    # Expressions: each method gives the text and the level that it binds with.

    def expression(self, node: tree.Expr, level: int = ASSIGNMENT) -> str:
        """Give the text of an expression, in parentheses where it binds too loosely for `level`."""
        write = cast(
            Callable[[tree.Expr], tuple[str, int]],
            getattr(self, "_write_" + type(node).__name__.lower()),
        )
        text, own = write(node)
        return text if own >= level else f"({text})"

    def listed(self, nodes: Sequence[tree.Expr]) -> str:
        """Give expressions with commas between them."""
        return ", ".join([self.expression(node) for node in nodes])

    @abstractmethod
    def type(self, ref: tree.TypeRef) -> str:
        """Give the name of a type in this language."""

    @abstractmethod
    def method_name(self, name: str) -> str:
        """Give a method name in the case rule of this language."""

    @abstractmethod
    def _write_library(self, node: tree.Library) -> tuple[str, int]: ...

    @abstractmethod
    def _write_typeliteral(self, node: tree.TypeLiteral) -> tuple[str, int]: ...

    def fill(self, parts: Sequence[Part], arguments: Sequence[tree.Expr]) -> str:
        """Put arguments into the places of a template."""
        return "".join(
            [
                part if isinstance(part, str) else self.expression(arguments[part[0]], part[1])
                for part in parts
            ]
        )

    def _write_literal(self, node: tree.Literal) -> tuple[str, int]:
        return node.text, UNARY if node.text[0] == "-" else PRIMARY

    def _write_name(self, node: tree.Name) -> tuple[str, int]:
        return node.text, PRIMARY

    def _write_access(self, node: tree.Access) -> tuple[str, int]:
        return f"{self.expression(node.owner, PRIMARY)}.{node.name}", PRIMARY

    def _write_static(self, node: tree.Static) -> tuple[str, int]:
        return self.type(node.type), PRIMARY

    def _write_call(self, node: tree.Call) -> tuple[str, int]:
        call = f"{self.method_name(node.name)}({self.listed(node.arguments)})"
        if node.owner is None:
            return call, PRIMARY
        return f"{self.expression(node.owner, PRIMARY)}.{call}", PRIMARY

    def _write_new(self, node: tree.New) -> tuple[str, int]:
        return f"new {self.type(node.type)}({self.listed(node.arguments)})", PRIMARY

    def _write_newarray(self, node: tree.NewArray) -> tuple[str, int]:
        tail = "[]" * node.element.dimensions
        element = self.type(tree.TypeRef(node.element.name, node.element.arguments))
        return f"new {element}[{self.expression(node.size)}]{tail}", PRIMARY

    def _write_arrayvalues(self, node: tree.ArrayValues) -> tuple[str, int]:
        return f"new {self.type(node.element)}[] {{{self.listed(node.items)}}}", PRIMARY

    def _write_index(self, node: tree.Index) -> tuple[str, int]:
        return f"{self.expression(node.array, PRIMARY)}[{self.expression(node.index)}]", PRIMARY

    def _write_binary(self, node: tree.Binary) -> tuple[str, int]:
        level = BINARY_LEVELS[node.operator]
        left = self.expression(node.left, level)
        right = self.expression(node.right, level + 1)
        return f"{left} {node.operator[:3]} {right}", level

    def _write_prefix(self, node: tree.Prefix) -> tuple[str, int]:
        operand = self.expression(node.operand, UNARY)
        if operand[0] == node.operator[0]:
            operand = f"({operand})"
        return node.operator + operand, UNARY

    def _write_postfix(self, node: tree.Postfix) -> tuple[str, int]:
        return self.expression(node.operand, PRIMARY) + node.operator, PRIMARY - 1

    def _write_assign(self, node: tree.Assign) -> tuple[str, int]:
        target = self.expression(node.target, PRIMARY)
        return f"{target} {node.operator} {self.expression(node.value)}", ASSIGNMENT

    def _write_cast(self, node: tree.Cast) -> tuple[str, int]:
        operand = self.expression(node.operand, UNARY)
        if operand[0] == "-":
            operand = f"({operand})"
        return f"({self.type(node.type)}){self.cast_gap}{operand}", UNARY

    cast_gap = ""

    def _write_instanceof(self, node: tree.InstanceOf) -> tuple[str, int]:
        operand = self.expression(node.operand, RELATION)
        return f"{operand} {self.instance_word} {self.type(node.type)}", RELATION

    def _write_ternary(self, node: tree.Ternary) -> tuple[str, int]:
        condition = self.expression(node.condition, TERNARY + 1)
        then = self.expression(node.then, TERNARY + 1)
        return f"{condition} ? {then} : {self.expression(node.otherwise, TERNARY)}", TERNARY

    def _write_lambda(self, node: tree.Lambda) -> tuple[str, int]:
        return f"{node.parameter} {self.arrow} {self.expression(node.body)}", ASSIGNMENT

    # Statements go to the page.

    def block(self, statements: Sequence[tree.Stmt]) -> None:
        """Print statements one after the other."""
        for statement in statements:
            write = cast(
                Callable[[tree.Stmt], None],
                getattr(self, "_put_" + type(statement).__name__.lower()),
            )
            write(statement)

    def simple(self, node: tree.Stmt) -> str:
        """Give the text of a statement that fits on one line."""
        match node:
            case tree.Local():
                value = "" if node.value is None else f" = {self.expression(node.value)}"
                return f"{self.modifier(node)}{self.type(node.type)} {node.name}{value};"
            case tree.Do():
                return self.expression(node.expression) + ";"
            case tree.Return():
                return "return;" if node.value is None else f"return {self.expression(node.value)};"
            case tree.Throw():
                return f"throw {self.expression(node.value)};"
            case tree.Jump():
                return node.word + ";"
        raise TypeError(f"{type(node).__name__} does not fit on a line")

    def modifier(self, node: tree.Local) -> str:
        """Give what stands before the type of a local variable."""
        del node  # only Java marks a local variable
        return ""

    def _put_local(self, node: tree.Stmt) -> None:
        self.page.line(self.simple(node))

    _put_do = _put_return = _put_throw = _put_jump = _put_local

    def _put_comment(self, node: tree.Comment) -> None:
        self.page.comment(node.text)

    def _put_if(self, node: tree.If) -> None:
        head = f"if ({self.expression(node.condition)})"
        if not node.braces:
            self.page.line(f"{head} {self.simple(node.then[0])}")
            return
        self.page.open(head)
        self.block(node.then)
        rest = node.otherwise
        while len(rest) == 1 and isinstance(rest[0], tree.If) and rest[0].braces:
            self.page.reopen(f"else if ({self.expression(rest[0].condition)})")
            self.block(rest[0].then)
            rest = rest[0].otherwise
        if rest:
            self.page.reopen("else")
            self.block(rest)
        self.page.close()

    def _put_for(self, node: tree.For) -> None:
        start, step = self.simple(node.start), self.expression(node.step)
        self.page.open(f"for ({start} {self.expression(node.condition)}; {step})")
        self.block(node.body)
        self.page.close()

    @abstractmethod
    def _put_foreach(self, node: tree.ForEach) -> None: ...

    def _put_while(self, node: tree.While) -> None:
        condition = f"while ({self.expression(node.condition)})"
        self.page.open("do" if node.after else condition)
        self.block(node.body)
        self.page.close(condition + ";" if node.after else "")

    def _put_switch(self, node: tree.Switch) -> None:
        self.page.open(f"switch ({self.expression(node.subject)})")
        for labels, body in node.cases:
            for label in labels:
                self.page.line(f"case {self.expression(label)}:")
            if not labels:
                self.page.line("default:")
            self.page.deeper()
            self.block(body)
            self.page.shallower()
        self.page.close()

    def _put_try(self, node: tree.Try) -> None:
        self.page.open("try")
        self.block(node.body)
        if node.catch is not None:
            caught, name, body = node.catch
            self.page.reopen(f"catch ({self.type(caught)} {name})")
            self.block(body)
        if node.after:
            self.page.reopen("finally")
            self.block(node.after)
        self.page.close()

    monitor_word: str

    def _put_synchronized(self, node: tree.Synchronized) -> None:
        self.page.open(f"{self.monitor_word} ({self.expression(node.monitor)})")
        self.block(node.body)
        self.page.close()

    def member(self, node: tree.Member) -> None:
        """Print a member of a type."""
        write = cast(
            Callable[[tree.Member], None], getattr(self, "_member_" + type(node).__name__.lower())
        )
        write(node)
