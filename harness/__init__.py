"""Run untrusted programs and judge them: the sandbox, the judge, scores of models, generation of samples, traces."""
