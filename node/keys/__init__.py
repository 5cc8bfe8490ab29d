"""Keys of this member: made, kept, backed up, recovered and removed.

No secret is ever logged, put into an error, or taken from a flag or the environment. A key is a
Web3 v3 keystore in COOP_HOME/keys; one that was made from a phrase keeps it there, encrypted.
"""

from node.keys.entry import keystore_text, read_password, read_secret, read_words
from node.keys.keystores import (
    Imported,
    Key,
    Opened,
    choose,
    create,
    import_keystore,
    import_secret,
    listed,
    opened,
    path_of,
    recover,
    refuse_existing,
    show,
    unlock,
    weakness,
)

__all__ = [
    "Imported",
    "Key",
    "Opened",
    "choose",
    "create",
    "import_keystore",
    "import_secret",
    "keystore_text",
    "listed",
    "opened",
    "path_of",
    "read_password",
    "read_secret",
    "read_words",
    "recover",
    "refuse_existing",
    "show",
    "unlock",
    "weakness",
]
