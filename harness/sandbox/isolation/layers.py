"""Puts every layer that a machine offers in force, in the order in which they depend on each other.

Standard library only; used by each process that runs untrusted code, before it runs any.
"""

import contextlib
import math
import os
import re
import resource
import sys
from collections import namedtuple

from harness.sandbox.isolation import system_calls

STACK_BYTES = 512 << 20
"""Of the main thread; what a deep recursion needs."""
PRIVATE_SCRATCH = "/dev/shm"
"""Where the namespace mounts its own scratch: a place that is there and that no interpreter is installed below."""
MAX_PROCESSES = 1024
"""Processes and threads of one sandbox, where its pid namespace can be limited (Linux 6.14)."""

Layers = namedtuple("Layers", "in_force missing scratch private_scratch read_only bounded baseline")
"""Names of the layers in force, why each other one is missing, the scratch directory ("" where nothing can be
written), whether it is a mount of its own and whether every other mount is read-only, whether the kernel bounds the
number of threads, and the address space of the bare interpreter in bytes."""


def reserve_stack():
    """Start over with room for a big stack: the kernel lays the address space out when a program starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    if soft == STACK_BYTES or "APPS_PLUS_STACK" in os.environ:
        return
    wanted = STACK_BYTES if hard == resource.RLIM_INFINITY else min(STACK_BYTES, hard)
    try:
        resource.setrlimit(resource.RLIMIT_STACK, (wanted, hard))
    except (OSError, ValueError):
        return
    os.environ["APPS_PLUS_STACK"] = "reserved"
    os.execv(sys.executable, sys.orig_argv)


def raise_limits():
    """Allow this process, and those it starts, as much as the machine lets it: limits of our own are set on top."""
    for name in ("CPU", "AS", "DATA", "FSIZE", "NOFILE"):
        kind = getattr(resource, f"RLIMIT_{name}")
        soft, hard = resource.getrlimit(kind)
        if soft != hard:
            with contextlib.suppress(OSError, ValueError):  # systems with a lower bound of their own
                resource.setrlimit(kind, (hard, hard))


def lower_limit(kind, soft, hard):
    """Set a limit of this process: to what is wanted, or to what the machine allows where that is less."""
    allowed = resource.getrlimit(kind)[1]
    if allowed != resource.RLIM_INFINITY:
        soft, hard = min(soft, allowed), min(hard, allowed)
    resource.setrlimit(kind, (soft, hard))


def most_allowed(kind):
    """The hard limit of this process; infinity where there is none."""
    hard = resource.getrlimit(kind)[1]
    return math.inf if hard == resource.RLIM_INFINITY else hard


def isolate(scratch_bytes, packages, without=()):
    """Put every layer in force that this machine offers, but those to go without.

    Args:
        scratch_bytes: Size of the scratch directory, where it can be a mount of its own.
        packages: Paths of what may be imported besides the standard library.
        without: Names of layers to leave out.
    """
    missing = dict.fromkeys(without, "left out")
    if not system_calls.LINUX:
        missing |= dict.fromkeys(("namespaces", "landlock", "seccomp"), "needs Linux")
    namespaces = "namespaces" not in missing and _try(missing, "namespaces", _enter_namespaces)
    read_only = bounded = False
    if namespaces:
        read_only = _succeeds(system_calls.make_read_only)
        system_calls.mount_scratch(PRIVATE_SCRATCH, scratch_bytes)
        # A container hides parts of the host's /proc and lets none be mounted; Landlock closes it to programs anyway.
        has_proc = _succeeds(system_calls.mount_proc)
        bounded = has_proc and _succeeds(lambda: system_calls.limit_processes(MAX_PROCESSES))
        bounded = bounded or os.getuid() != 0  # RLIMIT_NPROC holds for all but root
    baseline = _address_space()
    if system_calls.LINUX:
        system_calls.adopt_orphans()
        system_calls.no_new_privileges()
        system_calls.drop_capabilities()
        system_calls.die_with_parent()
        system_calls.hide_memory()
    scratch = PRIVATE_SCRATCH if namespaces else _make_scratch()
    landlock = "landlock" not in missing and _try(missing, "landlock", lambda: _restrict_files(packages, scratch))
    seccomp = "seccomp" not in missing and _try(missing, "seccomp", system_calls.deny_dangerous_calls)
    if seccomp and not read_only:
        system_calls.deny_attributes()
    if seccomp and not landlock:
        if not namespaces:
            os.rmdir(scratch)
        scratch = ""
        system_calls.deny_writes()
    offered = (("namespaces", namespaces), ("landlock", landlock), ("seccomp", seccomp), ("rlimits", True))
    in_force = [name for name, there in offered if there]
    return Layers(in_force, missing, scratch, namespaces, read_only, bounded, baseline)


_NEEDS = {
    "namespaces": "allow unprivileged user namespaces",
    "landlock": "needs Linux 5.13 or newer with landlock among its security modules",
    "seccomp": "needs Linux on x86-64 or aarch64 with seccomp filters",
}


def _succeeds(step):
    try:
        step()
    except OSError:
        return False
    return True


def _try(missing, name, step):
    """Whether a step succeeded; where not, why is noted."""
    try:
        step()
    except (OSError, KeyError) as error:
        missing[name] = f"{error}: {_NEEDS[name]}"
        return False
    return True


def _enter_namespaces():
    """Go into new namespaces, as the init of the new pid namespace. Raises OSError with nothing changed."""
    _rehearse(system_calls.enter_namespaces)
    system_calls.enter_namespaces()
    child = os.fork()
    if child:  # the parent of the init only waits for it, to die with it
        system_calls.die_with_parent()
        os.closerange(3, 1024)
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _rehearse(step):
    """Take a step in a fork first. Raises OSError where it fails: half of it could not be taken back here."""
    pid = os.fork()
    if pid == 0:
        try:
            step()
        except OSError as error:
            os._exit(error.errno or 1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code:
        raise OSError(code, os.strerror(code))


def _address_space():
    """Bytes of address space in use; a program's limit comes on top of it."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 256 << 20


def _make_scratch():
    """A directory of the host's, for want of a private mount; the parent removes it."""
    import tempfile

    scratch = tempfile.mkdtemp(prefix="apps-plus-")
    tempfile.tempdir = None  # programs find out for themselves where they may write
    return scratch


def _restrict_files(packages, scratch):
    system_calls.restrict_files(_readable(packages), _listable(packages), [scratch, "/dev/null"])


_PYTHON = re.compile(r"python[0-9.]*|pypy.*|site-packages|dist-packages")
"""Folders below the libraries where installed packages lie, with whatever data they carry: benchmarks, answers."""


def _readable(packages):
    """Where the interpreter, its libraries and the time zones lie; of what is installed, the allowed packages only."""
    paths = ["/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", *packages]
    paths += ["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"]
    libraries = ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64", os.path.join(sys.base_prefix, "lib")]
    for folder in {os.path.realpath(path) for path in libraries}:
        paths += _entries(folder)
    paths += _entries(os.path.dirname(os.__file__))
    return paths


def _listable(packages):
    """The folders that an import looks through."""
    return [os.path.dirname(os.__file__), *{os.path.dirname(path) for path in packages}]


def _entries(folder):
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names if not _PYTHON.fullmatch(name)]


class AllowedPackages:
    """Finds the scientific packages, and nothing else, among the installed ones."""

    def __init__(self, paths):
        self.folders = list(dict.fromkeys(os.path.dirname(path) for path in paths))
        self.names = {os.path.basename(path).removesuffix(".py") for path in paths}

    def find_spec(self, name, path=None, target=None):
        """Answer for the allowed top-level packages; their submodules are found through them."""
        if path is None and name in self.names:
            from importlib.machinery import PathFinder

            return PathFinder.find_spec(name, self.folders)
        return None
