"""Enter new namespaces and arrange their mounts (Linux).

Standard library only: this runs in the process that runs untrusted code. Each function raises OSError where the kernel
refuses. References: namespaces(7), mount_setattr(2).
"""

from __future__ import annotations

import ctypes
import os
import struct

from harness.sandbox.isolation.libc import call, syscall

_CLONE_NEWNS, _CLONE_NEWUTS, _CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
_CLONE_NEWUSER, _CLONE_NEWPID, _CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_PRIVATE = 2, 4, 8, 0x4000, 1 << 18
_MOUNT_SETATTR = 442  # on every architecture, since Linux 5.12
_MOUNT_ATTR_RDONLY, _AT_FDCWD, _AT_RECURSIVE = 1, -100, 0x8000


def enter_namespaces() -> None:
    """Move into new user, mount, pid, net, ipc and uts namespaces; the next fork is the pid namespace's init."""
    uid, gid = os.geteuid(), os.getegid()
    call("unshare", _CLONE_NEWUSER | _CLONE_NEWNS | _CLONE_NEWPID | _CLONE_NEWNET | _CLONE_NEWIPC | _CLONE_NEWUTS)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def make_read_only() -> None:
    """Make every file system of this mount namespace read-only; later mounts are not (Linux 5.12)."""
    call("mount", b"none", b"/", None, _MS_REC | _MS_PRIVATE, None)
    attributes = struct.pack("QQQQ", _MOUNT_ATTR_RDONLY, 0, 0, 0)
    size = ctypes.c_size_t(len(attributes))
    syscall(_MOUNT_SETATTR, ctypes.c_int(_AT_FDCWD), b"/", ctypes.c_uint(_AT_RECURSIVE), attributes, size)


def mount_scratch(path: str, size: int) -> None:
    """Mount a private tmpfs of at most ``size`` bytes over ``path``; it is gone with the namespace."""
    call("mount", b"none", b"/", None, _MS_REC | _MS_PRIVATE, None)
    options = f"size={size},mode=0700,nr_inodes=4096".encode()
    call("mount", b"tmpfs", path.encode(), b"tmpfs", _MS_NOSUID | _MS_NODEV, options)


def mount_proc() -> None:
    """Mount this pid namespace's own /proc. Refused where the host's /proc is partly hidden (containers)."""
    call("mount", b"proc", b"/proc", b"proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, None)


def limit_processes(count: int) -> None:
    """Bound the processes and threads of this pid namespace, of all users. Raises OSError before Linux 6.14."""
    with open("/proc/sys/kernel/pid_max", "w") as file:
        file.write(str(count))
