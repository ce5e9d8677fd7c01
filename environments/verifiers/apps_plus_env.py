"""The module by which verifiers finds APPS+: ``vf-eval apps-plus-env --env.taskset.build my-apps-plus --no-push``."""

from harness.integrations.verifiers import AppsPlusTaskset

__all__ = ["AppsPlusTaskset"]
