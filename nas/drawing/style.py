"""The look of a drawing: its classes and their colours, light and dark."""

from pathlib import Path

FILE = Path(__file__).parent / "drawing.css"
"""The rules of every drawing, which the dashboard serves too."""

STYLE = FILE.read_text(encoding="utf-8")
