"""What commands print, written under them: `python -m tests.pages.outputs docs/scaling.md`.

In a page stands `<!-- output: nas … -->`, then a block of text, then `<!-- output: end -->`.
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

BLOCK = re.compile(r"<!-- output: (nas [^>]+) -->\n.*?<!-- output: end -->", re.DOTALL)


def printed(command: str) -> str:
    """What a command prints into a pipe."""
    words = [sys.executable, "-m", "nas.cli", *shlex.split(command)[1:]]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def filled(page: str) -> str:
    """The page with what its commands print now."""
    return BLOCK.sub(
        lambda found: (
            f"<!-- output: {found[1]} -->\n```text\n{printed(found[1]).rstrip()}\n```\n<!-- output: end -->"
        ),
        page,
    )


if __name__ == "__main__":
    for name in sys.argv[1:]:
        file = Path(name)
        file.write_text(filled(file.read_text(encoding="utf-8")), encoding="utf-8")
