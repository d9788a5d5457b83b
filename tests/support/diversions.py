"""An install by safepip with what it reported, for tests that compare that with the disk."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.lab import Argument, Lab, Result

REPORT = "$TMPDIR/report.json"
"""As a snapshot calls the report's file."""


@dataclass(frozen=True)
class Told:
    """How an install ended, and its JSON report."""

    result: Result
    report: dict[str, Any]

    @property
    def where(self) -> tuple[str, str | None, str | None]:
        """Outcome, rule and destination in one, to be compared in one go."""
        decision = self.report["decision"] or {"rule": None, "destination": None}
        return self.report["outcome"], decision["rule"], decision["destination"]

    @property
    def destination(self) -> Path:
        """Where it went, by the report."""
        return Path(self.report["decision"]["destination"])

    @property
    def rejected(self) -> dict[str, str]:
        """Why the rules before did not hold, by rule."""
        return {one["rule"]: one["why"] for one in self.report["decision"]["rejected"]}

    @property
    def landed(self) -> dict[str, str]:
        """What landed: versions by name."""
        return {one["name"]: one["version"] for one in self.report["landed"]}

    @property
    def scripts(self) -> dict[str, str]:
        """What became of each command: visibilities by name."""
        found = {}
        for one in self.report["landed"]:
            for script in one["scripts"]:
                assert Path(script["path"]).is_file(), script
                found[script["name"]] = script["visibility"]
        return found

    @property
    def words(self) -> list[str]:
        """safepip's own lines, without their prefix."""
        lines = self.result.err.splitlines()
        return [one.removeprefix("safepip: ") for one in lines if one.startswith("safepip: ")]

    def __str__(self) -> str:
        """Readable in a failed assertion."""
        return f"{self.result}\n--- report\n{json.dumps(self.report, indent=1)}"


def install(
    lab: Lab,
    *words: Argument,
    own: Sequence[str] = (),
    program: Sequence[Argument] = ("safepip",),
    **more: Any,
) -> Told:
    """Run ``safepip install`` with *words*, and read the report that it wrote."""
    file = lab.tmp / "report.json"
    file.unlink(missing_ok=True)
    if "SAFEPIP_AS" in (more.get("env") or {}):
        # By pip's own name it takes no options of its own.
        more["env"] = {**more["env"], "SAFEPIP_REPORT_JSON": str(file)}
    else:
        own = [*own, "--report-json", str(file)]
    done = lab.run([*program, *own, "install", *words], **more)
    assert file.exists(), done
    return Told(done, json.loads(file.read_text()))


def site_of(environment: Path) -> Path:
    """The site-packages of a virtual environment."""
    return next((environment / "lib").glob("python3*")) / "site-packages"


def in_environment(lab: Lab, environment: Path) -> dict[str, str]:
    """What is installed in a virtual environment, pip and setuptools left out."""
    found = lab.installed(site_of(environment))
    return {name: found[name] for name in found if name not in {"pip", "setuptools"}}
