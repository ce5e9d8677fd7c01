"""The reference trainer of StepCoder (arXiv 2402.01391): PPO with a curriculum (CCCS) and a loss mask (FGO).

    apps-plus train tiny --method stepcoder --out runs/tiny          # minutes on one core of a CPU
    apps-plus train paper --method sft --set data.path=DIR           # then --method stepcoder --set model.name=...
    accelerate launch --num_processes 8 -m apps_plus.cli train ...   # eight GPUs: roll-outs are shared, gradients added

The paper's trainer was never released. How this one differs from what the paper says, or what it leaves open:

1. Clip range. "A clip value of 0.8" is not explained; ratio and value are clipped at 0.2, as in the code of the same
   group's earlier work. ``ppo.clip_range`` takes the 0.8.
2. When a problem moves to the next stage. The paper names no threshold: here more than half of the roll-outs since it
   entered the stage (``ppo.rho``), over four groups at most (``ppo.rho_groups``).
3. log pi. What is sampled at temperature 0.8 has its log-probabilities, ratio and KL at that temperature. With those at
   temperature 1, tokens without an alternative in the nucleus were unlearnt bit by bit, and runs collapsed.
4. FGO's mask is on the policy loss alone, which is divided by the tokens that count; the value loss and the KL are
   over all tokens of the response. A program that does not compile has no coverage, and all its tokens count.

``ppo.py`` is the update on one page, ``methods.py`` the table of methods, ``curriculum.py`` and ``loss_mask.py`` the
two ideas of the paper; ``train.py`` is the loop. docs/training.md is the manual.
"""
