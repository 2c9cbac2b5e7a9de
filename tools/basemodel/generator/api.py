"""Tabulate how Java's standard library is written in C#.

A template holds numbered places. How tightly the text in a place must bind follows from what
stands beside it: `{0}.Length` needs a primary expression, `f({0})` takes anything.
"""

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

ASSIGNMENT: Final = 1
TERNARY: Final = 2
EQUALITY: Final = 8
RELATION: Final = 9
MULTIPLICATION: Final = 12
UNARY: Final = 13
PRIMARY: Final = 15

Part: TypeAlias = str | tuple[int, int]
"""Text, or the number of an argument and the level that it must bind with."""

PLACE: Final = re.compile(r"\{(\d)\}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One use of the library, as parts in each language, with the level each result binds at."""

    java: tuple[Part, ...]
    csharp: tuple[Part, ...]
    java_level: int
    csharp_level: int


def entry(java: str, csharp: str, java_level: int = PRIMARY, csharp_level: int = PRIMARY) -> Entry:
    """Compile a pair of templates."""
    return Entry(_parts(java), _parts(csharp), java_level, csharp_level)


def _parts(template: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    end = 0
    for match in PLACE.finditer(template):
        if before := template[end : match.start()]:
            parts.append(before)
        follower = template[match.end() : match.end() + 1]
        leader = template[: match.start()]
        parts.append((int(match[1]), _level(leader, follower)))
        end = match.end()
    return (*parts, template[end:]) if end < len(template) else tuple(parts)


def _level(leader: str, follower: str) -> int:
    if follower and follower in ".[":
        return PRIMARY
    inside = not leader or leader.endswith(("(", ", ", "[", "= "))
    return ASSIGNMENT if inside and follower != " " else MULTIPLICATION


TYPES: Final = {
    "boolean": "bool",
    "String": "string",
    "Object": "object",
    "Integer": "int",
    "Long": "long",
    "Boolean": "bool",
    "Character": "char",
    "Double": "double",
    "Float": "float",
    "Short": "short",
    "Byte": "byte",
    "CharSequence": "string",
    "List": "IList",
    "ArrayList": "List",
    "Map": "IDictionary",
    "HashMap": "Dictionary",
    "TreeMap": "SortedDictionary",
    "Map.Entry": "KeyValuePair",
    "Set": "ISet",
    "Collection": "ICollection",
    "Iterable": "IEnumerable",
    "Iterator": "IEnumerator",
    "Comparator": "IComparer",
    "Comparable": "IComparable",
    "Closeable": "IDisposable",
    "InputStream": "Stream",
    "Reader": "TextReader",
    "Writer": "TextWriter",
    "Throwable": "Exception",
    "RuntimeException": "Exception",
    "Error": "Exception",
    "IllegalArgumentException": "ArgumentException",
    "IllegalStateException": "InvalidOperationException",
    "UnsupportedOperationException": "NotSupportedException",
    "IndexOutOfBoundsException": "IndexOutOfRangeException",
    "ArrayIndexOutOfBoundsException": "IndexOutOfRangeException",
    "NullPointerException": "ArgumentNullException",
    "NoSuchElementException": "InvalidOperationException",
    "NumberFormatException": "FormatException",
    "ClassCastException": "InvalidCastException",
    "ArithmeticException": "ArithmeticException",
    "EOFException": "EndOfStreamException",
    "InterruptedException": "ThreadInterruptedException",
}
"""Java type names whose C# name differs or would otherwise be in doubt."""

ENTRIES: Final = {
    "string.length": entry("{0}.length()", "{0}.Length"),
    "string.charAt": entry("{0}.charAt({1})", "{0}[{1}]"),
    "string.from": entry("{0}.substring({1})", "{0}.Substring({1})"),
    "string.head": entry("{0}.substring(0, {1})", "{0}.Substring(0, {1})"),
    "string.cut": entry("{0}.substring({1}, {2})", "{0}.Substring({1}, {2} - {1})"),
    "string.indexOf": entry("{0}.indexOf({1})", "{0}.IndexOf({1})"),
    "string.lastIndexOf": entry("{0}.lastIndexOf({1})", "{0}.LastIndexOf({1})"),
    "string.startsWith": entry("{0}.startsWith({1})", "{0}.StartsWith({1})"),
    "string.endsWith": entry("{0}.endsWith({1})", "{0}.EndsWith({1})"),
    "string.contains": entry("{0}.contains({1})", "{0}.Contains({1})"),
    "string.trim": entry("{0}.trim()", "{0}.Trim()"),
    "string.lower": entry("{0}.toLowerCase()", "{0}.ToLower()"),
    "string.upper": entry("{0}.toUpperCase()", "{0}.ToUpper()"),
    "string.replace": entry("{0}.replace({1}, {2})", "{0}.Replace({1}, {2})"),
    "string.chars": entry("{0}.toCharArray()", "{0}.ToCharArray()"),
    "string.empty": entry("{0}.isEmpty()", "{0}.Length == 0", PRIMARY, EQUALITY),
    "string.filled": entry("!{0}.isEmpty()", "{0}.Length > 0", UNARY, RELATION),
    "string.sameIgnoringCase": entry(
        "{0}.equalsIgnoreCase({1})", "{0}.Equals({1}, StringComparison.OrdinalIgnoreCase)"
    ),
    "string.compare": entry("{0}.compareTo({1})", "string.CompareOrdinal({0}, {1})"),
    "string.valueOf": entry("String.valueOf({0})", "{0}.ToString()"),
    "string.format1": entry("String.format({0}, {1})", "string.Format({0}, {1})"),
    "string.join": entry("String.join({0}, {1})", "string.Join({0}, {1})"),
    "object.equals": entry("{0}.equals({1})", "{0}.Equals({1})"),
    "object.hash": entry("{0}.hashCode()", "{0}.GetHashCode()"),
    "object.text": entry("{0}.toString()", "{0}.ToString()"),
    "object.class": entry("{0}.getClass()", "{0}.GetType()"),
    "object.same": entry("Objects.equals({0}, {1})", "object.Equals({0}, {1})"),
    "own.class": entry("getClass()", "GetType()"),
    "own.className": entry("getClass().getSimpleName()", "GetType().Name"),
    "own.fullName": entry("getClass().getName()", "GetType().FullName"),
    "own.text": entry("toString()", "ToString()"),
    "super.hash": entry("super.hashCode()", "base.GetHashCode()"),
    "super.equals": entry("super.equals({0})", "base.Equals({0})"),
    "super.text": entry("super.toString()", "base.ToString()"),
    "super.clone": entry("super.clone()", "MemberwiseClone()"),
    "array.length": entry("{0}.length", "{0}.Length"),
    "array.clone": entry("{0}.clone()", "({2}){0}.Clone()", PRIMARY, UNARY),
    "array.copy": entry(
        "System.arraycopy({0}, {1}, {2}, {3}, {4})", "Array.Copy({0}, {1}, {2}, {3}, {4})"
    ),
    "array.fill": entry("Arrays.fill({0}, {1})", "Arrays.Fill({0}, {1})"),
    "array.sort": entry("Arrays.sort({0})", "Array.Sort({0})"),
    "builder.append": entry("{0}.append({1})", "{0}.Append({1})"),
    "builder.length": entry("{0}.length()", "{0}.Length"),
    "builder.cut": entry("{0}.setLength({1})", "{0}.Length = {1}", PRIMARY, ASSIGNMENT),
    "builder.insert": entry("{0}.insert({1}, {2})", "{0}.Insert({1}, {2})"),
    "list.add": entry("{0}.add({1})", "{0}.Add({1})"),
    "list.insert": entry("{0}.add({1}, {2})", "{0}.Insert({1}, {2})"),
    "list.get": entry("{0}.get({1})", "{0}[{1}]"),
    "list.set": entry("{0}.set({1}, {2})", "{0}[{1}] = {2}", PRIMARY, ASSIGNMENT),
    "list.removeAt": entry("{0}.remove({1})", "{0}.RemoveAt({1})"),
    "list.sort": entry("Collections.sort({0})", "{0}.Sort()"),
    "list.addAll": entry("{0}.addAll({1})", "{0}.AddRange({1})"),
    "list.indexOf": entry("{0}.indexOf({1})", "{0}.IndexOf({1})"),
    "all.size": entry("{0}.size()", "{0}.Count"),
    "all.empty": entry("{0}.isEmpty()", "{0}.Count == 0", PRIMARY, EQUALITY),
    "all.filled": entry("!{0}.isEmpty()", "{0}.Count > 0", UNARY, RELATION),
    "all.contains": entry("{0}.contains({1})", "{0}.Contains({1})"),
    "all.clear": entry("{0}.clear()", "{0}.Clear()"),
    "all.remove": entry("{0}.remove({1})", "{0}.Remove({1})"),
    "map.get": entry("{0}.get({1})", "{0}[{1}]"),
    "map.put": entry("{0}.put({1}, {2})", "{0}[{1}] = {2}", PRIMARY, ASSIGNMENT),
    "map.has": entry("{0}.containsKey({1})", "{0}.ContainsKey({1})"),
    "map.keys": entry("{0}.keySet()", "{0}.Keys"),
    "map.values": entry("{0}.values()", "{0}.Values"),
    "map.entries": entry("{0}.entrySet()", "{0}"),
    "entry.key": entry("{0}.getKey()", "{0}.Key"),
    "entry.value": entry("{0}.getValue()", "{0}.Value"),
    "iterator.of": entry("{0}.iterator()", "{0}.GetEnumerator()"),
    "iterator.more": entry("{0}.hasNext()", "{0}.MoveNext()"),
    "iterator.next": entry("{0}.next()", "{0}.Current"),
    "print.line": entry("System.out.println({0})", "Console.WriteLine({0})"),
    "print.error": entry("System.err.println({0})", "Console.Error.WriteLine({0})"),
    "math.max": entry("Math.max({0}, {1})", "Math.Max({0}, {1})"),
    "math.min": entry("Math.min({0}, {1})", "Math.Min({0}, {1})"),
    "math.abs": entry("Math.abs({0})", "Math.Abs({0})"),
    "math.sqrt": entry("Math.sqrt({0})", "Math.Sqrt({0})"),
    "math.floor": entry("Math.floor({0})", "Math.Floor({0})"),
    "math.ceil": entry("Math.ceil({0})", "Math.Ceiling({0})"),
    "math.pow": entry("Math.pow({0}, {1})", "Math.Pow({0}, {1})"),
    "int.parse": entry("Integer.parseInt({0})", "int.Parse({0})"),
    "int.max": entry("Integer.MAX_VALUE", "int.MaxValue"),
    "int.min": entry("Integer.MIN_VALUE", "int.MinValue"),
    "int.text": entry("Integer.toString({0})", "{0}.ToString()"),
    "long.parse": entry("Long.parseLong({0})", "long.Parse({0})"),
    "long.max": entry("Long.MAX_VALUE", "long.MaxValue"),
    "double.parse": entry("Double.parseDouble({0})", "double.Parse({0})"),
    "char.isDigit": entry("Character.isDigit({0})", "char.IsDigit({0})"),
    "char.isLetter": entry("Character.isLetter({0})", "char.IsLetter({0})"),
    "char.isSpace": entry("Character.isWhitespace({0})", "char.IsWhiteSpace({0})"),
    "char.upper": entry("Character.toUpperCase({0})", "char.ToUpper({0})"),
    "error.message": entry("{0}.getMessage()", "{0}.Message"),
    "error.cause": entry("{0}.getCause()", "{0}.InnerException"),
    "error.print": entry("{0}.printStackTrace()", "Console.WriteLine({0}.StackTrace)"),
    "stream.close": entry("{0}.close()", "{0}.Close()"),
    "stream.flush": entry("{0}.flush()", "{0}.Flush()"),
    "assert": entry("assert {0}", "Debug.Assert({0})", ASSIGNMENT, PRIMARY),
}
"""Every entry by the name that drawing modules use; array.clone takes its type as argument 2."""
