"""Run jobs on a Ray cluster: an ``Executor`` (``harness.sandbox.executor``) whose workers are actors.

``join`` finds or starts the cluster, ``ray_pool`` hands out the jobs, ``worker`` is what an actor does on its node,
``parcel`` is a job on its way. Ray is imported here only, and only when ``--on`` asks for it.
"""
