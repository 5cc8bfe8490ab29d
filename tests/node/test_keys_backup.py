"""`coop key new`, `backup` and `recover`: secrets go to paper when asked for, and nowhere else."""

import json
import re
import stat
import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from pathlib import Path

import pytest
import segno

from node import files, keys
from node.keys import phrases
from node.keys.keystores import _sealed
from node.keys.words import found_in, plain
from tests.node.desk import DEV_ACCOUNT, Desk, desk  # noqa: F401
from tests.node.terminal import typed

PASSWORD = "correct horse"
DEV_PHRASE = "test test test test test test test test test test test junk"


@pytest.fixture(scope="session")
def sealed() -> str:
    """A keystore with a phrase, encrypted with full strength once for all tests."""
    found = found_in([DEV_PHRASE])
    return json.dumps(_sealed(found.secret, found.phrase, PASSWORD))


@pytest.fixture
def ada(desk: Desk, sealed: str) -> Desk:  # noqa: F811
    """A desk with the key ada, which has a phrase, and the file `password`."""
    desk.file("password", PASSWORD + "\n")
    files.write_private(desk.home / "keys" / "ada.json", sealed)
    return desk


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# New keys


def test_a_new_keys_phrase_is_written_to_the_file_that_was_asked_for_and_nowhere_else(
    desk: Desk,  # noqa: F811
) -> None:
    password, paper = desk.file("password", PASSWORD), desk.home / "phrase.txt"

    said = desk.run(
        *("key", "new", "ada", "--words", "24", "--phrase-language", "spanish"),
        *("--phrase-file", paper, "--password-file", password, "--json", "--verbose"),
    )

    phrase = phrases.read(paper.read_text(encoding="utf-8"))
    assert (len(phrase.words), phrase.language, mode(paper)) == (24, "spanish", 0o600)
    assert found_in([phrase.text]).account == said.data["account"]
    assert said.data["has_phrase"] is True
    assert leaked(phrase.text, said.out + said.err + Path(said.data["path"]).read_text()) == set()


def test_a_phrase_that_nobody_asked_for_is_not_shown(desk: Desk) -> None:  # noqa: F811
    password = desk.file("password", PASSWORD)
    said = desk.run("key", "new", "ada", "--password-file", password, "--yes")
    with keys.opened(desk.home / "keys", "ada", PASSWORD) as opened:
        assert opened.phrase is not None
        assert leaked(opened.phrase.text, said.out + said.err) == set()
    assert "coop key backup ada" in said.out


def test_an_existing_file_is_not_overwritten_by_a_phrase_and_no_key_is_made(
    desk: Desk,  # noqa: F811
) -> None:
    password, paper = desk.file("password", PASSWORD), desk.file("phrase.txt", "dear diary")
    said = desk.run("key", "new", "ada", "--phrase-file", paper, "--password-file", password)
    assert (said.code, paper.read_text()) == (2, "dear diary")
    assert not (desk.home / "keys").exists()


def leaked(text: str, where: str) -> set[str]:
    """Words of a secret that stand behind each other somewhere."""
    words = text.split()
    pairs = {" ".join(pair) for pair in pairwise(words)}
    return {pair for pair in pairs if pair in where}


def modules(picture: str) -> list[list[str]]:
    """The squares of a QR code of blocks; each is two signs wide."""
    rows = picture.splitlines()
    return [[row[at : at + 2] for at in range(0, len(row), 2)] for row in rows]


# Backups


def test_a_paper_backup_holds_the_phrase_and_gives_the_key_back(ada: Desk) -> None:
    paper = ada.home / "ada.txt"
    password = ("--password-file", ada.home / "password")

    said = ada.run("key", "backup", "ada", "--out", paper, *password, "--json")
    tried = ada.run("key", "recover", "ada", "--dry-run", "--from", paper, "--json")
    (ada.home / "keys" / "ada.json").unlink()
    back = ada.run("key", "recover", "ada", "--from", paper, *password, "--json")

    assert said.data == {
        "account": DEV_ACCOUNT,
        "files": [str(paper)],
        "holds": "phrase",
        "name": "ada",
        "shares": None,
    }
    text = paper.read_text(encoding="utf-8")
    assert plain(text) == DEV_PHRASE
    for word in ("ada", DEV_ACCOUNT, "coop key recover ada", phrases.PATH, "12 words"):
        assert word in text
    assert re.search(r"Made     \d{4}-\d\d-\d\d\n", text)
    assert mode(paper) == 0o600
    people = ada.run("key", "recover", "ada", "--dry-run", "--from", paper, "--quiet")
    assert f"it gives account {DEV_ACCOUNT}" in people.out
    assert tried.data["account"] == back.data["account"] == DEV_ACCOUNT
    assert back.data["has_phrase"] is True
    assert leaked(DEV_PHRASE, said.out + said.err + back.out + back.err) == set()


def test_a_key_without_a_phrase_is_backed_up_in_words_that_hold_the_key_itself(
    desk: Desk,  # noqa: F811
) -> None:
    *_, password = desk.dev_key()
    paper = desk.home / "dev.txt"

    said = desk.run("key", "backup", "dev", "--out", paper, "--password-file", password, "--json")

    assert said.data["holds"] == "words"
    assert len(plain(paper.read_text()).split()) == 33
    assert found_in([paper.read_text()]).account == DEV_ACCOUNT
    assert "other wallets would make another one" in paper.read_text()


def test_shares_stand_on_pages_of_their_own_and_two_of_them_give_the_key(ada: Desk) -> None:
    password = ("--password-file", ada.home / "password")
    out = ("--out", ada.home / "ada.txt")

    said = ada.run("key", "backup", "ada", "--shares", "2-of-3", *out, *password, "--json")
    pages = [ada.home / f"ada-{number}.txt" for number in (1, 2, 3)]
    one = ada.run("key", "recover", "ben", "--from", pages[2], *password, "--json")
    two = ada.run(
        "key", "recover", "ben", "--from", pages[2], "--from", pages[0], *password, "--json"
    )

    assert (said.data["files"], said.data["holds"]) == ([str(page) for page in pages], "shares")
    assert [mode(page) for page in pages] == [0o600] * 3
    assert "Share    2 of 3; any 2 give the key" in pages[1].read_text()
    assert (one.code, one.error["code"]) == (10, "key_problem")
    assert "No key was recovered." in one.error["message"]
    assert two.data["account"] == DEV_ACCOUNT


def test_a_qr_code_holds_the_words(ada: Desk) -> None:
    password = ("--password-file", ada.home / "password")
    paper, picture, text = ada.home / "ada.txt", ada.home / "ada.svg", ada.home / "code.txt"

    ada.run("key", "backup", "ada", "--out", paper, "--qr", picture, *password)
    ada.run("key", "backup", "ada", "--out", ada.home / "b.txt", "--qr", text, *password)

    assert ElementTree.parse(picture).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    dark = [[module == "██" for module in row] for row in modules(text.read_text("utf-8"))]
    assert dark == [list(row) for row in segno.make_qr(DEV_PHRASE).matrix_iter(border=4)]
    assert mode(picture) == mode(text) == 0o600


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (("--shares", "3-of-2"), 2, "makes no shares"),
        (("--qr", "ada.png"), 2, "neither .svg nor .txt"),
        (("--out", "password"), 2, "There is a file"),
        (("--out", "x.txt", "--qr", "x.txt"), 2, "the same file"),
        (("--password-file", "password"), 2, "no terminal"),
    ],
    ids=["shares", "ending", "taken", "same", "terminal"],
)
def test_a_backup_that_cannot_be_made_says_so_and_writes_nothing(
    ada: Desk, more: tuple[str, ...], code: int, message: str
) -> None:
    before = sorted(ada.home.rglob("*"))
    said = ada.run("key", "backup", "ada", *more, "--json")
    assert (said.code, message in said.error["message"]) == (code, True)
    assert sorted(ada.home.rglob("*")) == before


def test_a_backup_that_fails_half_way_leaves_no_secret_behind(ada: Desk) -> None:
    before = sorted(ada.home.rglob("*"))
    password = ("--password-file", ada.home / "password")
    out = ("--out", ada.home / "ada.txt", "--qr", ada.home / "password" / "ada.svg")

    said = ada.run("key", "backup", "ada", *out, *password, "--json")

    assert (said.code, "No backup was made." in said.error["message"]) == (11, True)
    assert sorted(ada.home.rglob("*")) == before


def test_a_rehearsed_backup_asks_for_no_password_and_writes_nothing(ada: Desk) -> None:
    said = ada.run("key", "backup", "ada", "--out", ada.home / "x.txt", "--dry-run", "--json")
    assert (said.code, (ada.home / "x.txt").exists()) == (0, False)


# Recovery


def test_a_backup_of_another_account_is_refused(ada: Desk) -> None:
    other = ada.file("other.txt", phrases.draw(12, "english").text)
    wanted = ("--account", DEV_ACCOUNT.lower())

    named = ada.run("key", "recover", "ben", "--from", other, *wanted, "--json")
    compared = ada.run("key", "recover", "ada", "--from", other, "--dry-run", "--json")

    for said in (named, compared):
        assert (said.code, said.error["details"]["expected"]) == (10, DEV_ACCOUNT)
    assert [path.name for path in (ada.home / "keys").iterdir()] == ["ada.json"]


def test_a_key_that_exists_is_not_recovered_over(ada: Desk) -> None:
    before = (ada.home / "keys" / "ada.json").read_bytes()
    paper = ada.file("p.txt", DEV_PHRASE)
    said = ada.run("key", "recover", "ada", "--from", paper, "--json")
    assert (said.code, "already" in said.error["message"]) == (10, True)
    assert (ada.home / "keys" / "ada.json").read_bytes() == before


@pytest.mark.parametrize("account", ["ada", "0x12"])
def test_what_is_no_account_is_a_fault_of_usage(ada: Desk, account: str) -> None:
    paper = ada.file("p.txt", DEV_PHRASE)
    assert ada.run("key", "recover", "ben", "--from", paper, "--account", account).code == 2


@pytest.mark.parametrize("text", ["", "  \n", "test junk", DEV_PHRASE[:-4] + "test"])
def test_what_is_no_backup_is_refused_without_repeating_it(ada: Desk, text: str) -> None:
    said = ada.run("key", "recover", "ben", "--from", ada.file("p.txt", text), "--json")
    assert said.code == 10
    assert "test test" not in said.out + said.err


def test_words_are_read_from_standard_input(ada: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with ada.file("typed", DEV_PHRASE + "\n").open() as lines:
        monkeypatch.setattr("sys.stdin", lines)
        said = ada.run("key", "recover", "ben", "--from", "-", "--dry-run", "--json")
    assert said.data == {"account": DEV_ACCOUNT, "name": "ben"}


def test_without_a_terminal_the_words_must_come_from_a_file(ada: Desk) -> None:
    said = ada.run("key", "recover", "ben", "--no-input", "--json")
    assert (said.code, "--from FILE" in said.error["hint"]) == (2, True)


# At a terminal


def test_a_person_sees_the_new_phrase_on_the_second_screen_only_after_a_yes(
    tmp_path: Path,
) -> None:
    result = tmp_path / "result"
    password = [("New password", PASSWORD), ("Repeat", PASSWORD)]
    words = ("key", "new", "ada", "--json")

    no, unseen = typed(tmp_path, words, [*password, ("[y/N]", "n")], out=result)
    (tmp_path / "keys" / "ada.json").unlink()
    yes, screen = typed(tmp_path, words, [*password, ("[y/N]", "y"), ("Enter", "")], out=result)

    with keys.opened(tmp_path / "keys", "ada", PASSWORD) as opened:
        assert opened.phrase is not None
        text = opened.phrase.text
    assert (no, yes) == (0, 0)
    assert "\x1b[?1049h" not in unseen
    assert text in screen.split("\x1b[?1049h")[1].split("\x1b[?1049l")[0]
    assert leaked(text, result.read_text() + screen.split("\x1b[?1049l")[1]) == set()
    assert PASSWORD not in screen


def test_a_yes_given_beforehand_shows_no_phrase(tmp_path: Path) -> None:
    password = [("New password", PASSWORD), ("Repeat", PASSWORD)]
    code, screen = typed(tmp_path, ("key", "new", "ada", "--yes"), password)
    assert (code, "Show the phrase" in screen, "\x1b[?1049h" in screen) == (0, False, False)


def test_shares_are_shown_one_after_the_other_and_typed_back_in_unseen(ada: Desk) -> None:
    words = ("key", "backup", "ada", "--shares", "2-of-3", "--password-file", ada.home / "password")
    shown, screen = typed(
        ada.home, words, [("Enter when", ""), ("Enter when", ""), ("Enter when", "")]
    )
    pages = [part.split("\x1b[?1049l")[0] for part in screen.split("\x1b[?1049h\x1b[H")[1:]]
    first, _, third = (plain(page.replace("\r\n", "\n")) for page in pages)
    wrong = first.replace(first.split()[4], "swann", 1)

    back, asked = typed(
        ada.home,
        ("key", "recover", "ben", "--account", DEV_ACCOUNT),
        [
            ("Phrase, or a share", third),
            ("Share 2 of 2", wrong),
            ("Share 2 of 2", first),
            ("New password", PASSWORD),
            ("Repeat", PASSWORD),
        ],
    )

    assert (shown, len(pages), back) == (0, 3, 0)
    assert "Of share 2, these words are in no list" in asked
    assert leaked(first, asked) | leaked(third, asked) == set()
    assert keys.show(ada.home / "keys", "ben").account == DEV_ACCOUNT


def test_a_dumb_terminal_gets_no_control_signs(ada: Desk) -> None:
    words = ("key", "backup", "ada", "--password-file", ada.home / "password")
    code, screen = typed(ada.home, words, [("Enter when", "")], term="dumb")
    assert (code, "\x1b" in screen, "12. junk" in screen) == (0, False, True)
