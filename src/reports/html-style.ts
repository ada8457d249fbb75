/** How a report looks, on the screen and on A4. */
export const STYLE = `
:root { --ink: #1c2125; --quiet: #4f585f; --line: #d5dbdf; --blue: #0072b2; --red: #b3420c; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 24px; max-width: 1040px; color: var(--ink); background: #fff; font-size: 13px; line-height: 1.45; }
header { border-bottom: 3px solid var(--blue); padding-bottom: 8px; margin-bottom: 16px; }
header p { margin: 2px 0; color: var(--quiet); }
header .scope { color: var(--ink); font-weight: 600; }
h1 { font-size: 26px; margin: 2px 0 6px; }
h1 span { font-weight: 400; color: var(--blue); }
h2 { font-size: 16px; margin: 22px 0 8px; break-after: avoid; }
.warn { color: var(--red); font-weight: 600; }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 10px; }
.tile { border: 1px solid var(--line); border-left: 4px solid var(--blue); padding: 8px 10px; break-inside: avoid; }
.tile.up { border-left-color: var(--red); }
.tile b { font-size: 22px; }
.tile i { font-style: normal; color: var(--quiet); font-size: 11px; }
.tile span, .tile em { display: block; font-style: normal; }
.tile em { color: var(--quiet); font-size: 12px; }
.tile.up em { color: var(--red); }
.points { margin: 0; padding-left: 20px; }
.points li { margin: 3px 0; }
figure { margin: 8px 0; break-inside: avoid; }
figure svg { width: 100%; max-width: 820px; height: auto; }
table { border-collapse: collapse; width: 100%; font-size: 12px; }
thead { display: table-header-group; }
th { text-align: left; vertical-align: bottom; border-bottom: 2px solid var(--quiet); padding: 3px 8px 3px 0; font-weight: 600; }
td { border-bottom: 1px solid var(--line); padding: 3px 8px 3px 0; vertical-align: top; overflow-wrap: anywhere; }
tr { break-inside: avoid; }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
th.n { white-space: normal; }
td.k { white-space: nowrap; }
td.n + td:not(.n), th.n + th:not(.n) { padding-left: 8px; }
.w { min-width: calc(12em + 9px); }
td:last-child { min-width: 7.5em; }
td.up { color: var(--red); font-weight: 600; white-space: nowrap; }
td.down { color: #00694d; font-weight: 600; white-space: nowrap; }
.none { color: var(--quiet); }
.sources { color: var(--quiet); font-size: 10px; margin: 4px 0; overflow-wrap: anywhere; }
.sources code { font-size: 10px; margin-right: 8px; }
.keep { break-inside: avoid; }
.notes p { margin: 4px 0; color: var(--quiet); }
footer { margin-top: 18px; border-top: 1px solid var(--line); padding-top: 6px; color: var(--quiet); font-size: 11px; }
@page { size: A4; margin: 14mm 12mm; }
@media print {
  body { padding: 0; max-width: none; font-size: 10.5px; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  table { font-size: 9.5px; }
  h1 { font-size: 22px; }
  .tile b { font-size: 18px; }
}
`;
