// @ts-check
// What a record is related to, by association, with how many more relations it may have and a picker to add one.
import { useState } from "preact/hooks";
import { api, may } from "./api.js";
import { getRecord, loadObjects, loadSchema, searchRecords, titleOf } from "./sources.js";
import { Dialog, Labelled, Problem, Skeleton, asRefused, count, html, link, typed, useLoad } from "./ui.js";

/** @typedef {import("./sources.js").Item} Item */
/** @typedef {import("./sources.js").Schema} Schema */
/** @typedef {import("./api.js").Refused} Refused */
/**
 * A side of an association, as the record on the other side sees it.
 * @typedef {{rule: any, first: boolean, otherKey: string, other?: Schema, label: string, most: number | null, reverse: number | null}} Side
 */

const PAGE = 20;

/**
 * The sides from which records of an object see its associations; one with itself has two.
 * @param {string} place @param {string} key @returns {Promise<Side[]>}
 */
async function loadSides(place, key) {
  const [rules, usage, objects] = await Promise.all([
    api(place, "GET", `/associations/?locationId=${place}&skip=0&limit=100`),
    api(place, "GET", `/x/associations/usage?locationId=${place}&counts=false`),
    loadObjects(place),
  ]);
  return rules.associations.flatMap((/** @type {any} */ rule) => {
    const limits = usage.associations.find((/** @type {any} */ each) => each.associationId === rule.id);
    return [true, false]
      .filter((first) => (first ? rule.firstObjectKey : rule.secondObjectKey) === key)
      .map((first) => {
        const otherKey = first ? rule.secondObjectKey : rule.firstObjectKey;
        const [most, reverse] = first ? [limits?.mostOfFirst, limits?.mostOfSecond] : [limits?.mostOfSecond, limits?.mostOfFirst];
        return { rule, first, otherKey, other: objects.find((each) => each.key === otherKey), label: first ? rule.secondObjectLabel : rule.firstObjectLabel, most: most ?? null, reverse: reverse ?? null };
      });
  });
}

/** How many there may be, in words. @param {Side} side @param {number} total */
function limitOf(side, total) {
  if (side.most === null) return side.reverse === 1 ? "any number, each with this record alone" : "any number";
  const left = Math.max(0, side.most - total);
  return `${count(total)} of at most ${count(side.most)}, ${left ? `${count(left)} more` : "no more"} possible`;
}

/** @param {{place: string, object: Schema, id: string}} props */
export function Relations({ place, object, id }) {
  const sides = useLoad(() => loadSides(place, object.key), [place, object.key]);
  const rights = useLoad(() => may(place, "associations/relation.write"), [place]);
  return html`<section class="card"><h2>Relations</h2>
    ${sides.problem && html`<${Problem} problem=${sides.problem} again=${sides.again} />`}
    ${!sides.value && !sides.problem && html`<${Skeleton} lines=${3} />`}
    ${sides.value?.length === 0 && html`<p class="quiet">No association concerns ${object.labels.plural.toLowerCase()}. <a href=${link(place, ["associations"])}>Connect two objects</a></p>`}
    ${sides.value?.map((side) => html`<${Related} key=${`${side.rule.id} ${side.first}`} place=${place} id=${id} side=${side} canEdit=${rights.value === true} />`)}
  </section>`;
}

/** The records on one side. @param {{place: string, id: string, side: Side, canEdit: boolean}} props */
function Related({ place, id, side, canEdit }) {
  const [shown, setShown] = useState(PAGE);
  const [adding, setAdding] = useState(false);
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const found = useLoad(async () => {
    const path = `/associations/relations/${encodeURIComponent(id)}?locationId=${place}&skip=0&limit=${Math.min(shown, 100)}&associationIds=${side.rule.id}`;
    const { relations, total } = await api(place, "GET", path);
    // An association of an object with itself: each of its sides shows the relations in which the record stands on the other one.
    const mine = relations.filter((/** @type {any} */ row) => side.rule.firstObjectKey !== side.rule.secondObjectKey || (side.first ? row.firstRecordId : row.secondRecordId) === id);
    const rows = await Promise.all(mine.map(async (/** @type {any} */ row) => {
      const otherId = side.first ? row.secondRecordId : row.firstRecordId;
      const title = side.other ? await getRecord(place, side.otherKey, otherId).then((item) => titleOf(/** @type {Schema} */ (side.other), item), () => otherId) : otherId;
      return { row, otherId, title };
    }));
    return { rows, total: mine.length === relations.length ? total : rows.length, fetched: relations.length, all: total };
  }, [place, id, side.rule.id, side.first, shown]);
  const act = async (/** @type {() => Promise<any>} */ work) => {
    try {
      await work();
      setProblem(null);
      found.again();
    } catch (reason) {
      setProblem(asRefused(reason));
    }
  };
  const remove = (/** @type {any} */ row) => act(() => api(place, "DELETE", `/associations/relations/${row.id}?locationId=${place}`));
  const add = (/** @type {string} */ other) => {
    setAdding(false);
    const [first, second] = side.first ? [id, other] : [other, id];
    act(() => api(place, "POST", "/associations/relations", { locationId: place, associationId: side.rule.id, firstRecordId: first, secondRecordId: second }));
  };
  const total = found.value?.total ?? 0;
  const full = side.most !== null && total >= side.most;
  return html`<div class="related">
    <h3>${side.label} <span class="quiet">${found.value ? limitOf(side, total) : ""}</span></h3>
    ${problem && html`<${Problem} problem=${problem} />`}
    ${found.problem && html`<${Problem} problem=${found.problem} again=${found.again} />`}
    ${found.value && (found.value.rows.length
      ? html`<ul class="plain-list">${found.value.rows.map((/** @type {any} */ each) => html`<li key=${each.row.id}>
          <a href=${link(place, ["o", side.otherKey, each.otherId])}>${each.title}</a>
          ${canEdit && html`<button type="button" class="plain" aria-label=${`Unlink ${each.title}`} onClick=${() => remove(each.row)}>✕</button>`}</li>`)}</ul>`
      : html`<p class="quiet">None</p>`)}
    ${found.value && found.value.fetched < found.value.all && (shown < 100
      ? html`<button type="button" class="small" onClick=${() => setShown(shown + 40)}>Show more</button>`
      : html`<p class="quiet">The first 100 are shown.</p>`)}
    ${canEdit && html`<button type="button" class="small" disabled=${full} title=${full ? "Unlink one first" : undefined} onClick=${() => setAdding(true)}>Link ${side.label.toLowerCase()}…</button>`}
    ${adding && html`<${Picker} place=${place} objectKey=${side.otherKey} label=${side.label} note=${limitOf(side, total)} onClose=${() => setAdding(false)} onPick=${add} />`}
  </div>`;
}

/** Finds a record to relate. @param {{place: string, objectKey: string, label: string, note: string, onClose: () => void, onPick: (id: string) => void}} props */
function Picker({ place, objectKey, label, note, onClose, onPick }) {
  const [text, setText] = useState("");
  const found = useLoad(async () => {
    const { object, fields } = await loadSchema(place, objectKey);
    return { object, ...(await searchRecords(place, objectKey, fields, { query: text, limit: 8 })) };
  }, [place, objectKey, text]);
  return html`<${Dialog} title=${`Link ${label.toLowerCase()}`} onClose=${onClose}>
    <div class="form">
      <${Labelled} label="Search" hint=${`This record may have ${note}.`}><input type="search" value=${text} onInput=${(/** @type {Event} */ e) => setText(typed(e))} /><//>
      ${found.problem && html`<${Problem} problem=${found.problem} again=${found.again} />`}
      ${found.value && (found.value.items.length
        ? html`<ul class="picks">${found.value.items.map((/** @type {Item} */ item) => html`<li key=${item.id}><button type="button" onClick=${() => onPick(item.id)}>${titleOf(/** @type {Schema} */ (found.value?.object), item)}</button></li>`)}</ul>`
        : html`<p class="quiet">Nothing matches.</p>`)}
    </div>
  <//>`;
}
