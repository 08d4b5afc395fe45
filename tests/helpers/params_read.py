"""Which params the code of a step reads, found in its source."""

import ast
from typing import Any

import yaml
from clones import ROOT

# Stands for a name: dvc.yaml has ${} in its place, and the code a variable.
ITEM = "ITEM"
# Methods of Params that look up a name, and the params that they return.
LOOKUPS = {"method": ("align.defaults", f"align.{ITEM}"), "language": (f"languages.{ITEM}",)}
# Properties of Params, and the param that each reads.
PROPERTIES = {"aligned": "languages"}
PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))


def params_read(step: str) -> set[str]:
    """The params that a step reads, as dvc.yaml would name them: single keys or whole blocks."""
    code = ast.parse((ROOT / "stages" / f"{step}.py").read_text("utf-8"))
    reader = _Reader({node.name for node in code.body if isinstance(node, ast.FunctionDef)})
    reader.visit(code)
    return reader.read


class _Reader(ast.NodeVisitor):
    def __init__(self, functions: set[str]) -> None:
        self.functions = functions  # those of the step
        self.read: set[str] = set()
        self.variables: dict[str, tuple[str, ...]] = {}  # variables that hold params

    def params_of(self, node: ast.AST) -> tuple[str, ...]:
        """The params that are the value of an expression; the empty key stands for all."""
        match node:
            case ast.Name(name):
                return self.variables.get(name, ())
            case ast.Call(ast.Name("load_params")):
                return ("",)
            case ast.Call(ast.Attribute(block, method)) if method in LOOKUPS:
                return LOOKUPS[method] if self.params_of(block) == ("",) else ()
            case ast.Attribute(block, key):
                key = PROPERTIES.get(key, key)
                return tuple(_below(name, key) for name in self.params_of(block))
            case ast.Subscript(block, ast.Name("DEFAULTS")):
                return tuple(_below(name, "defaults") for name in self.params_of(block))
        return ()

    def visit(self, node: ast.AST) -> None:
        if params := self.params_of(node):
            self.read.update(params)
        else:
            super().visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for one_target, one_value in zip(target.elts, value.elts, strict=True):
                self.visit_Assign(ast.Assign([one_target], one_value))
        elif isinstance(target, ast.Name) and (params := self.params_of(value)):
            self.variables[target.id] = params
        else:
            self.visit(value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for argument in node.args.args:
            if isinstance(argument.annotation, ast.Name) and argument.annotation.id == "Params":
                self.variables[argument.arg] = ("",)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        own_function = isinstance(node.func, ast.Name) and node.func.id in self.functions
        for part in ast.iter_child_nodes(node):
            if not (own_function and self.params_of(part) == ("",)):  # what it reads is seen there
                self.visit(part)


def _below(name: str, key: str) -> str:
    """A key in a block of params; the block itself if `key` is an attribute of another kind."""
    block: Any = PARAMS
    for part in filter(None, name.split(".")):
        block = next(iter(block.values())) if part == ITEM else block[part]
    known = isinstance(block, dict) and key in block
    return f"{name}.{key}".removeprefix(".") if known else name
