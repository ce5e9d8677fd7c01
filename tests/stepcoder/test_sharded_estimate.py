"""The memory of a run that is sharded over many devices."""

from dataclasses import replace

import pytest

from stepcoder.memory_estimate import ModelSize
from stepcoder.sharded_estimate import ROOM, estimate_fitting, estimate_sharded

SIZE = ModelSize(
    parameters=6_740_512_768,
    body=6_608_392_192,
    trained=6_740_512_768,
    layers=32,
    hidden=4096,
    intermediate=11008,
    gated=True,
    kv_width=4096,
    query_width=4096,
    vocabulary=32256,
)


@pytest.mark.parametrize("devices", [8, 16])
def test_actor_critic_and_reference_are_divided_by_the_devices(devices: int) -> None:
    found = estimate_sharded(SIZE, devices, critic=True)
    assert found.actor == 16 * SIZE.parameters / devices  # float32 weights, gradients and two moments
    assert found.critic == 16 * SIZE.body / devices
    assert found.reference == 4 * SIZE.parameters / devices
    assert found.engine == 2 * SIZE.parameters  # whole on each device


def test_updates_alternate() -> None:
    found = estimate_sharded(SIZE, 8, critic=True)
    assert found.updating == found.actor + found.layers + found.activations
    assert found.offloaded == found.actor + found.critic + found.reference


def test_without_a_critic_there_is_no_row_for_it() -> None:
    rows = dict(estimate_sharded(SIZE, 8, critic=False).rows())
    assert "critic" not in rows
    assert rows["in host memory"] == rows["actor"] + rows["reference"]


def test_half_the_tokens_of_a_pass_need_half_the_activations() -> None:
    halves = [estimate_sharded(SIZE, 8, critic=True, tokens=tokens).activations for tokens in (8192, 16384)]
    assert 2 * halves[0] == halves[1]


def test_a_larger_model_takes_more_machines() -> None:
    small = estimate_fitting(SIZE, critic=True)
    large = estimate_fitting(replace(SIZE, parameters=10 * SIZE.parameters, body=10 * SIZE.body), critic=True)
    assert small is not None and small.devices == 8
    assert large is None  # the engine alone is larger than a device
    middle = replace(SIZE, parameters=5 * SIZE.parameters, body=5 * SIZE.body)
    found = estimate_fitting(middle, critic=True)
    assert found is not None and found.devices > 8
    assert found.updating < ROOM <= estimate_sharded(middle, found.devices // 2, critic=True).updating
