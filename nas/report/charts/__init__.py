"""Charts as text: small SVG without scripts, ids or styles of their own, in the colours of the page around.

Each chart is a function of plain data and a `Size`. Colours come from classes (`k0` ... `k7` for kinds, see
`report.css`), numbers of a mark are in its `<title>`, which a browser shows where the mouse rests.
"""
