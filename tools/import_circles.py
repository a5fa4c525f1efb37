#!/usr/bin/env python3
"""Circles of imports between the source files of each crate.

Reads every `crates/*/src`, resolves each path to the file that defines its item, prints each circle as a chain of files, and
exits with 1 if there is one. Without arguments it checks the repository that it lies in; `--self-test` checks it itself.

An edge from file A to file B is an item of B that A names: in a `use`, a `pub use`, or a path in the code (`crate::a::f(`,
`super::X`, `module::f`). Re-exports are followed to the defining file, so that a `mod.rs` that only re-exports is never in
between. `mod x;` is no edge, nor is a module that is imported but of which no item is named. What is behind `#[cfg(test)]`,
files called `tests.rs` and folders called `tests` are left out. Methods and macros without a path are not seen.
"""

import re
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
      | (?P<raw>b?c?r(?P<hashes>\#*)".*?"(?P=hashes)(?!\#))
      | (?P<string>[bc]?"(?:\\.|[^"\\])*")
      | (?P<char>b?'(?:\\(?:u\{[^}]*\}|x..|.)|[^'\\])')
      | (?P<word>'[A-Za-z_]\w*|(?:r\#)?[A-Za-z_]\w*|\d[\w.]*)
      | (?P<sign>::|->|=>|\.\.=?|.)""",
    re.VERBOSE | re.DOTALL,
)
PAIRS = {"(": ")", "[": "]", "{": "}"}
DEFINING = {"fn", "struct", "enum", "union", "trait", "type", "const", "static"}
# What may stand before `fn`.
FUNCTION = {"fn", "unsafe", "extern", "async"}
HEADS = DEFINING | FUNCTION | {"impl", "mod", "use", "macro_rules", "let"}
ROOTS = {"crate", "self", "super", "$crate"}
WORD = re.compile(r"(?:r#)?[A-Za-z_]\w*$")


def tokens_of(text):
    """The tokens of Rust source; strings and characters become `""`, comments nothing."""
    tokens, at = [], 0
    while at < len(text):
        if text.startswith("/*", at):
            depth, at = 1, at + 2
            while depth and at < len(text):
                if text.startswith("/*", at) or text.startswith("*/", at):
                    depth += 1 if text[at] == "/" else -1
                    at += 2
                else:
                    at += 1
            continue
        match = TOKEN.match(text, at)
        at = match.end()
        if match.lastgroup in ("raw", "string", "char") or match.group("raw"):
            tokens.append('""')
        elif not match.group("space"):
            tokens.append(match.group().removeprefix("r#"))
    # `$crate` is one root.
    joined = []
    for token in tokens:
        if token == "crate" and joined and joined[-1] == "$":
            joined[-1] = "$crate"
        else:
            joined.append(token)
    return joined


def closing(tokens, at):
    """The place of the bracket that closes the one at `at`."""
    depth = 0
    for place in range(at, len(tokens)):
        if tokens[place] in PAIRS:
            depth += 1
        elif tokens[place] in PAIRS.values():
            depth -= 1
            if depth == 0:
                return place
    return len(tokens) - 1


def item_end(tokens, at):
    """The place after an item, a statement or a field: after its `;`, its braces or, where no item begins, its comma."""
    start = at
    if tokens[at] == "pub":
        start = closing(tokens, at + 1) + 1 if tokens[at + 1] == "(" else at + 1
    first = tokens[start : start + 2]
    # The braces of a value do not end its item.
    value = first[0] == "use" or (first[0] in ("const", "static") and first[1] not in FUNCTION)
    while at < len(tokens):
        token = tokens[at]
        if token == ";":
            return at + 1
        if token == "," and first[0] not in HEADS:
            return at + 1
        if token in PAIRS:
            end = closing(tokens, at)
            if token == "{" and not value:
                return end + 1
            at = end
        elif token in PAIRS.values():
            return at
        at += 1
    return at


def is_test(attribute):
    """Whether an attribute's tokens say that the item is for tests alone."""
    return attribute[:2] == ["cfg", "("] and "test" in attribute and "not" not in attribute and "any" not in attribute


@dataclass
class Module:
    """A module: its names, and the file that it is written in."""

    file: Path
    parent: "Module | None"
    children: dict = field(default_factory=dict)
    items: set = field(default_factory=set)
    imports: dict = field(default_factory=dict)
    globs: list = field(default_factory=list)
    # Paths that are named here, with the words in which a glob's names may be meant.
    paths: list = field(default_factory=list)
    words: set = field(default_factory=set)

    def root(self):
        return self if self.parent is None else self.parent.root()


def use_tree(tokens, at, prefix):
    """The (path, name) pairs of a `use` and the place after it; the name is None for `as _`, `*` for a glob."""
    path, found = list(prefix), []
    while at < len(tokens):
        token = tokens[at]
        if token == "{":
            end = closing(tokens, at)
            at += 1
            while at < end:
                more, at = use_tree(tokens, at, path)
                found += more
                if tokens[at] == ",":
                    at += 1
            return found, end + 1
        if token == "*":
            return [(path, "*")], at + 1
        if token == "as":
            return [(path, None if tokens[at + 1] == "_" else tokens[at + 1])], at + 2
        if token in (",", ";", "}"):
            break
        if token != "::":
            # `a::{self}` is `a`.
            if token != "self" or not path:
                path.append(token)
        at += 1
    return [(path, path[-1] if path else None)], at


def paths_in(tokens):
    """Every path of two segments or more that the tokens name, but those of `use`."""
    at = 0
    while at < len(tokens):
        if is_use(tokens, at):
            at = item_end(tokens, at)
            continue
        begins = WORD.match(tokens[at]) or tokens[at] == "$crate"
        if begins and (at == 0 or tokens[at - 1] not in ("::", ".")):
            path = [tokens[at]]
            while at + 2 < len(tokens) and tokens[at + 1] == "::" and WORD.match(tokens[at + 2]):
                path.append(tokens[at + 2])
                at += 2
            if len(path) > 1:
                yield path
        at += 1


def without_tests(tokens):
    """Tokens without the items, statements and fields that are for tests alone, and without attributes."""
    kept, at = [], 0
    while at < len(tokens):
        if tokens[at] == "#" and at + 1 < len(tokens) and tokens[at + 1] in ("[", "!"):
            start = at + (1 if tokens[at + 1] == "[" else 2)
            if start < len(tokens) and tokens[start] == "[":
                end = closing(tokens, start)
                attribute = tokens[start + 1 : end]
                at = end + 1
                if is_test(attribute):
                    while at < len(tokens) and tokens[at] == "#":
                        at = closing(tokens, at + 1) + 1
                    at = item_end(tokens, at)
                continue
        kept.append(tokens[at])
        at += 1
    return kept


def place_of(text, name):
    """The file that `#[path = "..."]` names for a module, if it does."""
    match = re.search(r'#\[path\s*=\s*"([^"]+)"\]\s*(?:pub(?:\([^)]*\))?\s+)?mod\s+' + name + r"\s*;", text)
    return match and match.group(1)


def read_file(module, folder):
    """Reads a module's own file; `folder` is where its children lie."""
    text = module.file.read_text(encoding="utf-8")
    read_items(module, without_tests(tokens_of(text)), folder, text)


def read_items(module, tokens, folder, text):
    """Reads the items of a module."""
    at = 0
    while at < len(tokens):
        token, following = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else ""
        if token == "pub":
            at = closing(tokens, at + 1) + 1 if following == "(" else at + 1
            continue
        end = item_end(tokens, at)
        if token == "mod":
            if tokens[at + 2] == ";":
                read_child(module, following, folder, text)
            else:
                inner = module.children[following] = Module(module.file, module)
                read_items(inner, tokens[at + 3 : end - 1], folder / following, text)
            at = end
            continue
        if token == "use":
            read_use(module, tokens, at)
            at = end
            continue
        if token in DEFINING and WORD.match(following) and following not in FUNCTION:
            module.items.add(tokens[at + 2] if following == "mut" else following)
            read_body(module, tokens[at:end])
            at = end
            continue
        if token == "macro_rules":
            module.items.add(tokens[at + 2])
            read_body(module, tokens[at:end])
            at = end
            continue
        if token == "impl" or following == "!":
            read_body(module, tokens[at:end])
            at = end
            continue
        at += 1


def read_child(module, name, folder, text):
    """Reads the file of `mod name;`."""
    own = place_of(text, name)
    places = [module.file.parent / own] if own else [folder / f"{name}.rs", folder / name / "mod.rs"]
    file = next((place for place in places if place.exists()), None)
    if file is None:
        return
    child = module.children[name] = Module(file, module)
    read_file(child, file.parent if file.name == "mod.rs" or own else folder / name)


def is_use(tokens, at):
    """Whether an import begins here; `impl X + use<'a>` is none."""
    return tokens[at] == "use" and at + 1 < len(tokens) and tokens[at + 1] != "<"


def read_use(module, tokens, at):
    """Takes down what a `use` imports."""
    for path, name in use_tree(tokens, at + 1, [])[0]:
        if name == "*":
            module.globs.append(path)
            continue
        module.paths.append(path)
        if name is not None:
            module.imports.setdefault(name, path)


def read_body(module, tokens):
    """Takes down what an item's tokens name."""
    module.paths += paths_in(tokens)
    module.words.update(token for token in tokens if WORD.match(token))
    for at in range(len(tokens)):
        if is_use(tokens, at):
            read_use(module, tokens, at)


def resolve(module, path, seen=frozenset()):
    """The modules and the files of items that a path names."""
    key = (id(module), tuple(path))
    if key in seen or not path:
        return [], []
    seen = seen | {key}
    modules, rest = [module], list(path)
    while rest and rest[0] in ROOTS:
        word = rest.pop(0)
        if word in ("crate", "$crate"):
            modules = [module.root()]
        elif word == "super":
            modules = [m.parent for m in modules if m.parent]
    for number, name in enumerate(rest):
        last, found, files = number + 1 == len(rest), [], []
        for where in modules:
            more_modules, more_files = look_up(where, name, seen)
            found += more_modules
            files += more_files
        if files and (last or not found):
            return (found if last else []), files
        if not found:
            return [], []
        modules = found
    return modules, []


def look_up(module, name, seen):
    """The modules and the files of items that a name stands for in a module."""
    modules, files = [], []
    if name in module.items:
        files.append(module.file)
    if name in module.children:
        modules.append(module.children[name])
    if name in module.imports:
        path = module.imports[name]
        # `use name::...` of a name that is not here is of another crate.
        if path != [name] or name in module.children:
            more_modules, more_files = resolve(module, path, seen)
            modules += more_modules
            files += more_files
    if not modules and not files:
        for path in module.globs:
            for where in resolve(module, path, seen)[0]:
                key = (id(where), name)
                if key not in seen:
                    more_modules, more_files = look_up(where, name, seen | {key})
                    modules += more_modules
                    files += more_files
    return modules, files


def names_in(module, seen):
    """Every name that a glob takes from a module."""
    if id(module) in seen:
        return set()
    seen = seen | {id(module)}
    names = module.items | set(module.imports)
    for path in module.globs:
        for where in resolve(module, path)[0]:
            names |= names_in(where, seen)
    return names


def all_modules(module):
    yield module
    for child in module.children.values():
        yield from all_modules(child)


def is_of_tests(file, source):
    parts = file.relative_to(source).parts
    return parts[-1] == "tests.rs" or "tests" in parts[:-1]


def edges_of(source):
    """For each file of a crate the files whose items it names, with the names."""
    edges = {}
    for start in ("lib.rs", "main.rs"):
        if not (source / start).exists():
            continue
        root = Module(source / start, None)
        read_file(root, source)
        for module in all_modules(root):
            if is_of_tests(module.file, source):
                continue
            named = list(module.paths)
            for path in module.globs:
                for where in resolve(module, path)[0]:
                    named += [[*path, name] for name in names_in(where, frozenset()) & module.words]
                for file in resolve(module, path)[1]:
                    named.append(path)
            for path in named:
                for file in resolve(module, path)[1]:
                    if file != module.file and not is_of_tests(file, source):
                        edges.setdefault(module.file, {}).setdefault(file, set()).add("::".join(path))
    return edges


def shortest_way(edges, start, goal):
    """The files on the shortest way from one file to another, both of them among these."""
    ways = [[start]]
    seen = {start}
    for way in ways:
        for file in sorted(edges.get(way[-1], ())):
            if file == goal:
                return [*way, goal]
            if file not in seen:
                seen.add(file)
                ways.append([*way, file])
    return None


def circles(edges):
    """Circles, the shortest first, until without the last edge of each there would be none."""
    edges = {file: dict(to) for file, to in edges.items()}
    found = []
    while True:
        ways = (shortest_way(edges, file, file) for file in sorted(edges))
        way = min((way for way in ways if way), key=len, default=None)
        if way is None:
            return found
        found.append([(a, b, sorted(edges[a][b])) for a, b in zip(way, way[1:])])
        del edges[way[-2]][way[-1]]


def check(repository):
    """Prints the circles of every crate; gives how many there are."""
    count = 0
    for source in sorted(repository.glob("crates/*/src")):
        for circle in circles(edges_of(source)):
            count += 1
            first = circle[0][0].relative_to(repository)
            chain = [str(first)] + [str(to.relative_to(source)) for _, to, _ in circle]
            print(" -> ".join(chain))
            for a, b, names in circle:
                print(f"    {a.relative_to(source)} names of {b.relative_to(source)}: {', '.join(names)}")
    return count


SELF_TEST = {
    "crates/circle/src/lib.rs": "mod a; mod b; pub mod c; mod names;",
    # By a nested `use`, through a re-export, and back by a path in the code.
    "crates/circle/src/a.rs": "use crate::{c::{self, Deep}, names};\npub struct A; fn f() -> Deep { c::g() }",
    "crates/circle/src/b.rs": "pub const K: u8 = { 1 }; pub fn b<const N: usize>() { let _ = super::a::A; }",
    "crates/circle/src/names.rs": "pub const N: usize = 1;",
    "crates/circle/src/c/mod.rs": "mod deep; pub use deep::Deep; pub use deep::{g, h as other};",
    "crates/circle/src/c/deep.rs": "use crate::b::b as of_b; pub struct Deep; pub fn g() -> Deep { of_b(); Deep } pub fn h() {}",
    # A parent that defines what its child uses, and uses the child.
    "crates/parent/src/lib.rs": "pub mod p;",
    "crates/parent/src/p/mod.rs": "mod child; pub use child::Child; pub enum Kind { One }",
    "crates/parent/src/p/child.rs": "use super::Kind::{self, One}; pub struct Child(Kind); const K: Kind = One;",
    # A glob.
    "crates/glob/src/lib.rs": "mod a; mod b;",
    "crates/glob/src/a.rs": "use super::b::*; pub struct A(B);",
    "crates/glob/src/b.rs": "use crate::a::A; pub struct B(Box<A>);",
    # No circle: tests, comments, strings, modules without an item, another crate, `mod`, a parent that only re-exports.
    "crates/none/src/lib.rs": "pub mod x; pub mod y; pub mod z; pub use x::X;",
    "crates/none/src/x.rs": "use crate::y; use crate::y::Y; /* crate::z::Z */ pub struct X(Y);\n"
    "// crate::z::Z\nconst T: &str = \"crate::z::Z\"; const C: char = '\"'; fn l<'a>(_: &'a y::Y) {}",
    "crates/none/src/y.rs": "use serde::x; pub struct Y; #[cfg(test)] mod tests { use crate::x::X; }\n"
    "#[cfg(test)] use crate::z::Z; #[cfg(test)] impl Y { fn t() { crate::x::X; } } fn f() { r#\"crate::x::X\"#; }",
    "crates/none/src/z/mod.rs": "mod of_z; mod other; #[cfg(test)] mod tests; pub use of_z::Z;",
    "crates/none/src/z/of_z.rs": "pub struct Z;",
    "crates/none/src/z/other.rs": "use super::Z; use crate::X; pub struct Other(Z, X);",
    "crates/none/src/z/tests.rs": "use crate::z::Z; use crate::x::X;",
}


def self_test():
    """Lays out crates with known circles and without, and compares."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, text in SELF_TEST.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")

        def chains(crate):
            source = root / "crates" / crate / "src"
            return [[str(a.relative_to(source)) for a, _, _ in circle] for circle in circles(edges_of(source))]

        expected = {
            "circle": [["a.rs", "c/deep.rs", "b.rs"]],
            "parent": [["p/child.rs", "p/mod.rs"]],
            "glob": [["a.rs", "b.rs"]],
            "none": [],
        }
        for crate, circle in expected.items():
            assert chains(crate) == circle, (crate, chains(crate))
        assert check(root) == 3
    print("the check finds what it should")


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    elif sys.argv[1:]:
        sys.exit("usage: import_circles.py [--self-test]")
    else:
        sys.exit(1 if check(Path(__file__).resolve().parent.parent) else 0)
