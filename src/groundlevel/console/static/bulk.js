// @ts-check
// What is done with many records at once: edit one field, delete, export. How many is typed before anything changes.
import { useState } from "preact/hooks";
import { api, save } from "./api.js";
import { copyOf } from "./cells.js";
import { Editor, parse, typeOf } from "./fields.js";
import { deleteRecord, isOwn, searchRecords, updateRecord } from "./sources.js";
import { Dialog, Labelled, Problem, asRefused, count, html, notify, typed } from "./ui.js";

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./sources.js").Item} Item */
/** @typedef {import("./sources.js").Schema} Schema */
/** @typedef {import("./sources.js").Search} Search */
/** @typedef {import("./api.js").Refused} Refused */
/**
 * The records that are chosen: those of the grid, or everything that a search finds.
 * @typedef {{items: Item[], everything: boolean, total: number}} Chosen
 */

const AT_ONCE = 500;
const BESIDE = 4;

/** Every chosen record. @param {string} place @param {Schema} object @param {Field[]} fields @param {Search} search @param {Chosen} chosen @param {(done: number) => void} onDone */
async function collect(place, object, fields, search, chosen, onDone) {
  if (!chosen.everything) return chosen.items;
  /** @type {Item[]} */
  const all = [];
  for (;;) {
    const after = all[all.length - 1]?.after;
    const { items, total } = await searchRecords(place, object.key, fields, { ...search, after });
    all.push(...items);
    onDone(all.length);
    if (!items.length || all.length >= total) return all;
  }
}

/**
 * Changes or deletes records; null deletes. The reasons of those that were refused are returned.
 * @param {string} place @param {Schema} object @param {Item[]} items @param {Record<string, any> | null} properties @param {(done: number) => void} onDone
 * @returns {Promise<string[]>}
 */
async function applyTo(place, object, items, properties, onDone) {
  /** @type {string[]} */
  const refused = [];
  if (isOwn(object.key)) {
    let next = 0;
    const work = async () => {
      while (next < items.length) {
        const item = items[next++];
        try {
          await (properties ? updateRecord(place, object.key, item.id, properties) : deleteRecord(place, object.key, item.id));
        } catch (problem) {
          refused.push(asRefused(problem).message);
        }
        onDone(next);
      }
    };
    await Promise.all(Array.from({ length: BESIDE }, work));
    return refused;
  }
  for (let start = 0; start < items.length; start += AT_ONCE) {
    const lines = items.slice(start, start + AT_ONCE).map((item) => JSON.stringify(properties ? { id: item.id, properties } : { id: item.id }));
    const path = `/x/objects/${encodeURIComponent(object.key)}/records/bulk?locationId=${place}&mode=${properties ? "update" : "delete"}`;
    const results = await api(place, "POST", path, new Blob([lines.join("\n")], { type: "application/x-ndjson" }));
    refused.push(...results.filter((/** @type {any} */ each) => each.error).map((/** @type {any} */ each) => each.error));
    onDone(Math.min(items.length, start + AT_ONCE));
  }
  return refused;
}

/** @param {Field[]} fields @param {Item[]} items */
function asCsv(fields, items) {
  const cell = (/** @type {string} */ text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const rows = items.map((item) => fields.map((field) => cell(copyOf(field, item.properties[field.key]))).join(","));
  return [fields.map((field) => cell(field.key)).join(","), ...rows, ""].join("\r\n");
}

/**
 * The line above the grid while records are chosen.
 * @param {{place: string, object: Schema, fields: Field[], shown: Field[], search: Search, chosen: Chosen, canEdit: boolean,
 *   onEverything: () => void, onClear: () => void, onChanged: (isPartly: boolean) => void}} props
 */
export function BulkBar({ place, object, fields, shown, search, chosen, canEdit, onEverything, onClear, onChanged }) {
  const [dialog, setDialog] = useState("");
  const [done, setDone] = useState(/** @type {number | null} */ (null));
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const number = chosen.everything ? chosen.total : chosen.items.length;
  const run = async (/** @type {(items: Item[]) => Promise<void>} */ work) => {
    setDone(0);
    try {
      await work(await collect(place, object, fields, search, chosen, setDone));
      setProblem(null);
    } catch (found) {
      setProblem(asRefused(found));
    }
    setDone(null);
  };
  const change = (/** @type {Record<string, any> | null} */ properties) => {
    setDialog("");
    return run(async (items) => {
      const refused = await applyTo(place, object, items, properties, setDone);
      const went = items.length - refused.length;
      notify(`${count(went)} ${properties ? "changed" : "deleted"}`);
      onChanged(refused.length > 0);
      if (refused.length) throw new Error(`${count(refused.length)} refused: ${[...new Set(refused)].slice(0, 3).join("; ")}`);
    });
  };
  const exportThem = () => run(async (items) => save(new Blob([asCsv(shown, items)], { type: "text/csv" }), `${object.key.split(".").pop()}.csv`));
  return html`<div class="bulk" role="region" aria-label="Selected records">
    <strong aria-live="polite">${done === null ? `${count(number)} selected` : `${count(done)} of ${count(number)}…`}</strong>
    ${!chosen.everything && chosen.total > chosen.items.length && html`<button type="button" class="small" onClick=${onEverything}>Select all ${count(chosen.total)}</button>`}
    ${canEdit && html`<button type="button" class="small" disabled=${done !== null} onClick=${() => setDialog("edit")}>Edit a field</button>
      <button type="button" class="small danger" disabled=${done !== null} onClick=${() => setDialog("delete")}>Delete</button>`}
    <button type="button" class="small" disabled=${done !== null} onClick=${exportThem}>Export as CSV</button>
    <button type="button" class="plain" aria-label="Select none" onClick=${onClear}>✕</button>
    ${problem && html`<${Problem} problem=${problem} />`}
    ${dialog === "edit" && html`<${EditField} object=${object} fields=${fields} number=${number} onClose=${() => setDialog("")} onEdit=${change} />`}
    ${dialog === "delete" && html`<${Confirm} title=${`Delete ${count(number)} ${nounOf(object, number)}?`} action="Delete" number=${number} onClose=${() => setDialog("")} onConfirm=${() => change(null)}>
      <p>Their properties and relations are deleted with them.</p><//>`}
  </div>`;
}

/** @param {Schema} object @param {number} number */
const nounOf = (object, number) => (number === 1 ? object.labels.singular : object.labels.plural).toLowerCase();

/** @param {{object: Schema, fields: Field[], number: number, onClose: () => void, onEdit: (properties: Record<string, any>) => void}} props */
function EditField({ object, fields, number, onClose, onEdit }) {
  const open = fields.filter((field) => !field.readOnly && typeOf(field).input !== "none");
  const [key, setKey] = useState(open[0].key);
  const [draft, setDraft] = useState("");
  const field = open.find((each) => each.key === key) ?? open[0];
  return html`<${Confirm} title=${`Edit ${count(number)} ${nounOf(object, number)}`} action="Change" number=${number} onClose=${onClose} onConfirm=${() => onEdit({ [key]: parse(field, draft, undefined) })}>
    <${Labelled} label="Field"><select value=${key} onChange=${(/** @type {Event} */ e) => (setKey(typed(e)), setDraft(""))}>${open.map((each) => html`<option key=${each.key} value=${each.key}>${each.name}</option>`)}</select><//>
    <div class="labelled"><span>New value</span><${Editor} key=${key} field=${field} label="New value" draft=${draft} onDraft=${setDraft} /><small>Left empty, the field is cleared.</small></div>
  <//>`;
}

/** Asks for the number before it goes on. @param {{title: string, action: string, number: number, onClose: () => void, onConfirm: () => void, children?: any}} props */
function Confirm({ title, action, number, onClose, onConfirm, children }) {
  const [text, setText] = useState("");
  return html`<${Dialog} title=${title} onClose=${onClose}><form class="form" onSubmit=${(/** @type {Event} */ e) => (e.preventDefault(), onConfirm())}>
    ${children}
    <${Labelled} label=${`Type ${number} to go on`}><input inputmode="numeric" autocomplete="off" value=${text} onInput=${(/** @type {Event} */ e) => setText(typed(e))} /><//>
    <footer><button type="button" onClick=${onClose}>Cancel</button><button type="submit" class=${action === "Delete" ? "danger" : "primary"} disabled=${text.trim() !== String(number)}>${action}</button></footer>
  </form><//>`;
}
