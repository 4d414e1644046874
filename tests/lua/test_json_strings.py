"""The tokenizer accepts exactly JSON, and finds exactly its strings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.lua.modules import LuaModules

pytestmark = pytest.mark.clause("M2", "M4")

# One nginx serves all examples: it keeps nothing between calls.
FAST = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=20,
)


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def is_json(text: bytes) -> bool:
    """Whether Python's parser, held to RFC 8259, accepts the text."""
    try:
        json.loads(text.decode("utf-8"), parse_constant=refuse_constant)
    except ValueError:
        return False
    return True


def strings_of(value: Any) -> list[str]:
    """All strings of a document, keys and values, in the order of the text."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in strings_of(item)]
    if isinstance(value, Members):
        return [text for key, item in value.members for text in (key, *strings_of(item))]
    return []


class Members:
    """An object with all of its members, repeated keys included."""

    def __init__(self, members: list[tuple[str, Any]]) -> None:
        self.members = members


def encoded(document: object, *, ascii_only: bool, indent: int | None) -> bytes:
    return json.dumps(document, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "surrogatepass")


@FAST
@given(document=documents, ascii_only=st.booleans(), indent=st.sampled_from([None, 1]))
def test_every_string_of_a_document_is_found_in_order(
    lua: LuaModules, document: object, ascii_only: bool, indent: int | None
) -> None:
    text = encoded(document, ascii_only=ascii_only, indent=indent)
    spans = lua.find_strings(text)
    assert spans is not None
    found = [json.loads(b'"' + text[span.first : span.last] + b'"') for span in spans]
    assert found == strings_of(json.loads(text, object_pairs_hook=Members))
    assert all(span.is_escaped == (b"\\" in text[span.first : span.last]) for span in spans)


@FAST
@given(document=documents, data=st.data())
def test_a_damaged_document_is_accepted_only_where_it_is_still_json(
    lua: LuaModules, document: object, data: st.DataObject
) -> None:
    text = bytearray(encoded(document, ascii_only=False, indent=None))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        damage = data.draw(
            st.sampled_from([b"", b",", b":", b'"', b"\\", b"[", b"}", b"0", b"-", b".", b"e", b"\x80", b" "])
        )
        width = data.draw(st.integers(0, 2))
        text[at : at + width] = damage
    assert (lua.find_strings(bytes(text)) is not None) == is_json(bytes(text))


@FAST
@given(text=st.text(alphabet='[]{}":,\\ 0123456789-+.eEtrufalsn\n\t', max_size=24).map(str.encode))
@example(text=b"")
@example(text=b"[1,]")
@example(text=b'{"a":1,}')
@example(text=b"01")
@example(text=b"-")
@example(text=b"1.")
@example(text=b'"\x00"')
@example(text=b'"\x1f"')
@example(text=b"[]\x00")
@example(text=b"NaN")
@example(text=b"\xef\xbb\xbf{}")
@example(text=b'"\\u12g4"')
@example(text=b'"\\ud800"')
@example(text=b'"\xed\xa0\x80"')
@example(text=b'"\xc1\xa9"')
@example(text=b'"\xf4\x90\x80\x80"')
@example(text=b'"\xe2\x82"')
def test_text_is_accepted_exactly_where_a_strict_parser_does(lua: LuaModules, text: bytes) -> None:
    assert (lua.find_strings(text) is not None) == is_json(text)


@FAST
@given(bytes_inside=st.binary(max_size=6))
def test_strings_hold_valid_utf8_only(lua: LuaModules, bytes_inside: bytes) -> None:
    text = b'"' + bytes_inside + b'"'
    assert (lua.find_strings(text) is not None) == is_json(text)


def test_nesting_is_bounded(lua: LuaModules) -> None:
    assert lua.find_strings(b"[" * 4096 + b"]" * 4096) is not None
    assert lua.find_strings(b"[" * 4097 + b"]" * 4097) is None
    assert lua.find_strings(b"[" * 1_000_000) is None


@pytest.mark.clause("M6")
@pytest.mark.parametrize(
    ("text", "opaque"),
    [
        (b'{"type":"base64","data":"AKIA+/=="}', True),
        (b'{"data":"AKIA+/==","media_type":"image/png","type":"base64"}', True),
        (b'[{"source":{"x":[{}],"data":"AAAA","y":{"type":"text"},"type":"base64"}}]', True),
        (b'{"type":"base64","data":"i-0123456789abcdef0"}', False),
        (b'{"type":"base64","data":"a b"}', False),
        (b'{"type":"base64","data":"AA=A"}', False),
        (b'{"type":"text","data":"AAAA"}', False),
        (b'{"type":"base64","type":"text","data":"AAAA"}', False),
        (b'{"type":"text","type":"base64","data":"AAAA"}', False),
        (b'{"type":"base64","data":"AAAA","data":"BBBB"}', False),
        (b'{"type":"base64","ty\\u0070e":"text","data":"AAAA"}', False),
        (b'{"type":"base64","x":{"data":"AAAA"}}', False),
        (b'{"type":["base64"],"data":"AAAA"}', False),
        (b'["type","base64","data","AAAA"]', False),
    ],
)
def test_only_the_data_of_a_base64_source_is_left_out_of_the_search(
    lua: LuaModules, text: bytes, opaque: bool
) -> None:
    spans = lua.find_strings(text)
    assert spans is not None
    assert any(span.is_opaque for span in spans) == opaque
    assert all(text[span.first : span.last] in {b"AKIA+/==", b"AAAA"} for span in spans if span.is_opaque)
