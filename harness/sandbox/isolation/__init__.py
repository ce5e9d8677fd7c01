"""The layers between a program and the machine: namespaces, Landlock, seccomp, resource limits."""
