"""How the report looks: on a phone, on a desk, in the dark, in high contrast and on A4 paper."""

# Contrast on --paper, light and dark: --ink 17 and 16, --quiet 7 and 9, --line and the bars 4.5 and
# more. Shapes, patterns and words carry what colours carry; tables alone may scroll sideways.
STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --quiet: #595959; --line: #767676;
  --soft: #f2f2f2; --for: #1b5e9b; --against: #a23b00; --abstain: #595959; --fault: #a80000; }
@media (prefers-color-scheme: dark) { :root { --ink: #f0f0f0; --paper: #161616; --quiet: #b5b5b5;
  --line: #9a9a9a; --soft: #262626; --for: #7db8ec; --against: #ff9d66; --abstain: #b5b5b5;
  --fault: #ff8a80; } }
@media (forced-colors: active) { :root { --ink: CanvasText; --paper: Canvas; --quiet: CanvasText;
  --line: CanvasText; --soft: Canvas; --for: CanvasText; --against: CanvasText;
  --abstain: CanvasText; --fault: CanvasText; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 48rem; font: 1rem/1.5 system-ui, sans-serif;
  color: var(--ink); background: var(--paper); overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.2; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1.05rem; line-height: 1.3; margin: 1.5rem 0 .25rem; }
a { color: inherit; }
nav ul { padding: 0; list-style: none; columns: 14rem; }
nav a { display: inline-block; padding: .2rem 0; }
.verdict { padding: .75rem 1rem; border: 2px solid var(--ink); font-weight: 600; }
.fault { border: 6px double var(--fault); }
.note { color: var(--quiet); }
.table { overflow-x: auto; margin: .75rem 0; }
.table:focus-visible { outline: 3px solid var(--for); }
table { border-collapse: collapse; width: 100%; overflow-wrap: break-word; }
caption { padding: .25rem 0; text-align: left; font-weight: 600; }
th, td { padding: .25rem .75rem .25rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }
tbody th { font-weight: 400; white-space: nowrap; }
.long { min-width: 8rem; overflow-wrap: anywhere; }
.moment { white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
code { display: block; padding: .5rem; background: var(--soft);
  font: .875rem/1.5 ui-monospace, monospace; }
figure { margin: 1rem 0; }
svg { display: block; width: 100%; max-width: 26rem; height: auto; }
svg text { fill: var(--ink); font: 13px system-ui, sans-serif; }
figcaption { color: var(--quiet); }
@media print { :root { color-scheme: light; --ink: #000; --paper: #fff; --quiet: #444; --line: #666;
    --soft: #fff; --for: #1b5e9b; --against: #a23b00; --abstain: #595959; --fault: #000; }
  @page { size: A4; margin: 18mm; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav { display: none; }
  .table { overflow: visible; }
  thead { display: table-header-group; }
  tr, .row, .pay, .verdict, code { break-inside: avoid; }
  h1, h2, h3, caption, .legend { break-after: avoid; }
  p, li { orphans: 3; widows: 3; } }
"""
