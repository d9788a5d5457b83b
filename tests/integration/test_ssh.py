"""The integration under sshd: bash reads ~/.bashrc for each command; a stray byte ends scp."""

from __future__ import annotations

import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.test_profiles import team_file
from tests.support.missing import lacking

if TYPE_CHECKING:
    from tests.support.lab import Argument, Lab, Result

__all__ = ("team_file",)

SBIN = "/usr/sbin:/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"


@dataclass(frozen=True)
class Ssh:
    """A server of the lab user's own, which each client starts for itself: no port, no daemon."""

    lab: Lab
    config: Path

    def run(self, program: str, *words: Argument, text: str = "") -> Result:
        """Run ssh, scp or sftp as the lab user."""
        return self.lab.run([program, "-F", self.config, *words], input=text)


@pytest.fixture
def ssh(lab: Lab) -> Ssh:
    """The lab user can log in as itself, although its account has no shell and no home."""
    found = {name: shutil.which(name, path=SBIN) for name in ("sshd", "ssh", "scp", "sftp")}
    missing = [name for name, program in found.items() if program is None]
    wrapper = next(Path("/usr/lib").glob("**/libnss_wrapper.so"), None)
    server = next(Path("/usr").glob("lib*/**/sftp-server"), None)
    missing += [] if wrapper else ["libnss_wrapper.so"]
    missing += [] if server else ["sftp-server"]
    if missing:
        lacking(*missing)
    folder = lab.tmp / "ssh"
    name, user = lab.user.name, lab.user
    lab.write(folder / "passwd", f"{name}:x:{user.uid}:{user.gid}::{lab.home}:/bin/bash\n")
    lab.write(folder / "group", f"{name}:x:{user.gid}:\n")
    for key in ("host", "user"):
        lab.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key])
    lab.write(folder / "known", "host " + (folder / "host.pub").read_text())
    # As sshd has it from PAM, and never from the test.
    given = ("PATH", "TMPDIR", "LANG", *(one for one in lab.env if one.startswith("PIP_")))
    settings = " ".join(f'"{one}={lab.env[one]}"' for one in given)
    lab.write(
        folder / "sshd_config",
        f"HostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\nPidFile none\n"
        f"UsePAM no\nStrictModes no\nSubsystem sftp {server}\nSetEnv {settings}\n",
    )
    command = ["env", f"LD_PRELOAD={wrapper}", f"NSS_WRAPPER_PASSWD={folder}/passwd"]
    command += [f"NSS_WRAPPER_GROUP={folder}/group", str(found["sshd"])]
    command += ["-i", "-f", f"{folder}/sshd_config", "-E", f"{folder}/log"]
    config = lab.write(
        folder / "config",
        f"Host host\nUser {name}\nIdentityFile {folder}/user\nIdentitiesOnly yes\n"
        f"UserKnownHostsFile {folder}/known\nGlobalKnownHostsFile /dev/null\nBatchMode yes\n"
        f"LogLevel ERROR\nProxyCommand {shlex.join(command)}\n",
    )
    return Ssh(lab, config)


@pytest.mark.parametrize("line", ["own", "team"])
def test_ssh_scp_and_sftp_go_on_as_before(lab: Lab, ssh: Ssh, team_file: Path, line: str) -> None:
    bashrc = lab.write(lab.home / ".bashrc", "echo read >> ~/read\n")
    if line == "own":
        done = lab.run(["safepip", "init", "bash", "--install"])
        assert done.returncode == 0, done
    else:
        lab.write(bashrc, f"{bashrc.read_text()}. {team_file}\n")
    silent = ssh.run("ssh", "host", "true")
    assert silent.returncode != 255, f"{silent}\n{(lab.tmp / 'ssh/log').read_text()}"
    assert silent.same == (0, b"", b""), silent
    if not (lab.home / "read").exists():
        lacking("bash that reads ~/.bashrc under sshd")
    assert ssh.run("ssh", "host", "type pip").out.startswith("pip is a function")
    version = ssh.run("ssh", "host", "pip --version")
    assert version.same == lab.bare(["--version"]).same, version
    payload = bytes(range(256)) * 40
    here = lab.write(lab.tmp / "here", payload)
    for number, words in enumerate(([], ["-O"])):  # by sftp, and by the older protocol
        there, back = lab.home / f"there{number}", lab.tmp / f"back{number}"
        for source, target in ((here, f"host:{there}"), (f"host:{there}", back)):
            copied = ssh.run("scp", "-q", *words, source, target)
            assert copied.same == (0, b"", b""), copied
        assert there.read_bytes() == back.read_bytes() == payload
    batch = f"put {here} {lab.home}/there\nget {lab.home}/there {lab.tmp}/back\n"
    copied = ssh.run("sftp", "-q", "-b", "-", "host", text=batch)
    assert (copied.returncode, copied.err) == (0, ""), copied
    assert (lab.tmp / "back").read_bytes() == (lab.home / "there").read_bytes() == payload


def test_a_profile_that_talks_would_be_noticed(lab: Lab, ssh: Ssh) -> None:
    """The twin: what the test above must be able to see."""
    lab.write(lab.home / ".bashrc", "echo hello\n")
    if ssh.run("ssh", "host", "true").out != "hello\n":
        lacking("bash that reads ~/.bashrc under sshd")
    here = lab.write(lab.tmp / "here", "x")
    assert ssh.run("scp", "-q", here, f"host:{lab.home}/there").returncode != 0
