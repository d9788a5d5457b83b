"""Wheels and source distributions written by hand: small, and the same bytes every time."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import random
import tarfile
import textwrap
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_DAY = (2026, 1, 1, 0, 0, 0)

LIBRARY = ("Topic :: Software Development :: Libraries",)
APPLICATION = ("Environment :: Console", "Topic :: Internet :: WWW/HTTP")


def make_wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    *,
    requires: Iterable[str] = (),
    extras: Mapping[str, Iterable[str]] | None = None,
    scripts: Iterable[str] | dict[str, str] = (),
    gui_scripts: Mapping[str, str] | None = None,
    plugins: Mapping[str, Mapping[str, str]] | None = None,
    files: Mapping[str, str | bytes] | None = None,
    data: Mapping[str, str | bytes] | None = None,
    classifiers: Iterable[str] = (),
    description: str = "",
    requires_python: str = "",
    tag: str = "py2.py3-none-any",
) -> Path:
    """Write a wheel into `folder`.

    It holds a package of its name whose `main()` prints "name version". `scripts` are command names
    that call it, or a mapping of command name to "module:function". `extras` maps an extra to its
    requirements, `plugins` a group to its entry points. `files` are added beside the package;
    `data` below `.data/`: "scripts/run", "data/share/x", "headers/x.h".
    """
    stem = name.replace("-", "_")
    if isinstance(scripts, dict):
        commands: Mapping[str, str] = scripts
    else:
        commands = dict.fromkeys(scripts, f"{stem}:main")
    info = f"{stem}-{version}.dist-info"
    members: dict[str, bytes] = {f"{stem}/__init__.py": _module(name, version)}
    for path, content in (files or {}).items():
        members[path] = _bytes(content)
    for path, content in (data or {}).items():
        members[f"{stem}-{version}.data/{path}"] = _bytes(content)
    members[f"{info}/METADATA"] = _metadata(
        name,
        version,
        requires=requires,
        extras=extras or {},
        classifiers=classifiers,
        description=description,
        requires_python=requires_python,
    )
    members[f"{info}/WHEEL"] = _wheel_file(tag)
    points = _entry_points(
        {"console_scripts": commands, "gui_scripts": gui_scripts or {}, **(plugins or {})}
    )
    if points:
        members[f"{info}/entry_points.txt"] = points
    members[f"{info}/top_level.txt"] = f"{stem}\n".encode()
    members[f"{info}/RECORD"] = _record(members, f"{info}/RECORD")
    target = folder / f"{stem}-{version}-{tag}.whl"
    with zipfile.ZipFile(target, "w") as archive:
        for path, content in members.items():
            entry = zipfile.ZipInfo(path, _DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if ".data/scripts/" in path else 0o100644) << 16
            archive.writestr(entry, content)
    target.chmod(0o644)
    return target


def make_sdist(
    folder: Path,
    name: str,
    version: str = "1.0",
    *,
    requires: Iterable[str] = (),
    scripts: Iterable[str] = (),
    breaks: str = "",
) -> Path:
    """Write a source distribution into `folder`, buildable without a network.

    Its build backend lies in its own tree (pip 20.0 and later); older pips use its setup.py. With
    `breaks` the build fails with that text as the error.
    """
    stem = name.replace("-", "_")
    members = {
        f"{stem}-{version}/{path}": content
        for path, content in source_tree(
            name, version, requires=requires, scripts=scripts, breaks=breaks
        ).items()
    }
    target = folder / f"{stem}-{version}.tar.gz"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, text in members.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    with target.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as squeezed:
        squeezed.write(packed.getvalue())
    target.chmod(0o644)
    return target


def source_tree(
    name: str,
    version: str = "1.0",
    *,
    requires: Iterable[str] = (),
    scripts: Iterable[str] = (),
    breaks: str = "",
) -> dict[str, str]:
    """The files of a project, as text by path: for an sdist, for `install .` or `install -e .`."""
    stem = name.replace("-", "_")
    requires, scripts = list(requires), list(scripts)
    metadata = _metadata(name, version, requires=requires).decode()
    points = _entry_points({"console_scripts": dict.fromkeys(scripts, f"{stem}:main")}).decode()
    return {
        "PKG-INFO": metadata,
        "pyproject.toml": textwrap.dedent(
            f"""\
            [build-system]
            requires = []
            build-backend = "handmade"
            backend-path = ["backend"]

            [project]
            name = "{name}"
            version = "{version}"
            """
        ),
        "setup.py": _SETUP.format(
            name=name, version=version, stem=stem, requires=requires, scripts=scripts, breaks=breaks
        ),
        f"{stem}/__init__.py": _module(name, version).decode(),
        "backend/handmade.py": _BACKEND.format(
            stem=stem, version=version, metadata=metadata, points=points, breaks=breaks
        ),
    }


def standard_wheels(folder: Path) -> Path:
    """Fill `folder` with the distributions that scenario tests share: the list is the code."""
    make_wheel(folder, "labone", "1.0", scripts=["labone"])
    make_wheel(folder, "labone", "2.0", scripts=["labone"])
    make_wheel(folder, "labnoscript")
    make_wheel(folder, "labdeps", requires=["labone", "labnoscript"])
    make_wheel(folder, "labmany", scripts=["labmany", "labmany-a", "labmany-b"])
    make_wheel(folder, "labhttp", scripts=["http"])  # a name that nushell holds itself
    make_wheel(folder, "labapp", scripts=["labapp"], classifiers=APPLICATION)
    make_wheel(
        folder,
        "labreadme",
        scripts=["labreadme"],
        description="# labreadme\n\nTo use it: `pipx install labreadme`\n",
    )
    make_wheel(folder, "lablib-with-command", scripts=["lablib"], classifiers=LIBRARY)
    make_wheel(folder, "labextra", extras={"x": ["labnoscript"], "y": ["labmany"]})
    make_wheel(folder, "labpre", "1.0", scripts=["labpre"])
    make_wheel(folder, "labpre", "2.0rc1", scripts=["labpre"])
    make_wheel(folder, "labgui", gui_scripts={"labgui": "labgui:main"})
    make_wheel(folder, "labdata", data={"data/share/labdata/x.txt": "x\n"})
    make_wheel(folder, "labshell", data={"scripts/labshell": "#!/bin/sh\necho labshell 1.0\n"})
    make_wheel(folder, "labmissing", requires=["lab-there-is-no-such-thing"])
    make_wheel(folder, "labfuture", requires_python=">=4.0")
    make_wheel(folder, "labbig", files={"labbig/noise.bin": _noise(3_000_000)})
    make_sdist(folder, "labsource", scripts=["labsource"])
    make_sdist(folder, "labbroken", breaks="this build was made to fail")
    make_sdist(
        folder,
        "labquote",
        breaks="[Errno 13] Permission denied: '/usr/lib/python3/dist-packages/labquote'",
    )
    _well_known(folder)
    return folder


def _well_known(folder: Path) -> None:
    """Tiny stand-ins that bear real names, for what safepip knows by name."""
    make_wheel(folder, "idna", "3.10", classifiers=LIBRARY)
    make_wheel(folder, "requests", "2.32.3", requires=["idna"], classifiers=LIBRARY)
    make_wheel(
        folder, "httpie", "3.2.4", requires=["requests"], scripts=["http", "https", "httpie"]
    )
    make_wheel(folder, "asgiref", "3.8.1", classifiers=LIBRARY)
    make_wheel(folder, "sqlparse", "0.5.3", scripts=["sqlformat"], classifiers=LIBRARY)
    make_wheel(
        folder,
        "django",
        "5.2.1",
        requires=["asgiref>=3.8.1", "sqlparse>=0.3.1"],
        scripts=["django-admin"],
        classifiers=("Environment :: Web Environment", "Framework :: Django"),
    )
    make_wheel(folder, "flask", "3.1.0", scripts=["flask"], classifiers=LIBRARY)


def _module(name: str, version: str) -> bytes:
    return f'__version__ = "{version}"\n\n\ndef main():\n    print("{name} {version}")\n'.encode()


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def _metadata(
    name: str,
    version: str,
    *,
    requires: Iterable[str] = (),
    extras: Mapping[str, Iterable[str]] | None = None,
    classifiers: Iterable[str] = (),
    description: str = "",
    requires_python: str = "",
) -> bytes:
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Summary: {name}, made for a test", "License: MIT"]
    lines += [f"Classifier: {classifier}" for classifier in classifiers]
    lines += [f"Requires-Python: {requires_python}"] if requires_python else []
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    for extra, wanted in (extras or {}).items():
        lines.append(f"Provides-Extra: {extra}")
        lines += [f"Requires-Dist: {one}; extra == '{extra}'" for one in wanted]
    lines += ["Description-Content-Type: text/markdown", ""] if description else [""]
    return ("\n".join(lines) + "\n" + description).encode()


def _wheel_file(tag: str) -> bytes:
    python, abi, platform = tag.split("-")
    tags = "".join(f"Tag: {one}-{abi}-{platform}\n" for one in python.split("."))
    return f"Wheel-Version: 1.0\nGenerator: lab\nRoot-Is-Purelib: true\n{tags}".encode()


def _entry_points(groups: Mapping[str, Mapping[str, str]]) -> bytes:
    text = ""
    for group, commands in groups.items():
        if commands:
            text += f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in commands.items()) + "\n"
    return text.encode()


def _record(members: Mapping[str, bytes], itself: str) -> bytes:
    lines = []
    for path, content in members.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(content)}\n")
    return ("".join(lines) + f"{itself},,\n").encode()


_SETUP = """\
import sys
if {breaks!r}:
    sys.exit("error: " + {breaks!r})
from setuptools import setup
setup(name={name!r}, version={version!r}, packages=[{stem!r}], install_requires={requires!r},
      entry_points={{"console_scripts": [s + " = {stem}:main" for s in {scripts!r}]}})
"""

_BACKEND = '''\
"""A build backend in the tree itself: nothing has to be fetched to use it."""
import os
import sys
import zipfile

INFO = "{stem}-{version}.dist-info"


def _write(directory, package):
    if {breaks!r}:
        sys.stderr.write("error: " + {breaks!r} + "\\n")
        sys.exit(1)
    name = "{stem}-{version}-py3-none-any.whl"
    members = dict(package)
    members[INFO + "/METADATA"] = {metadata!r}
    members[INFO + "/WHEEL"] = (
        "Wheel-Version: 1.0\\nGenerator: lab\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    )
    if {points!r}:
        members[INFO + "/entry_points.txt"] = {points!r}
    record = "".join(path + ",,\\n" for path in members) + INFO + "/RECORD,,\\n"
    members[INFO + "/RECORD"] = record
    with zipfile.ZipFile(os.path.join(directory, name), "w") as archive:
        for path, text in members.items():
            archive.writestr(path, text)
    return name


def get_requires_for_build_wheel(config_settings=None):
    return []


get_requires_for_build_editable = get_requires_for_build_wheel


def build_wheel(directory, config_settings=None, metadata_directory=None):
    with open(os.path.join("{stem}", "__init__.py")) as module:
        return _write(directory, {{"{stem}/__init__.py": module.read()}})


def build_editable(directory, config_settings=None, metadata_directory=None):
    return _write(directory, {{"__editable__{stem}.pth": os.getcwd() + "\\n"}})
'''
