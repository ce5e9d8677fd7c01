"""Build the bodies of requests, without the parameters that the server refuses.

A refused parameter is left out of all later requests, or sent under its other name; also in a later run that resumes
the same samples.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from harness.generation.backend import Request, Sampling

MAX_STOP_SEQUENCES = 4
"""Limit of OpenAI's own servers; tried before sending no stop sequences."""
MAX_TEMPERATURE = 2.0
"""The highest temperature of the OpenAI protocol."""
Group = list[Request]
"""Samples of one problem that share a request."""

_CONSEQUENCES = {
    "n": "sending one request per sample",
    "seed": "these samples cannot be reproduced",
    "temperature": "its own temperature applies",
    "top_p": "its own top_p applies",
    "reasoning_effort": "the model's default effort applies",
    "thinking": "the server decides whether the model thinks",
}
"""Consequence of leaving out a parameter."""
_DISPLAY_NAMES = {"seed": "seeds", "thinking": "chat_template_kwargs"}


@dataclass
class ServerParameters:
    """The parameters that a server accepts, as far as known."""

    refused: list[str] = field(default_factory=list)
    """Refused parameters, in order. ``stop`` is here twice if the server also refuses ``MAX_STOP_SEQUENCES`` of them,
    ``max_tokens`` twice if it also refuses ``max_completion_tokens``."""

    @classmethod
    def from_refused(cls, refused: Iterable[str], sampling: Sampling) -> ServerParameters:
        """Return the parameters of a server that refused these before; ignore those that the settings do not send."""
        parameters = cls()
        for parameter in refused:
            if parameters.can_drop(parameter, sampling):
                parameters.refused.append(parameter)
        return parameters

    def can_drop(self, parameter: str, sampling: Sampling) -> bool:
        """Return whether the parameter is sent and can be left out, or sent in another way."""
        times = self.refused.count(parameter)
        if parameter == "stop":
            return bool(sampling.stop) and times < (2 if len(sampling.stop) > MAX_STOP_SEQUENCES else 1)
        if parameter == "max_tokens":
            return times < 2
        if parameter == "reasoning_effort":
            return sampling.reasoning_effort is not None and not times
        if parameter == "thinking":
            return sampling.thinking is not None and not times
        if parameter == "temperature" and sampling.temperature > MAX_TEMPERATURE:
            return False  # no server accepts it: the user must change the value
        return parameter in ("n", "seed", "temperature", "top_p") and not times

    def drop(self, parameter: str, sampling: Sampling) -> str:
        """Stop sending a parameter; return a message with the consequence. Raises KeyError if it cannot be dropped."""
        if not self.can_drop(parameter, sampling):
            raise KeyError(parameter)
        self.refused.append(parameter)
        if parameter == "stop":
            kept = len(self.stop_sequences(sampling))
            return f"the server refuses the stop sequences: sending {kept}; answers are cut after they are received"
        if parameter == "max_tokens":
            if name := self.max_tokens_name():
                return f"the server refuses max_tokens: sending {name}"
            return "the server refuses max_completion_tokens too: its own limit of tokens applies"
        return f"the server refuses {_DISPLAY_NAMES.get(parameter, parameter)}: {_CONSEQUENCES[parameter]}"

    def accepts(self, parameter: str) -> bool:
        """Return whether the server has never refused the parameter."""
        return parameter not in self.refused

    def stop_sequences(self, sampling: Sampling) -> list[str]:
        """Return the stop sequences to send."""
        times = self.refused.count("stop")
        few = times == 1 and len(sampling.stop) > MAX_STOP_SEQUENCES
        return list(sampling.stop[: MAX_STOP_SEQUENCES if few else 0]) if times else list(sampling.stop)

    def max_tokens_name(self) -> str | None:
        """Return the name under which the limit of tokens is sent; None if it is not sent."""
        names = ("max_tokens", "max_completion_tokens", None)
        return names[min(self.refused.count("max_tokens"), 2)]

    def left_out(self, sampling: Sampling) -> list[str]:
        """Return the settings that are not sent under any name, sorted."""
        omitted = {name for name in self.refused if name not in ("stop", "max_tokens")}
        if self.refused.count("stop") and not self.stop_sequences(sampling):
            omitted.add("stop")
        if self.max_tokens_name() is None:
            omitted.add("max_tokens")
        return sorted(omitted)

    def body(self, group: Group, model: str, sampling: Sampling) -> dict[str, Any]:
        """Return the body of a request for a group, as JSON values."""
        prompt = group[0].prompt
        sent: dict[str, Any] = {"prompt": prompt} if isinstance(prompt, str) else {"messages": prompt}
        sent["model"] = model
        if self.accepts("temperature"):
            sent["temperature"] = sampling.temperature
        if self.accepts("top_p"):
            sent["top_p"] = sampling.top_p
        if name := self.max_tokens_name():
            sent[name] = sampling.limit
        if len(group) > 1:
            sent["n"] = len(group)
        if self.accepts("seed"):
            sent["seed"] = group[0].seed
        if stop := self.stop_sequences(sampling):
            sent["stop"] = stop
        if sampling.reasoning_effort is not None and self.accepts("reasoning_effort"):
            sent["reasoning_effort"] = sampling.reasoning_effort
        if sampling.thinking is not None and self.accepts("thinking"):
            sent["chat_template_kwargs"] = {"enable_thinking": sampling.thinking}
        return sent
