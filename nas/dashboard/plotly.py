"""Plotly's script with no more than pages draw by: a browser is done with it in a fifteenth of the time.

The installed file sets up fifty kinds of charts, maps and 3D among them, inside a wrapper for systems of
modules because of which a browser reads all of it twice. Here the wrapper goes, and of the kinds that it
lists at its end those stay that pages use; scatter charts are part of the core. A file that looks different
is served as it is.
"""

import re
from itertools import islice

KINDS = ("bar",)
"""What pages draw, besides scatter charts."""

_CORE = '"use strict";var Plotly=(()=>{'
_RETURN = "return Plotly;"
_REGISTER = ".register(["
_LIST = re.compile(r"\.register\(\[((?:[\w$]+\(\),){20,}[\w$]+\(\))\]\)")
_ALIAS = re.compile(r'"use strict";[\w$]+\.exports=([\w$]+)\(\)\}')
_NAME = re.compile(r'\bname:"(\w+)"')


def lean(script: str) -> str:
    """The script with the core and `KINDS` alone, or as it is where they cannot be told apart."""
    found = _LIST.match(script, script.rfind(_REGISTER))
    begin, end = script.find(_CORE), script.rfind(_RETURN)
    if found is None or not 0 <= begin < found.start() < end:
        return script
    drawn = (each for each in found[1].split(",") if _kind(script, each.removesuffix("()")) in KINDS)
    kept = list(islice(drawn, len(KINDS)))
    if len(kept) != len(KINDS):
        return script
    licence = script[: max(script.find("*/", 0, begin) + 2, 0)]
    core = f"{script[begin : found.start(1)]}{','.join(kept)}{script[found.end(1) : end]}"
    return f"{licence}\n{core}"


def _kind(script: str, module: str) -> str:
    """The kind of chart that a module of the bundle sets up."""
    begin = script.find(f"var {module}=")
    body = script[begin : script.find("});var ", begin)]
    alias = _ALIAS.search(body + "}")
    if alias and alias[1] != module:
        return _kind(script, alias[1])
    name = _NAME.search(body)
    return name[1] if begin >= 0 and name else ""
