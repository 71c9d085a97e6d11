"""The look of a drawing: its classes and their colours, light and dark."""

STYLE = """\
/* Drawings of architectures. Colours are Okabe and Ito's, told apart by the colour-blind too. */
.nas-drawing {
  --nas-paper: #ffffff;
  --nas-ink: #1c2127;
  --nas-muted: #57606a;
  --nas-line: #8b949e;
  --nas-faint: #d8dee4;
  --nas-panel: #f6f8fa;
  --nas-block: #0072b2;
  --nas-conv: #3f9bd1;
  --nas-pool: #e69f00;
  --nas-linear: #009e73;
  --nas-other: #8b949e;
  --nas-join: #b0568a;
  --nas-gate: #d55e00;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums;
}
@media (prefers-color-scheme: dark) {
  .nas-drawing {
    --nas-paper: #0d1117;
    --nas-ink: #e6edf3;
    --nas-muted: #9da7b3;
    --nas-line: #6e7681;
    --nas-faint: #30363d;
    --nas-panel: #161b22;
    --nas-block: #2f95d8;
    --nas-conv: #7cc4ee;
    --nas-pool: #e8ab2a;
    --nas-linear: #2fbf95;
    --nas-other: #7d8590;
    --nas-join: #d98ab8;
    --nas-gate: #ee7f33;
  }
}
.nas-drawing text { fill: var(--nas-ink); font-size: 12px; }
.nas-drawing .nas-title { font-size: 16px; font-weight: 600; }
.nas-drawing .nas-name { font-weight: 600; }
.nas-drawing .nas-note { fill: var(--nas-muted); font-size: 11px; }
.nas-drawing .nas-middle { text-anchor: middle; }
.nas-drawing .nas-paper { fill: var(--nas-paper); }
.nas-drawing .nas-panel { fill: var(--nas-panel); stroke: var(--nas-faint); }
.nas-drawing .nas-wire { fill: none; stroke: var(--nas-line); stroke-width: 1.5; }
.nas-drawing .nas-rail { fill: none; stroke: var(--nas-join); stroke-width: 1.5; }
.nas-drawing .nas-tip { fill: var(--nas-line); }
.nas-drawing .nas-plate { stroke: var(--nas-paper); stroke-width: 0.75; }
.nas-drawing .nas-box { fill-opacity: 0.16; stroke-width: 1.25; }
.nas-drawing .nas-box.nas-zero { stroke-dasharray: 4 3; }
.nas-drawing .nas-block { fill: var(--nas-block); }
.nas-drawing .nas-conv { fill: var(--nas-conv); }
.nas-drawing .nas-pool { fill: var(--nas-pool); }
.nas-drawing .nas-linear { fill: var(--nas-linear); }
.nas-drawing .nas-other, .nas-drawing .nas-zero { fill: var(--nas-other); }
.nas-drawing .nas-image { fill: var(--nas-faint); stroke: var(--nas-line); }
.nas-drawing .nas-box.nas-block { stroke: var(--nas-block); }
.nas-drawing .nas-box.nas-conv { stroke: var(--nas-conv); }
.nas-drawing .nas-box.nas-pool { stroke: var(--nas-pool); }
.nas-drawing .nas-box.nas-linear { stroke: var(--nas-linear); }
.nas-drawing .nas-box.nas-other, .nas-drawing .nas-box.nas-zero { stroke: var(--nas-other); }
.nas-drawing .nas-joint { fill: var(--nas-paper); stroke: var(--nas-join); stroke-width: 1.5; }
.nas-drawing .nas-joint.nas-gate { stroke: var(--nas-gate); }
.nas-drawing .nas-sign { fill: none; stroke: var(--nas-ink); stroke-width: 1.5; }
.nas-drawing .nas-aux { fill: none; stroke: var(--nas-gate); stroke-width: 1.25; stroke-dasharray: 3 2; }
.nas-drawing .nas-track { fill: var(--nas-faint); }
.nas-drawing .nas-share-params { fill: var(--nas-join); }
.nas-drawing .nas-share-macs { fill: var(--nas-gate); }
.nas-drawing .nas-hit { fill: transparent; stroke: transparent; stroke-width: 1.5; }
.nas-drawing .nas-open > .nas-hit { stroke: var(--nas-line); stroke-dasharray: 3 3; }
.nas-drawing .nas-fold[tabindex] { cursor: pointer; outline: none; }
.nas-drawing .nas-fold[tabindex]:hover > .nas-hit { stroke: var(--nas-line); }
.nas-drawing .nas-fold[tabindex]:focus-visible > .nas-hit { stroke: var(--nas-block); stroke-width: 2.5; }
"""
"""The rules of every drawing; the dashboard serves the same text as `drawing.css`."""
