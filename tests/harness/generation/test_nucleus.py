"""The nucleus sampler: the distribution that it draws from, random streams, limits."""

from __future__ import annotations

from itertools import islice

import pytest

torch = pytest.importorskip("torch")

from harness.generation import nucleus
from harness.generation.decoding import left_pad
from harness.generation.nucleus import NucleusSampler, draw_tokens, python_stream, torch_stream


def sampler(rows: int, temperature: float = 1.0, top_p: float = 1.0) -> NucleusSampler:
    return NucleusSampler([python_stream(seed) for seed in range(rows)], [8] * rows, temperature, top_p)


# ---- the distribution


def test_draws_follow_temperature_and_top_p():
    """10,000 draws from given logits: within five standard deviations of the probabilities in the nucleus."""
    logits, count = torch.tensor([2.0, 1.0, 0.0, -1.0, -9.0]), 10_000
    drawn = sampler(count, temperature=2.0, top_p=0.7).draw(logits.repeat(count, 1))
    found = drawn.bincount(minlength=5) / count
    expected = (logits / 2.0).softmax(-1) * torch.tensor([1, 1, 0, 0, 0])  # 0.45 + 0.28 reach 0.7
    expected /= expected.sum()
    assert bool(((found - expected).abs() <= 5 * (expected * (1 - expected) / count).sqrt()).all())


def test_without_limits_draws_follow_the_softmax():
    logits = torch.tensor([0.5, 0.3, 0.2]).log().expand(30000, 3)
    uniforms = torch.rand(30000, generator=torch.Generator().manual_seed(0))
    found = torch.bincount(draw_tokens(logits, uniforms, 1.0, 1.0), minlength=3) / 30000
    torch.testing.assert_close(found, torch.tensor([0.5, 0.3, 0.2]), atol=0.01, rtol=0)


@pytest.mark.parametrize(
    ("top_p", "possible"),
    [(1e-9, {1}), (0.05, {1}), (0.5, {1}), (0.6, {1, 2}), (0.85, {0, 1, 2}), (1.0, {0, 1, 2, 3})],
)
def test_the_nucleus_is_the_fewest_tokens_that_reach_top_p(top_p, possible):
    logits = torch.tensor([0.2, 0.5, 0.25, 0.05]).log().expand(1000, 4)
    assert set(draw_tokens(logits, torch.linspace(0, 0.9999, 1000), 1.0, top_p).tolist()) == possible


def test_a_uniform_that_rounds_to_1_draws_from_the_nucleus():
    logits = torch.tensor([[0.2, 0.5, 0.25, 0.05]]).log()
    assert draw_tokens(logits, torch.tensor([1.0]), 1.0, 0.6).tolist() == [2]


def test_temperature_0_is_greedy_and_uses_no_random_numbers():
    greedy = NucleusSampler([iter(()), iter(())], [8, 8], 0.0, 0.9)
    assert greedy.draw(torch.tensor([[1.0, 3.0, 2.0], [5.0, 3.0, 2.0]])).tolist() == [1, 0]


@pytest.mark.parametrize("scale", [0.0, 0.5, 3.0, 30.0])
@pytest.mark.parametrize("top_p", [0.1, 0.9, 0.999, 1.0])
def test_looking_at_the_largest_words_first_draws_the_same(monkeypatch, scale, top_p):
    """Of nuclei that fit into the largest words and of some that do not; of words that are equally likely, too."""
    generator = torch.Generator().manual_seed(0)
    logits = (torch.randn(400, 300, generator=generator) * scale).round()  # rounded: many words are equally likely
    uniforms = torch.rand(400, generator=generator)
    monkeypatch.setattr(nucleus, "LARGEST", 1000)
    whole = draw_tokens(logits, uniforms, 1.0, top_p)
    monkeypatch.setattr(nucleus, "LARGEST", 20)
    assert torch.equal(draw_tokens(logits, uniforms, 1.0, top_p), whole)
    rows = zip(logits.split(1), uniforms.split(1), strict=True)
    assert torch.equal(torch.cat([draw_tokens(*row, 1.0, top_p) for row in rows]), whole)


def test_small_nuclei_sort_few_words(monkeypatch):
    seen, draw = [], nucleus._draw

    def watched(probabilities, *rest):
        seen.append(probabilities.shape[-1])
        return draw(probabilities, *rest)

    monkeypatch.setattr(nucleus, "_draw", watched)
    assert draw_tokens(torch.eye(300)[:2] * 9, torch.tensor([0.5, 0.5]), 1.0, 0.9).tolist() == [0, 1]
    assert seen == [nucleus.LARGEST]
    draw_tokens(torch.zeros(2, 300), torch.tensor([0.5, 0.5]), 1.0, 0.9)
    assert seen[-1] == 300


# ---- rows


def test_a_row_draws_from_its_own_stream_whatever_rows_are_beside_it():
    logits = torch.randn(4, 50, generator=torch.Generator().manual_seed(0))
    whole, part = sampler(4), sampler(4)
    first = whole.draw(logits)
    assert part.draw(logits[[3, 1]], rows=[3, 1]).tolist() == [first[3].item(), first[1].item()]
    second = whole.draw(logits, rows=range(4))
    assert part.draw(logits[[1]], rows=[1]).tolist() == [second[1].item()]


def test_streams_are_the_generators_of_python_and_torch():
    """Samples of earlier versions stay reproducible: these numbers must not change."""
    assert list(islice(python_stream(7), 2)) == pytest.approx([0.32383276483316237, 0.15084917392450192], abs=1e-15)
    assert list(torch_stream(7, 3)) == torch.rand(3, generator=torch.Generator().manual_seed(7)).tolist()
    assert list(torch_stream(7, 40))[:3] == list(torch_stream(7, 3))


def test_left_padding_is_hidden_from_attention():
    ids, mask = left_pad([[5, 6, 7], [8]], 9, "cpu")
    assert ids.tolist() == [[5, 6, 7], [9, 9, 8]]
    assert mask.tolist() == [[1, 1, 1], [0, 0, 1]]
