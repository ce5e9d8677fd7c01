"""The reference trainer of StepCoder (arXiv 2402.01391): PPO with a curriculum (CCCS) and a loss mask (FGO).

    apps-plus train tiny --method stepcoder --out runs/tiny          # minutes on one core of a CPU
    apps-plus train paper --method sft --set data.path=DIR           # then --method stepcoder --set model.name=...
    accelerate launch --num_processes 8 -m apps_plus train ...       # eight GPUs: roll-outs are shared, gradients added

The paper's trainer was never released. Where this one differs from the paper, or fills a gap (docs/algorithm.md has
all of them, with the reasons):

1. Clip range. The paper's "clip value of 0.8" is not explained; ratio and value are clipped at 0.2, as in the same
   group's released code. ``ppo.clip_range`` accepts 0.8.
2. Threshold of the curriculum. The paper names none: a problem moves to the next stage when more than half of its
   roll-outs in the stage pass (``ppo.rho``), counted over at most four groups (``ppo.rho_groups``).
3. Temperature. Log-probabilities, ratio and KL are at the sampling temperature. At temperature 1, tokens without an
   alternative in the nucleus lost probability step by step, and runs collapsed.
4. FGO masks the policy loss alone, which is divided by the number of tokens that count; value loss and KL are over all
   tokens of the response. A program that does not compile has no coverage, and all its tokens count.

Start with ``train.py`` (the loop) and ``ppo.py`` (the update). The paper's two ideas are ``curriculum.py`` and
``loss_mask.py``; ``environment.py`` is what surrounds the policy, here and in other engines. To add a reward, write a
function in ``rewards.py`` and a row in ``methods.py``. ``config.py`` has every setting. docs/training.md is the manual.
"""
