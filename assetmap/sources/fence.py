"""What a process gives up before it looks at a stranger's file: the network, other programs, other files, room, time.

Each layer holds by itself, and which of them there are depends on the system:

- everywhere, Python's own hook refuses connections, programs, and files but for one folder and Python's own;
- on Linux and macOS, limits on processor time and on the size of files, and on memory;
- on Linux, a network of its own without any way out (where the system lets users have one), a kernel filter that
  refuses sockets and programs to compiled code as well, and Landlock, which shuts all other folders.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
import sysconfig
import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any, Final
from urllib.parse import unquote

if sys.platform != "win32":
    import resource

MEMORY: Final = 1_000_000_000
SECONDS: Final = 20
#: The largest file it may write, which is what it hands over.
WRITES: Final = 600_000_000
#: With this code a process ends itself that grew beyond its memory.
TOO_LARGE: Final = 77

_REFUSED: Final = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.system",
    "ftplib.",
    "http.",
    "imaplib.",
    "nntplib.",
    "poplib.",
    "pty.",
    "smtplib.",
    "telnetlib.",
    "urllib.",
    "webbrowser.",
    "winreg.",
)
#: What changes a file by its name, and which of its arguments are names.
_CHANGES: Final = {
    "os.chmod": (0,),
    "os.chown": (0,),
    "os.link": (0, 1),
    "os.mkdir": (0,),
    "os.remove": (0,),
    "os.rename": (0, 1),
    "os.rmdir": (0,),
    "os.symlink": (0, 1),
    "os.truncate": (0,),
    "os.utime": (0,),
}
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def raise_fence(folder: str, home: str) -> list[str]:
    """Give up what is not needed to read the files of one folder; there is no way back for this process.

    Parameters
    ----------
    folder
        Where it may read and write.
    home
        Where the program's own modules are.

    Returns
    -------
    list of str
        Which layers hold, of ``limits``, ``network``, ``calls``, ``folders`` and ``hook``.
    """
    readable = _own_folders(home)
    held = [_limits(), _leave_network(), _shut_folders(folder, readable), _filter_calls()]
    _add_hook(folder, readable)
    return [*filter(None, held), "hook"]


def _own_folders(home: str) -> list[str]:
    """Return the folders from which Python and what it needs are loaded."""
    paths = sysconfig.get_paths()
    own = [paths["stdlib"], paths["platstdlib"], paths["purelib"], paths["platlib"], sys.prefix, sys.base_prefix]
    system = ["/usr/lib", "/usr/local/lib", "/lib", "/lib64", "/usr/share/zoneinfo"] if os.name == "posix" else []
    devices = ["/dev/null", "/dev/urandom", "/etc/ld.so.cache"] if os.name == "posix" else []
    found = [os.path.realpath(path) for path in (*own, home, *system, *devices) if os.path.exists(path)]  # noqa: PTH110
    # A Python that stands right under the root would open everything.
    return [path for path in dict.fromkeys(found) if path not in ("/", "/usr")]


def _limits() -> str:
    if sys.platform == "win32":
        return ""
    for kind, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, WRITES),
        # Not the address space: what is only set aside, as numeric libraries do, harms nobody.
        (resource.RLIMIT_DATA, MEMORY),
    ):
        _, hard = resource.getrlimit(kind)
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        # The hard limit kills without a word, the soft one says why.
        resource.setrlimit(kind, (soft, soft + 1 if kind == resource.RLIMIT_CPU and soft != hard else soft))
    if sys.platform == "darwin":
        # There the limit on memory is not kept by the system.
        threading.Thread(target=_watch_memory, daemon=True).start()
    return "limits"


def _watch_memory() -> None:
    if sys.platform != "win32":
        while resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < MEMORY:
            time.sleep(0.05)
        os._exit(TOO_LARGE)


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _leave_network() -> str:
    """Go into a network of its own, in which there is nothing."""
    if sys.platform != "linux":
        return ""
    new_user, new_network, die_with_parent = 0x10000000, 0x40000000, 1
    libc = _libc()
    # Whoever waits for this process may be gone before it is.
    libc.prctl(die_with_parent, 9, 0, 0, 0)
    alone = libc.unshare(new_network) == 0 or libc.unshare(new_user | new_network) == 0
    return "network" if alone else ""


def _shut_folders(folder: str, readable: Iterable[str]) -> str:
    """Shut all folders but these by Landlock (https://docs.kernel.org/userspace-api/landlock.html)."""
    if sys.platform != "linux":
        return ""
    libc = _libc()
    create, add, restrict = 444, 445, 446
    version = libc.syscall(create, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1:
        return ""
    # Rights to files came with the first, second, third and fifth version; rights to ports with the fourth.
    bits = 13 + (version >= 2) + (version >= 3) + (version >= 5)
    handled = struct.pack("QQ", (1 << bits) - 1, 3) if version >= 4 else struct.pack("Q", (1 << bits) - 1)
    ruleset = libc.syscall(create, handled, ctypes.c_size_t(len(handled)), ctypes.c_uint32(0))
    if ruleset < 0:
        return ""
    read_file, read_folder = 1 << 2, 1 << 3
    write = (1 << 1 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | (1 << 14 if version >= 3 else 0)) | read_file | read_folder
    for path in readable:
        _allow(libc, add, ruleset, path, read_file | read_folder if os.path.isdir(path) else read_file)  # noqa: PTH112
    _allow(libc, add, ruleset, folder, write)
    libc.prctl(38, 1, 0, 0, 0)
    shut = libc.syscall(restrict, ctypes.c_int(ruleset), ctypes.c_uint32(0)) == 0
    os.close(ruleset)
    return "folders" if shut else ""


def _allow(libc: Any, add: int, ruleset: int, path: str, rights: int) -> None:
    held = os.open(path, getattr(os, "O_PATH", 0) | os.O_CLOEXEC)
    rule = struct.pack("=Qi", rights, held)
    libc.syscall(add, ctypes.c_int(ruleset), ctypes.c_int(1), rule, ctypes.c_uint32(0))
    os.close(held)


#: By machine: the number of its calls, and those that open sockets, start programs or look into other processes.
_CALLS: Final = {
    "x86_64": (
        0xC000003E,
        (41, 42, 44, 46, 49, 50, 53, 57, 58, 59, 101, 310, 311, 322, 425),
    ),
    "aarch64": (
        0xC00000B7,
        (117, 198, 199, 200, 201, 203, 206, 211, 221, 270, 271, 281, 425),
    ),
}


def _filter_calls() -> str:
    """Have the kernel refuse the calls above, whoever makes them (seccomp)."""
    if sys.platform != "linux" or platform.machine() not in _CALLS or sys.maxsize < 2**32:
        return ""
    machine, refused = _CALLS[platform.machine()]
    program = _program(machine, refused)
    code = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    libc = _libc()
    no_new_rights, seccomp, by_filter = 38, 22, 2
    libc.prctl(no_new_rights, 1, 0, 0, 0)
    return "calls" if libc.prctl(seccomp, by_filter, ctypes.c_char_p(head), 0, 0) == 0 else ""


def _program(machine: int, refused: Sequence[int]) -> bytes:
    """Return the filter in the kernel's own small language: machine and call are looked at, nothing else."""
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    allow, permission_denied = 0x7FFF0000, 0x00050000 | 1
    lines = [(load, 0, 0, 4), (equal, 1, 0, machine), (answer, 0, 0, permission_denied), (load, 0, 0, 0)]
    # A second set of numbers for the same calls begins here.
    lines += [(at_least, len(refused) + 1, 0, 0x40000000)]
    lines += [(equal, len(refused) - at, 0, call) for at, call in enumerate(refused)]
    lines += [(answer, 0, 0, allow), (answer, 0, 0, permission_denied)]
    return b"".join(struct.pack("HBBI", *line) for line in lines)


def _add_hook(folder: str, readable: Sequence[str]) -> None:
    inside = os.path.join(os.path.realpath(folder), "")  # noqa: PTH118
    own = (*(os.path.join(path, "") for path in readable), inside)  # noqa: PTH118
    files = frozenset(readable)

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            _check_open(arguments, own, files, inside)
        elif event in _CHANGES:
            for at in _CHANGES[event]:
                _check_path(arguments[at], (inside,), frozenset(), event)
        elif event == "sqlite3.connect":
            _check_path(_database(str(arguments[0])), (inside,), frozenset(), event)
        elif event.startswith(_REFUSED):
            raise PermissionError(f"{event} is not for the reader of a list")

    sys.addaudithook(refuse)


def _database(name: str) -> str:
    """Return the path in the address of a database."""
    path = unquote(name.split("?")[0].removeprefix("file://")) if name.startswith("file:") else name
    return path.removeprefix("/") if os.name == "nt" else path


def _check_open(arguments: tuple[Any, ...], own: tuple[str, ...], files: frozenset[str], inside: str) -> None:
    path, mode, flags = arguments
    writes = bool(set(mode or "") & set("wax+")) or bool((flags or 0) & _WRITING)
    _check_path(path, (inside,) if writes else own, frozenset() if writes else files, "open")


def _check_path(path: object, folders: tuple[str, ...], files: frozenset[str], event: str) -> None:
    if isinstance(path, int):
        return
    plain = os.path.realpath(os.fsdecode(path))  # type: ignore[arg-type]
    if not (os.path.join(plain, "").startswith(folders) or plain in files):  # noqa: PTH118
        raise PermissionError(f"{event} is not for the reader of a list")
