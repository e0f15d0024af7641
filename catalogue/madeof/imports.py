"""Tell which files of the repository programs in Python are made of. They are read, and not run: what they import from
others need not be there.

In: {"root": folder, "programs": [[path, [argument, ...]], ...]}. Out: a list of paths for each program.
"""

import ast
import json
import os
import sys
from functools import lru_cache
from pathlib import PurePosixPath
from types import SimpleNamespace


class Path(PurePosixPath):
    """A path that can be asked for other paths, and touches nothing."""

    def absolute(self):
        return self

    resolve = absolute


class Program:
    def __init__(self, root, main, args):
        self.root, self.args, self.files, self.path = root, args, set(), [os.path.dirname(main)]
        self.read(main)

    def read(self, file):
        """Add a file of the repository, and what it imports and names."""
        if file in self.files or not file.startswith(self.root + os.sep) or not os.path.isfile(file):
            return
        main = not self.files
        self.files.add(file)
        if not file.endswith(".py"):
            return
        tree = parse(file)
        nodes = used(tree, self.args) if main else list(ast.walk(tree))
        names = {
            "__builtins__": {}, "__file__": file, "os": SimpleNamespace(path=os.path), "str": str, "Path": Path,
            "pathlib": SimpleNamespace(Path=Path), "sys": SimpleNamespace(path=self.path),
        }  # fmt: skip
        self.run(tree, set(nodes), names)
        for node in nodes:
            if isinstance(node, (ast.Call, ast.BinOp)):
                path = value(ast.Expression(node), names)
                if isinstance(path, (str, Path)):
                    self.read(os.path.normpath(os.path.join(os.path.dirname(file), str(path))))
        imports = any(isinstance(node, ast.alias) and node.name == "import_module" for node in nodes)
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isprintable():
                for text in [node.value, *(arg + node.value for arg in self.args)]:
                    self.read(os.path.normpath(os.path.join(os.path.dirname(file), text)))
                    if imports:
                        self.module(text)

    def run(self, tree, nodes, names):
        """Import what the statements import, and follow sys.path. Functions come last, when the module has been read."""
        todo = list(tree.body)
        while todo:
            statement = todo.pop(0)
            inner = [s for field in ("body", "handlers", "orelse", "finalbody", "cases") for s in getattr(statement, field, [])]
            if statement not in nodes:
                continue
            if isinstance(statement, DEFINITIONS):
                todo += inner
            elif inner:
                todo[:0] = inner
            elif isinstance(statement, ast.Import):
                for alias in statement.names:
                    self.module(alias.name)
            elif isinstance(statement, ast.ImportFrom):
                for name in [None, *(alias.name for alias in statement.names)]:
                    self.module(".".join(filter(None, [statement.module, name])))
            elif isinstance(statement, (ast.Assign, ast.Expr)):
                value(ast.Module([statement], []), names)

    def module(self, name):
        """Add a module where sys.path has it first, if that is in the repository."""
        for folder in self.path:
            for end in (".py", os.path.join(os.sep, "__init__.py")):
                file = os.path.normpath(os.path.join(folder, *name.split(".")) + end)
                if os.path.isfile(file):
                    return self.read(file)


DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@lru_cache(None)
def parse(file):
    with open(file, "rb") as source:
        return ast.parse(source.read(), file)


def value(tree, names):
    """Compute what needs nothing but paths; None for all else."""
    try:
        return eval(compile(tree, "", "exec" if isinstance(tree, ast.Module) else "eval"), names)
    except Exception:
        return None


def used(tree, args):
    """The nodes of a program that its arguments leave. An argument chooses among the entries of the module's tables, or
    among the cases of a match: the others are not used, nor are functions that only they name."""
    definitions = {s.name: s for s in tree.body if isinstance(s, DEFINITIONS)}
    tables = [s.value for s in tree.body if isinstance(s, ast.Assign) and isinstance(s.value, ast.Dict)]
    choose = any(word(key) in args for table in tables for key in table.keys)
    todo, found = [s for s in tree.body if not isinstance(s, DEFINITIONS) or s.decorator_list], {}
    while todo:
        node = todo.pop()
        if node in found:
            continue
        found[node] = True
        if isinstance(node, ast.Dict) and node in tables and choose:
            for key, entry in zip(node.keys, node.values):
                if word(key) is None or word(key) in args:
                    todo += filter(None, [key, entry])
        elif any(word(case.pattern) in args for case in getattr(node, "cases", [])):
            todo += [case for case in node.cases if word(case.pattern) is None or word(case.pattern) in args]
        else:
            todo += ast.iter_child_nodes(node)
            if isinstance(node, ast.Name) and node.id in definitions:
                todo.append(definitions[node.id])
    return list(found)


def word(node):
    """The text of a key of a table, or of a pattern; None if it is not one."""
    node = getattr(node, "value", None) if type(node).__name__ == "MatchValue" else node
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def main():
    wanted = json.load(sys.stdin)
    root = wanted["root"]
    programs = [Program(root, os.path.join(root, *path.split("/")), args) for path, args in wanted["programs"]]
    json.dump([sorted(os.path.relpath(file, root).replace(os.sep, "/") for file in p.files) for p in programs], sys.stdout)


main()
