"""From the bytes of a Pub/Sub message to validated events."""

from dataclasses import dataclass
from typing import Final, Literal

from pydantic import ValidationError
from pydantic_core import from_json

from system.backend.models import Batch, Details, Event, Source

_KNOWN_FIELDS: Final = frozenset(
    name for model in (Event, Details, Source, Batch) for name in model.model_fields
)


class MalformedMessageError(ValueError):
    """The message is no event and no batch. Its text names fields, never contents."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message that could be read.

    Attributes:
        form: Whether it was an event by itself or a batch.
        events: The valid events, in the order of the message.
        malformed: What was wrong with the others, one text each.
    """

    form: Literal["single", "batch"]
    events: tuple[Event, ...]
    malformed: tuple[str, ...] = ()


def _complaint(what: str, error: ValidationError) -> str:
    """Name the first field at fault; a key that the sender chose is never part of the text."""
    problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in problem["loc"] if part in _KNOWN_FIELDS) or "the whole"
    return f"{what}: {where}: {problem['type']}"


def parse_message(payload: bytes) -> Message:
    """Read one message.

    Args:
        payload: The bytes as published: the JSON of one event, or of a batch of 1 to 100.

    Returns:
        The valid events; in a batch the invalid ones are told apart and skipped.

    Raises:
        MalformedMessageError: It is not JSON, or neither an event nor a batch.
    """
    try:
        document = from_json(payload, allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        raise MalformedMessageError("not JSON") from None
    if not isinstance(document, dict):
        raise MalformedMessageError("not a JSON object")
    if document.get("event_type") != "batch":
        try:
            return Message("single", (Event.model_validate(document),))
        except ValidationError as error:
            raise MalformedMessageError(_complaint("not an event", error)) from None
    try:
        batch = Batch.model_validate(document)
    except ValidationError as error:
        raise MalformedMessageError(_complaint("not a batch", error)) from None
    return _events_of(batch)


def _events_of(batch: Batch) -> Message:
    events: list[Event] = []
    malformed: list[str] = []
    for item in batch.events:
        try:
            events.append(Event.model_validate(item))
        except ValidationError as error:
            malformed.append(_complaint("not an event", error))
    return Message("batch", tuple(events), tuple(malformed))
