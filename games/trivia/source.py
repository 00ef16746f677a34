"""A pack file's text as plain data, and on which line each part of it stands.

YAML of the simple kind, of which JSON is a part: no aliases, no repeated keys, no dates.
"""

from __future__ import annotations

from typing import Any

import yaml

__all__ = ["PackError", "Path", "Source"]

Path = tuple[str | int, ...]
"""Where something stands: `("categories", 0, "questions", 2, "prompt")`."""

MAX_CHARACTERS = 1_000_000
"""Some 2,000 questions: more than anybody writes, and still read in a second or two."""


class PackError(Exception):
    """A pack file is wrong.

    Args:
        file: its name. `line`: counted from 1.
        problem: what is wrong. `fix`: what to write instead.
    """

    def __init__(self, file: str, line: int, problem: str, fix: str) -> None:
        super().__init__(file, line, problem, fix)
        self.file, self.line, self.problem, self.fix = file, line, problem, fix

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.problem}. {self.fix}"


class _Loader(yaml.SafeLoader):
    """SafeLoader without dates: `2001-01-01` is text, as its author will expect."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Source:
    """The text of a pack file, read.

    Attributes:
        data: dicts with text keys, lists and scalars.

    Raises:
        PackError: the text is not such data.
    """

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self._lines: dict[Path, int] = {(): 1}
        self._seen: set[int] = set()
        if len(text) > MAX_CHARACTERS:
            raise self.error((), "The file is too long", "Split it into several packs.")
        try:
            self.data = self._read(text)
        except yaml.MarkedYAMLError as error:
            raise self._syntax_error(error) from error
        except yaml.YAMLError as error:
            fix = "Remove control characters; save the file as UTF-8."
            raise self.error((), "The file has a character that YAML refuses", fix) from error
        except RecursionError as error:
            raise self.error((), "It is nested too deeply", "Write it flat.") from error

    def line(self, path: Path) -> int:
        """The line of what stands at `path`, or of the nearest thing that encloses it."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def error(self, path: Path, problem: str, fix: str) -> PackError:
        """A PackError about what stands at `path`."""
        return PackError(self.file, self.line(path), problem, fix)

    def _read(self, text: str) -> Any:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            raise self.error((), "The file is empty", "Start with title: and categories:.")
        return self._built(loader, node, ())

    def _syntax_error(self, error: yaml.MarkedYAMLError) -> PackError:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        problem = f"This is not YAML: {error.problem or error.context}"
        fix = "Check the indentation, and put text with : or # in quotes."
        return PackError(self.file, line, problem, fix)

    def _built(self, loader: _Loader, node: yaml.Node, path: Path) -> Any:
        self._lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self._seen:
            raise self.error(path, "It is an alias (*name)", "Write it out.")
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(loader, node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._built(loader, item, (*path, i)) for i, item in enumerate(node.value)]
        return self._scalar(loader, node, path)

    def _mapping(self, loader: _Loader, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            here = key_node.start_mark.line + 1
            key = key_node.value
            if not isinstance(key, str):
                raise PackError(self.file, here, "A key is not plain text", "Write name: value.")
            if key in built:
                raise PackError(self.file, here, f"{key!r} is here twice", "Remove one of them.")
            self._lines[(*path, key)] = here
            built[key] = self._built(loader, value_node, (*path, key))
        return built

    def _scalar(self, loader: _Loader, node: yaml.Node, path: Path) -> Any:
        try:
            return loader.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            problem = f"It has a tag ({node.tag}) that does not fit"
            raise self.error(path, problem, "Remove the tag; write plain text.") from error
