// @ts-check
// Changes: those of one record with the way back, those of a whole place, and what was deleted and can come back.
import { useState } from "preact/hooks";
import { api, download, may } from "./api.js";
import { textOf } from "./fields.js";
import { loadObjects } from "./sources.js";
import { Dialog, Empty, Head, Labelled, Problem, Skeleton, asRefused, count, html, link, notify, typed, useLoad, when } from "./ui.js";

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./sources.js").Schema} Schema */
/** @typedef {import("./api.js").Refused} Refused */
/**
 * @typedef {{cursor: string, at: string, op: string, kind: string, object: string | null, id: string, version: number | null,
 *   actor: {kind: string, id: string, source: string}, traceId: string | null, changed: string[],
 *   before: Record<string, any> | null, after: Record<string, any> | null, restoredVersion?: number}} Change
 */

const PAGE = 20;
const OPERATIONS = /** @type {Record<string, string>} */ ({ create: "created", update: "changed", delete: "deleted", restore: "restored" });

/** @param {string} op */
export const wordOf = (op) => OPERATIONS[op] ?? op;

/** @param {Change["actor"]} actor */
const whoOf = (actor) => html`${actor.source || actor.kind} <code>${actor.id}</code>`;

/** What a change says of each property: its name, its value before and after. @param {Change} change @returns {[string, any, any][]} */
function rowsOf(change) {
  const flat = (/** @type {Record<string, any> | null} */ side) => ({ ...side, ...(side && typeof side.properties === "object" ? side.properties : {}) });
  const [before, after] = [flat(change.before), flat(change.after)];
  const names = [...new Set([...change.changed, ...Object.keys(before), ...Object.keys(after)])].filter((name) => name !== "properties");
  return names.map((name) => [name, before[name], after[name]]);
}

/** A value of a property, or of another member. @param {any} value @param {Field | undefined} field */
const shownValue = (value, field) => (value === undefined || value === null || value === "" ? html`<span class="quiet">empty</span>` : field ? textOf(field, value) : typeof value === "object" ? JSON.stringify(value) : String(value));

/** What was before and what was after. @param {{change: Change, fields: Field[]}} props */
export function Difference({ change, fields }) {
  const rows = rowsOf(change);
  if (!rows.length) return html`<p class="quiet">Nothing that is kept was different.</p>`;
  return html`<dl class="difference">${rows.map(([name, before, after]) => {
    const key = name.replace(/^properties\./, "");
    const field = fields.find((each) => each.key === key);
    if (field?.isSensitive) return html`<dt key=${name}>${field.name}</dt><dd class="quiet">a value that is not kept</dd>`;
    return html`<dt key=${name}>${field?.name ?? key}</dt>
      <dd>${change.op !== "create" && html`<del>${shownValue(before, field)}</del>`}${change.op !== "delete" && html`<ins>${shownValue(after, field)}</ins>`}</dd>`;
  })}</dl>`;
}

/**
 * What has become of a record, and the way back to each of its versions.
 * @param {{place: string, objectKey: string, id: string, fields: Field[], turn: number, canRestore: boolean, onRestored: () => void}} props
 */
export function History({ place, objectKey, id, fields, turn, canRestore, onRestored }) {
  const [shown, setShown] = useState(PAGE);
  const path = `/x/objects/${encodeURIComponent(objectKey)}/records/${encodeURIComponent(id)}`;
  const found = useLoad(() => api(place, "GET", `${path}/history?locationId=${place}&limit=${shown}`), [place, objectKey, id, shown, turn]);
  const [restoring, setRestoring] = useState(/** @type {Change | null} */ (null));
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const restore = async (/** @type {Change} */ change) => {
    setRestoring(null);
    try {
      await api(place, "POST", `${path}/restore?locationId=${place}`, { version: change.version });
      setProblem(null);
      notify(`As in version ${change.version} again`);
      onRestored();
    } catch (reason) {
      setProblem(asRefused(reason));
    }
    found.again();
  };
  /** @type {Change[]} */
  const changes = found.value?.changes ?? [];
  return html`<section class="card"><h2>History</h2>
    ${problem && html`<${Problem} problem=${problem} />`}
    ${found.problem && html`<${Problem} problem=${found.problem} again=${found.again} />`}
    ${!found.value && !found.problem && html`<${Skeleton} lines=${3} />`}
    ${found.value && changes.length === 0 && html`<p class="quiet">No change of it is kept.</p>`}
    <ol class="changes">${changes.map((change, index) => html`<li key=${change.cursor}>
      <p class="row"><strong>${wordOf(change.op)}${change.restoredVersion ? ` to version ${change.restoredVersion}` : ""}</strong><span class="quiet">${when(change.at)}</span>
        ${canRestore && index > 0 && change.version !== null && change.op !== "delete" && html`<button type="button" class="small" aria-label=${`Restore version ${change.version}`} onClick=${() => setRestoring(change)}>Restore</button>`}</p>
      <small>${whoOf(change.actor)}</small>
      ${change.op !== "create" && html`<${Difference} change=${change} fields=${fields} />`}</li>`)}</ol>
    ${found.value?.next && html`<button type="button" class="small" onClick=${() => setShown(shown + 40)}>Show more</button>`}
    ${restoring && html`<${Dialog} title=${`Restore version ${restoring.version}?`} onClose=${() => setRestoring(null)}>
      <p>The record holds again what it held ${when(restoring.at)}. That is a change like any other, and can itself be taken back.</p>
      <footer><button type="button" onClick=${() => setRestoring(null)}>Cancel</button><button type="button" class="primary" onClick=${() => restore(restoring)}>Restore</button></footer><//>`}
  </section>`;
}

/** @param {{place: string, query: URLSearchParams, go: (hash: string, replace?: boolean) => void}} props */
export function Bin({ place, query, go }) {
  const object = query.get("object") ?? "";
  const objects = useLoad(() => loadObjects(place), [place]);
  const rights = useLoad(() => may(place, "objects/record.write"), [place]);
  const [limit, setLimit] = useState(50);
  const found = useLoad(() => api(place, "GET", `/x/bin?locationId=${place}&limit=${limit}${object ? `&object=${encodeURIComponent(object)}` : ""}`), [place, object, limit]);
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const restore = async (/** @type {any} */ row) => {
    try {
      await api(place, "POST", `/x/bin/${encodeURIComponent(row.id)}/restore?locationId=${place}`);
      setProblem(null);
      notify("It is back, with its relations");
      go(link(place, ["o", row.object, row.id]));
    } catch (reason) {
      setProblem(asRefused(reason));
      found.again();
    }
  };
  const nameOf = (/** @type {any} */ row) => {
    const schema = objects.value?.find((each) => each.key === row.object);
    const held = row.record.properties ?? row.record;
    const short = schema?.primaryDisplayProperty.slice(row.object.length + 1) ?? "";
    return String(held[short] ?? held.name ?? held.email ?? row.id);
  };
  return html`<section class="screen">
    <${Head} title="Bin" note=${found.value ? `${count(found.value.records.length)}${found.value.next ? " and more" : ""}` : ""}><${ObjectChoice} objects=${objects.value ?? []} value=${object} onPick=${(/** @type {string} */ key) => go(link(place, ["bin"], { object: key }), true)} /><//>
    <p class="lead quiet">Deleted records that can come back, with their ids, their dates and their relations.</p>
    ${problem && html`<${Problem} problem=${problem} />`}
    ${found.problem && html`<${Problem} problem=${found.problem} again=${found.again} />`}
    ${!found.value && !found.problem && html`<${Skeleton} />`}
    ${found.value?.records.length === 0 && html`<${Empty} title="The bin is empty"><p>What is deleted stays here for some days.</p><//>`}
    ${found.value?.records.length > 0 && html`<div class="scroll" tabindex="0" role="region" aria-label="Deleted records"><table class="table">
      <thead><tr><th>Record</th><th>Object</th><th>Deleted</th><th>By</th><th>Kept until</th><th><span class="hidden">Actions</span></th></tr></thead>
      <tbody>${found.value.records.map((/** @type {any} */ row) => html`<tr key=${row.cursor}><td><strong>${nameOf(row)}</strong><span class="reason quiet"><code>${row.id}</code></span></td>
        <td>${objects.value?.find((each) => each.key === row.object)?.labels.singular ?? row.object}</td><td class="nowrap">${when(row.deletedAt)}</td><td>${whoOf(row.deletedBy)}</td><td class="quiet nowrap">${when(row.keptUntil)}</td>
        <td class="end">${rights.value && html`<button type="button" class="small" aria-label=${`Restore ${nameOf(row)}`} onClick=${() => restore(row)}>Restore</button>`}</td></tr>`)}</tbody></table></div>`}
    ${found.value?.next && html`<p><button type="button" onClick=${() => setLimit(Math.min(500, limit + 100))}>Show more</button></p>`}
  </section>`;
}

/** @param {{objects: Schema[], value: string, onPick: (key: string) => void}} props */
function ObjectChoice({ objects, value, onPick }) {
  return html`<select aria-label="Object" value=${value} onChange=${(/** @type {Event} */ e) => onPick(typed(e))}><option value="">All objects</option>
    ${objects.map((each) => html`<option key=${each.key} value=${each.key}>${each.labels.plural}</option>`)}</select>`;
}

const KINDS = ["record", "relation", "object", "field", "association", "token", "app", "webhook", "operator", "import"];

/** @param {{place: string, query: URLSearchParams, go: (hash: string, replace?: boolean) => void}} props */
export function Audit({ place, query, go }) {
  const asked = Object.fromEntries(["object", "kind", "actor", "from", "to"].map((name) => [name, query.get(name) ?? ""]));
  const words = new URLSearchParams({ locationId: place, ...Object.fromEntries(Object.entries(asked).filter(([, value]) => value)) });
  const [limit, setLimit] = useState(50);
  const objects = useLoad(() => loadObjects(place), [place]);
  const found = useLoad(() => api(place, "GET", `/x/audit?${words}&limit=${limit}`), [place, words.toString(), limit]);
  const [open, setOpen] = useState("");
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const set = (/** @type {Record<string, string>} */ members) => go(link(place, ["audit"], { ...asked, ...members }), true);
  const exportThem = () => download(place, `/x/audit?${words}&format=ndjson`, "audit.ndjson").then(() => setProblem(null), (reason) => setProblem(asRefused(reason)));
  /** @type {Change[]} */
  const changes = found.value?.changes ?? [];
  const isNarrowed = Object.values(asked).some(Boolean);
  return html`<section class="screen">
    <${Head} title="Audit" note=${found.value ? `${count(changes.length)}${found.value.next ? " and more" : ""}` : ""}><button type="button" onClick=${exportThem}>Export as NDJSON</button><//>
    <div class="fields narrow">
      <${Labelled} label="Of"><${ObjectChoice} objects=${objects.value ?? []} value=${asked.object} onPick=${(/** @type {string} */ object) => set({ object })} /><//>
      <${Labelled} label="Kind"><select value=${asked.kind} onChange=${(/** @type {Event} */ e) => set({ kind: typed(e) })}><option value="">All kinds</option>${KINDS.map((kind) => html`<option key=${kind} value=${kind}>${kind}</option>`)}</select><//>
      <${Labelled} label="By"><input placeholder="Id of a token, app, operator" value=${asked.actor} onChange=${(/** @type {Event} */ e) => set({ actor: typed(e).trim() })} /><//>
      <${Labelled} label="From"><input type="date" value=${asked.from} onChange=${(/** @type {Event} */ e) => set({ from: typed(e) })} /><//>
      <${Labelled} label="Before"><input type="date" value=${asked.to} onChange=${(/** @type {Event} */ e) => set({ to: typed(e) })} /><//>
    </div>
    ${problem && html`<${Problem} problem=${problem} />`}
    ${found.problem && html`<${Problem} problem=${found.problem} again=${found.again} />`}
    ${!found.value && !found.problem && html`<${Skeleton} />`}
    ${found.value && changes.length === 0 && html`<${Empty} title=${isNarrowed ? "Nothing matches" : "Nothing was changed yet"}>${isNarrowed && html`<button type="button" onClick=${() => go(link(place, ["audit"]), true)}>Show everything</button>`}<//>`}
    ${changes.length > 0 && html`<div class="scroll" tabindex="0" role="region" aria-label="Changes"><table class="table">
      <thead><tr><th>When</th><th>What</th><th>Of</th><th>By</th><th><span class="hidden">Actions</span></th></tr></thead>
      <tbody>${changes.map((change) => html`<tr key=${change.cursor}><td class="nowrap quiet">${when(change.at)}</td><td><strong>${change.kind}</strong> ${wordOf(change.op)}${open === change.cursor && html`<${Difference} change=${change} fields=${[]} />`}</td>
        <td>${change.kind === "record" && change.object ? html`<a href=${link(place, ["o", change.object, change.id])}><code>${change.id}</code></a>` : html`<code>${change.id}</code>`}<span class="reason quiet">${change.object ?? ""}</span></td>
        <td>${whoOf(change.actor)}</td><td class="end"><button type="button" class="small" aria-expanded=${open === change.cursor} onClick=${() => setOpen(open === change.cursor ? "" : change.cursor)}>${open === change.cursor ? "Less" : "More"}</button></td></tr>`)}</tbody></table></div>`}
    ${found.value?.next && html`<p><button type="button" onClick=${() => setLimit(Math.min(500, limit + 100))}>Show more</button></p>`}
  </section>`;
}
