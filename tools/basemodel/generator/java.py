"""Print a tree as Java."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from tools.basemodel.generator import tree
from tools.basemodel.generator.printer import Printer

BOXES: Final = {
    "int": "Integer",
    "long": "Long",
    "boolean": "Boolean",
    "char": "Character",
    "double": "Double",
    "float": "Float",
    "short": "Short",
    "byte": "Byte",
}


@lru_cache(maxsize=20_000)
def java_type(ref: tree.TypeRef) -> str:
    """Give a type as Java writes it; a primitive type argument is boxed."""
    text = ref.name
    if ref.arguments:
        inner = [
            BOXES.get(one.name, one.name)
            if not one.dimensions and not one.arguments
            else java_type(one)
            for one in ref.arguments
        ]
        text += f"<{', '.join(inner)}>"
    return text + "[]" * ref.dimensions


class JavaPrinter(Printer):
    """The Java side of a pair."""

    arrow = "->"
    instance_word = "instanceof"
    monitor_word = "synchronized"
    cast_gap = " "

    def type(self, ref: tree.TypeRef) -> str:
        """Give the name of a type in Java."""
        return java_type(ref)

    def method_name(self, name: str) -> str:
        """Give a method name in the case rule of Java."""
        return name

    def _write_library(self, node: tree.Library) -> tuple[str, int]:
        return self.fill(node.entry.java, node.arguments), node.entry.java_level

    def _write_typeliteral(self, node: tree.TypeLiteral) -> tuple[str, int]:
        return self.type(node.type) + ".class", 15

    def _write_new(self, node: tree.New) -> tuple[str, int]:
        name = (
            node.type.name + "<>" if node.diamond and node.type.arguments else self.type(node.type)
        )
        return f"new {name}({self.listed(node.arguments)})", 15

    def modifier(self, node: tree.Local) -> str:
        """Give what stands before the type of a local variable."""
        return "final " if node.final else ""

    def _put_foreach(self, node: tree.ForEach) -> None:
        self.page.open(f"for ({self.type(node.type)} {node.name} : {self.expression(node.source)})")
        self.block(node.body)
        self.page.close()

    def parameters(self, nodes: Sequence[tree.Parameter]) -> str:
        """Give a parameter list without its parentheses."""
        return ", ".join(
            [
                f"{'final ' * one.final}{self.type(one.type)}{'...' * one.variadic} {one.name}"
                for one in nodes
            ]
        )

    def summary(self, text: str) -> None:
        """Print a one-line documentation comment, if there is a text for it."""
        if text and not self.page.layout.compact:
            self.page.line(f"/** {text} */")

    def _member_method(self, node: tree.Method) -> None:
        self.summary(node.summary)
        generic = f"<{', '.join(node.type_parameters)}> " if node.type_parameters else ""
        words = "".join([word + " " for word in node.modifiers])
        throws = f" throws {', '.join(node.throws)}" if node.throws else ""
        given = self.parameters(node.parameters)
        head = f"{words}{generic}{self.type(node.result)} {node.name}({given})"
        if node.annotated and self.page.layout.compact:
            head = "@Override " + head
        elif node.annotated:
            self.page.line("@Override")
        if node.body is None:
            self.page.line(f"{head}{throws};")
            return
        self.page.open(head + throws)
        self.block(node.body)
        self.page.close()

    def _member_constructor(self, node: tree.Constructor) -> None:
        self.summary(node.summary)
        words = "".join([word + " " for word in node.modifiers])
        self.page.open(f"{words}{node.name}({self.parameters(node.parameters)})")
        if node.chain is not None:
            word, arguments = node.chain
            self.page.line(f"{word}({self.listed(arguments)});")
        self.block(node.body)
        self.page.close()

    def _member_field(self, node: tree.Field) -> None:
        words = "".join([word + " " for word in node.modifiers])
        value = "" if node.value is None else f" = {self.expression(node.value)}"
        self.page.line(f"{words}{self.type(node.type)} {node.name}{value};")

    def _member_property(self, node: tree.Property) -> None:
        kind, title = self.type(node.type), node.name[0].upper() + node.name[1:]
        self.page.open(f"public {kind} get{title}()")
        self.page.line(f"return {node.field};")
        self.page.close()
        self.page.blank()
        owner = "this." if node.field == node.name else ""
        self.page.open(f"public void set{title}({kind} {node.name})")
        self.page.line(f"{owner}{node.field} = {node.name};")
        self.page.close()

    def _member_typedeclaration(self, node: tree.TypeDeclaration) -> None:
        words = "".join([word + " " for word in node.modifiers])
        generic = f"<{', '.join(node.type_parameters)}>" if node.type_parameters else ""
        head = f"{words}{node.word} {node.name}{generic}"
        if node.parent is not None:
            head += " extends " + self.type(node.parent)
        if node.interfaces:
            word = "extends" if node.word == "interface" else "implements"
            head += f" {word} {', '.join([self.type(one) for one in node.interfaces])}"
        self.page.open(head)
        for i, member in enumerate(node.members):
            if i and not (
                isinstance(member, tree.Field) and isinstance(node.members[i - 1], tree.Field)
            ):
                self.page.blank()
            self.member(member)
        self.page.close()
