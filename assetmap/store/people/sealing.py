"""How records about people are sealed: AES-256-GCM under a key that is itself sealed with a passphrase by scrypt.

Nothing here reads or writes a table. Who has the folder and not the passphrase has bytes that say nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from assetmap.errors import UsageError, UserError, WorkspaceError
from assetmap.store.files import disk_fault

#: Where a passphrase, or the file that holds it, is named.
PASSPHRASE: Final = "ASSETMAP_PEOPLE_PASSPHRASE"  # noqa: S105 (where it is, not what)
KEY_FILE: Final = "ASSETMAP_PEOPLE_KEY_FILE"
SHORTEST: Final = 12
#: 2^15 rounds in blocks of 8: a tenth of a second and 32 MB for each guess.
COST: Final = 2**15
_BLOCK, _LANES, _KEY, _NONCE = 8, 1, 32, 12
#: Sealed texts are filled up to a multiple of this, so that their length says nothing of a name.
_ROUND: Final = 512


@dataclass(frozen=True)
class Keys:
    """The keys of one workspace, open: they seal and unseal, mark what is to be found again, and sign the audit."""

    master: bytes = field(repr=False)

    def seal(self, values: Mapping[str, Any], about: str) -> bytes:
        """Return values sealed for one record; ``about`` is bound in, so that no record can stand in for another."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        plain = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        nonce = secrets.token_bytes(_NONCE)
        filled = plain + b" " * (-len(plain) % _ROUND)
        return nonce + AESGCM(self._part("seal")).encrypt(nonce, filled, about.encode())

    def unseal(self, sealed: bytes, about: str) -> dict[str, Any]:
        """Return what was sealed.

        Raises
        ------
        WorkspaceError
            If a single bit of it was changed, or it is another record's.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            plain = AESGCM(self._part("seal")).decrypt(sealed[:_NONCE], sealed[_NONCE:], about.encode())
        except (InvalidTag, ValueError) as fault:
            do = "restore it from a backup"
            raise WorkspaceError("a sealed record was changed outside assetmap", found=about, do=do) from fault
        return dict(json.loads(plain.decode("utf-8", "surrogatepass")))

    def mark(self, kind: str, value: str) -> str:
        """Return a keyed hash by which a value is found again, and nobody without the key can guess it."""
        said = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._part("mark"), said, "sha256").hex()

    def sign(self, line: str) -> str:
        """Return a signature of a line of the audit."""
        return hmac.digest(self._part("audit"), line.encode("utf-8", "surrogatepass"), "sha256").hex()

    def first_step(self) -> str:
        """Return the step that seals the first line of the audit (see :func:`next_step`)."""
        return self._part("audit steps").hex()

    def _part(self, purpose: str) -> bytes:
        """Return a key for one purpose (HKDF with one block, RFC 5869)."""
        return hmac.digest(self.master, f"assetmap people {purpose}".encode() + b"\x01", "sha256")


def new_key(passphrase: str, cost: int = COST) -> tuple[Keys, str]:
    """Make a key and return it open, and sealed with a passphrase as text to be kept.

    Raises
    ------
    UsageError
        If the passphrase is too short to keep anything.
    """
    if len(passphrase.strip()) < SHORTEST:
        do = f"take at least {SHORTEST} characters: four words that do not belong together are good"
        raise UsageError("the passphrase is too short", do=do)
    keys = Keys(secrets.token_bytes(_KEY))
    return keys, seal_key(keys, passphrase, cost)


def seal_key(keys: Keys, passphrase: str, cost: int = COST) -> str:
    """Return a key sealed with a passphrase, as text to be kept."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(_NONCE)
    kept = {"scrypt": [cost, _BLOCK, _LANES], "salt": _write(salt)}
    sealed = AESGCM(_stretch(passphrase, salt, cost)).encrypt(nonce, keys.master, b"assetmap people key")
    return json.dumps({**kept, "sealed": _write(nonce + sealed)})


def open_key(kept: str, passphrase: str) -> Keys:
    """Return the key that a passphrase opens.

    Raises
    ------
    UserError
        If it is another passphrase.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    said = json.loads(kept)
    sealed, cost = base64.b64decode(said["sealed"]), int(said["scrypt"][0])
    key = _stretch(passphrase, base64.b64decode(said["salt"]), cost)
    try:
        return Keys(AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], b"assetmap people key"))
    except InvalidTag as fault:
        do = "check capitals and spaces; without the right one nobody can read these records, nor can we"
        raise UserError("this is not the passphrase these records are locked with", do=do) from fault


def find_passphrase(workspace: Path) -> str:
    """Return the passphrase that the environment names; empty where it names none.

    Raises
    ------
    UsageError
        If the key file lies in the workspace, where every backup would carry it along, or is empty.
    WorldError
        If the file cannot be read.
    """
    named = os.environ.get(KEY_FILE, "")
    if not named:
        return os.environ.get(PASSPHRASE, "")
    path = Path(named).resolve()
    if path.is_relative_to(workspace.resolve()):
        do = "keep it elsewhere: a key beside the lock keeps nothing"
        raise UsageError("the key file lies in the workspace", KEY_FILE, path.name, do)
    try:
        found = path.read_text(encoding="utf-8").strip()
    except OSError as fault:
        raise disk_fault(path, fault) from fault
    if not found:
        raise UsageError("the key file is empty", KEY_FILE, path.name, "put the passphrase into it")
    return found


def plain_contact(contact: str) -> str:
    """Return a telephone number or e-mail in the one way it is compared.

    Examples
    --------
    >>> plain_contact("+44 (0)7700 900 123") == plain_contact("07700-900123"), plain_contact(" Ann@Example.org ")
    (True, 'ann@example.org')
    """
    if "@" in contact:
        return contact.strip().lower()
    digits = re.sub(r"\D", "", contact)
    digits = re.sub(r"^(?:00)?44(?:0)?", "0", digits)
    return digits or " ".join(contact.lower().split())


def plain_code(code: str) -> str:
    """Return a card's code in the one way it is compared, forgiving what people misread.

    Examples
    --------
    >>> plain_code("k7qm-2wxa 9ptd")
    'K7QM2WXA9PTD'
    """
    return re.sub(r"[^A-Z0-9]", "", code.upper()).translate(str.maketrans("OIL", "011"))


def new_code() -> str:
    """Return a card's code: twelve signs in threes of four, without those that look alike; 58 bits."""
    signs = "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(12))
    return "-".join((signs[:4], signs[4:8], signs[8:]))


def chain(before: str, line: tuple[object, ...]) -> str:
    """Return the link of a line to the one before it."""
    said = json.dumps([before, *map(str, line)], ensure_ascii=False)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def sign_step(step: str, line: str) -> str:
    """Return the signature of a line of the audit that is written without the keys."""
    return hmac.digest(bytes.fromhex(step), f"line\0{line}".encode("utf-8", "surrogatepass"), "sha256").hex()


def next_step(step: str) -> str:
    """Return the step after one, from which nobody finds the one before (Schneier and Kelsey, 1998).

    Each line of the audit moves it on and the one before is forgotten. So whoever holds the store can sign the next
    line, as anybody without the keys can by the door, but none that was written already, nor put the step back to
    where it was before a line they took away.
    """
    return hmac.digest(bytes.fromhex(step), b"next", "sha256").hex()


def _stretch(passphrase: str, salt: bytes, cost: int) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    said = unicodedata.normalize("NFC", passphrase.strip()).encode("utf-8", "surrogatepass")
    return Scrypt(salt=salt, length=_KEY, n=cost, r=_BLOCK, p=_LANES).derive(said)


def _write(value: bytes) -> str:
    return base64.b64encode(value).decode()
