"""Makes docs/commands.md from the help of every command, and checks the pages for people.

A line of a page is checked when it stands in a fenced block and begins with `coop` or `$ coop`:
the command must exist and have the options. The tree in README must name what is there.
"""

import argparse
import os
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "commands.md"
PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "contracts" / "README.md",
    ROOT / "docs" / "coordinator.md",
    ROOT / "docs" / "keys.md",
    ROOT / "docs" / "member.md",
    ROOT / "docs" / "relayer.md",
)
WIDTH = 96


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or compare the reference, check the pages, and return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    chosen = parser.parse_args(arguments)
    os.environ.pop("COLUMNS", None)
    leaves = dict(walk(root_group(), ("coop",)))
    faults = [*_examples(leaves), *_pages(leaves), *_tree(ROOT / "README.md")]
    text = reference(leaves)
    if not chosen.check:
        REFERENCE.parent.mkdir(exist_ok=True)
        REFERENCE.write_text(text, encoding="utf-8")
    elif not REFERENCE.exists() or REFERENCE.read_text(encoding="utf-8") != text:
        faults.append("docs/commands.md is not what the help says; run scripts/docs.")
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print(f"{len(leaves)} commands, {len(PAGES)} pages: in step")
    return 1 if faults else 0


def root_group() -> click.Group:
    """The `coop` command."""
    from node.cli import coop

    return coop


def walk(
    command: click.Command, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every leaf below a command, with its path."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command, info_name=path[-1])
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        if below is not None:
            yield from walk(below, (*path, name))


def reference(leaves: dict[tuple[str, ...], click.Command]) -> str:
    """The page of all commands, in the order of `coop --help`."""
    parts = ["# Commands\n\nMade from the commands' own help by `scripts/docs`; edit the help.\n"]
    for path, command in leaves.items():
        parts.append(f"## {' '.join(path)}\n\n```text\n{help_text(command, path)}\n```\n")
    return "\n".join(parts)


def help_text(command: click.Command, path: tuple[str, ...]) -> str:
    """What `--help` prints, at a fixed width."""
    context = click.Context(
        command, info_name=" ".join(path), max_content_width=WIDTH, terminal_width=WIDTH
    )
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


def _examples(leaves: dict[tuple[str, ...], click.Command]) -> Iterator[str]:
    for path, command in leaves.items():
        lines = [
            line for line in help_text(command, path).splitlines() if line.startswith("    coop ")
        ]
        if not lines:
            yield f"{' '.join(path)} --help shows no example."
        for line in lines:
            yield from (f"{' '.join(path)} --help: {fault}" for fault in check_line(line, leaves))


def _pages(leaves: dict[tuple[str, ...], click.Command]) -> Iterator[str]:
    for page in PAGES:
        if not page.exists():
            yield f"{page.relative_to(ROOT)} is missing."
            continue
        for block in re.findall(r"^```[a-z]*\n(.*?)^```", page.read_text("utf-8"), re.S | re.M):
            for line in block.replace("\\\n", " ").splitlines():
                bare = re.sub(r"^\$ (?:[A-Z_]+=\S+ )*", "", line.strip())
                if bare.startswith("coop "):
                    yield from (f"{page.name}: {fault}" for fault in check_line(bare, leaves))


def check_line(line: str, leaves: dict[tuple[str, ...], click.Command]) -> Iterator[str]:
    """What is wrong with a command line: no such command, or an option that it does not have."""
    words = shlex.split(line.split(" | ")[0].split(" > ")[0], comments=True)
    path = next((tuple(words[:n]) for n in (4, 3, 2) if tuple(words[:n]) in leaves), None)
    if path is None:
        if not any(tuple(words[:2]) == leaf[:2] for leaf in leaves) or "--help" not in words:
            yield f"no such command: {line.strip()}"
        return
    known = {name for each in leaves[path].params for name in (*each.opts, *each.secondary_opts)}
    for word in words[len(path) :]:
        option = word.split("=")[0]
        if option.startswith("--") and option not in known and option != "--help":
            yield f"{' '.join(path)} has no {option}: {line.strip()}"


def _tree(page: Path) -> Iterator[str]:
    """The tree in README names files and folders that must be there, and every folder of ours."""
    if not page.exists():
        return
    block = re.search(r"^```tree\n(.*?)^```", page.read_text("utf-8"), re.S | re.M)
    if block is None:
        yield "README.md has no tree."
        return
    named = [line.split()[0] for line in block.group(1).splitlines() if line.strip()]
    yield from (
        f"README's tree names {name}, which is not there."
        for name in named
        if not (ROOT / name).exists()
    )
    for folder in ("contracts", "indexer", "node", "scripts", "tests"):
        if not any(name.startswith(folder) for name in named):
            yield f"README's tree does not name {folder}/."


if __name__ == "__main__":
    sys.exit(main())
