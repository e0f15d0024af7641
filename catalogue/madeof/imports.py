"""Find the files of the repository that programs in Python are made of. They are read, and not run: third-party imports
need not be installed.

In: {"root": folder, "programs": [[path, [argument, ...]], ...]}. Out: a list of paths for each program.
"""

import ast
import json
import os
import sys
from functools import lru_cache
from pathlib import PurePosixPath
from types import SimpleNamespace

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
BLOCKS = ("body", "handlers", "orelse", "finalbody", "cases")  # of statements that contain others
isfile = lru_cache(None)(os.path.isfile)


class Path(PurePosixPath):
    """A path that computes other paths without the file system."""

    def absolute(self):
        return self

    resolve = absolute


class Module:
    """A file with its syntax tree, the paths that it computes from its own, and its strings that can be names."""

    def __init__(self, file):
        with open(file, "rb") as source:
            try:
                self.tree = ast.parse(source.read(), file)
            except SyntaxError as error:
                version = sys.version.split()[0]
                sys.exit("%s:%d: Python %s cannot read it: %s" % (file, error.lineno, version, error.msg))
        self.names = {
            "__builtins__": {}, "__file__": file, "os": SimpleNamespace(path=os.path), "str": str, "Path": Path,
            "pathlib": SimpleNamespace(Path=Path), "sys": SimpleNamespace(path=[]),
        }  # fmt: skip
        for statement in self.tree.body:
            if isinstance(statement, ast.Assign):
                self.value(statement)
        self.nodes = list(ast.walk(self.tree))
        paths = {node: self.value(node) for node in self.nodes if isinstance(node, (ast.Call, ast.BinOp))}
        self.paths = {node: str(path) for node, path in paths.items() if isinstance(path, (str, Path))}
        self.strings = {node: word(node) for node in self.nodes if word(node) and not set(word(node)) & set(" \n\0")}

    def value(self, node):
        """Compute an expression that needs only paths, or run such a statement. Return None for anything else."""
        try:
            if isinstance(node, ast.expr):
                return eval(compile(ast.Expression(node), "", "eval"), self.names)
            exec(compile(ast.Module([node], []), "", "exec"), self.names)
        except Exception:
            pass


parsed = lru_cache(None)(Module)


class Program:
    def __init__(self, root, main, args):
        self.root, self.args, self.files, self.path = root, args, set(), [os.path.dirname(main)]
        self.add(main)

    def add(self, file):
        """Add a file of the repository, and the files that it imports and names."""
        if file in self.files or not file.startswith(self.root + os.sep) or not isfile(file):
            return
        main = not self.files
        self.files.add(file)
        if not file.endswith(".py"):
            return
        module, folder = parsed(file), os.path.dirname(file)
        nodes = used(module.tree, self.args) if main else module.nodes
        self.follow(module, set(nodes))
        dynamic = any(isinstance(node, ast.alias) and node.name == "import_module" for node in nodes)
        for node in nodes:
            if node in module.paths:
                self.add(os.path.normpath(os.path.join(folder, module.paths[node])))
            elif node in module.strings:
                for name in [module.strings[node], *(arg + module.strings[node] for arg in self.args)]:
                    self.add(os.path.normpath(os.path.join(folder, name)))
                    if dynamic:
                        self.imported(name, self.path)

    def follow(self, module, nodes):
        """Add the imports of the statements, and apply their changes of sys.path. The bodies of functions come last."""
        todo = list(module.tree.body)
        while todo:
            statement = todo.pop(0)
            if statement not in nodes:
                continue
            inner = [s for field in BLOCKS for s in getattr(statement, field, [])]
            if isinstance(statement, DEFINITIONS):
                todo += inner
            elif inner:
                todo[:0] = inner
            elif isinstance(statement, ast.Import):
                for alias in statement.names:
                    self.imported(alias.name, self.path)
            elif isinstance(statement, ast.ImportFrom):
                package = os.path.join(module.names["__file__"], *[os.pardir] * statement.level)  # of a relative import
                for name in [None, *(alias.name for alias in statement.names)]:
                    name = ".".join(filter(None, [statement.module, name]))
                    self.imported(name, [package] if statement.level else self.path)
            elif isinstance(statement, (ast.Assign, ast.Expr)) and names_sys(statement):
                module.names["sys"].path = self.path
                module.value(statement)

    def imported(self, name, path):
        """Add a module from the first folder of a path that has it, if that is in the repository, and its package."""
        if "." in name:
            self.imported(name.rpartition(".")[0], path)
        for folder in path:
            for end in (".py", os.sep + "__init__.py"):
                file = os.path.normpath(os.path.join(folder, *name.split(".")) + end)
                if isfile(file):
                    return self.add(file)


@lru_cache(None)
def names_sys(statement):
    return any(isinstance(node, ast.Name) and node.id == "sys" for node in ast.walk(statement))


def used(tree, args):
    """Return the nodes of a program that are used with its arguments. An argument chooses among the entries of the
    module's tables, or among the cases of a match: the others are not used, nor are functions that only they name.
    """
    definitions = {s.name: s for s in tree.body if isinstance(s, DEFINITIONS)}
    tables = [s.value for s in tree.body if isinstance(s, ast.Assign) and isinstance(s.value, ast.Dict)]
    choose = any(word(key) in args for table in tables for key in table.keys)
    todo, found = [s for s in tree.body if not isinstance(s, DEFINITIONS) or s.decorator_list], {}
    while todo:
        node = todo.pop()
        if node in found:
            continue
        found[node] = True
        if choose and node in tables:
            for key, entry in zip(node.keys, node.values):
                if word(key) is None or word(key) in args:
                    todo += filter(None, [key, entry])
        elif any(word(case.pattern) in args for case in getattr(node, "cases", [])):
            todo.append(node.subject)
            todo += [case for case in node.cases if word(case.pattern) is None or word(case.pattern) in args]
        else:
            todo += ast.iter_child_nodes(node)
            if isinstance(node, ast.Name) and node.id in definitions:
                todo.append(definitions[node.id])
    return list(found)


def word(node):
    """Return the text of a string, which may be a pattern; None for anything else."""
    node = node.value if type(node).__name__ == "MatchValue" else node
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def main():
    wanted = json.load(sys.stdin)
    root = wanted["root"]
    programs = [Program(root, os.path.join(root, *path.split("/")), args) for path, args in wanted["programs"]]
    files = [[os.path.relpath(file, root).replace(os.sep, "/") for file in p.files] for p in programs]
    json.dump(files, sys.stdout)


main()
