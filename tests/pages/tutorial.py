"""Run the tutorial from zero and write into its page what was said and how long it took.

`python -m tests.pages.tutorial docs/tutorial.md`. A block of `console` or `python` that is followed by
`<!-- ran: N -->` is a step; between that line and `<!-- ran: end -->` come its time and its last N lines, or
with `first N` its first ones.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from nas.service.plain import span

STEP = re.compile(
    r"```(console|python)\n(.*?)```\n\n<!-- ran: ((?:first )?\d+) -->\n(.*?)<!-- ran: end -->", re.DOTALL
)
TOTAL = re.compile(r"<!-- total -->\n.*?<!-- total: end -->", re.DOTALL)
STUDY = "first"


@dataclass(frozen=True)
class Ran:
    """A step that was run."""

    said: str
    seconds: float


class Tutorial:
    """Runs steps in a folder that was empty, with `nas` on the path."""

    def __init__(self, folder: Path, cores: int) -> None:
        self.folder, self.cores, self.took = folder, cores, 0.0
        tools = folder / ".bin"
        tools.mkdir()
        command = tools / "nas"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m nas.cli "$@"\n', encoding="utf-8")
        command.chmod(0o755)
        ours = ("NAS_STORE", "NAS_ARTIFACTS", "NAS_DATA", "NAS_ADDRESS")
        self.environment = {name: value for name, value in os.environ.items() if name not in ours}
        self.environment |= {"PATH": f"{tools}:{os.environ['PATH']}", "COLUMNS": "110", "NO_COLOR": "1"}

    def run(self, language: str, code: str) -> Ran:
        """One step and what it printed; SystemExit with all of it if it failed."""
        words = ["bash", "-euc", code] if language == "console" else [sys.executable, "-c", code]
        if taskset := shutil.which("taskset"):
            words = [taskset, "--cpu-list", f"0-{self.cores - 1}", *words]
        began = time.perf_counter()
        done = subprocess.run(
            words, cwd=self.folder, env=self.environment, text=True, capture_output=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{code}\n{done.stdout}{done.stderr}\nended with {done.returncode}")
        self.took += (seconds := time.perf_counter() - began)
        return Ran(done.stdout, seconds)

    def best(self) -> int:
        """The number of the best trial of the tutorial's study."""
        took = self.took
        said = self.run("console", f"nas best {STUDY} --json").said
        self.took = took  # nobody types this
        return int(json.loads(said)[0]["number"])


def renumbered(text: str, number: int) -> str:
    """The text with another best trial than it was written for."""
    text = re.sub(rf"\b{STUDY}-\d+-final\b", f"{STUDY}-{number}-final", text)
    return re.sub(rf"\b(train|look|export) {STUDY} \d+\b", rf"\1 {STUDY} {number}", text)


def told(language: str, code: str, lines: str, ran: Ran) -> str:
    """A step as it stands in the page."""
    said = [line.rstrip() for line in ran.said.strip().splitlines()]
    most = int(lines.split()[-1])
    cut = [*said[:most], "…"] if lines.startswith("first") else ["…", *said[-most:]]
    shown = said if len(said) <= most else cut
    text = "\n".join(shown).replace("```", "'''")
    took = "less than a second" if ran.seconds < 1 else span(ran.seconds)
    output = f"```text\n{text}\n```\n" if text else ""
    return f"```{language}\n{code}```\n\n<!-- ran: {lines} -->\n*{took}*\n\n{output}<!-- ran: end -->"


def written(page: str, tutorial: Tutorial) -> str:
    """The page, run."""
    place = 0
    while (found := STEP.search(page, place)) is not None:
        language, code, lines, _ = found.groups()
        print(code, end="", flush=True)
        text = told(language, code, lines, tutorial.run(language, code))
        page = page[: found.start()] + text + page[found.end() :]
        place = found.start() + len(text)
        if f"--study {STUDY}" in code:
            page = page[:place] + renumbered(page[place:], tutorial.best())
    total = f"All of it took {span(tutorial.took)} (minutes and seconds) on {tutorial.cores} cores."
    return TOTAL.sub(f"<!-- total -->\n**{total}**\n<!-- total: end -->", page)


def main() -> None:
    """Run it, in a fresh folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("--cores", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        page = written(asked.page.read_text(encoding="utf-8"), Tutorial(Path(folder), asked.cores))
    asked.page.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
