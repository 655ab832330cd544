// @ts-check
// A record that somebody else has changed meanwhile: for each property that both have changed, one of the two values is chosen.
import { useState } from "preact/hooks";
import { textOf } from "./fields.js";
import { Dialog, html, when } from "./ui.js";

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./sources.js").Item} Item */
/** What was read, what is stored now, what is wanted, and the keys that both have changed. @typedef {{read: Item, theirs: Item, wanted: Record<string, any>, contested: string[]}} Clash */

/** @param {any} one @param {any} other */
const isSame = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/**
 * What two people have changed of the same record: nothing is contested where they changed different properties, or to the same.
 * @param {Item} read @param {Item} theirs @param {Record<string, any>} wanted @returns {Clash}
 */
export function clashOf(read, theirs, wanted) {
  const contested = Object.keys(wanted).filter((key) => !isSame(read.properties[key], theirs.properties[key]) && !isSame(theirs.properties[key], wanted[key]));
  return { read, theirs, wanted, contested };
}

/** Who has changed it, and when. @param {Item} item */
function byWhom(item) {
  const { lastUpdatedBy: by, updatedAt, dateUpdated } = item.raw;
  const at = updatedAt ?? dateUpdated;
  return html`${by ? html`<b>${by.source}</b> <code>${by.sourceId}</code>` : "Somebody"} changed it${at && ` on ${when(at)}`}`;
}

/** @param {{clash: Clash, fields: Field[], onSave: (changes: Record<string, any>) => void, onClose: () => void}} props */
export function ConflictDialog({ clash, fields, onSave, onClose }) {
  const [theirs, setTheirs] = useState(/** @type {string[]} */ ([]));
  const shown = (/** @type {string} */ key, /** @type {any} */ value) => {
    const field = fields.find((each) => each.key === key);
    return value === undefined || value === null || value === "" ? html`<span class="quiet">empty</span>` : field ? textOf(field, value) : String(value);
  };
  const choose = (/** @type {string} */ key, /** @type {boolean} */ isTheirs) => setTheirs((now) => [...now.filter((each) => each !== key), ...(isTheirs ? [key] : [])]);
  const choice = (/** @type {string} */ key, /** @type {boolean} */ isTheirs, /** @type {any} */ value) =>
    html`<label class="choice"><input type="radio" name=${`of ${key}`} checked=${theirs.includes(key) === isTheirs} onChange=${() => choose(key, isTheirs)} /><span>${shown(key, value)}</span></label>`;
  const rest = Object.keys(clash.wanted).length - clash.contested.length;
  return html`<${Dialog} title="Changed meanwhile" wide onClose=${onClose}>
    <p>${byWhom(clash.theirs)}, while you did. Nothing of yours is stored yet.</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Properties that both have changed"><table class="table clash">
      <thead><tr><th>Property</th><th>Before</th><th>Mine</th><th>Theirs</th></tr></thead>
      <tbody>${clash.contested.map((key) => html`<tr key=${key}><td>${fields.find((each) => each.key === key)?.name ?? key}</td><td class="quiet">${shown(key, clash.read.properties[key])}</td>
        <td>${choice(key, false, clash.wanted[key])}</td><td>${choice(key, true, clash.theirs.properties[key])}</td></tr>`)}</tbody></table></div>
    ${rest > 0 && html`<p class="quiet">${rest === 1 ? "One other property" : `${rest} other properties`} of yours ${rest === 1 ? "is" : "are"} saved with it.</p>`}
    <footer><button type="button" class="left" onClick=${() => setTheirs(theirs.length === clash.contested.length ? [] : clash.contested)}>${theirs.length === clash.contested.length ? "Mine everywhere" : "Theirs everywhere"}</button>
      <button type="button" onClick=${onClose}>Go on editing</button>
      <button type="button" class="primary" onClick=${() => onSave(Object.fromEntries(Object.entries(clash.wanted).filter(([key]) => !theirs.includes(key))))}>Save what is chosen</button></footer>
  <//>`;
}
