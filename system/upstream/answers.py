"""From a request and a script to a response."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from pydantic import TypeAdapter
from pydantic_core import to_json

from system.upstream import sse
from system.upstream.api_errors import STATUS_OF_TYPE, TYPE_OF_STATUS, ApiError, api_headers, new_id
from system.upstream.messages_api import (
    COUNT_TOKENS_PATH,
    DEFAULT_MODEL,
    CountTokensRequest,
    Message,
    MessagesRequest,
    check_rules,
    check_signatures,
    count_tokens_body,
    parse,
    signature_of,
)
from system.upstream.protocol import Answer, ContentBlock, Script, TextBlock, ThinkingBlock
from system.upstream.response import Response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from system.upstream.http1 import Request

FILLER = "lorem ipsum dolor sit amet "
_API_PREFIX = "/v1/"
_NOT_MESSAGES = frozenset({Answer.ECHO_BODY, Answer.RAW, Answer.ERROR})
_BLOCKS: TypeAdapter[list[ContentBlock]] = TypeAdapter(list[ContentBlock])
_EVENT_STREAM = "text/event-stream; charset=utf-8"


def compose(request: Request, script: Script, *, require_key: bool) -> Response:
    """Return the response that a script has for a request.

    Args:
        request: A whole request.
        script: How to answer.
        require_key: Whether the server demands a key where the script does not say.
    """
    try:
        response = _answer(request, script, require_key=require_key)
        if script.status is not None:
            response.status = script.status
    except ApiError as error:
        response = error.response()
    if response.bodiless:
        response.body, response.boundaries = b"", ()
    elif script.content_encoding is not None:
        response.encode(script.content_encoding)
    for name, value in script.headers.items():
        response.headers.pop(name.lower(), None)
        if value is not None:
            response.headers[name.lower()] = value
    return response


def _answer(request: Request, script: Script, *, require_key: bool) -> Response:
    on_api_path = request.path.startswith(_API_PREFIX)
    strict = script.strict
    if strict is None:
        strict = on_api_path and script.answer not in _NOT_MESSAGES
    key_needed = script.require_key
    if key_needed is None:
        key_needed = require_key and on_api_path
    if strict:
        check_rules(request, require_key=key_needed)
    elif key_needed and not request.header(b"x-api-key"):
        raise ApiError("authentication_error")
    match script.answer:
        case Answer.ERROR:
            raise _scripted_error(script)
        case Answer.RAW:
            return _plain(script.raw or b"", _EVENT_STREAM if script.stream else "application/json")
        case Answer.ECHO_BODY:
            return _plain(request.body, request.header(b"content-type") or "application/octet-stream")
    if request.path == COUNT_TOKENS_PATH:
        parse(CountTokensRequest, request.body)
        return _plain(count_tokens_body(request), "application/json")
    return _message(request, script, strict=strict)


def _message(request: Request, script: Script, *, strict: bool) -> Response:
    try:
        asked = parse(MessagesRequest, request.body)
        if strict:
            check_signatures(asked.messages)
        model, streams, text = asked.model, asked.stream, asked.last_user_text()
    except ApiError:
        if strict:
            raise
        model, streams, text = DEFAULT_MODEL, False, request.body.decode("utf-8", "replace")
    if script.stream is not None:
        streams = script.stream
    message = Message.new(model, _content(script, text), request_bytes=len(request.body))
    if not streams:
        return _plain(message.whole(), "application/json")
    events = list(sse.events(message, delta_chars=script.delta_chars, ping_every=script.ping_every))
    response = _plain(b"".join(events), _EVENT_STREAM)
    response.headers["cache-control"] = "no-cache"
    response.boundaries = list(accumulate(len(event) for event in events))
    return response


def _content(script: Script, echoed_text: str) -> Sequence[ContentBlock]:
    if script.content is not None:
        return _prepared(script, script.content, echoed_text)
    match script.answer:
        case Answer.TEXT:
            text = script.text or ""
        case Answer.SIZE:
            size_bytes = script.size_bytes or 0
            text = (FILLER * (size_bytes // len(FILLER) + 1))[:size_bytes]
        case _:
            text = echoed_text
    return [TextBlock(text=f"{script.prefix_text}{text}{script.suffix_text}")]


def _prepared(script: Script, content: list[ContentBlock], echoed_text: str) -> list[ContentBlock]:
    blocks = content
    if script.echo_mark is not None:
        # Both as they stand between the quotes of JSON, so that strings and keys at any depth are reached.
        mark, text = (to_json(one)[1:-1] for one in (script.echo_mark, echoed_text))
        blocks = _BLOCKS.validate_json(_BLOCKS.dump_json(content).replace(mark, text))
    if script.sign_thinking:
        blocks = [
            block.model_copy(update={"signature": signature_of(block.thinking)})
            if isinstance(block, ThinkingBlock)
            else block
            for block in blocks
        ]
    return blocks


def _plain(body: bytes, content_type: str) -> Response:
    headers = api_headers(new_id("req"))
    headers["content-type"] = content_type
    return Response(200, headers, body)


def _scripted_error(script: Script) -> ApiError:
    error_type = script.error_type or TYPE_OF_STATUS.get(script.status or 0, "api_error")
    status = script.status or STATUS_OF_TYPE.get(error_type)
    return ApiError(error_type, script.error_message, status=status)
