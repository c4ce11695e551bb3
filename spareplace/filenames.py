"""Names of files made from names of any text, such that no shell and no tool misreads them."""

from __future__ import annotations

import re
from hashlib import sha256
from urllib.parse import quote

LONGEST = 180
"""Letters of a file name: with any ending that it gets, file systems take it."""

_START = 80


def file_name(name: str) -> str:
    r"""Give the name of the file for something, made of letters, digits and ``. _ - %`` alone.

    It begins with neither a dash nor a dot, and no two names give the same one. Every other
    letter is written as its bytes in UTF-8, each as ``%`` and two digits; of a name that gets too
    long only the start is kept, before ``%%`` and its SHA-256.

    Parameters
    ----------
    name
        Text that is not empty.

    Examples
    --------
    >>> file_name("web-1.disk"), file_name("a b\n"), file_name("-rf"), file_name("50%")
    ('web-1.disk', 'a%20b%0A', '%2Drf', '50%25')
    >>> len(file_name("x" * 500))
    146
    """
    text = quote(name, safe="").replace("~", "%7E")
    if text[0] in "-.":
        text = f"%{ord(text[0]):02X}{text[1:]}"
    if len(text) <= LONGEST:
        return text
    start = re.sub(r"%[0-9A-F]?\Z", "", text[:_START])
    return f"{start}%%{sha256(name.encode()).hexdigest()}"
