// @ts-check
// Cells as text: what is copied from them and pasted into them, in the form that spreadsheets use, and which of them a range has.
import { draftOf, parse, textOf, typeOf } from "./fields.js";

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {{row: number, column: number}} Cell */
/** @typedef {{top: number, bottom: number, left: number, right: number}} Range */

/** The cells between two, which are in it. @param {Cell} one @param {Cell} other @returns {Range} */
export const rangeOf = (one, other) => ({
  top: Math.min(one.row, other.row),
  bottom: Math.max(one.row, other.row),
  left: Math.min(one.column, other.column),
  right: Math.max(one.column, other.column),
});

/** @param {Range} range */
export const sizeOf = (range) => (range.bottom - range.top + 1) * (range.right - range.left + 1);

/** What is copied of a value: labels of options, and numbers and days as programs write them. @param {Field} field @param {any} value */
export const copyOf = (field, value) => (field.options || field.readOnly ? textOf(field, value) : draftOf(field, value));

/** Rows of texts as a spreadsheet copies them. @param {string[][]} rows */
export const toTable = (rows) => rows.map((row) => row.map((text) => (/["\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join("\t")).join("\n");

/** What a spreadsheet has copied, as rows of texts. @param {string} text @returns {string[][]} */
export function fromTable(text) {
  /** @type {string[][]} */
  const rows = [[]];
  const cells = /(?:"((?:[^"]|"")*)"(?=[\t\r\n]|$)|([^\t\r\n]*))(\t|\r?\n|\r|$)/g;
  for (let found = cells.exec(text); found; found = cells.exec(text)) {
    rows[rows.length - 1].push(found[1] !== undefined ? found[1].replaceAll('""', '"') : found[2]);
    if (found[3] === "") break;
    if (found[3] !== "\t") rows.push([]);
  }
  // The last line ends with a line break, which begins no further row.
  const last = rows[rows.length - 1];
  return rows.length > 1 && last.length === 1 && last[0] === "" ? rows.slice(0, -1) : rows;
}

/** What is sent for a text that was pasted; an option may be pasted by its label. @param {Field} field @param {string} text @param {any} before */
export function pasteOf(field, text, before) {
  const keyOf = (/** @type {string} */ part) => field.options?.find((option) => option.label.toLowerCase() === part.trim().toLowerCase())?.key ?? part.trim();
  if (!field.options || text.trim() === "") return parse(field, text, before);
  if (typeOf(field).input !== "choices") return keyOf(text);
  return keyOf(text) === text.trim() ? text.split(",").map(keyOf).filter(Boolean) : [keyOf(text)];
}
