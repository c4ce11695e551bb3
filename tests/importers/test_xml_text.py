from __future__ import annotations

from pathlib import Path

import pytest

from spareplace.errors import InvalidInput
from spareplace.importers.sources import Source
from spareplace.importers.xml_text import DEEPEST, LARGEST_XML, MOST_ELEMENTS, parse_xml
from tests.importers.given import text

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, 10)).replace(
        "lol0", "lol"
    )
    + "]><domain><name>&lol9;</name></domain>"
)


def test_an_element_has_its_attributes_texts_and_children() -> None:
    root = parse_xml(text('<a x="1">one<b/>\n<n:c xmlns:n="urn:n">ü &amp; <![CDATA[<]]></n:c></a>'))
    assert (root.name, root.attributes, root.text, root.line) == ("a", {"x": "1"}, "one\n", 1)
    (c,) = root.all("urn:n c")
    assert (c.text, c.line) == ("ü & <", 2)
    assert [it.name for it in root.below()] == ["a", "urn:n c", "b"]
    assert root.first("b", "c") is None


@pytest.mark.parametrize(
    "document",
    [
        LAUGHS,
        '<!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>',
        '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><d>&e;</d>',
        '<!DOCTYPE d [<!ENTITY % p SYSTEM "http://127.0.0.1/">%p;]><d/>',
        "<!DOCTYPE d><d/>",
        "<?xml version='1.0'?>\n<!DOCTYPE d PUBLIC 'x' 'y'><d/>",
    ],
    ids=["billion laughs", "external subset", "external", "parameter", "empty", "public"],
)
def test_a_document_type_is_refused_before_anything_of_it_is_read(document: str) -> None:
    with pytest.raises(InvalidInput, match="found a document type declaration, expected none"):
        parse_xml(text(document))


def test_a_file_that_an_entity_names_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    document = f'<!DOCTYPE d [<!ENTITY e SYSTEM "{secret.as_uri()}">]><d>&e;</d>'

    def never(*_given: object, **_named: object) -> None:
        raise AssertionError("a file was opened")

    monkeypatch.setattr("builtins.open", never)
    with pytest.raises(InvalidInput) as error:
        parse_xml(text(document))
    assert "hidden" not in str(error.value)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("<a>\n<b></a>", "line 2: found mismatched tag, expected XML"),
        ("<a>&lol;</a>", "undefined entity"),
        ("<a", "unclosed token"),
        ("", "nothing: it is empty"),
        ("<a/><b/>", "junk after document element"),
        ("<n:a/>", "unbound prefix"),
        ("<a>\x00</a>", "invalid token"),
        ("<a>" * (DEEPEST + 1), "elements nested too deeply"),
        ("<a>" + "<b/>" * MOST_ELEMENTS + "</a>", "too many elements"),
        ("<a>" + " " * LARGEST_XML + "</a>", "expected at most 4,194,304"),
    ],
)
def test_what_is_wrong_is_told(document: str, message: str) -> None:
    with pytest.raises(InvalidInput) as error:
        parse_xml(text(document))
    assert message in str(error.value)


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "utf-7"])
def test_a_document_cannot_choose_another_encoding(encoding: str) -> None:
    content = f'<?xml version="1.0" encoding="{encoding}"?><a>ü</a>'.encode()
    assert parse_xml(Source(path="x", content=content)).text == "ü"


def test_text_that_is_no_utf8_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no UTF-8"):
        parse_xml(Source(path="x", content="<a/>".encode("utf-16")))
