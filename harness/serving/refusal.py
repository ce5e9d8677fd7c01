"""The one way in which a request is refused: a status, a code for programs and a sentence for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from apps_plus.printable import printable

if TYPE_CHECKING:
    from pydantic import BaseModel

    Model = TypeVar("Model", bound=BaseModel)

_SHOWN = 3
"""Invalid fields that a message names."""


class Refusal(Exception):  # noqa: N818
    """A request that is not served.

    Args:
        status: The HTTP status.
        code: A name for programs: ``queue_full``, ``invalid_request``, ...
        message: What is wrong and what to do, in one line. It quotes no test.
        headers: Further headers of the response.
    """

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = printable(message)
        self.headers = dict(headers or {})

    def to_json(self) -> dict[str, Any]:
        """Return the body of the response."""
        return {"error": {"code": self.code, "message": self.message}}


def validate(model: type[Model], value: Any) -> Model:
    """Check the JSON value of a request. Raises Refusal, with the fields that are invalid."""
    from pydantic import ValidationError

    if not isinstance(value, dict):
        raise Refusal(422, "invalid_request", f"the body is a JSON {_kind(value)}: send an object")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        shown = "; ".join(_describe(fault["loc"], fault["msg"]) for fault in faults[:_SHOWN])
        more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise Refusal(422, "invalid_request", shown + more) from None


def _describe(place: Sequence[Any], message: str) -> str:
    field = ".".join(map(str, place))[:80]
    message = message.removeprefix("Value error, ")
    return f"{field}: {message}" if field else message


def _kind(value: Any) -> str:
    names = {str: "string", list: "array", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "null")
