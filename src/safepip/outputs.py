"""Our own stdout and stderr: what they lead to, and what pip gets in the place of each.

Nothing is imported here that a started Python does not hold already, but for terminals.
"""

import os
import sys

if sys.platform != "win32":
    import fcntl


def can_watch() -> bool:
    """Tell whether stdout and stderr can be passed through here at all.

    Not if one of them is closed or cannot be written (bare pip has an error to tell then), and not
    if it is a terminal while no pseudo-terminal is to be had. pip is handed over by exec then.
    """
    if sys.platform == "win32":
        return _is_open(1) and _is_open(2)
    return all(map(_is_writable, (1, 2))) and (
        not any(map(os.isatty, (1, 2))) or _has_pseudo_terminals()
    )


def need_all() -> None:
    """Be sure that stdin, stdout and stderr are open: else what is opened next has their numbers.

    Raises:
        OSError: One of them is closed.
    """
    for fd in (0, 1, 2):
        os.fstat(fd)


def are_same(first: int, second: int) -> bool:
    """Whether two open files are the same terminal, pipe or file."""
    one, other = os.fstat(first), os.fstat(second)
    if os.isatty(first) and os.isatty(second):
        # /dev/tty has a number of its own, but only one terminal can be the controlling one.
        return one.st_rdev == other.st_rdev or all(map(_is_controlling, (first, second)))
    return (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)


def open_ends(fd: int, *, terminal: bool) -> tuple[int, int]:
    """Open what stands in the place of *fd*: where we read, and what pip gets.

    Raises:
        OSError: No pipe or pseudo-terminal is to be had.
    """
    if not terminal:
        return os.pipe()
    source, end = os.openpty()
    try:
        _make_alike(end, fd)
    except OSError:
        os.close(source)
        os.close(end)
        raise
    give_size(source, fd)
    return source, end


def open_all(opened: list[int]) -> dict[int, tuple[int, int]]:
    """Open what stands in the place of each; *opened* has it even where the next one fails."""
    found: dict[int, tuple[int, int]] = {}
    for fd in (1, 2):
        if fd == 2 and are_same(1, 2):
            found[2] = found[1]
        else:
            found[fd] = open_ends(fd, terminal=os.isatty(fd))
            opened += found[fd]
    return found


def give_size(pseudo: int, terminal: int) -> None:
    """Give *pseudo* the size of *terminal*."""
    if sys.platform != "win32":
        import termios

        try:
            size = fcntl.ioctl(terminal, termios.TIOCGWINSZ, bytes(8))
            fcntl.ioctl(pseudo, termios.TIOCSWINSZ, size)
        except OSError:
            pass


def _make_alike(pseudo: int, terminal: int) -> None:
    """Give *pseudo* the attributes of *terminal*, but let bytes pass unchanged.

    What a terminal does to output (a CR before each LF) the real one does later.

    Raises:
        OSError: *pseudo* takes none; termios has an error of its own.
    """
    if sys.platform != "win32":
        import termios

        try:
            try:
                attributes = termios.tcgetattr(terminal)
            except termios.error:
                attributes = termios.tcgetattr(pseudo)
            attributes[1] &= ~termios.OPOST
            termios.tcsetattr(pseudo, termios.TCSANOW, attributes)
        except termios.error as error:
            raise OSError(*error.args) from error


def _is_controlling(fd: int) -> bool:
    try:
        os.tcgetpgrp(fd)
    except OSError:
        return False
    return True


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def _is_writable(fd: int) -> bool:
    try:
        # A file that is only read, as by ``<file >&0``.
        return (fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE) != os.O_RDONLY
    except OSError:
        return False


def _has_pseudo_terminals() -> bool:
    try:
        ends = os.openpty()
    except OSError:
        return False
    for end in ends:
        os.close(end)
    return True
