// @ts-check
// Associations: which objects are connected and how, how many relations there are, and a picture of it.
import { useState } from "preact/hooks";
import { api, may } from "./api.js";
import { loadObjects } from "./sources.js";
import { Dialog, Empty, Head, Labelled, Problem, Skeleton, asRefused, count, html, keyOf, link, notify, typed, useLoad } from "./ui.js";

/** @typedef {import("./sources.js").Schema} Schema */
/** @typedef {import("./api.js").Refused} Refused */
/**
 * @typedef {{id: string, key: string, firstObjectKey: string, firstObjectLabel: string, secondObjectKey: string, secondObjectLabel: string,
 *   associationType: string, firstObjectToSecondObjectCardinality: string, relations: number | null}} Association
 */

/** @type {Record<string, string>} */
const SIGNS = { ONE_TO_ONE: "1 : 1", ONE_TO_MANY: "1 : n", MANY_TO_ONE: "n : 1", MANY_TO_MANY: "n : n" };

/** @param {string} cardinality @param {string} first @param {string} second */
function words(cardinality, first, second) {
  const [one, other] = [first.toLowerCase(), second.toLowerCase()];
  return {
    ONE_TO_ONE: `Each ${one} has one ${other}, and each ${other} one ${one}`,
    ONE_TO_MANY: `Each ${one} has any number of ${other}, and each ${other} one ${one}`,
    MANY_TO_ONE: `Each ${one} has one ${other}, and each ${other} any number of ${one}`,
    MANY_TO_MANY: `Any number on both sides`,
  }[cardinality] ?? cardinality;
}

/** @param {{place: string}} props */
export function Associations({ place }) {
  const found = useLoad(async () => {
    const [rules, usage, objects] = await Promise.all([
      api(place, "GET", `/associations/?locationId=${place}&skip=0&limit=100`),
      api(place, "GET", `/x/associations/usage?locationId=${place}`),
      loadObjects(place),
    ]);
    const numbers = new Map(usage.associations.map((/** @type {any} */ each) => [each.associationId, each.relations]));
    return { objects, associations: rules.associations.map((/** @type {any} */ rule) => ({ ...rule, relations: numbers.get(rule.id) ?? null })) };
  }, [place]);
  const rights = useLoad(() => may(place, "associations.write"), [place]);
  const [dialog, setDialog] = useState(/** @type {{kind: string, association?: Association}} */ ({ kind: "" }));
  const close = () => setDialog({ kind: "" });
  const done = () => (close(), found.again());
  /** @type {Association[]} */
  const associations = found.value?.associations ?? [];
  const own = associations.filter((each) => each.associationType !== "SYSTEM_DEFINED");
  const name = (/** @type {string} */ key) => found.value?.objects.find((each) => each.key === key)?.labels.singular ?? key;
  return html`<section class="screen">
    <${Head} title="Associations" note=${found.value ? count(associations.length) : ""}>
      ${rights.value && html`<button type="button" class="primary" onClick=${() => setDialog({ kind: "new" })}>Connect two objects</button>`}
    <//>
    ${found.problem && html`<${Problem} problem=${found.problem} again=${found.again} />`}
    ${!found.value && !found.problem && html`<${Skeleton} />`}
    ${found.value && own.length === 0 && html`<${Empty} title="No objects of yours are connected"><p>An association says which records may be related, and how many on either side.</p><//>`}
    ${associations.length > 0 && html`<${Graph} associations=${associations} name=${name} />
      <div class="scroll" tabindex="0" role="region" aria-label="Associations"><table class="table associations">
      <thead><tr><th>First</th><th>Second</th><th>How many</th><th class="end">Relations</th><th>Key</th><th><span class="hidden">Actions</span></th></tr></thead>
      <tbody>${associations.map((each) => html`<tr key=${each.id}>
        <td><strong>${each.firstObjectLabel}</strong><span class="reason quiet"><a href=${link(place, ["schema", each.firstObjectKey])}>${name(each.firstObjectKey)}</a></span></td>
        <td><strong>${each.secondObjectLabel}</strong><span class="reason quiet"><a href=${link(place, ["schema", each.secondObjectKey])}>${name(each.secondObjectKey)}</a></span></td>
        <td><span class="nowrap">${SIGNS[each.firstObjectToSecondObjectCardinality]}</span><span class="reason quiet">${words(each.firstObjectToSecondObjectCardinality, each.firstObjectLabel, each.secondObjectLabel)}</span></td>
        <td class="end">${each.relations === null ? "–" : count(each.relations)}</td>
        <td><code>${each.key}</code>${each.associationType === "SYSTEM_DEFINED" && html`<span class="reason quiet">every location has it</span>`}</td>
        <td class="end">${rights.value && each.associationType !== "SYSTEM_DEFINED" && html`<span class="row actions">
          <button type="button" class="small" aria-label=${`Edit ${each.key}`} onClick=${() => setDialog({ kind: "edit", association: each })}>Edit</button>
          <button type="button" class="small danger" aria-label=${`Delete ${each.key}`} onClick=${() => setDialog({ kind: "delete", association: each })}>Delete</button></span>`}</td>
      </tr>`)}</tbody></table></div>`}
    ${dialog.kind === "new" && html`<${NewAssociation} place=${place} objects=${found.value?.objects ?? []} onClose=${close} onDone=${done} />`}
    ${dialog.kind === "edit" && dialog.association && html`<${EditLabels} place=${place} association=${dialog.association} onClose=${close} onDone=${done} />`}
    ${dialog.kind === "delete" && dialog.association && html`<${DeleteAssociation} place=${place} association=${dialog.association} onClose=${close} onDone=${done} />`}
  </section>`;
}

const [BOX, TALL, GAP] = [132, 34, 96];

/**
 * Objects as boxes in a row for each step away from the one with the most associations, and a line for each association.
 * @param {{associations: Association[], name: (key: string) => string}} props
 */
function Graph({ associations, name }) {
  const places = layOut(associations);
  const all = [...places.values()];
  const [width, height] = [Math.max(...all.map((at) => at.x)) + BOX + 20, Math.max(...all.map((at) => at.y)) + TALL + 26];
  const pairs = new Map();
  return html`<svg class="graph" viewBox=${`0 0 ${width} ${height}`} width=${width} height=${height} role="img" aria-label=${`${places.size} objects and ${associations.length} associations between them`}>
    ${associations.map((each) => {
      const [from, to] = [places.get(each.firstObjectKey), places.get(each.secondObjectKey)];
      if (!from || !to) return "";
      const pair = [each.firstObjectKey, each.secondObjectKey].sort().join(" ");
      const turn = pairs.get(pair) ?? 0;
      pairs.set(pair, turn + 1);
      const title = html`<title>${`${each.firstObjectLabel} – ${each.secondObjectLabel}, ${SIGNS[each.firstObjectToSecondObjectCardinality]}`}</title>`;
      if (from === to) {
        const [x, y] = [from.x + 24 + turn * 30, from.y + TALL];
        return html`<path key=${each.id} d=${`M ${x} ${y} c 0 20 24 20 24 0`}>${title}</path>`;
      }
      const [a, b] = from.y === to.y ? (from.x < to.x ? [from, to] : [to, from]) : from.y < to.y ? [from, to] : [to, from];
      const bend = turn * 16;
      const [x1, y1, x2, y2] = a.y === b.y ? [a.x + BOX, a.y + TALL / 2, b.x, b.y + TALL / 2] : [a.x + BOX / 2 + bend, a.y + TALL, b.x + BOX / 2 + bend, b.y];
      const middle = a.y === b.y ? `${(x1 + x2) / 2} ${y1 + (x2 - x1 > GAP ? 44 : 0) + bend}` : `${(x1 + x2) / 2 + bend} ${(y1 + y2) / 2}`;
      const sign = a === from ? SIGNS[each.firstObjectToSecondObjectCardinality] : SIGNS[each.firstObjectToSecondObjectCardinality].split("").reverse().join("");
      return html`<g key=${each.id}><path d=${`M ${x1} ${y1} Q ${middle} ${x2} ${y2}`}>${title}</path>
        <text class="sign" x=${(x1 + x2) / 2 + (a.y === b.y ? 0 : 8)} y=${(y1 + y2) / 2 + (a.y === b.y && x2 - x1 > GAP ? 22 : 0) - 5 + bend} text-anchor=${a.y === b.y ? "middle" : "start"}>${sign}</text></g>`;
    })}
    ${[...places].map(([key, at]) => html`<g key=${key}><rect x=${at.x} y=${at.y} width=${BOX} height=${TALL} rx="8" />
      <text x=${at.x + BOX / 2} y=${at.y + TALL / 2 + 4} text-anchor="middle">${short(name(key))}</text></g>`)}
  </svg>`;
}

/** @param {string} text */
const short = (text) => (text.length > 17 ? `${text.slice(0, 16)}…` : text);

/** Where the box of each object stands. @param {Association[]} associations @returns {Map<string, {x: number, y: number}>} */
function layOut(associations) {
  /** @type {Map<string, Set<string>>} */
  const next = new Map();
  const join = (/** @type {string} */ a, /** @type {string} */ b) => next.set(a, (next.get(a) ?? new Set()).add(b));
  for (const each of associations) {
    join(each.firstObjectKey, each.secondObjectKey);
    join(each.secondObjectKey, each.firstObjectKey);
  }
  /** @type {Map<string, {x: number, y: number}>} */
  const places = new Map();
  /** @type {number[]} */
  const used = [];
  const put = (/** @type {string} */ key, /** @type {number} */ row) => {
    used[row] = used[row] ?? 0;
    places.set(key, { x: 10 + used[row] * (BOX + GAP), y: 10 + row * (TALL + 58) });
    used[row] += 1;
  };
  for (const [start] of [...next].sort((a, b) => b[1].size - a[1].size)) {
    if (places.has(start)) continue;
    let level = [start];
    let row = 0;
    put(start, row);
    while (level.length) {
      row += 1;
      const below = [...new Set(level.flatMap((key) => [...(next.get(key) ?? [])]))].filter((key) => !places.has(key));
      below.forEach((key) => put(key, row));
      level = below;
    }
  }
  return places;
}

/** @param {{place: string, objects: Schema[], onClose: () => void, onDone: () => void}} props */
function NewAssociation({ place, objects, onClose, onDone }) {
  const custom = objects.filter((each) => !each.standard);
  const [form, setForm] = useState({ first: custom[0]?.key ?? objects[0]?.key ?? "", second: "contact", firstLabel: "", secondLabel: "", cardinality: "MANY_TO_MANY", key: "" });
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const set = (/** @type {Partial<typeof form>} */ members) => setForm((now) => ({ ...now, ...members }));
  const singular = (/** @type {string} */ key) => objects.find((each) => each.key === key)?.labels.singular ?? key;
  const first = form.firstLabel || singular(form.first);
  const second = form.secondLabel || (form.first === form.second ? `Other ${singular(form.second).toLowerCase()}` : singular(form.second));
  const key = form.key || keyOf(`${first} ${second}`);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      await api(place, "POST", "/associations/", {
        locationId: place,
        key,
        firstObjectKey: form.first,
        firstObjectLabel: first,
        secondObjectKey: form.second,
        secondObjectLabel: second,
        firstObjectToSecondObjectCardinality: form.cardinality,
      });
      notify("Objects connected");
      onDone();
    } catch (found) {
      setProblem(asRefused(found));
    }
  };
  const choice = (/** @type {string} */ label, /** @type {"first" | "second"} */ side) => html`<${Labelled} label=${label}><select value=${form[side]} onChange=${(/** @type {Event} */ e) => set({ [side]: typed(e) })}>
    ${objects.map((each) => html`<option key=${each.key} value=${each.key}>${each.labels.plural}</option>`)}</select><//>`;
  return html`<${Dialog} title="Connect two objects" onClose=${onClose}>
    <form class="form" onSubmit=${submit}>
      ${problem && html`<${Problem} problem=${problem} />`}
      ${choice("First object", "first")}
      <${Labelled} label="Its records are called" hint="As seen from the second object."><input required value=${first} onInput=${(/** @type {Event} */ e) => set({ firstLabel: typed(e) })} /><//>
      ${choice("Second object", "second")}
      <${Labelled} label="Its records are called" hint="As seen from the first object."><input required value=${second} onInput=${(/** @type {Event} */ e) => set({ secondLabel: typed(e) })} /><//>
      <${Labelled} label="How many" hint="It cannot be changed later."><select value=${form.cardinality} onChange=${(/** @type {Event} */ e) => set({ cardinality: typed(e) })}>
        ${Object.keys(SIGNS).reverse().map((each) => html`<option key=${each} value=${each}>${`${SIGNS[each]}  ${words(each, first, second)}`}</option>`)}</select><//>
      <${Labelled} label="Key" hint="For programs; it cannot be changed later."><input required value=${key} onInput=${(/** @type {Event} */ e) => set({ key: typed(e) })} /><//>
      <footer><button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="primary">Connect</button></footer>
    </form>
  <//>`;
}

/** @param {{place: string, association: Association, onClose: () => void, onDone: () => void}} props */
function EditLabels({ place, association, onClose, onDone }) {
  const [first, setFirst] = useState(association.firstObjectLabel);
  const [second, setSecond] = useState(association.secondObjectLabel);
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      await api(place, "PUT", `/associations/${association.id}`, { firstObjectLabel: first, secondObjectLabel: second });
      onDone();
    } catch (found) {
      setProblem(asRefused(found));
    }
  };
  return html`<${Dialog} title=${`Labels of ${association.key}`} onClose=${onClose}>
    <form class="form" onSubmit=${submit}>
      ${problem && html`<${Problem} problem=${problem} />`}
      <${Labelled} label="First label"><input required value=${first} onInput=${(/** @type {Event} */ e) => setFirst(typed(e))} /><//>
      <${Labelled} label="Second label"><input required value=${second} onInput=${(/** @type {Event} */ e) => setSecond(typed(e))} /><//>
      <footer><button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="primary">Save</button></footer>
    </form>
  <//>`;
}

/** @param {{place: string, association: Association, onClose: () => void, onDone: () => void}} props */
function DeleteAssociation({ place, association, onClose, onDone }) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      await api(place, "DELETE", `/associations/${association.id}`);
      notify("Association deleted");
      onDone();
    } catch (found) {
      setProblem(asRefused(found));
    }
  };
  return html`<${Dialog} title=${`Delete ${association.key}?`} onClose=${onClose}>
    <form class="form" onSubmit=${submit}>
      ${problem && html`<${Problem} problem=${problem} />`}
      <p>${association.relations ? `Its ${count(association.relations)} ${association.relations === 1 ? "relation is" : "relations are"} deleted with it; the records stay.` : "There is no relation by it."}</p>
      <${Labelled} label=${`Type ${association.key} to go on`}><input value=${text} onInput=${(/** @type {Event} */ e) => setText(typed(e))} /><//>
      <footer><button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="danger" disabled=${text !== association.key}>Delete association</button></footer>
    </form>
  <//>`;
}
