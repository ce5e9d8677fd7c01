"""Run jobs on a Ray cluster: an ``Executor`` (``harness.sandbox.executor``) whose workers are actors.

``join`` finds or starts the cluster, ``ray_pool`` hands out the jobs, ``worker`` runs in the actors, ``parcel`` packs
jobs for the way. Ray is imported here only, and only when ``--on`` asks for it.
"""
