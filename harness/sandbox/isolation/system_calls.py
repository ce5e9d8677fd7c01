"""The layers between a program and the machine, as raw system calls (Linux on x86-64 and aarch64).

Standard library only: this runs in the process that runs untrusted code. Each function either puts its layer in
force or raises OSError; the zygote decides what to do then. References: namespaces(7), landlock(7), seccomp(2),
capabilities(7), prctl(2).
"""

import ctypes
import errno
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
    "accept": (43, 202),
    "accept4": (288, 242),
    "acct": (163, 89),
    "bind": (49, 200),
    "connect": (42, 203),
    "fanotify_init": (300, 262),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "listen": (50, 201),
    "mq_unlink": (241, 181),
    "msgctl": (71, 187),
    "msgrcv": (70, 188),
    "msgsnd": (69, 189),
    "semctl": (66, 191),
    "semop": (65, 193),
    "semtimedop": (220, 192),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "shmdt": (67, 197),
    "socketpair": (53, 199),
    "file_setattr": (469, 469),
    "removexattrat": (466, 466),
    "setxattrat": (463, 463),
    "add_key": (248, 217),
    "chmod": (90, None),
    "chown": (92, None),
    "creat": (85, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "fremovexattr": (199, 16),
    "fsetxattr": (190, 7),
    "futimesat": (261, None),
    "lchown": (94, None),
    "link": (86, None),
    "linkat": (265, 37),
    "lremovexattr": (198, 15),
    "lsetxattr": (189, 6),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "open": (2, None),
    "openat": (257, 56),
    "openat2": (437, 437),
    "removexattr": (197, 14),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "rmdir": (84, None),
    "setxattr": (188, 5),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "truncate": (76, 45),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "utime": (132, None),
    "utimensat": (280, 88),
    "utimes": (235, None),
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
    "accept accept4 bind connect listen shmat shmctl shmdt semop semtimedop semctl msgsnd msgrcv msgctl mq_unlink "
    "inotify_init inotify_init1 fanotify_init acct add_key bpf chroot delete_module finit_module fsconfig fsmount "
    "fsopen init_module io_uring_enter "
    "io_uring_register io_uring_setup kexec_load keyctl mount mount_setattr move_mount mq_open msgget "
    "open_by_handle_at open_tree perf_event_open pidfd_getfd pivot_root process_vm_readv process_vm_writev ptrace "
    "quotactl reboot request_key semget setns shmget socket swapoff swapon umount2 unshare userfaultfd"
).split()
# What only a program must not do: become another program, signal others, change their limits or priority, hold memory
# that no limit counts.
_DENIED_TO_PROGRAMS = (
    "execve execveat tkill pidfd_send_signal rt_sigqueueinfo rt_tgsigqueueinfo ioprio_set sched_setaffinity "
    "sched_setattr sched_setparam sched_setscheduler setpriority memfd_create memfd_secret"
).split()
_STARTS_A_PROCESS = ("fork", "vfork")
_OWN_PID_ONLY = ("kill", "tgkill")
# Naming another process as the one to signal when a file becomes ready (fcntl's F_SETOWN and F_SETOWN_EX, ioctl's
# FIOSETOWN and SIOCSPGRP), being told of what others do to files (F_SETLEASE, F_NOTIFY), and changing a file's flags
# (FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR).
_SOCK_STREAM = 1
_DENIED_REQUESTS = {"fcntl": (8, 15, 1024, 1026), "ioctl": (0x8901, 0x8902, 0x40086602, 0x401C5820)}
# What Landlock does not govern: an owner's right to change a file's owner, mode, times and attributes, wherever it
# lies. Where file systems cannot be made read-only, nothing is changed; the first, which programs call in passing (to
# copy a file, to keep a shelf), seem to succeed.
_CHANGES_OWNER_AND_TIMES = "chown fchown fchownat futimesat lchown utime utimensat utimes".split()
_CHANGES_MODES = ("chmod", "fchmod", "fchmodat", "fchmodat2")  # the zygote needs them, to empty the scratch directory
_CHANGES_ATTRIBUTES = (
    "file_setattr fremovexattr fsetxattr lremovexattr lsetxattr removexattr removexattrat setxattr setxattrat"
).split()
# Everything that changes a file system by a path, and what changes a file's owner, mode or attributes.
_WRITES = (
    "creat link linkat mkdir mkdirat mknod mknodat rename renameat renameat2 rmdir symlink symlinkat truncate unlink "
    "unlinkat"
).split()
_OPENS = {"open": 1, "openat": 2}
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


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


if LINUX:
    _libc.prctl.argtypes = [ctypes.c_int] + 4 * [ctypes.c_ulong]


def _prctl(option, first, second=0):
    _call("prctl", option, first, second, 0, 0)


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


def hide_memory():
    """Close this process's memory, descriptors and environment in /proc to others of the same user (prctl(2))."""
    _prctl(_PR_SET_DUMPABLE, 0)


def limit_processes(count):
    """Bound the processes and threads of this pid namespace, whoever owns them. Raises OSError before Linux 6.14."""
    with open("/proc/sys/kernel/pid_max", "w") as file:
        file.write(str(count))


def enter_namespaces():
    """Move into new user, mount, pid, net, ipc and uts namespaces; the next fork is the pid namespace's init."""
    uid, gid = os.geteuid(), os.getegid()
    flags = _CLONE_NEWUSER | _CLONE_NEWNS | _CLONE_NEWPID | _CLONE_NEWNET | _CLONE_NEWIPC | _CLONE_NEWUTS
    _call("unshare", flags)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def make_read_only():
    """Make every file system of this mount namespace read-only; what is mounted later is not (Linux 5.12)."""
    _call("mount", b"none", b"/", None, _MS_REC | _MS_PRIVATE, None)
    attributes = struct.pack("QQQQ", 1, 0, 0, 0)  # MOUNT_ATTR_RDONLY, set
    _syscall(
        _number("mount_setattr"),
        ctypes.c_int(-100),
        b"/",
        ctypes.c_uint(0x8000),  # AT_RECURSIVE
        attributes,
        ctypes.c_size_t(len(attributes)),
    )


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


def restrict_files(readable, listable, writable):
    """Landlock: on every file system only reading and executing below ``readable``, listing ``listable`` folders and
    what is below them, and everything below ``writable``.
    """
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
        for paths, access in ((readable, _EXECUTE | _READ_FILE | _READ_DIR), (listable, _READ_DIR), (writable, files)):
            for path in paths:
                _allow_beneath(ruleset_fd, path, access)
        _syscall(446, ctypes.c_int(ruleset_fd), ctypes.c_uint32(0))
    finally:
        os.close(ruleset_fd)


_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1, 2, 4, 8, 1 << 14


def _allow_beneath(ruleset_fd, path, access):
    try:
        path_fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            access &= _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
        rule = struct.pack("=Qi", access, path_fd)
        _syscall(445, ctypes.c_int(ruleset_fd), ctypes.c_int(1), rule, ctypes.c_uint32(0))
    finally:
        os.close(path_fd)


def deny_dangerous_calls():
    """Seccomp: what neither the sandbox nor a program needs; inherited by every later child."""
    numbers = [_number(name) for name in _DENIED_ALWAYS]
    rules = [_deny(number) for number in numbers if number is not None]
    # A pair of streams is connected for good; a pair of datagram sockets can send to any socket of the host that has a
    # path, whatever the namespaces. The type is the low four bits of the second argument.
    rules.append(_deny_unless(_number("socketpair"), _and(0xF) + _jump(0x15, _SOCK_STREAM, 1, 0), argument=1))
    _install(_complete(b"".join(rules)))


def deny_attributes():
    """Seccomp: no file's owner, times or attributes are changed; its mode by the zygote only (ProcessFilter)."""
    rules = [_deny(_number(name)) for name in _CHANGES_ATTRIBUTES]
    rules += [_deny(_number(name), SEEM_TO_SUCCEED) for name in _CHANGES_OWNER_AND_TIMES if _number(name) is not None]
    _install(_complete(b"".join(rules)))


def deny_writes():
    """Seccomp: nothing may be created, changed or removed by its path: what is left to do where Landlock is missing.

    Files that are open already can still be written.
    """
    rules = [_deny(_number(name)) for name in _WRITES if _number(name) is not None]
    rules.append(_deny(_number("openat2"), errno.ENOSYS))  # its flags lie where no filter can read them
    for name, argument in _OPENS.items():
        if _number(name) is not None:
            rules.append(_deny_unless(_number(name), _jump(0x45, _WRITE_FLAGS, 0, 1), argument))
    _install(_complete(b"".join(rules)))


class ProcessFilter:
    """Seccomp: no new process, no other program, no signal to another process. Threads stay allowed.

    Made once, before the first fork; each child writes its own number into it and installs it.
    """

    def __init__(self, keep_modes):
        rules = [_deny(_number(name)) for name in _DENIED_TO_PROGRAMS]
        rules += [_deny(_number(name), errno.EAGAIN) for name in _STARTS_A_PROCESS if _number(name) is not None]
        # glibc falls back to clone, whose flags a filter can read, where clone3 does not exist.
        rules.append(_deny(_number("clone3"), errno.ENOSYS))
        rules.append(_deny_unless(_number("clone"), _jump(0x45, _CLONE_THREAD, 1, 0), code=errno.EAGAIN))
        if keep_modes:
            rules += [_deny(_number(name), SEEM_TO_SUCCEED) for name in _CHANGES_MODES if _number(name) is not None]
        for name, requests in _DENIED_REQUESTS.items():
            tests = [_jump(0x15, r, len(requests) - i, 0) for i, r in enumerate(requests)]  # to the error
            rules.append(_deny_unless(_number(name), b"".join(tests) + _jump(0x05, 1, 0, 0), argument=1))
        rules += [_deny_unless(_number(name), _jump(0x15, _PID, 1, 0)) for name in _OWN_PID_ONLY]
        # prlimit(0, ...) and prlimit(own pid, ...) are what resource.setrlimit needs.
        rules.append(_deny_unless(_number("prlimit64"), _jump(0x15, 0, 2, 0) + _jump(0x15, _PID, 1, 0)))
        program = _complete(b"".join(rules))
        self._buffer = ctypes.create_string_buffer(program, len(program))
        self._places = [at for at in range(4, len(program), 8) if program[at : at + 4] == struct.pack("I", _PID)]
        header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(self._buffer))
        self._header = ctypes.create_string_buffer(header, len(header))
        self._address = ctypes.addressof(self._header)

    def install(self):
        """Put it in force for this process."""
        pid = os.getpid()
        for place in self._places:
            struct.pack_into("I", self._buffer, place, pid)
        _prctl(_PR_SET_SECCOMP, 2, self._address)


_PID = 0x7FFFFFF0
"""Stands for the number of the process in a filter that is not installed yet: greater than any pid."""


# A filter is a list of struct sock_filter {u16 code; u8 jt; u8 jf; u32 k}: load (0x20), jump if equal (0x15),
# jump if greater or equal (0x35), jump if any bit is set (0x45), jump (0x05), return (0x06).
def _load(offset):
    return struct.pack("HBBI", 0x20, 0, 0, offset)


def _jump(code, value, if_true, if_false):
    return struct.pack("HBBI", code, if_true, if_false, value & 0xFFFFFFFF)


def _and(bits):
    return struct.pack("HBBI", 0x54, 0, 0, bits)


def _return(action):
    return struct.pack("HBBI", 0x06, 0, 0, action)


_ALLOW, _KILL = 0x7FFF0000, 0x80000000
SEEM_TO_SUCCEED = 0
"""An error that is none: the call returns 0 and does nothing."""


def _error(code):
    return _return(0x00050000 | code)


def _deny(number, code=errno.EPERM):
    return _jump(0x15, number, 0, 1) + _error(code)


def _deny_unless(number, test, argument=0, code=errno.EPERM):
    """``test`` looks at the low half of an argument and jumps over the error that follows it."""
    body = _load(16 + 8 * argument) + test + _error(code) + _load(0)
    return _jump(0x15, number, 0, len(body) // 8) + body


def _complete(rules):
    program = _load(4) + _jump(0x15, _AUDIT_ARCH[_MACHINE], 1, 0) + _return(_KILL) + _load(0)
    if _MACHINE == "x86_64":  # the x32 numbers would slip through the list
        program += _jump(0x35, 0x40000000, 0, 1) + _error(errno.EPERM)
    return program + rules + _return(_ALLOW)


def _install(program):
    buffer = ctypes.create_string_buffer(program, len(program))
    prog = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    header = ctypes.create_string_buffer(prog, len(prog))
    _prctl(_PR_SET_SECCOMP, 2, ctypes.addressof(header))
