"""CCCS and FGO in verl, for models that are sharded over many GPUs, and for several nodes.

    python -m stepcoder.engines.verl.prepare paper runs/stepcoder --set data.path=BUILD
    python -m verl.trainer.main_ppo ...                 # the whole command is in docs/verl.md

- ``prepare`` writes the rows that verl samples from, and the configuration of the two agent loops.
- ``agent_loop``: one roll-out. It asks the curriculum where to begin, has the engine continue the prompt, judges.
- ``curriculum_actor``: the curriculum, in a Ray actor that all processes of the run find by name.
- ``trainer``: verl's synchronous trainer, which applies the loss mask in the policy loss, and moves and saves the
  curriculum.

How this differs from ``stepcoder.ppo``:

1. A loss mask in verl's ``response_mask`` would reach everything: a token that it leaves out has no value, no KL, and
   where the last token is left out GAE loses the reward, which stands there. So the mask is applied while the policy
   is updated, and not before.
2. verl whitens advantages over the tokens of the whole response, as here, and bounds the loss of negative advantages
   (``clip_ratio_c``), which is off in the recipe.
3. A problem is judged as soon as its response is complete; the curriculum moves when the step ends.
4. Methods that need a group's rewards together, that reward single lines, or that fix the update, are refused.

For verl 0.9.1.
"""
