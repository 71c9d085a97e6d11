"""What mkdocs does besides: links out of docs/ lead to the file's place in the repository."""

import re
from typing import Any

OUTSIDE = re.compile(r"\[([^\]]+)\]\((?:\.\./)+([\w./-]+)\)")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """A file of the repository that is no page is named, not linked: a built site may stand anywhere."""
    return OUTSIDE.sub(r"\1 (`\2`)", markdown)
