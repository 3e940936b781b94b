"""How a group is reached, and what of it is one person's own: that is kept out of what the list becomes.

Kept are telephone numbers of a place, mailboxes of a role and web sites. A person's name, a mobile number and a
mailbox that names a person are left out; in doubt a thing counts as a person's own.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd

from assetmap.categories import plain_words
from assetmap.sources.columns import words

#: Hosts at which people have mailboxes of their own.
_PRIVATE: Final = "|".join(words().contacts["private_hosts"])
_EMAIL: Final = re.compile(r"(?:mailto:)?([\w.+'’-]+)@((?:[\w-]+\.)+[a-z]{2,})", re.IGNORECASE)
_AT_HOME: Final = re.compile(rf"(?:{_PRIVATE})\.(?:com|co\.uk|net|org|uk|me|fr|de|ie|tv)", re.IGNORECASE)
_PHONE: Final = re.compile(r"(?:\+44|0044|\(?0)[\d\s()./-]{7,16}\d")
_LINK: Final = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_TITLED: Final = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Rev(?:d|erend)?|Fr|Father|Pastor|Cllr|Councillor|Sir|Dame|Prof(?:essor)?)\b\.?\s+"
    r"(?:[A-Z][\w’'-]*\.?\s*){1,3}"
)
_ONE_PERSON: Final = re.compile(r"\s*(?:Mr|Mrs|Ms|Miss|Mx)\b\.?\s+(?:[A-Z][\w’'-]*\.?\s*){1,3}")
_NAMED: Final = re.compile(
    r"(?:[A-Z][a-zà-ÿ’'-]+|[A-Z]\.?)(?:\s+[A-Z]\.?)?\s+(?:Mc|Mac|O['’])?[A-Z][a-zà-ÿ’'-]+(?:-[A-Z][a-z]+)?"
)
#: Words of a mailbox or a desk that is whoever's turn it is.
_ROLES: Final = frozenset(words().contacts["roles"])
_DESK: Final = re.compile(rf"\b(?:{'|'.join(words().contacts['desks'])})\b", re.IGNORECASE)
_OWN_NUMBER: Final = re.compile(
    rf"(?:\+44\s*\(?0?\)?\s*|0044\s*|\b0)7\d{{3}}[\s-]?\d{{3}}[\s-]?\d{{3}}\b|[\w.+-]+@(?:{_PRIVATE})\.", re.IGNORECASE
)
#: A cell without any of these holds nothing of a person's own and needs no closer look.
_SUSPECT: Final = re.compile(
    rf"(?i:@(?:{_PRIVATE})\.|[a-z][._'’+-][a-z]+\w*@)|07|\+44\s*\(?0?\)?\s*7|0044\s*7|[A-Z][\w’'.-]*\s+[A-Z][a-z’'-]"
    r"|\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Rev|Revd|Fr|Cllr|Sir|Dame|Prof)\b"
)
#: Somewhat more than that, told of all cells at once; what is no plain letter needs the closer look in any case.
_SUSPECTS: Final = (
    rf"(?i:@(?:{_PRIVATE})\.)|[._'+-][A-Za-z][A-Za-z0-9_]*@|07|\+44 *\(?0?\)? *7|0044 *7|[A-Z][A-Za-z0-9_'.-]* +[A-Z]"
    "|M[rsx]|Miss|Dr|Rev|Fr|Cllr|Sir|Dame|Prof|[^ -~]"
)


def join_public(parts: list[pd.Series], names: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return how each group is reached, from several columns, and in which rows something was a person's own.

    Parameters
    ----------
    parts
        Columns in their order, missing where nothing is said; the same index.
    names
        What the groups are called: a mailbox that names the group is the group's.

    Returns
    -------
        Contacts, byte for byte where nothing had to go, several joined by " / ", missing where nothing is left; and
        True where something was kept out.

    Examples
    --------
    >>> cells = pd.Series(["0161 496 0001", "Ann Lee 07700 900123", "jo.bell@gmail.com, info@a.example"], dtype="str")
    >>> contact, kept_out = join_public([cells], pd.Series(["A", "B", "C"], dtype="str"))
    >>> contact.tolist(), kept_out.tolist()
    (['0161 496 0001', nan, 'info@a.example'], [False, True, True])
    """
    index = names.index
    joined = pd.Series(None, index=index, dtype="str")
    kept_out = np.zeros(len(index), dtype=bool)
    called = names.tolist()
    for part in parts:
        cells = part.tolist()
        likely = np.flatnonzero(part.str.contains(_SUSPECTS, regex=True).fillna(value=False).to_numpy(bool)).tolist()
        for at in (at for at in likely if _SUSPECT.search(cells[at])):
            cells[at], gone = _public(cells[at], called[at])
            kept_out[at] |= gone
        told = pd.Series(cells, index=index, dtype="str")
        repeated = told.isna() | (told == joined).fillna(value=False)
        both = joined + " / " + told
        joined = joined.where(repeated, both.where(joined.notna(), told))
    return joined, pd.Series(kept_out, index=index)


def _may_hold(texts: pd.Series, *signs: str) -> list[int]:
    """Return the positions of the texts in which one of some signs stands, told at once for all of them."""
    found = np.zeros(len(texts), dtype=bool)
    for sign in signs:
        found |= texts.str.contains(sign, regex=False).fillna(value=False).to_numpy(bool)
    return [int(at) for at in np.flatnonzero(found)]


def _public(cell: str, name: object) -> tuple[str | None, bool]:
    """Return what of a cell is public, None where nothing is, and whether something was left out."""
    if _PHONE.fullmatch(cell) and not is_mobile(cell):
        return cell, False
    found = [(match.start(), match.group(), _is_own(match, name)) for match in _EMAIL.finditer(cell)]
    rest = _EMAIL.sub(lambda match: " " * len(match.group()), cell)
    links = [(match.start(), match.group(), False) for match in _LINK.finditer(rest)]
    rest = _LINK.sub(lambda match: " " * len(match.group()), rest)
    phones = [(match.start(), match.group().strip(), is_mobile(match.group())) for match in _PHONE.finditer(rest)]
    rest = _PHONE.sub(lambda match: " " * len(match.group()), rest)
    person = names_person(rest)
    every = sorted(found + links + phones)
    if not person and not any(own for _, _, own in every):
        return cell, False
    return " / ".join(said for _, said, own in every if not own) or None, True


def _is_own(mailbox: re.Match[str], name: object) -> bool:
    """Tell whether a mailbox is one person's: at a private host unless it names the group, elsewhere by two names."""
    parts = [part for part in re.split(r"[._+\d’'-]+", mailbox[1].lower()) if part]
    if any(part in _ROLES for part in parts):
        return False
    at_home = _AT_HOME.fullmatch(mailbox[2]) is not None
    if not at_home and not (len(parts) == 2 and re.search(r"[._]", mailbox[1])):
        return False
    letters = "".join(parts)
    group = plain_words(name).split() if isinstance(name, str) else []
    return not any(len(word) > 3 and word in letters for word in group) and not any(
        len(role) > 4 and role in letters for role in _ROLES
    )


def is_mobile(number: str) -> bool:
    """Tell whether a number is that of a mobile telephone, which is somebody's own.

    Examples
    --------
    >>> [is_mobile(number) for number in ("07700 900123", "+44 (0)7700 900123", "0161 496 0007")]
    [True, True, False]
    """
    digits = re.sub(r"\D", "", number.replace("(0)", ""))
    return re.sub(r"^(0044|44)", "0", digits).startswith("07")


def names_person(said: str) -> bool:
    """Tell whether words that stand beside a contact name somebody.

    Examples
    --------
    >>> [names_person(said) for said in ("Mrs J Smith", "Ann Lee", "Citizens Advice", "Please ring first")]
    [True, True, False, False]
    """
    if _TITLED.search(said):
        return True
    plain = re.sub(
        r"[\s,;:/()|–-]+",
        " ",
        re.sub(r"\b(?:c/o|tel|phone|email|mobile|contact|call|ring|or|and)\b", " ", said, flags=re.I),
    )
    return _NAMED.fullmatch(plain.strip()) is not None and not _DESK.search(plain)


def is_one_person(names: pd.Series) -> pd.Series:
    """Tell which names are those of one person with a title, such as "Mrs J Smith"; the same index."""
    plain = names.str.lstrip()
    found = np.array(plain.str.startswith(("Mr", "Ms", "Mx", "Miss")).fillna(value=False), dtype=bool)
    for at in np.flatnonzero(found):
        found[at] = _ONE_PERSON.fullmatch(names.iloc[at]) is not None
    return pd.Series(found, index=names.index)


def tells_of_person(texts: pd.Series) -> pd.Series:
    """Tell in which free texts a mobile number or a private mailbox stands; the same index."""
    cells, found = texts.tolist(), np.zeros(len(texts), dtype=bool)
    for at in _may_hold(texts, "@", "07", "44"):
        found[at] = _OWN_NUMBER.search(cells[at]) is not None
    return pd.Series(found, index=texts.index)
