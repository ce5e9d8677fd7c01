"""The layers between a program and the machine, as raw system calls (Linux on x86-64 and aarch64).

Standard library only: this runs in the process that runs untrusted code. Each function either puts its layer in
force or raises OSError; the zygote decides what to do then. References: namespaces(7), landlock(7), seccomp(2),
capabilities(7), prctl(2).
"""

import ctypes
import errno
import functools
import os
import platform
import struct
import sys

LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True) if LINUX else None

_CLONE_NEWNS, _CLONE_NEWUTS, _CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
_CLONE_NEWUSER, _CLONE_NEWPID, _CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
_CLONE_THREAD = 0x00010000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_PRIVATE = 2, 4, 8, 0x4000, 1 << 18
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 36, 38

# System call numbers: (x86-64, aarch64); None where the architecture lacks the call.
_SYSCALLS = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "capset": (126, 91),
    "chroot": (161, 51),
    "clone": (56, 220),
    "clone3": (435, 435),
    "delete_module": (176, 106),
    "execve": (59, 221),
    "execveat": (322, 281),
    "fcntl": (72, 25),
    "finit_module": (313, 273),
    "fork": (57, None),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioctl": (16, 29),
    "ioprio_set": (251, 30),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "kill": (62, 129),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "mq_open": (240, 180),
    "msgget": (68, 186),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "pivot_root": (155, 41),
    "prlimit64": (302, 261),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "semget": (64, 190),
    "setns": (308, 268),
    "setpriority": (141, 140),
    "shmget": (29, 194),
    "socket": (41, 198),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "tgkill": (234, 131),
    "tkill": (200, 130),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "vfork": (58, None),
}
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_MACHINE = platform.machine()

# What no program and no part of the sandbox needs once it has started. System V and POSIX message queues, semaphores
# and shared memory would outlive the program that made them.
_DENIED_ALWAYS = (
    "acct add_key bpf chroot delete_module finit_module fsconfig fsmount fsopen init_module io_uring_enter "
    "io_uring_register io_uring_setup kexec_load keyctl mount mount_setattr move_mount mq_open msgget "
    "open_by_handle_at open_tree perf_event_open pidfd_getfd pivot_root process_vm_readv process_vm_writev ptrace "
    "quotactl reboot request_key semget setns shmget socket swapoff swapon umount2 unshare userfaultfd"
).split()
# What only a program must not do: start processes, signal others, change another's limits or priority.
_DENIED_TO_PROGRAMS = (
    "execve execveat fork vfork tkill pidfd_send_signal rt_sigqueueinfo rt_tgsigqueueinfo "
    "ioprio_set sched_setaffinity sched_setattr sched_setparam sched_setscheduler setpriority"
).split()
_OWN_PID_ONLY = ("kill", "tgkill")
# Naming another process as the one to signal when a file becomes ready: fcntl's F_SETOWN and F_SETOWN_EX, and
# ioctl's FIOSETOWN and SIOCSPGRP.
_OWNER_REQUESTS = {"fcntl": (8, 15), "ioctl": (0x8901, 0x8902)}


def _call(name, *args):
    """Call a function of libc; raise OSError where it answers -1."""
    result = getattr(_libc, name)(*args)
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result


def _syscall(number, *args):
    result = _libc.syscall(ctypes.c_long(number), *args)
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def _number(name):
    return _SYSCALLS[name][0 if _MACHINE == "x86_64" else 1]


def _prctl(option, argument):
    _call("prctl", option, ctypes.c_ulong(argument), 0, 0, 0)


def die_with_parent():
    """Ask the kernel to kill this process when its parent dies. Lost on every change of credentials."""
    if LINUX:
        _prctl(_PR_SET_PDEATHSIG, 9)


def adopt_orphans():
    """Become the parent of every orphaned descendant, so that all of them can be found and killed."""
    if LINUX:
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def no_new_privileges():
    """Make set-user-id programs powerless; Landlock and seccomp require it of unprivileged processes."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def enter_namespaces():
    """Move into new user, mount, pid, net, ipc and uts namespaces; the next fork is the pid namespace's init."""
    uid, gid = os.geteuid(), os.getegid()
    flags = _CLONE_NEWUSER | _CLONE_NEWNS | _CLONE_NEWPID | _CLONE_NEWNET | _CLONE_NEWIPC | _CLONE_NEWUTS
    _call("unshare", flags)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def mount_scratch(path, size):
    """Mount a private, size-limited tmpfs over ``path``; gone with the namespace."""
    _call("mount", b"none", b"/", None, _MS_REC | _MS_PRIVATE, None)
    options = f"size={size},mode=0700,nr_inodes=4096".encode()
    _call("mount", b"tmpfs", path.encode(), b"tmpfs", _MS_NOSUID | _MS_NODEV, options)


def mount_proc():
    """Mount this pid namespace's own /proc. Refused where the host's /proc is partly hidden (containers)."""
    _call("mount", b"proc", b"/proc", b"proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, None)


def drop_capabilities():
    """Give up every capability (those of the user namespace too)."""
    header = struct.pack("Ii", 0x20080522, 0)
    _syscall(_number("capset"), header, struct.pack("IIIIII", 0, 0, 0, 0, 0, 0))


def landlock_abi():
    """Landlock's ABI version on this kernel; raises OSError where it is absent or disabled."""
    return _syscall(444, None, ctypes.c_size_t(0), ctypes.c_uint32(1))


def restrict_files(readable, writable):
    """Landlock: reading below ``readable`` and writing below ``writable``; nothing else on any file system."""
    abi = landlock_abi()
    files = (1 << 13) - 1
    if abi >= 2:
        files |= 1 << 13  # refer
    if abi >= 3:
        files |= 1 << 14  # truncate
    if abi >= 5:
        files |= 1 << 15  # ioctl on devices
    ruleset = struct.pack("Q", files)
    if abi >= 4:
        ruleset += struct.pack("Q", 0b11)  # TCP bind and connect
    if abi >= 6:
        ruleset += struct.pack("Q", 0b11)  # abstract sockets and signals stay inside
    ruleset_fd = _syscall(444, ruleset, ctypes.c_size_t(len(ruleset)), ctypes.c_uint32(0))
    try:
        for paths, access in ((readable, 0b1101), (writable, files)):
            for path in paths:
                _allow_beneath(ruleset_fd, path, access)
        _syscall(446, ctypes.c_int(ruleset_fd), ctypes.c_uint32(0))
    finally:
        os.close(ruleset_fd)


def _allow_beneath(ruleset_fd, path, access):
    try:
        path_fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            access &= 0b110 | 1 << 14 | 1  # of a file: execute, write, read, truncate
        rule = struct.pack("=Qi", access, path_fd)
        _syscall(445, ctypes.c_int(ruleset_fd), ctypes.c_int(1), rule, ctypes.c_uint32(0))
    finally:
        os.close(path_fd)


def deny_dangerous_calls():
    """Seccomp: what neither the sandbox nor a program needs; inherited by every later child."""
    _install(_complete(b"".join(_deny(_number(name)) for name in _DENIED_ALWAYS)))
    _process_rules()  # ready before the first fork


def deny_processes():
    """Seccomp: no new process, no signal to another process. Threads stay allowed."""
    _install(_process_filter(os.getpid()))


@functools.cache
def _process_rules():
    rules = [_deny(_number(name)) for name in _DENIED_TO_PROGRAMS if _number(name) is not None]
    # glibc falls back to clone, whose flags a filter can read, where clone3 does not exist.
    rules.append(_deny(_number("clone3"), errno.ENOSYS))
    rules.append(_deny_unless(_number("clone"), _jump(0x45, _CLONE_THREAD, 1, 0)))
    for name, (first, second) in _OWNER_REQUESTS.items():
        rules.append(_deny_unless(_number(name), _jump(0x15, first, 1, 0) + _jump(0x15, second, 0, 1), argument=1))
    return b"".join(rules)


def _process_filter(pid):
    rules = [_deny_unless(_number(name), _jump(0x15, pid, 1, 0)) for name in _OWN_PID_ONLY]
    # prlimit(0, ...) and prlimit(own pid, ...) are what resource.setrlimit needs.
    rules.append(_deny_unless(_number("prlimit64"), _jump(0x15, 0, 2, 0) + _jump(0x15, pid, 1, 0)))
    return _complete(_process_rules() + b"".join(rules))


# A filter is a list of struct sock_filter {u16 code; u8 jt; u8 jf; u32 k}: load (0x20), jump if equal (0x15),
# jump if greater or equal (0x35), jump if any bit is set (0x45), return (0x06).
def _load(offset):
    return struct.pack("HBBI", 0x20, 0, 0, offset)


def _jump(code, value, if_true, if_false):
    return struct.pack("HBBI", code, if_true, if_false, value & 0xFFFFFFFF)


def _return(action):
    return struct.pack("HBBI", 0x06, 0, 0, action)


_ALLOW, _KILL = 0x7FFF0000, 0x80000000


def _error(code):
    return _return(0x00050000 | code)


def _deny(number, code=errno.EPERM):
    return _jump(0x15, number, 0, 1) + _error(code)


def _deny_unless(number, test, argument=0):
    """``test`` looks at the low half of an argument and jumps over the error that follows it."""
    body = _load(16 + 8 * argument) + test + _error(errno.EPERM) + _load(0)
    return _jump(0x15, number, 0, len(body) // 8) + body


def _complete(rules):
    program = _load(4) + _jump(0x15, _AUDIT_ARCH[_MACHINE], 1, 0) + _return(_KILL) + _load(0)
    if _MACHINE == "x86_64":  # the x32 numbers would slip through the list
        program += _jump(0x35, 0x40000000, 0, 1) + _error(errno.EPERM)
    return program + rules + _return(_ALLOW)


def _install(program):
    buffer = ctypes.create_string_buffer(program, len(program))
    prog = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    _call("prctl", _PR_SET_SECCOMP, ctypes.c_ulong(2), ctypes.c_char_p(prog), 0, 0)
