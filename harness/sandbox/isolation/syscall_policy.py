"""The system calls that a program may make: a table with a line for each, and rules for their arguments.

Every call without a line is refused with EPERM: ``execve``, ``socket``, ``ptrace``, ``setsid``, ``setpgid``, ``sync``,
the numbers of later kernels and those of the x32 ABI. A call of another architecture's ABI kills the process
(``seccomp.filter_for``).

Columns of the table: the name; the number on x86-64 and on aarch64 (``-`` where there is no such call); where the call
is allowed; the error where it is not (0: it seems to succeed and does nothing); and why.

A call is allowed where one of the conditions in its fourth column holds:

- ``always``;
- ``sandbox``: in the processes that start and watch programs (the zygote, and the tester while it starts);
- ``landlock``: where Landlock decides which files a process may reach;
- ``truncation``: where it also decides which may be truncated (its third ABI, Linux 6.2), or mounts are read-only;
- ``read-only``: where every mount but the scratch directory is read-only;
- ``never`` never holds.

The numbers are those of the kernel's ``asm/unistd_64.h`` and ``asm-generic/unistd.h``; a test compares them with the
headers of the machine, and interprets the filters for every number (``tests/harness/sandbox/test_syscall_policy.py``).
"""

from __future__ import annotations

from typing import NamedTuple

MACHINES = ("x86_64", "aarch64")
TABLE = """
# Descriptors
read                       0   63  always             .       read and write open files
write                      1   64  always             .       read and write open files
readv                     19   65  always             .       read and write open files
writev                    20   66  always             .       read and write open files
pread64                   17   67  always             .       read and write open files
pwrite64                  18   68  always             .       read and write open files
preadv                   295   69  always             .       read and write open files
pwritev                  296   70  always             .       read and write open files
preadv2                  327  286  always             .       read and write open files
pwritev2                 328  287  always             .       read and write open files
lseek                      8   62  always             .       move in an open file
close                      3   57  always             .       close and duplicate descriptors
close_range              436  436  always             .       close and duplicate descriptors
dup                       32   23  always             .       close and duplicate descriptors
dup2                      33    -  always             .       close and duplicate descriptors
dup3                     292   24  always             .       close and duplicate descriptors
fcntl                     72   25  always             EPERM   flags and locks of descriptors (RULES)
ioctl                     16   29  always             ENOTTY  isatty, os.set_blocking (RULES)
flock                     73   32  always             .       lock an open file
fsync                     74   82  always             .       flush one file (sync and syncfs flush all: refused)
fdatasync                 75   83  always             .       flush one file (sync and syncfs flush all: refused)
ftruncate                 77   46  always             .       change the length of an open file, advise on its use
fallocate                285   47  always             .       change the length of an open file, advise on its use
fadvise64                221  223  always             .       change the length of an open file, advise on its use
sendfile                  40   71  always             .       copy between descriptors: shutil.copyfile
copy_file_range          326  285  always             .       copy between descriptors: shutil.copyfile
splice                   275   76  always             .       copy between descriptors: shutil.copyfile
pipe                      22    -  always             .       make a pipe
pipe2                    293   59  always             .       make a pipe
# Files: which ones, Landlock and the mounts decide
open                       2    -  always             EPERM   open a file; without Landlock for reading only (RULES)
openat                   257   56  always             EPERM   open a file; without Landlock for reading only (RULES)
openat2                  437  437  never              ENOSYS  flags in memory, where no filter can read them
stat                       4    -  always             .       look at a file
lstat                      6    -  always             .       look at a file
fstat                      5   80  always             .       look at a file
newfstatat               262   79  always             .       look at a file
statx                    332  291  always             .       look at a file
statfs                   137   43  always             .       look at a file
fstatfs                  138   44  always             .       look at a file
access                    21    -  always             .       look at a file
faccessat                269   48  always             .       look at a file
faccessat2               439  439  always             .       look at a file
readlink                  89    -  always             .       look at a link
readlinkat               267   78  always             .       look at a link
getdents64               217   61  always             .       list an open directory
getcwd                    79   17  always             .       the working directory and the mode of new files
chdir                     80   49  always             .       the working directory and the mode of new files
fchdir                    81   50  always             .       the working directory and the mode of new files
umask                     95  166  always             .       the working directory and the mode of new files
getxattr                 191    8  always             .       look at attributes: shutil.copy2
lgetxattr                192    9  always             .       look at attributes: shutil.copy2
fgetxattr                193   10  always             .       look at attributes: shutil.copy2
listxattr                194   11  always             .       look at attributes: shutil.copy2
llistxattr               195   12  always             .       look at attributes: shutil.copy2
flistxattr               196   13  always             .       look at attributes: shutil.copy2
creat                     85    -  landlock           EPERM   make a file
mkdir                     83    -  landlock           EPERM   make a file
mkdirat                  258   34  landlock           EPERM   make a file
mknod                    133    -  landlock           EPERM   make a file
mknodat                  259   33  landlock           EPERM   make a file
link                      86    -  landlock           EPERM   make a file
linkat                   265   37  landlock           EPERM   make a file
symlink                   88    -  landlock           EPERM   make a file
symlinkat                266   36  landlock           EPERM   make a file
rename                    82    -  landlock           EPERM   change a file by its path
renameat                 264   38  landlock           EPERM   change a file by its path
renameat2                316  276  landlock           EPERM   change a file by its path
truncate                  76   45  truncation         EPERM   change a file by its path
rmdir                     84    -  landlock           EPERM   remove a file
unlink                    87    -  landlock           EPERM   remove a file
unlinkat                 263   35  landlock           EPERM   remove a file
chmod                     90    -  sandbox,read-only  0       Landlock does not govern modes; the zygote empties scratch
fchmod                    91   52  sandbox,read-only  0       Landlock does not govern modes; the zygote empties scratch
fchmodat                 268   53  sandbox,read-only  0       Landlock does not govern modes; the zygote empties scratch
fchmodat2                452  452  sandbox,read-only  0       Landlock does not govern modes; the zygote empties scratch
chown                     92    -  read-only          0       Landlock does not govern owners
fchown                    93   55  read-only          0       Landlock does not govern owners
lchown                    94    -  read-only          0       Landlock does not govern owners
fchownat                 260   54  read-only          0       Landlock does not govern owners
utime                    132    -  read-only          0       Landlock does not govern times
utimes                   235    -  read-only          0       Landlock does not govern times
futimesat                261    -  read-only          0       Landlock does not govern times
utimensat                280   88  read-only          0       Landlock does not govern times
setxattr                 188    5  read-only          EPERM   Landlock does not govern attributes
lsetxattr                189    6  read-only          EPERM   Landlock does not govern attributes
fsetxattr                190    7  read-only          EPERM   Landlock does not govern attributes
removexattr              197   14  read-only          EPERM   Landlock does not govern attributes
lremovexattr             198   15  read-only          EPERM   Landlock does not govern attributes
fremovexattr             199   16  read-only          EPERM   Landlock does not govern attributes
memfd_create             319  279  sandbox            EPERM   inputs and outputs; no limit counts such memory
# Memory
brk                       12  214  always             .       the process's own memory, bounded by RLIMIT_AS
mmap                       9  222  always             .       the process's own memory, bounded by RLIMIT_AS
munmap                    11  215  always             .       the process's own memory, bounded by RLIMIT_AS
mremap                    25  216  always             .       the process's own memory, bounded by RLIMIT_AS
mprotect                  10  226  always             .       the process's own memory, bounded by RLIMIT_AS
madvise                   28  233  always             .       the process's own memory, bounded by RLIMIT_AS
msync                     26  227  always             .       the process's own memory, bounded by RLIMIT_AS
mbind                    237  235  always             .       where own memory lies: OpenBLAS
get_mempolicy            239  236  always             .       where own memory lies: OpenBLAS
membarrier               324  283  always             .       order own memory between threads
# Processes and threads
clone                     56  220  always             EAGAIN  a thread, not a process (RULES)
clone3                   435  435  never              ENOSYS  flags in memory; the C library falls back to clone
fork                      57    -  sandbox            EAGAIN  the zygote forks each run
vfork                     58    -  never              EAGAIN  a process: the error of a limit reached, as for fork
exit                      60   93  always             .       end a thread, the process
exit_group               231   94  always             .       end a thread, the process
wait4                     61  260  always             .       wait for children; a program has none
waitid                   247   95  always             .       wait for children; a program has none
futex                    202   98  always             .       threads and locks of the C library
futex_waitv              449  449  always             .       threads and locks of the C library
set_robust_list          273   99  always             .       threads and locks of the C library
set_tid_address          218   96  always             .       threads and locks of the C library
rseq                     334  293  always             .       threads and locks of the C library
arch_prctl               158    -  always             .       own registers; OpenBLAS asks for AMX
prctl                    157  167  always             EPERM   names, reading attributes (RULES)
kill                      62  129  always             EPERM   signal oneself (RULES)
tgkill                   234  131  always             EPERM   signal oneself: abort, signal.raise_signal (RULES)
pidfd_open               434  434  always             EPERM   a descriptor of oneself: asyncio tries it (RULES)
prlimit64                302  261  always             EPERM   own limits: resource.setrlimit (RULES)
getrlimit                 97  163  always             .       own limits
setrlimit                160  164  always             .       own limits
getrusage                 98  165  always             .       own use of time and memory
times                    100  153  always             .       own use of time and memory
landlock_create_ruleset  444  444  always             .       give up rights
landlock_add_rule        445  445  always             .       give up rights
landlock_restrict_self   446  446  always             .       give up rights
sched_yield               24  124  always             .       yield, and look at the schedule
sched_getaffinity        204  123  always             .       yield, and look at the schedule
sched_setaffinity        203  122  sandbox            EPERM   own cores: OpenMP probes it when it is imported
sched_getparam           143  121  always             .       yield, and look at the schedule
sched_getscheduler       145  120  always             .       yield, and look at the schedule
sched_get_priority_max   146  125  always             .       look at the schedule
sched_get_priority_min   147  126  always             .       look at the schedule
sched_rr_get_interval    148  127  always             .       look at the schedule
getpriority              140  141  always             .       look at the schedule
# Who and where one is
getpid                    39  172  always             .       numbers of processes
getppid                  110  173  always             .       numbers of processes
gettid                   186  178  always             .       numbers of processes
getpgid                  121  155  always             .       numbers of processes
getpgrp                  111    -  always             .       numbers of processes
getsid                   124  156  always             .       numbers of processes
getuid                   102  174  always             .       numbers of users and groups
geteuid                  107  175  always             .       numbers of users and groups
getgid                   104  176  always             .       numbers of users and groups
getegid                  108  177  always             .       numbers of users and groups
getgroups                115  158  always             .       numbers of users and groups
getresuid                118  148  always             .       numbers of users and groups
getresgid                120  150  always             .       numbers of users and groups
uname                     63  160  always             .       the machine: platform, os.cpu_count
sysinfo                   99  179  always             .       the machine: platform, os.cpu_count
getcpu                   309  168  always             .       the machine: platform, os.cpu_count
getrandom                318  278  always             .       random bytes
# Signals
rt_sigaction              13  134  always             .       handle signals
rt_sigprocmask            14  135  always             .       handle signals
rt_sigreturn              15  139  always             .       handle signals
rt_sigpending            127  136  always             .       handle signals
rt_sigsuspend            130  133  always             .       handle signals
rt_sigtimedwait          128  137  always             .       handle signals
sigaltstack              131  132  always             .       handle signals
signalfd                 282    -  always             .       wait for signals
signalfd4                289   74  always             .       wait for signals
pause                     34    -  always             .       wait for signals
restart_syscall          219  128  always             .       wait for signals
# Time
clock_gettime            228  113  always             .       read clocks
clock_getres             229  114  always             .       read clocks
gettimeofday              96  169  always             .       read clocks
time                     201    -  always             .       read clocks
nanosleep                 35  101  always             .       sleep
clock_nanosleep          230  115  always             .       sleep
alarm                     37    -  always             .       own timers: signal.alarm
getitimer                 36  102  always             .       own timers: signal.alarm
setitimer                 38  103  always             .       own timers: signal.alarm
timerfd_create           283   85  always             .       own timers: os.timerfd_create
timerfd_settime          286   86  always             .       own timers: os.timerfd_create
timerfd_gettime          287   87  always             .       own timers: os.timerfd_create
# Waiting for descriptors
select                    23    -  always             .       wait for descriptors
pselect6                 270   72  always             .       wait for descriptors
poll                       7    -  always             .       wait for descriptors
ppoll                    271   73  always             .       wait for descriptors
epoll_create             213    -  always             .       wait for descriptors: asyncio
epoll_create1            291   20  always             .       wait for descriptors: asyncio
epoll_ctl                233   21  always             .       wait for descriptors: asyncio
epoll_wait               232    -  always             .       wait for descriptors: asyncio
epoll_pwait              281   22  always             .       wait for descriptors: asyncio
epoll_pwait2             441  441  always             .       wait for descriptors: asyncio
eventfd                  284    -  always             .       wake a waiting thread
eventfd2                 290   19  always             .       wake a waiting thread
# Sockets: the pairs of asyncio, and the way to the parent
socketpair                53  199  always             EPERM   two ends connected for good (RULES)
sendto                    44  206  always             .       use an open socket
recvfrom                  45  207  always             .       use an open socket
sendmsg                   46  211  always             .       use an open socket
recvmsg                   47  212  always             .       use an open socket
shutdown                  48  210  always             .       use an open socket
getsockname               51  204  always             .       use an open socket
getpeername               52  205  always             .       use an open socket
getsockopt                55  209  always             .       use an open socket
setsockopt                54  208  always             EPERM   buffers and timeouts (RULES); no filters
"""


class Rule(NamedTuple):
    """The values that an argument may have. Only the low 32 bits are compared: the kernel reads no others of these."""

    argument: int
    """Its position."""
    values: tuple[int, ...]
    """The values allowed."""
    mask: int = 0xFFFFFFFF
    """The bits compared."""
    unless: str = "sandbox"
    """The condition under which the rule does not hold; "" for a rule that always holds."""


OWN_PID = 0x7FFFFFF0
"""Stands for the pid of the process, which replaces it when a filter is installed: greater than any pid."""

_THREAD, _NAMESPACES = 0x00010000, 0x7E020080  # CLONE_THREAD; CLONE_NEW*
_WRITING = 0o3103  # O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND
_EMPTIES = (0, 1, 2, 0o1001, 0o1002)  # O_TRUNC only with the right to write: without it, Landlock's first ABIs look on
_AF_UNIX, _SOCK_STREAM, _SOCK_TYPE, _SOL_SOCKET = 1, 1, 0xF, 1

RULES: dict[str, tuple[Rule, ...]] = {
    # Threads only, and none in another namespace.
    "clone": (Rule(0, (_THREAD,), mask=_THREAD), Rule(0, (0,), mask=_NAMESPACES, unless="")),
    "kill": (Rule(0, (OWN_PID,)),),
    "tgkill": (Rule(0, (OWN_PID,)),),
    "pidfd_open": (Rule(0, (OWN_PID,)),),
    "prlimit64": (Rule(0, (0, OWN_PID)),),  # 0 is the caller
    "open": (Rule(1, (0,), mask=_WRITING, unless="landlock"), Rule(1, _EMPTIES, mask=0o1003, unless="truncation")),
    "openat": (Rule(2, (0,), mask=_WRITING, unless="landlock"), Rule(2, _EMPTIES, mask=0o1003, unless="truncation")),
    # A pair of streams is connected for good. A datagram socket could send to any socket that has a path, namespaces
    # or not.
    "socketpair": (Rule(0, (_AF_UNIX,), unless=""), Rule(1, (_SOCK_STREAM,), mask=_SOCK_TYPE, unless="")),
    # SO_REUSEADDR, SO_SNDBUF, SO_RCVBUF, SO_KEEPALIVE, SO_LINGER, SO_RCVTIMEO, SO_SNDTIMEO.
    "setsockopt": (Rule(1, (_SOL_SOCKET,), unless=""), Rule(2, (2, 7, 8, 9, 13, 20, 21), unless="")),
    # F_DUPFD to F_SETLKW, F_GETOWN, the locks of open file descriptions, F_DUPFD_CLOEXEC, F_GETPIPE_SZ, F_GET_SEALS.
    # Not those that name a process to signal (F_SETOWN, F_SETOWN_EX), report what others do to a file
    # (F_SETLEASE, F_NOTIFY) or take memory that no limit of a program's counts (F_SETPIPE_SZ).
    "fcntl": (Rule(1, (*range(8), 9, 36, 37, 38, 1030, 1032, 1034), unless=""),),
    # TCGETS, TIOCGPGRP, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX, TCGETS2, FICLONE (pathlib.Path.copy). Not
    # those that name a process to signal (FIOSETOWN, SIOCSPGRP) or change a file's flags (FS_IOC_SETFLAGS).
    "ioctl": (Rule(1, (0x5401, 0x540F, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451, 0x802C542A, 0x40049409), unless=""),),
    # PR_SET_NAME and PR_SET_VMA (of a range of memory), and reading: PR_GET_PDEATHSIG, PR_GET_DUMPABLE, PR_GET_NAME,
    # PR_GET_SECCOMP, PR_CAPBSET_READ, PR_GET_TIMERSLACK, PR_GET_NO_NEW_PRIVS, PR_SVE_GET_VL, PR_SME_GET_VL. Not
    # PR_SET_PDEATHSIG: without a pid namespace, that signal alone ends a program whose zygote died.
    "prctl": (Rule(0, (15, 0x53564D41, 2, 3, 16, 21, 23, 30, 39, 51, 64)),),
}
"""For some of the calls, rules that must all hold; where one does not, the error is that of the table."""
