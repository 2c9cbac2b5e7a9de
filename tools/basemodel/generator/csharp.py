"""Print a tree as C#, by the rules of the usual ports: virtual methods, internal packages."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from tools.basemodel.generator import tree
from tools.basemodel.generator.api import TYPES, UNARY
from tools.basemodel.generator.printer import BINARY_LEVELS, Printer

OBJECT_METHODS: Final = {
    "toString": "ToString",
    "equals": "Equals",
    "hashCode": "GetHashCode",
    "clone": "Clone",
}
SIMPLE: Final = frozenset(
    ("int", "long", "short", "byte", "char", "boolean", "double", "float", "String")
)


@lru_cache(maxsize=20_000)
def csharp_type(ref: tree.TypeRef) -> str:
    """Give a type as C# writes it."""
    text = TYPES.get(ref.name, ref.name)
    if ref.arguments:
        text += f"<{', '.join([csharp_type(one) for one in ref.arguments])}>"
    return text + "[]" * ref.dimensions


class CSharpPrinter(Printer):
    """The C# side of a pair."""

    arrow = "=>"
    instance_word = "is"
    monitor_word = "lock"

    def type(self, ref: tree.TypeRef) -> str:
        """Give the name of a type in C#."""
        return csharp_type(ref)

    def method_name(self, name: str) -> str:
        """Give a method name in the case rule of C#."""
        return OBJECT_METHODS.get(name) or name[0].upper() + name[1:]

    def _write_name(self, node: tree.Name) -> tuple[str, int]:
        return ("base" if node.text == "super" else node.text), 15

    def _write_library(self, node: tree.Library) -> tuple[str, int]:
        return self.fill(node.entry.csharp, node.arguments), node.entry.csharp_level

    def _write_typeliteral(self, node: tree.TypeLiteral) -> tuple[str, int]:
        return f"typeof({self.type(node.type)})", 15

    def _write_binary(self, node: tree.Binary) -> tuple[str, int]:
        if node.operator[:3] != ">>>":
            return super()._write_binary(node)
        signed, unsigned = ("long", "ulong") if node.operator == ">>>L" else ("int", "uint")
        left = self.expression(node.left, UNARY)
        right = self.expression(node.right, BINARY_LEVELS[">>"] + 1)
        return f"({signed})(({unsigned}){left} >> {right})", UNARY

    def _put_foreach(self, node: tree.ForEach) -> None:
        source = self.expression(node.source)
        self.page.open(f"foreach ({self.type(node.type)} {node.name} in {source})")
        self.block(node.body)
        self.page.close()

    def parameters(self, nodes: Sequence[tree.Parameter]) -> str:
        """Give a parameter list without its parentheses."""
        return ", ".join(
            [
                f"params {self.type(one.type)}[] {one.name}"
                if one.variadic
                else f"{self.type(one.type)} {one.name}"
                for one in nodes
            ]
        )

    def summary(self, text: str) -> None:
        """Print a one-line documentation comment, if there is a text for it."""
        if text and not self.page.layout.compact:
            self.page.line(f"/// <summary>{text}</summary>")

    def _member_method(self, node: tree.Method) -> None:
        self.summary(node.summary)
        generic = f"<{', '.join(node.type_parameters)}>" if node.type_parameters else ""
        words = "".join([word + " " for word in method_modifiers(node)])
        name = self.method_name(node.name)
        head = (
            f"{words}{self.type(node.result)} {name}{generic}({self.parameters(node.parameters)})"
        )
        if node.body is None:
            self.page.line(head + ";")
            return
        self.page.open(head)
        if "synchronized" in node.modifiers:
            self.page.open("lock (this)")
            self.block(node.body)
            self.page.close()
        else:
            self.block(node.body)
        self.page.close()

    def _member_constructor(self, node: tree.Constructor) -> None:
        self.summary(node.summary)
        words = "".join([word + " " for word in access(node.modifiers)])
        head = f"{words}{node.name}({self.parameters(node.parameters)})"
        if node.chain is not None:
            word, arguments = node.chain
            gap = "" if self.page.layout.compact else " "
            head += f"{gap}: {'base' if word == 'super' else 'this'}({self.listed(arguments)})"
        self.page.open(head)
        self.block(node.body)
        self.page.close()

    def _member_field(self, node: tree.Field) -> None:
        words = access(node.modifiers)
        if "static" in node.modifiers and "final" in node.modifiers:
            constant = node.type.name in SIMPLE and not node.type.dimensions
            words += ["const"] if constant and isinstance(node.value, tree.Literal) else []
            words += [] if words[-1:] == ["const"] else ["static", "readonly"]
        else:
            words += ["static"] if "static" in node.modifiers else []
            words += ["readonly"] if "final" in node.modifiers else []
        words += ["volatile"] if "volatile" in node.modifiers else []
        value = "" if node.value is None else f" = {self.expression(node.value)}"
        self.page.line(f"{' '.join(words)} {self.type(node.type)} {node.name}{value};")

    def _member_property(self, node: tree.Property) -> None:
        title = node.name[0].upper() + node.name[1:]
        self.page.open(f"public virtual {self.type(node.type)} {title}")
        self.page.open("get")
        self.page.line(f"return {node.field};")
        self.page.close()
        self.page.open("set")
        self.page.line(f"{node.field} = value;")
        self.page.close()
        self.page.close()

    def _member_typedeclaration(self, node: tree.TypeDeclaration) -> None:
        words = access(node.modifiers)
        words += ["abstract"] if "abstract" in node.modifiers else []
        words += ["sealed"] if "final" in node.modifiers else []
        generic = f"<{', '.join(node.type_parameters)}>" if node.type_parameters else ""
        head = f"{' '.join([*words, node.word])} {node.name}{generic}"
        parents = ([node.parent] if node.parent is not None else []) + list(node.interfaces)
        if parents:
            head += f" : {', '.join([self.type(one) for one in parents])}"
        self.page.open(head)
        for i, member in enumerate(node.members):
            if i and not (
                isinstance(member, tree.Field) and isinstance(node.members[i - 1], tree.Field)
            ):
                self.page.blank()
            self.member(member)
        self.page.close()


def access(modifiers: Sequence[str]) -> list[str]:
    """Give the access words; Java's package access is internal."""
    if "public" in modifiers:
        return ["public"]
    if "protected" in modifiers:
        return ["protected internal"]
    return ["private"] if "private" in modifiers else ["internal"]


def method_modifiers(node: tree.Method) -> list[str]:
    """Give the modifiers of a method: virtual unless Java forbids to override it."""
    if node.in_interface:
        return []
    words = access(node.modifiers)
    if "static" in node.modifiers:
        return [*words, "static"]
    if "abstract" in node.modifiers:
        return [*words, "abstract"]
    if node.overrides:
        return [*words, "sealed", "override"] if "final" in node.modifiers else [*words, "override"]
    free = words != ["private"] and "final" not in node.modifiers
    return [*words, "virtual"] if free else words
