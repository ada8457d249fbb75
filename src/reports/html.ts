/** A report as a page: one file without a script or another resource, that prints on A4. Every word of the register is escaped. */
import { text } from "../svg.ts";
import { cellText, isFigure, type Cell, type Column, type Table } from "./cells.ts";
import type { MeasureId, Report } from "./document.ts";
import { STYLE } from "./html-style.ts";
import { localTime } from "./local-time.ts";
import { picturesOf } from "./pictures.ts";
import { pointsOf } from "./points.ts";
import { changeText, measureFigure, tablesOf } from "./tables.ts";
import { nameOf, type Words } from "./words.ts";

const TILES: readonly (MeasureId & keyof Words["tiles"])[] = [
  "fault-rate",
  "monthly-entrapment-rate",
  "entrapments-per-100-lift-months",
  "arrival-within",
  "availability",
];
const MOST_TILES = 4;

export function htmlOf(report: Report, words: Words): string {
  const pictures = picturesOf(report, words);
  const sections = tablesOf(report, words).map((table) => sectionOf(table, pictures.get(table.id) ?? [], words));
  const title = titleOf(report, words);
  const { period, previous, fleet, timezone } = report;
  return `<!doctype html>
<html lang="${words.tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${text(title)}</title>
<style>body { font-family: ${words.font}; }${STYLE}</style>
</head>
<body>
<header>
<p class="scope">${text(scopeOf(report, words))}</p>
<h1>${text(words.titles[report.kind])} <span>${text(period.name)}</span></h1>
<p>${text(words.period(period.from, period.to))} · ${text(words.against(previous.from, previous.to))}</p>
<p>${text(words.fleet(fleet.registered, fleet.inUse, fleet.heard))}</p>
${period.complete ? "" : `<p class="warn">${text(words.incomplete)}</p>`}
</header>
${tiles(report, words)}
<section><h2>${text(words.sections.points)}</h2><ul class="points">
${pointsOf(report, words)
  .map((point) => `<li>${text(point)}</li>`)
  .join("\n")}
</ul></section>
${sections.join("\n")}
<section class="notes"><h2>${text(words.sections.notes)}</h2>
${words.notes.map((note) => `<p>${text(note)}</p>`).join("\n")}
</section>
<footer>${text(words.stamp(localTime(Date.parse(report.madeAt), timezone), timezone, report.program))}</footer>
</body>
</html>
`;
}

export function titleOf(report: Report, words: Words): string {
  return `${words.titles[report.kind]} ${report.period.name} · ${scopeOf(report, words)}`;
}

function scopeOf({ scope }: Report, words: Words): string {
  const parts = (["district", "firm", "userUnit"] as const).flatMap((what) => {
    const name = scope[what];
    return name === undefined ? [] : [words.scope(words.scopes[what], nameOf(words, what, name))];
  });
  return parts.length === 0 ? words.wholeCity : parts.join(" · ");
}

function tiles({ measures }: Report, words: Words): string {
  // The two say the same of people shut in; managers know the monthly one.
  const doubled = measures.some(({ id }) => id === "monthly-entrapment-rate") ? "entrapments-per-100-lift-months" : null;
  const shown = TILES.filter((id) => id !== doubled)
    .flatMap((id) => measures.find((measure) => measure.id === id && measure.now.value !== null) ?? [])
    .slice(0, MOST_TILES);
  const one = (measure: (typeof shown)[number]) => {
    const [value = "", interval = ""] = cellText(measureFigure(measure, measure.now), EMPTY, words).split(" ");
    const verdict = measure.change?.verdict ?? "same";
    const late = measure.id.endsWith("-within");
    return `<div class="tile ${verdict}"><b>${text(value)}</b> <i>${text(interval)}</i><span>${text(
      words.tiles[measure.id as keyof Words["tiles"]],
    )}</span>${measure.change === null ? "" : `<em>${text(changeText(measure.change, words, late))}</em>`}</div>`;
  };
  return `<div class="tiles">${shown.map(one).join("")}</div>`;
}

const EMPTY: Column = { id: "", label: "" };

function sectionOf(table: Table, pictures: readonly string[], words: Words): string {
  const heading = `<h2>${text(table.title)}</h2>`;
  const notes = table.notes.map((note) => `<p>${text(note)}</p>`).join("");
  const drawn = pictures.map((svg) => `<figure>${svg}</figure>`).join("");
  if (table.printed === 0) return `<section class="keep">${heading}${notes}${drawn}${sources(table, words)}</section>`;
  if (table.rows.length === 0) return `<section class="keep">${heading}${notes}<p class="none">${text(words.none)}</p></section>`;
  return `<section id="${table.id}">${heading}${notes}${drawn}${tableOf(table, words)}${sources(table, words)}</section>`;
}

function tableOf({ columns, rows, printed }: Table, words: Words): string {
  const shown = columns.map((column, index) => ({ column, index })).filter(({ column }) => column.sheetOnly !== true);
  const head = shown.map(({ column, index }) => `<th${classOf(column, rows[0]?.[index] ?? null)}>${text(column.label)}</th>`).join("");
  const body = rows.slice(0, printed).map((row) => {
    const cells = shown.map(
      ({ column, index }) => `<td${classOf(column, row[index] ?? null)}>${text(cellText(row[index] ?? null, column, words))}</td>`,
    );
    return `<tr>${cells.join("")}</tr>`;
  });
  const more = rows.length > printed ? `<p class="none">${text(words.more(rows.length - printed))}</p>` : "";
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body.join("\n")}\n</tbody></table>${more}`;
}

/** Figures stand to the right; a rise is marked. */
function classOf(column: Column, cell: Cell): string {
  const isNumber = typeof cell === "number" || isFigure(cell);
  const names = [
    isNumber || column.figures === true || column.digits !== undefined ? "n" : "",
    column.wide === true ? "w" : "",
    column.whole === true ? "k" : "",
  ];
  if (typeof cell === "string" && cell.startsWith("▲")) names.push("up");
  if (typeof cell === "string" && cell.startsWith("▼")) names.push("down");
  const given = names.filter((name) => name !== "");
  return given.length === 0 ? "" : ` class="${given.join(" ")}"`;
}

function sources({ sources: paths }: Table, words: Words): string {
  if (paths.length === 0) return "";
  return `<p class="sources">${text(words.sources)} ${paths.map((path) => `<code>${text(readable(path))}</code>`).join(" ")}</p>`;
}

/** Names as people write them; what has a meaning in an address stays as it is. */
function readable(path: string): string {
  return path.replaceAll(/(?:%[89A-F][0-9A-F])+/g, decodeURIComponent);
}
