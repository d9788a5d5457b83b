"""Runs by itself, apart from safepip: asks pip's own machinery what a requirement's wheel holds.

Started by ``known.program`` with ``-I``, so that neither PYTHONPATH nor the working directory can
bring in another pip. The question comes as JSON on stdin, since index addresses hold passwords and
argument lists can be seen by all. Each answer is one line of JSON on stdout: the facts of a wheel,
or a ``problem``: a name of ``model.reasons``, which holds no address.

This is the one place that imports pip: to find what pip would choose takes its finder, session,
credentials, proxies, certificates and settings, and no command of pip shows entry points. All of
that is private to pip, so whatever goes wrong here is an answer, too. Tried with pip 24.0 to 26.3.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import json
import logging
import os
import re
import sys
import threading
import time
import zipfile
from typing import TYPE_CHECKING, Any

from safepip.index._blank import NOT_NEEDED, Blank
from safepip.index._wheel import UnreadableError, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PAGES_BYTES = 24 * 1024 * 1024
"""All the index pages of one requirement, unpacked; the largest real ones have 5 MB."""
PACKED_BYTES = 4 * 1024
"""A compressed page is read in such pieces: each can burst to a thousand times its size."""
MEMORY_BYTES = 1024 * 1024 * 1024
"""What this process may hold, whatever an index makes of pip's machinery."""

LOOK_S = 0.2
STALL_S = 1.0
"""What one look at the clock counts for at most."""


_busy: list[int] = []
"""To be closed as soon as the network is waited for: who wants to work then sees it."""


def main() -> int:
    """Answer the question on stdin."""
    # What pip or a keyring prints goes nowhere: stdout is for our answers.
    answers = os.dup(1)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    _limit_memory()
    # Importing is most of the work, and none of it is garbage.
    gc.disable()
    # This pip and no other; behind the standard library, as ever.
    packages = ("site-packages", "dist-packages")
    sys.path[:] = [path for path in sys.path if not path.endswith(packages)]
    sys.path.append(sys.argv[1])
    _import_pip()
    _busy.extend(map(int, sys.argv[2:]))
    # It may have been started before anybody knew whether there is a question.
    text = sys.stdin.buffer.read()
    if not text:
        return 0
    question = json.loads(text)
    threading.Thread(target=_end_after, args=(question["seconds"],), daemon=True).start()

    def answer(index: int, content: dict[str, object]) -> None:
        line = json.dumps({"index": index, **content}) + "\n"
        os.write(answers, line.encode("ascii"))

    _answer_all(question, answer)
    return 0


def _answer_all(question: dict[str, Any], answer: Callable[[int, dict[str, object]], None]) -> None:
    """Answer for each requirement, in order; once more without blanks, if pip is lost in one."""
    waiting = list(enumerate(question["requirements"]))
    while waiting:
        try:
            with _asking(question) as ask:
                while waiting:
                    told = _answered(ask, waiting[0][1])
                    if _is_lost(told) and _import_the_rest():
                        break
                    answer(waiting.pop(0)[0], told)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - pip's internals may raise anything
            told = _told(error)
            if not (_is_lost(told) and _import_the_rest()):
                while waiting:
                    answer(waiting.pop(0)[0], told)


def _import_pip() -> None:
    """Import what is needed of pip, without what it draws and installs with: a fifth of it."""
    sys.meta_path.insert(0, _BLANK)
    try:
        importlib.import_module(_PIP)
    except Exception:  # noqa: BLE001 - a pip that makes more of it than is known
        _import_the_rest()


def _import_the_rest() -> bool:
    """Import pip anew and whole; tell whether it was not yet."""
    if _BLANK not in sys.meta_path:
        return False
    sys.meta_path.remove(_BLANK)
    for name in [name for name in sys.modules if name.partition(".")[0] == "pip"]:
        del sys.modules[name]
    with contextlib.suppress(Exception):  # it is told of where it is needed
        importlib.import_module(_PIP)
    return True


_BLANK = Blank(NOT_NEEDED)
_PIP = "pip._internal.commands.install"


def _end_after(seconds: float) -> None:
    """End this process when it has worked for *seconds*; it may be stopped in between (Ctrl-Z)."""
    while seconds > 0:
        began = time.monotonic()
        time.sleep(min(LOOK_S, seconds))
        seconds -= min(time.monotonic() - began, STALL_S)
    os._exit(0)


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):  # Windows; systems without it
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_BYTES, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _answered(ask: Callable[[str], dict[str, object]], requirement: str) -> dict[str, object]:
    try:
        return ask(requirement)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - pip's internals may raise anything
        return _told(error)


def _is_lost(told: dict[str, object]) -> bool:
    return told.get("problem") == "PIP_LOST"


def _told(error: BaseException) -> dict[str, object]:
    """Give the reason without pip's words: they name addresses, and those hold passwords."""
    if isinstance(error, UnreadableError):
        return {**error.told}
    if isinstance(error, SystemExit):
        return {"problem": "PIP_OPTIONS"}
    if isinstance(error, (zipfile.BadZipFile, UnicodeDecodeError)):
        return {"problem": "DAMAGED"}
    names = {kind.__name__ for kind in type(error).__mro__}
    if names & {"RequestException", "OSError", "NetworkConnectionError", "HTTPError"}:
        return {"problem": "INDEX_SILENT"}
    return {"problem": "PIP_LOST", "error": type(error).__name__}


# ---------------------------------------------------------------------------------------------
# pip's machinery


@contextlib.contextmanager
def _asking(question: dict[str, Any]) -> Iterator[Callable[[str], dict[str, object]]]:
    """Give a function that looks one requirement up, as pip would with the user's options."""
    from pip._internal.commands import create_command
    from pip._internal.models.target_python import TargetPython
    from pip._internal.utils.temp_dir import global_tempdir_manager, tempdir_registry

    command: Any = create_command("install", isolated="--isolated" in question["options"])
    with command.main_context():
        command.tempdir_registry = command.enter_context(tempdir_registry())
        command.enter_context(global_tempdir_manager())
        with _prefix(question["prefix"]):
            options, _ = command.parse_args(question["options"])
        _tame(options)
        _keep_still()
        pages = Pages()
        session = LazySession(lambda: pages.bound(command.get_default_session(options)))
        target = TargetPython(
            py_version_info=tuple(question["version"]), implementation=question["implementation"]
        )
        trouble = _Trouble()
        logger = logging.getLogger("pip._internal.index.collector")
        logger.addHandler(trouble)
        logger.setLevel(logging.DEBUG)
        logger.propagate = False

        def ask(text: str) -> dict[str, object]:
            trouble.forget()
            pages.begin()
            finder = command._build_package_finder(
                options=options,
                session=session,
                target_python=target,
                ignore_requires_python=options.ignore_requires_python,
            )
            name, specifier = _wanted(command.get_requirements([text], options, finder, session))
            candidate = finder.find_best_candidate(name, specifier).best_candidate
            if candidate is None:
                raise UnreadableError(problem=trouble.seen or "NO_VERSION")
            if candidate.link.is_file and _is_remote(str(candidate.link.comes_from)):
                raise UnreadableError(problem="LOCAL_FILE")
            if not candidate.link.is_wheel:
                from safepip.index._source import read_source

                return read_source(candidate, session)
            return read(candidate.link, session)

        yield ask


@contextlib.contextmanager
def _prefix(prefix: str) -> Iterator[None]:
    """Let pip read the configuration file of the user's environment instead of ours.

    Source: pip, ``_internal/configuration.py``, ``get_configuration_files``.
    """
    own = sys.prefix
    sys.prefix = prefix
    try:
        yield
    finally:
        sys.prefix = own


def _tame(options: Any) -> None:
    """Keep out what settings and variables would add to the one requirement we ask for."""
    for name in ("requirements", "editables", "dependency_groups", "requirements_from_scripts"):
        if getattr(options, name, None):
            setattr(options, name, [])
    options.no_input = True
    options.require_hashes = False
    from pip._internal.utils.filesystem import check_path_owner

    if options.cache_dir and not check_path_owner(options.cache_dir):
        options.cache_dir = None
    with contextlib.suppress(ImportError):  # since pip 26.0: what --pre means
        from pip._internal.cli.cmdoptions import check_release_control_exclusive

        check_release_control_exclusive(options)


def _keep_still() -> None:
    """Have pip tell an index its version alone: for the rest it would start programs.

    They are ``lsb_release``, ``uname`` and ``rustc``; only statistics of an index rest on that.
    Source: pip, ``_internal/network/session.py``, ``user_agent``.
    """
    with contextlib.suppress(Exception):
        from pip import __version__
        from pip._internal.network import session

        session.user_agent = functools.cache(lambda: f"pip/{__version__}")


def _is_remote(address: str) -> bool:
    return address.lower().startswith(("http:", "https:"))


class LazySession:
    """pip's session, made when something is first asked of it.

    It reads all certificates, which takes longer than to look a folder of wheels through.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = functools.cache(make)

    def is_secure_origin(self, location: Any) -> Any:
        """As of the session; a folder among the places is not asked about."""
        return self._make().is_secure_origin(location)

    def __getattr__(self, name: str) -> Any:
        """Give what the session has by that *name*."""
        return getattr(self._make(), name)


class Pages:
    """Bounds what pip's session reads of an index: pip itself takes pages of any size whole.

    Source: pip's vendored requests, ``Session.send`` and ``resolve_redirects``: they read the
    bodies, unpacked, before anybody can look at their size.
    """

    def __init__(self) -> None:
        self._left = 0

    def bound(self, session: Any) -> Any:
        """Give *session*, which reads no more than its bounds from now on."""
        self._send = session.send
        self._target = session.get_redirect_target
        session.send = self._bounded
        session.get_redirect_target = self._checked
        return session

    def begin(self) -> None:
        """Begin anew, for the next requirement."""
        self._left = PAGES_BYTES

    def _bounded(self, request: Any, **how: Any) -> Any:
        while _busy:
            os.close(_busy.pop())
        if how.get("stream"):
            return self._send(request, **how)
        return self._filled(self._send(request, **{**how, "stream": True}))

    def _checked(self, response: Any) -> str | None:
        """Where *response* leads to, None for nowhere; an index leads nowhere on this machine."""
        target: str | None = self._target(response)
        if target is not None:
            if ":" in target.partition("/")[0] and not _is_remote(target):
                raise UnreadableError(problem="NO_INDEX")
            self._filled(response)
        return target

    def _filled(self, response: Any) -> Any:
        """*response* with its body, as if requests had read it."""
        if "," in response.headers.get("Content-Encoding", ""):
            raise UnreadableError(problem="PACKED_TWICE")
        pieces = []
        for piece in response.iter_content(PACKED_BYTES):
            self._left -= len(piece)
            if self._left < 0:
                response.close()
                raise UnreadableError(problem="PAGE_TOO_BIG")
            pieces.append(piece)
        response._content = b"".join(pieces)
        response._content_consumed = True
        return response


def _wanted(requirements: Sequence[Any]) -> tuple[str, Any]:
    """Give name and specifier of the requirement, with the constraints on it."""
    asked = next(r for r in requirements if not r.constraint)
    if asked.req is None or asked.link is not None:
        raise UnreadableError(problem="NOT_BY_NAME")
    specifier = asked.req.specifier
    for other in requirements:
        if not other.constraint or other.req is None:
            continue
        if _normalized(other.req.name) == _normalized(asked.req.name):
            if other.link is not None:
                raise UnreadableError(problem="CONSTRAINED")
            specifier = specifier & other.req.specifier
    return asked.req.name, specifier


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


class _Trouble(logging.Handler):
    """Notices that pip's finder passed over an index that gave no page."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.seen: str | None = None

    def forget(self) -> None:
        """Begin anew, for the next requirement."""
        self.seen = None

    def emit(self, record: logging.LogRecord) -> None:
        """Remember the kind of trouble, never the address."""
        if not str(record.msg).startswith("Could not fetch URL"):
            return
        reason = record.getMessage()
        if "404 Client Error" in reason:
            return
        refused = re.search(r"\b(401|403|407) Client Error", reason)
        self.seen = "INDEX_REFUSED" if refused else "INDEX_SILENT"


def run() -> None:
    """Answer, and end; Python would take a while to put pip's modules away."""
    os._exit(main())
