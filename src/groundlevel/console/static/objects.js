// @ts-check
// The objects of a place: what there is, new ones from templates, and what can be changed of one or deleted with it.
import { useState } from "preact/hooks";
import { api, may } from "./api.js";
import { Steps, countRecords, records } from "./difference.js";
import { createField } from "./field.js";
import { loadObjects, loadSchema, searchRecords } from "./sources.js";
import { TEMPLATES } from "./templates.js";
import { Dialog, Head, Labelled, Problem, Skeleton, asRefused, count, html, keyOf, link, notify, typed, useAct, useLoad } from "./ui.js";

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./sources.js").Schema} Schema */

const MOST_SEARCHED = 3;

/** @param {{place: string, go: (hash: string) => void, onChange: () => void}} props */
export function Objects({ place, go, onChange }) {
  const objects = useLoad(() => loadObjects(place), [place]);
  const rights = useLoad(() => may(place, "objects/schema.write"), [place]);
  const [creating, setCreating] = useState(false);
  return html`<section class="screen">
    <${Head} title="Schema" note=${objects.value ? `${objects.value.length} objects` : ""}>
      ${rights.value && html`<button type="button" class="primary" onClick=${() => setCreating(true)}>New object</button>`}
    <//>
    ${objects.problem && html`<${Problem} problem=${objects.problem} again=${objects.again} />`}
    ${!objects.value && !objects.problem && html`<${Skeleton} />`}
    ${objects.value && html`<div class="tiles">${objects.value.map((object) => html`<a class="tile" key=${object.key} href=${link(place, ["schema", object.key])}>
      <strong>${object.labels.plural}</strong><code>${object.key}</code>
      ${object.description && html`<span class="quiet">${object.description}</span>`}<${Extent} place=${place} object=${object} /></a>`)}</div>`}
    ${creating && html`<${NewObject} place=${place} onClose=${() => setCreating(false)}
      onDone=${(/** @type {string} */ key) => (setCreating(false), onChange(), go(link(place, ["schema", key])))} />`}
  </section>`;
}

/** How much there is of an object. @param {{place: string, object: Schema}} props */
function Extent({ place, object }) {
  const found = useLoad(async () => {
    const [{ fields }, { total }] = await Promise.all([loadSchema(place, object.key), searchRecords(place, object.key, [], { limit: 1 })]);
    return { fields: fields.length, total, building: fields.filter((field) => field.index === "building").length, ready: fields.filter((field) => field.index === "ready").length };
  }, [place, object.key]);
  if (found.problem) return html`<span class="quiet">${asRefused(found.problem).message}</span>`;
  if (!found.value) return html`<span class="quiet">…</span>`;
  const { fields, total, building, ready } = found.value;
  const indexes = [ready && `${ready} indexed`, building && `${building} being indexed`].filter(Boolean).join(", ");
  return html`<span class="quiet">${records(total)}, ${count(fields)} ${fields === 1 ? "field" : "fields"}${indexes && ` (${indexes})`}</span>`;
}

/** @param {{place: string, onClose: () => void, onDone: (key: string) => void}} props */
function NewObject({ place, onClose, onDone }) {
  const [form, setForm] = useState({ singular: "", plural: "", key: "", primary: "Name", description: "" });
  const [fields, setFields] = useState(/** @type {import("./templates.js").TemplateField[]} */ ([]));
  const [left, setLeft] = useState(/** @type {string[]} */ ([]));
  const { act, busy, problem } = useAct();
  const set = (/** @type {Partial<typeof form>} */ members) => setForm((now) => ({ ...now, ...members }));
  const key = form.key || keyOf(form.singular);
  const pick = (/** @type {import("./templates.js").Template} */ { singular, plural, primary, fields: own }) => (set({ singular, plural, primary, key: "" }), setFields(own), setLeft([]));
  const flip = (/** @type {string} */ name) => setLeft((now) => (now.includes(name) ? now.filter((each) => each !== name) : [...now, name]));
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    act(async () => {
      const { object } = await api(place, "POST", "/objects/", {
        locationId: place,
        labels: { singular: form.singular, plural: form.plural },
        key,
        ...(form.description ? { description: form.description } : {}),
        primaryDisplayPropertyDetails: { key: keyOf(form.primary) || "name", name: form.primary, dataType: "TEXT" },
      });
      notify(`${form.plural} created`);
      await createFields(object, fields.filter((field) => !left.includes(field.name)));
      onDone(object.key);
    });
  };
  /** The object is there already: a field that is refused is said, and the others are made. @param {Schema} object @param {typeof fields} wanted */
  const createFields = async (object, wanted) => {
    if (!wanted.length) return;
    const { folders } = await api(place, "GET", `/custom-fields/object-key/${object.key}?locationId=${place}`);
    for (const field of wanted) {
      await createField(place, object, { ...field, key: keyOf(field.name), folder: folders[0].id }).catch((reason) => notify(`${field.name} was not created: ${asRefused(reason).message}`));
    }
  };
  return html`<${Dialog} title="New object" onClose=${onClose}>
    <form class="form" onSubmit=${submit}>
      <p class="row" role="group" aria-label="Templates">${TEMPLATES.map((each) => html`<button type="button" class="small" key=${each.singular} aria-pressed=${form.singular === each.singular} onClick=${() => pick(each)}>${each.singular}</button>`)}</p>
      ${problem && html`<${Problem} problem=${problem} />`}
      <${Labelled} label="One is called"><input required value=${form.singular} onInput=${(/** @type {Event} */ e) => set({ singular: typed(e) })} /><//>
      <${Labelled} label="Several are called"><input required value=${form.plural} onInput=${(/** @type {Event} */ e) => set({ plural: typed(e) })} /><//>
      <${Labelled} label="Key" hint="In paths of the API; it cannot be changed later."><input required value=${key} onInput=${(/** @type {Event} */ e) => set({ key: typed(e) })} /><//>
      <${Labelled} label="Primary field" hint="By which records are shown."><input required value=${form.primary} onInput=${(/** @type {Event} */ e) => set({ primary: typed(e) })} /><//>
      ${fields.length > 0 && html`<fieldset><legend>Fields</legend><div class="choices">${fields.map((field) => html`<label key=${field.name}><input type="checkbox" checked=${!left.includes(field.name)} onChange=${() => flip(field.name)} />${field.name}</label>`)}</div></fieldset>`}
      <${Labelled} label="Description"><input value=${form.description} onInput=${(/** @type {Event} */ e) => set({ description: typed(e) })} /><//>
      <footer><button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="primary" disabled=${busy}>${busy ? "At work…" : "Create object"}</button></footer>
    </form>
  <//>`;
}

/** Labels, description, and the fields that a search looks at. @param {{place: string, object: Schema, fields: Field[], onClose: () => void, onDone: () => void}} props */
export function EditObject({ place, object, fields, onClose, onDone }) {
  const [form, setForm] = useState({ singular: object.labels.singular, plural: object.labels.plural, description: object.description ?? "", searched: object.searchableProperties });
  const [isReview, setReview] = useState(false);
  const { act, busy, problem } = useAct();
  const set = (/** @type {Partial<typeof form>} */ members) => setForm((now) => ({ ...now, ...members }));
  const names = (/** @type {string[]} */ keys) => fields.filter((field) => keys.includes(field.fieldKey)).map((field) => field.name).join(", ");
  const texts = { filters: [], words: (/** @type {number} */ n) => `The search texts of ${records(n)} are made anew; meanwhile searches are slower and miss nothing` };
  const steps = [
    { what: "One is called", before: object.labels.singular, after: form.singular },
    { what: "Several are called", before: object.labels.plural, after: form.plural },
    { what: "Description", before: object.description ?? "", after: form.description },
    { what: "Searched", before: names(object.searchableProperties), after: names(form.searched), effect: texts },
  ].filter((step) => step.before !== step.after);
  const flip = (/** @type {string} */ key) => set({ searched: form.searched.includes(key) ? form.searched.filter((each) => each !== key) : [...form.searched, key] });
  const canBeSearched = fields.filter((field) => field.dataType !== "FILE_UPLOAD");
  const apply = () => act(async () => {
    await api(place, "PUT", `/objects/${object.key}`, { locationId: place, labels: { singular: form.singular, plural: form.plural }, description: form.description || null, searchableProperties: form.searched });
    notify("Object changed");
    onDone();
  });
  if (isReview) {
    return html`<${Dialog} key="review" title=${`Change ${object.labels.plural}?`} onClose=${onClose}>
      ${problem && html`<${Problem} problem=${problem} />`}
      <${Steps} place=${place} object=${object} fields=${fields} steps=${steps} />
      <footer><button type="button" class="left" onClick=${() => setReview(false)}>Back</button><button type="button" class="primary" disabled=${busy} onClick=${apply}>Apply</button></footer><//>`;
  }
  return html`<${Dialog} key="edit" title=${`Edit ${object.labels.plural}`} onClose=${onClose}><form class="form" onSubmit=${(/** @type {Event} */ e) => (e.preventDefault(), setReview(true))}>
    <${Labelled} label="One is called"><input required value=${form.singular} onInput=${(/** @type {Event} */ e) => set({ singular: typed(e) })} /><//>
    <${Labelled} label="Several are called"><input required value=${form.plural} onInput=${(/** @type {Event} */ e) => set({ plural: typed(e) })} /><//>
    <${Labelled} label="Description"><input value=${form.description} onInput=${(/** @type {Event} */ e) => set({ description: typed(e) })} /><//>
    <fieldset><legend>Searched</legend><p class="quiet">One to ${MOST_SEARCHED} fields that a search by text looks at.</p><div class="choices">${canBeSearched.map((field) => html`<label key=${field.key}><input type="checkbox" checked=${form.searched.includes(field.fieldKey)}
      disabled=${form.searched.includes(field.fieldKey) ? form.searched.length === 1 : form.searched.length >= MOST_SEARCHED} onChange=${() => flip(field.fieldKey)} />${field.name}</label>`)}</div></fieldset>
    <footer><button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="primary" disabled=${steps.length === 0}>Review</button></footer>
  </form><//>`;
}

/** @param {{place: string, object: Schema, fields: Field[], onClose: () => void, onDone: () => void}} props */
export function DeleteObject({ place, object, fields, onClose, onDone }) {
  const [text, setText] = useState("");
  const { act, busy, problem } = useAct();
  const going = useLoad(async () => {
    const [total, rules, usage] = await Promise.all([
      countRecords(place, object, fields, []),
      api(place, "GET", `/associations/?locationId=${place}&skip=0&limit=100`),
      api(place, "GET", `/x/associations/usage?locationId=${place}`),
    ]);
    const own = rules.associations.filter((/** @type {any} */ rule) => [rule.firstObjectKey, rule.secondObjectKey].includes(object.key)).map((/** @type {any} */ rule) => rule.id);
    const relations = usage.associations.filter((/** @type {any} */ each) => own.includes(each.associationId)).reduce((/** @type {number} */ sum, /** @type {any} */ each) => sum + (each.relations ?? 0), 0);
    return { total, associations: own.length, relations };
  }, [place, object.key]);
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    act(async () => {
      await api(place, "DELETE", `/objects/${object.key}?locationId=${place}`);
      notify(`${object.labels.plural} deleted`);
      onDone();
    });
  };
  return html`<${Dialog} title=${`Delete ${object.labels.plural}?`} onClose=${onClose}>
    <form class="form" onSubmit=${submit}>
      ${problem && html`<${Problem} problem=${problem} />`}
      ${going.problem && html`<${Problem} problem=${going.problem} again=${going.again} />`}
      ${!going.value && !going.problem && html`<${Skeleton} lines=${2} />`}
      ${going.value && html`<p>These go with it and cannot be restored:</p>
        <ul class="going"><li>${records(going.value.total)}</li><li>${count(fields.length)} ${fields.length === 1 ? "field" : "fields"}</li><li>${count(going.value.associations)} ${going.value.associations === 1 ? "association" : "associations"} with ${count(going.value.relations)} ${going.value.relations === 1 ? "relation" : "relations"}</li></ul>`}
      <${Labelled} label=${`Type ${object.key} to go on`}><input value=${text} onInput=${(/** @type {Event} */ e) => setText(typed(e))} /><//>
      <footer><button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="danger" disabled=${busy || text !== object.key}>Delete object</button></footer>
    </form>
  <//>`;
}
