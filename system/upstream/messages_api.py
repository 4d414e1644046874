"""The Messages API's requests and non-streaming answers, as documented."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_json

from system.upstream.api_errors import ApiError, new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from system.upstream.http1 import Request
    from system.upstream.protocol import ContentBlock

MESSAGES_PATH = "/v1/messages"
COUNT_TOKENS_PATH = "/v1/messages/count_tokens"
REQUEST_BYTES_MAX = 32 * 1024 * 1024
DEFAULT_MODEL = "claude-emulated"

# A rough rule for English text; nothing here tokenizes.
_BYTES_PER_TOKEN = 4
_SIGNED = "emulated."

_Block = dict[str, Any]
_Model = TypeVar("_Model", bound=BaseModel)


class _Input(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class InputMessage(_Input):
    """One turn."""

    role: Literal["user", "assistant"]
    content: str | list[_Block]

    def texts(self) -> list[str]:
        """Return the turn's texts: of ``text`` blocks, or, if there is none, of ``tool_result`` blocks."""
        if isinstance(self.content, str):
            return [self.content]
        texts = _block_texts(self.content)
        if texts:
            return texts
        results = [block.get("content") for block in self.content if block.get("type") == "tool_result"]
        return [text for result in results for text in _result_texts(result)]


class CountTokensRequest(_Input):
    """What ``POST /v1/messages/count_tokens`` takes."""

    model: Annotated[str, Field(min_length=1)]
    messages: Annotated[list[InputMessage], Field(min_length=1)]
    system: str | list[_Block] | None = None
    tools: list[_Block] | None = None

    def last_user_text(self) -> str:
        """Return the text of the last user turn, its blocks joined by newlines; empty without one."""
        for message in reversed(self.messages):
            if message.role == "user":
                return "\n".join(message.texts())
        return ""


class MessagesRequest(CountTokensRequest):
    """What ``POST /v1/messages`` takes."""

    max_tokens: Annotated[int, Field(ge=1)]
    stream: bool = False


def check_rules(request: Request, *, require_key: bool) -> None:
    """Check what the API checks before it looks at the body.

    Raises:
        ApiError: 404, 405, 401 or 413.
    """
    if request.path not in {MESSAGES_PATH, COUNT_TOKENS_PATH}:
        raise ApiError("not_found_error")
    if request.method != "POST":
        raise ApiError("invalid_request_error", "Method Not Allowed", status=405)
    if require_key and not request.header(b"x-api-key"):
        raise ApiError("authentication_error")
    if len(request.body) > REQUEST_BYTES_MAX:
        raise ApiError("request_too_large")


def parse(model: type[_Model], body: bytes) -> _Model:
    """Return the request in ``body``.

    Raises:
        ApiError: ``invalid_request_error`` that names the first field that is wrong, as the API does.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ApiError(
            "invalid_request_error", f"{where}: {first['msg']}" if where else first["msg"]
        ) from None


def signature_of(thinking: str) -> str:
    """Return the emulator's signature of a thinking block; it needs no secret, nobody forges it."""
    return f"{_SIGNED}{hashlib.sha256(thinking.encode()).hexdigest()}"


def check_signatures(messages: list[InputMessage]) -> None:
    """Check the thinking blocks that carry a signature of this emulator.

    Raises:
        ApiError: ``invalid_request_error`` that names the first block whose text was changed.
    """
    for turn, message in enumerate(messages):
        blocks = message.content if isinstance(message.content, list) else []
        for number, block in enumerate(blocks):
            signature, thinking = block.get("signature"), block.get("thinking")
            signed = isinstance(signature, str) and signature.startswith(_SIGNED)
            if signed and (not isinstance(thinking, str) or signature != signature_of(thinking)):
                raise ApiError(
                    "invalid_request_error",
                    f"messages.{turn}.content.{number}: Invalid `signature` in `thinking` block",
                )


def tokens_in(size_bytes: int) -> int:
    """Return the number of tokens that the emulator claims for so many bytes: at least 1."""
    return max(1, size_bytes // _BYTES_PER_TOKEN)


def count_tokens_body(request: Request) -> bytes:
    """Return the answer of ``count_tokens``."""
    return to_json({"input_tokens": tokens_in(len(request.body))})


@dataclass(frozen=True, slots=True)
class Message:
    """An assistant's message, ready to be sent whole or as a stream."""

    model: str
    content: Sequence[ContentBlock]
    input_tokens: int
    id: str

    @classmethod
    def new(cls, model: str, content: Sequence[ContentBlock], *, request_bytes: int) -> Message:
        """Make a message with a fresh id, for a request of so many bytes."""
        return cls(model=model, content=content, input_tokens=tokens_in(request_bytes), id=new_id("msg"))

    @property
    def stop_reason(self) -> str:
        """Why the model stopped."""
        return "tool_use" if any(block.type == "tool_use" for block in self.content) else "end_turn"

    def envelope(self) -> dict[str, Any]:
        """Return the message as ``message_start`` has it: no content, no stop reason, one output token."""
        return {
            "id": self.id,
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {
                "input_tokens": self.input_tokens,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0,
                "output_tokens": 1,
            },
        }

    def whole(self) -> bytes:
        """Return the body of a non-streaming answer."""
        content = to_json(self.content)
        body = self.envelope()
        body["stop_reason"] = self.stop_reason
        body["usage"]["output_tokens"] = tokens_in(len(content))
        head, tail = to_json(body).split(b'"content":[]', 1)
        return b"".join((head, b'"content":', content, tail))


def _block_texts(blocks: list[_Block]) -> list[str]:
    texts = [block.get("text") for block in blocks if block.get("type") == "text"]
    return [text for text in texts if isinstance(text, str)]


def _result_texts(result: object) -> list[str]:
    if isinstance(result, str):
        return [result]
    if isinstance(result, list):
        return _block_texts([block for block in result if isinstance(block, dict)])
    return []
