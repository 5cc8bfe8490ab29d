"""`coop key backup` and `coop key recover`: to paper and back."""

from datetime import date
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from node import completion, keys
from node.commands.revealing import need_terminal, refuse_file, reveal, write_new
from node.context import Context
from node.errors import KeyProblem, UsageProblem, undone
from node.options import leaf, password_option
from node.output import Out

if TYPE_CHECKING:
    from node.keys.paper import Page
    from node.keys.shares import Scheme

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("name", shell_complete=completion.keys)
@click.option("--shares", metavar="K-of-N", help="Make N shares, of which any K give the key.")
@click.option(
    "--out",
    "file",
    metavar="FILE",
    type=_FILE,
    help="Write the page to a new file; each share to one of its own: FILE-1, FILE-2 …",
)
@click.option(
    "--qr",
    metavar="FILE",
    type=_FILE,
    help="Also write the words as a QR code: a picture FILE.svg, or text FILE.txt.",
)
@password_option
@leaf("coop key backup ada --shares 2-of-3 --out ada.txt")
def backup(
    context: Context, name: str, shares: str | None, file: Path | None, qr: Path | None
) -> None:
    """Make a backup on paper: of the phrase, or words that hold the key; whole or in shares.

    Without --out it is shown on the terminal, page by page.
    """
    from node.keys import paper
    from node.keys.shares import WHOLE, scheme

    out = context.out
    with undone("No backup was made."):
        into = scheme(shares) if shares else WHOLE
        kept = keys.show(context.settings.keys, name)
        files, codes = _numbered(file, into), _numbered(qr, into)
        _refuse_files(files, codes, qr)
        if context.dry_run:
            out.note(f"Would back up key {name}. Nothing was shown or written.")
        else:
            if file is None:
                need_terminal(out, "--out FILE")
            question = f"Password of key {name}"
            password = keys.read_password(out, context.password_file, question)
            with keys.opened(context.settings.keys, name, password) as opened:
                pages = paper.pages(name, opened, into, date.today().isoformat())
            _give(pages, files, codes)
    written = [str(path) for path in (*files, *codes)]
    made = {
        "account": kept.account,
        "files": written,
        "holds": "shares" if shares else "phrase" if kept.has_phrase else "words",
        "name": name,
        "shares": str(into) if shares else None,
    }

    def human() -> None:
        for path in written:
            out.line(path)
        if not files and not context.dry_run:
            out.line(f"The backup of key {name} was shown.")
        if files and not context.dry_run:
            enough = " ".join(f"--from {quote(str(path))}" for path in files[: into.needed])
            out.line("Print them, try whether they are right, and delete them. To try:")
            out.line(f"coop key recover {quote(name)} --dry-run {enough}")

    out.result("key_backup", made, human=human)


@click.command()
@click.argument("name")
@click.option(
    "--from",
    "files",
    metavar="FILE",
    multiple=True,
    help="A file with the phrase, or one for each share; - is a line of standard input.",
)
@click.option("--account", metavar="ACCOUNT", help="Take the key only if this is its account.")
@password_option
@leaf("coop key recover ada --from ada-1.txt --from ada-3.txt")
def recover(context: Context, name: str, files: tuple[str, ...], account: str | None) -> None:
    """Get a key back from its phrase or from shares; with --dry-run, try a backup only."""
    from node.keys.words import found_in
    from node.typed_data import checksummed

    folder, out = context.settings.keys, context.out
    with undone("No key was recovered."):
        expected = checksummed(account) if account else None
        if not context.dry_run:
            keys.refuse_existing(folder, name)
        elif keys.path_of(folder, name).exists():
            expected = expected or keys.show(folder, name).account
        texts = [keys.read_words(file) for file in files] or _asked(out)
        found = found_in(texts)
        if expected and found.account != expected:
            raise KeyProblem(
                f"The backup is of account {found.account}, not of {expected}.",
                hint="Look for the paper with that account. A wallet may also have made it as a "
                "second account of this phrase; then export its private key there.",
                details={"account": found.account, "expected": expected},
            )
        if context.dry_run:
            _tell_trial(out, name, found.account)
            return
        question = f"New password for key {name}"
        password = keys.read_password(out, context.password_file, question, twice=True)
        made = keys.recover(folder, name, password, found)

    def human() -> None:
        out.line(f"Key {name} was recovered.")
        out.fields({"name": name, "account": made.account, "file": made.path})

    out.result("key", made, human=human)


def _tell_trial(out: Out, name: str, account: str) -> None:
    said = f"The backup is right: it gives account {account}. Nothing was kept."
    out.result("key_trial", {"account": account, "name": name}, human=lambda: out.line(said))


def _numbered(file: Path | None, into: "Scheme") -> list[Path]:
    """The files that a backup fills: that one, or for shares one each."""
    if file is None:
        return []
    if into.count == 1:
        return [file]
    return [file.with_stem(f"{file.stem}-{number}") for number in range(1, into.count + 1)]


def _refuse_files(files: list[Path], codes: list[Path], qr: Path | None) -> None:
    if qr is not None and qr.suffix not in (".svg", ".txt"):
        raise UsageProblem(f"{qr} is neither .svg nor .txt.", hint="Give one of these endings.")
    if set(files) & set(codes):
        raise UsageProblem("--out and --qr name the same file.")
    for path in (*files, *codes):
        refuse_file(path)


def _give(pages: "list[Page]", files: list[Path], codes: list[Path]) -> None:
    from node.keys import paper
    from node.keys.removal import destroy

    texts = [(path, page.text) for path, page in zip(files, pages, strict=False)]
    for path, page in zip(codes, pages, strict=False):
        code = paper.qr_svg if path.suffix == ".svg" else paper.qr_text
        texts.append((path, code(page.words)))
    written = []
    try:
        for path, text in texts:
            write_new(path, text)
            written.append(path)
    except BaseException:
        # No secret stays behind in a backup that was not made.
        for path in written:
            destroy(path)
        raise
    if not files:
        for page in pages:
            reveal(page.text)


def _asked(out: Out) -> list[str]:
    """Ask for a phrase or for as many shares as are needed; a mistake is asked for again."""
    from node.keys import words

    texts: list[str] = []
    needed = 1
    while len(texts) < needed:
        number = len(texts) + 1
        question = f"Share {number} of {needed}" if texts else "Phrase, or a share (not shown)"
        text = out.ask(question, "--from FILE", hide=True)
        try:
            needed = max(needed, words.check(text, number))
        except KeyProblem as problem:
            out.warn(f"{problem.happened} {problem.hint}")
            continue
        texts.append(text)
    return texts
