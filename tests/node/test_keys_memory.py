"""What is done so that a secret does not outlive its use."""

import json
import os
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from eth_account import Account
from eth_typing import HexStr

from node.keys.memory import wiped
from tests.node.desk import DEV_KEY

CORE = """
import resource, sys
from pathlib import Path
from node import keys
before, hard = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
keys.unlock(Path(sys.argv[1]), "ada", "correct horse")
print(hard, resource.getrlimit(resource.RLIMIT_CORE)[0])
"""


def failing(lent: AbstractContextManager[bytearray]) -> None:
    with lent as secret:
        assert secret == b"swordfish"
        raise ZeroDivisionError


def test_a_lent_buffer_is_zeroed_also_when_its_use_fails() -> None:
    secret = bytearray(b"swordfish")
    with pytest.raises(ZeroDivisionError):
        failing(wiped(secret))
    assert secret == bytes(9)


@pytest.mark.skipif(os.name != "posix", reason="only POSIX systems write core dumps")
def test_a_process_that_opened_a_key_leaves_no_core_dump(tmp_path: Path) -> None:
    store = Account.encrypt(HexStr(DEV_KEY), "correct horse", kdf="pbkdf2", iterations=1)
    (tmp_path / "ada.json").write_text(json.dumps(store))
    done = subprocess.run(
        [sys.executable, "-c", CORE, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    hard, soft = map(int, done.stdout.split())
    if hard == 0:
        pytest.skip("this machine allows no core dumps at all")
    assert soft == 0
