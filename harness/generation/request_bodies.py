"""Builds the bodies of requests, and leaves out of them what a server was found not to take.

A refusal is remembered: the next requests are sent without the parameter, or with its other name, and so are those of
a later run that goes on with the same samples.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from harness.generation.backend import Request, Sampling

MOST_STOPS = 4
"""What OpenAI's own servers take; tried before none."""
HOTTEST = 2.0
"""The highest temperature of OpenAI's protocol."""
Group = list[Request]
"""Samples of one problem that share a request."""

_WITHOUT = {
    "n": "one request a sample",
    "seed": "these samples cannot be drawn again",
    "temperature": "the server's own temperature holds",
    "top_p": "the server's own top_p holds",
    "reasoning_effort": "the model's own effort holds",
    "thinking": "whether the model thinks is up to the server",
}
"""What it means to do without a parameter."""
_TITLES = {"seed": "seeds", "thinking": "chat_template_kwargs"}


@dataclass
class Dialect:
    """What a server takes, as far as that is known."""

    refused: list[str] = field(default_factory=list)
    """In order: a second ``stop`` means that a few are too many, too, a second ``max_tokens`` its newer name."""

    @classmethod
    def after(cls, refused: Iterable[str], sampling: Sampling) -> Dialect:
        """The dialect of a server that has refused these before; what these settings do not send is passed over."""
        dialect = cls()
        for parameter in refused:
            if dialect.sends(parameter, sampling):
                dialect.refused.append(parameter)
        return dialect

    def sends(self, parameter: str, sampling: Sampling) -> bool:
        """Whether there is something left to do without when this is refused."""
        times = self.refused.count(parameter)
        if parameter == "stop":
            return bool(sampling.stop) and times < (2 if len(sampling.stop) > MOST_STOPS else 1)
        if parameter == "max_tokens":
            return times < 2
        if parameter == "reasoning_effort":
            return sampling.reasoning_effort is not None and not times
        if parameter == "thinking":
            return sampling.thinking is not None and not times
        if parameter == "temperature" and sampling.temperature > HOTTEST:
            return False  # no server takes it: the number is wrong, not the server
        return parameter in ("n", "seed", "temperature", "top_p") and not times

    def drop(self, parameter: str, sampling: Sampling) -> str:
        """Do without a parameter; returns what that means, for people. Raises KeyError where it is not sent anyway."""
        if not self.sends(parameter, sampling):
            raise KeyError(parameter)
        self.refused.append(parameter)
        if parameter == "stop":
            kept = len(self.stops(sampling))
            return f"the server refuses the stop sequences: sending {kept}, answers are cut here"
        if parameter == "max_tokens":
            if name := self.limit_name():
                return f"the server refuses max_tokens: sending {name}"
            return "the server refuses max_completion_tokens, too: its own limit of tokens holds"
        return f"the server refuses {_TITLES.get(parameter, parameter)}: {_WITHOUT[parameter]}"

    def takes(self, parameter: str) -> bool:
        """Whether it was never refused."""
        return parameter not in self.refused

    def stops(self, sampling: Sampling) -> list[str]:
        """The stop sequences that are sent."""
        times = self.refused.count("stop")
        few = times == 1 and len(sampling.stop) > MOST_STOPS
        return list(sampling.stop[: MOST_STOPS if few else 0]) if times else list(sampling.stop)

    def limit_name(self) -> str | None:
        """What the limit of tokens is called; None: it is not sent."""
        names = ("max_tokens", "max_completion_tokens", None)
        return names[min(self.refused.count("max_tokens"), 2)]

    def left_out(self, sampling: Sampling) -> list[str]:
        """The settings that the server never sees, sorted; one that is sent under its other name is none of them."""
        gone = {name for name in self.refused if name not in ("stop", "max_tokens")}
        if self.refused.count("stop") and not self.stops(sampling):
            gone.add("stop")
        if self.limit_name() is None:
            gone.add("max_tokens")
        return sorted(gone)

    def body(self, group: Group, model: str, sampling: Sampling) -> dict[str, Any]:
        """The body of a request for a group, as JSON goes over the wire."""
        prompt = group[0].prompt
        sent: dict[str, Any] = {"prompt": prompt} if isinstance(prompt, str) else {"messages": prompt}
        sent["model"] = model
        if self.takes("temperature"):
            sent["temperature"] = sampling.temperature
        if self.takes("top_p"):
            sent["top_p"] = sampling.top_p
        if name := self.limit_name():
            sent[name] = sampling.limit
        if len(group) > 1:
            sent["n"] = len(group)
        if self.takes("seed"):
            sent["seed"] = group[0].seed
        if stop := self.stops(sampling):
            sent["stop"] = stop
        if sampling.reasoning_effort is not None and self.takes("reasoning_effort"):
            sent["reasoning_effort"] = sampling.reasoning_effort
        if sampling.thinking is not None and self.takes("thinking"):
            sent["chat_template_kwargs"] = {"enable_thinking": sampling.thinking}
        return sent
