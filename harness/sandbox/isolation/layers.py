"""Put every layer that a machine offers in force, in the order in which they depend on each other.

Standard library only; used by each process that runs untrusted code, before it runs any.
"""

from __future__ import annotations

import contextlib
import os
import re
import resource
import sys
from typing import TYPE_CHECKING, NamedTuple

from harness.sandbox.isolation import landlock, libc, namespaces, seccomp

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from importlib.machinery import ModuleSpec

PRIVATE_SCRATCH = "/dev/shm"  # noqa: S108 (mounted over, private)
"""Mount point of a private scratch directory: it exists everywhere, and no interpreter is installed below it."""
MAX_PROCESSES = 1024
"""Limit on the processes and threads of one sandbox, where its pid namespace can have one (Linux 6.14)."""


class Layers(NamedTuple):
    """The layers in force for this process."""

    in_force: list[str]
    """Names of the layers."""
    missing: dict[str, str]
    """For each other layer, the reason."""
    scratch: str
    """The scratch directory; empty where nothing can be written."""
    private_scratch: bool
    """True if the scratch directory is a mount of its own."""
    bounded: bool
    """True if the kernel bounds the number of threads."""
    baseline: int
    """Address space of the bare interpreter, in bytes."""
    conditions: frozenset[str]
    """The conditions of the system call policy that hold: ``landlock``, ``read-only``."""


def raise_limits() -> None:
    """Raise the soft limits of this process to the hard ones: limits of our own are set on top."""
    for name in ("CPU", "AS", "DATA", "FSIZE", "NOFILE"):
        kind = getattr(resource, f"RLIMIT_{name}")
        soft, hard = resource.getrlimit(kind)
        if soft != hard:
            with contextlib.suppress(OSError, ValueError):  # systems with a lower bound of their own
                resource.setrlimit(kind, (hard, hard))


def within_allowed(kind: int, soft: int, hard: int) -> tuple[int, int]:
    """Return a soft and a hard limit, or the machine's own where that is lower."""
    allowed = most_allowed(kind)
    return min(soft, allowed), min(hard, allowed)


def most_allowed(kind: int) -> int:
    """Return the hard limit of this process; a huge number where there is none."""
    hard = resource.getrlimit(kind)[1]
    return sys.maxsize if hard == resource.RLIM_INFINITY else hard


def isolate(scratch_bytes: int, packages: Sequence[str], without: Collection[str] = ()) -> Layers:
    """Put every layer in force that this machine offers, except those left out.

    Args:
        scratch_bytes: Size of the scratch directory, where it can be a mount of its own.
        packages: Paths of the packages that may be imported besides the standard library.
        without: Names of layers to leave out.
    """
    missing = dict.fromkeys(without, "left out")
    if not libc.LINUX:
        missing |= dict.fromkeys(("namespaces", "landlock", "seccomp"), "needs Linux")
    has_namespaces = _try(missing, "namespaces", _enter_namespaces)
    read_only = bounded = False
    if has_namespaces:
        read_only, bounded = _arrange_mounts(scratch_bytes)
    baseline = _address_space()
    if libc.LINUX:
        _give_up_privileges()
    scratch = PRIVATE_SCRATCH if has_namespaces else _make_scratch()
    has_landlock = _try(missing, "landlock", lambda: _restrict_files(packages, scratch))
    has_seccomp = _try(missing, "seccomp", seccomp.require)
    governs_truncation = has_landlock and (read_only or landlock.landlock_abi() >= landlock.TRUNCATION_ABI)
    conditions = {"landlock": has_landlock, "truncation": governs_truncation, "read-only": read_only}
    holding = frozenset(name for name, holds in conditions.items() if holds)
    if has_seccomp:
        if not has_landlock:
            if not has_namespaces:
                os.rmdir(scratch)
            scratch = ""
        seccomp.Filter({"sandbox", *holding}).install()
    offered = {"namespaces": has_namespaces, "landlock": has_landlock, "seccomp": has_seccomp, "rlimits": True}
    in_force = [name for name, is_there in offered.items() if is_there]
    return Layers(in_force, missing, scratch, has_namespaces, bounded, baseline, holding)


def program_filter(layers: Layers) -> seccomp.Filter | None:
    """Return the filter that a process installs before it runs untrusted code; None without seccomp."""
    if "seccomp" not in layers.in_force:
        return None
    return seccomp.Filter(layers.conditions, installed={"sandbox", *layers.conditions})


_NEEDS = {
    "namespaces": "allow unprivileged user namespaces",
    "landlock": "needs Linux 5.13 or newer with landlock among its security modules",
    "seccomp": "needs Linux on x86-64 or aarch64 with seccomp filters",
}


def _try(missing: dict[str, str], name: str, step: Callable[[], None]) -> bool:
    """Take the step that puts a layer in force, unless it is missing already. Note the reason where it fails."""
    if name in missing:
        return False
    try:
        step()
    except OSError as error:
        missing[name] = f"{error}: {_NEEDS[name]}"
        return False
    return True


def _succeeds(step: Callable[[], None]) -> bool:
    try:
        step()
    except OSError:
        return False
    return True


def _enter_namespaces() -> None:
    """Continue in new namespaces, as the init of the new pid namespace. Raises OSError with nothing changed."""
    _rehearse(namespaces.enter_namespaces)
    namespaces.enter_namespaces()
    child = os.fork()
    if child:  # the parent of the init only waits for it, to die with it
        libc.die_with_parent()
        libc.close_from(3)
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _rehearse(step: Callable[[], None]) -> None:
    """Try a step in a fork first. Raises OSError where it fails: here, a step half done could not be undone."""
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


def _arrange_mounts(scratch_bytes: int) -> tuple[bool, bool]:
    """Mount scratch and /proc. Returns whether all other mounts are read-only and the number of threads is bounded."""
    read_only = _succeeds(namespaces.make_read_only)
    namespaces.mount_scratch(PRIVATE_SCRATCH, scratch_bytes)
    # In a container, where parts of /proc are hidden, this is refused; Landlock denies /proc to programs anyway.
    has_proc = _succeeds(namespaces.mount_proc)
    bounded = has_proc and _succeeds(lambda: namespaces.limit_processes(MAX_PROCESSES))
    return read_only, bounded or os.getuid() != 0  # RLIMIT_NPROC holds for all but root


def _give_up_privileges() -> None:
    libc.adopt_orphans()
    libc.no_new_privileges()
    libc.drop_capabilities()
    libc.die_with_parent()
    libc.hide_memory()


def _address_space() -> int:
    """Return the bytes of address space in use; a program's limit comes on top of it."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 256 << 20


def _make_scratch() -> str:
    """Make a directory of the host's, where no private mount can be made; the parent removes it."""
    import tempfile

    scratch = tempfile.mkdtemp(prefix="apps-plus-")
    tempfile.tempdir = None  # programs find out for themselves where they may write
    return scratch


def _restrict_files(packages: Sequence[str], scratch: str) -> None:
    landlock.restrict_files(_readable(packages), _listable(packages), [scratch, "/dev/null"])


_PYTHON = re.compile(r"python[0-9.]*|pypy.*|site-packages|dist-packages")
"""Folders below the libraries that hold installed packages and their data, benchmarks with answers among them."""


def _readable(packages: Sequence[str]) -> list[str]:
    """Return the paths of the interpreter, its libraries, the time zones and the allowed packages."""
    paths = ["/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", *packages]
    paths += ["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"]
    libraries = ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64", os.path.join(sys.base_prefix, "lib")]
    for folder in {os.path.realpath(path) for path in libraries}:
        paths += _entries(folder)
    paths += _entries(os.path.dirname(os.__file__))
    return paths


def _listable(packages: Sequence[str]) -> list[str]:
    """Return the folders that an import looks through."""
    return [os.path.dirname(os.__file__), *{os.path.dirname(path) for path in packages}]


def _entries(folder: str) -> list[str]:
    """Return the paths in a folder, but those where packages are installed."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names if not _PYTHON.fullmatch(name)]


class AllowedPackages:
    """Find the scientific packages, and nothing else, among the installed ones."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.folders = list(dict.fromkeys(os.path.dirname(path) for path in paths))
        self.names = {os.path.basename(path).removesuffix(".py") for path in paths}

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:
        """Return the spec of an allowed top-level package; its submodules are found through it."""
        if path is None and name in self.names:
            from importlib.machinery import PathFinder

            return PathFinder.find_spec(name, self.folders)
        return None
