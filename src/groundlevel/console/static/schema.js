// @ts-check
// Objects and their fields: what there is, how to add to it, and what can be changed.
import { useState } from "preact/hooks";
import { api, may } from "./api.js";
import { DATA_TYPES, typeOf } from "./fields.js";
import { loadObjects, loadSchema } from "./sources.js";
import { Dialog, Head, Labelled, Problem, Skeleton, asRefused, html, keyOf, link, notify, typed, useLoad } from "./ui.js";

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./sources.js").Schema} Schema */
/** @typedef {import("./api.js").Refused} Refused */

const WITH_OPTIONS = ["SINGLE_OPTIONS", "MULTIPLE_OPTIONS", "RADIO", "CHECKBOX", "TEXTBOX_LIST"];
const TEMPLATES = [
  { singular: "Property", plural: "Properties", primary: "Address" },
  { singular: "Vehicle", plural: "Vehicles", primary: "Plate" },
  { singular: "Pet", plural: "Pets", primary: "Name" },
  { singular: "Policy", plural: "Policies", primary: "Number" },
];

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
      <span class="quiet">${object.description || (object.standard ? "Every location has it" : "No description")}</span></a>`)}</div>`}
    ${creating && html`<${NewObject} place=${place} onClose=${() => setCreating(false)}
      onDone=${(/** @type {string} */ key) => (setCreating(false), onChange(), go(link(place, ["schema", key])))} />`}
  </section>`;
}

/** @param {{place: string, onClose: () => void, onDone: (key: string) => void}} props */
function NewObject({ place, onClose, onDone }) {
  const [form, setForm] = useState({ singular: "", plural: "", key: "", primary: "Name", description: "" });
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const set = (/** @type {Partial<typeof form>} */ members) => setForm((now) => ({ ...now, ...members }));
  const key = form.key || keyOf(form.singular);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      const made = await api(place, "POST", "/objects/", {
        locationId: place,
        labels: { singular: form.singular, plural: form.plural },
        key,
        ...(form.description ? { description: form.description } : {}),
        primaryDisplayPropertyDetails: { key: keyOf(form.primary) || "name", name: form.primary, dataType: "TEXT" },
      });
      notify(`${form.plural} created`);
      onDone(made.object.key);
    } catch (found) {
      setProblem(asRefused(found));
    }
  };
  return html`<${Dialog} title="New object" onClose=${onClose}>
    <form class="form" onSubmit=${submit}>
      <p class="row" role="group" aria-label="Templates">${TEMPLATES.map((each) => html`<button type="button" class="small" key=${each.singular} onClick=${() => set({ ...each, key: "" })}>${each.singular}</button>`)}</p>
      ${problem && html`<${Problem} problem=${problem} />`}
      <${Labelled} label="One is called"><input required value=${form.singular} onInput=${(/** @type {Event} */ e) => set({ singular: typed(e) })} /><//>
      <${Labelled} label="Several are called"><input required value=${form.plural} onInput=${(/** @type {Event} */ e) => set({ plural: typed(e) })} /><//>
      <${Labelled} label="Key" hint="In paths of the API; it cannot be changed later."><input required value=${key} onInput=${(/** @type {Event} */ e) => set({ key: typed(e) })} /><//>
      <${Labelled} label="Primary field" hint="By which records are shown."><input required value=${form.primary} onInput=${(/** @type {Event} */ e) => set({ primary: typed(e) })} /><//>
      <${Labelled} label="Description"><input value=${form.description} onInput=${(/** @type {Event} */ e) => set({ description: typed(e) })} /><//>
      <footer><button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="primary">Create object</button></footer>
    </form>
  <//>`;
}

/** @param {{place: string, objectKey: string, go: (hash: string) => void, onChange: () => void}} props */
export function ObjectSchema({ place, objectKey, go, onChange }) {
  const isCustom = objectKey.startsWith("custom_objects.");
  const schema = useLoad(() => loadSchema(place, objectKey), [place, objectKey]);
  const folders = useLoad(async () => (isCustom ? (await api(place, "GET", `/custom-fields/object-key/${objectKey}?locationId=${place}`)).folders : []), [place, objectKey]);
  const rights = useLoad(() => may(place, "locations/customFields.write"), [place]);
  const [dialog, setDialog] = useState(/** @type {{kind: string, field?: Field}} */ ({ kind: "" }));
  const again = () => (schema.again(), folders.again(), onChange());
  const close = () => setDialog({ kind: "" });
  if (schema.problem && !schema.value) return html`<${Head} title="Schema" /><${Problem} problem=${schema.problem} again=${again} />`;
  if (!schema.value) return html`<${Head} title="…" /><${Skeleton} />`;
  const { object, fields } = schema.value;
  const canEdit = rights.value === true && isCustom;
  const searchable = new Set(object.searchableProperties);
  return html`<section class="screen">
    <nav class="crumbs" aria-label="Breadcrumb"><a href=${link(place, ["schema"])}>Schema</a></nav>
    <${Head} title=${object.labels.plural} note=${html`<code>${object.key}</code>`}>
      <a class="button" href=${link(place, ["o", object.key])}>Records</a>
      ${canEdit && html`<button type="button" class="danger" onClick=${() => setDialog({ kind: "delete" })}>Delete</button>
        <button type="button" class="primary" onClick=${() => setDialog({ kind: "field" })}>Add a field</button>`}
    <//>
    ${object.description && html`<p class="lead">${object.description}</p>`}
    ${!isCustom && html`<p class="quiet lead">A standard object: every location has it, and its fields are part of the API.</p>`}
    <div class="scroll" tabindex="0" role="region" aria-label="Fields"><table class="table">
      <thead><tr><th>Field</th><th>Key</th><th>Type</th><th>Rules</th><th>Index</th>${canEdit && html`<th><span class="hidden">Actions</span></th>`}</tr></thead>
      <tbody>${fields.map((field) => html`<tr key=${field.key}>
        <td><strong>${field.name}</strong>${field.description && html`<span class="reason quiet">${field.description}</span>`}</td>
        <td><code>${field.key}</code></td>
        <td class="nowrap">${typeOf(field).label}${field.options && field.options.length > 0 && html`<span class="quiet"> · ${field.options.length} options</span>`}</td>
        <td>${object.primaryDisplayProperty === field.fieldKey && html`<span class="tag tag-0">primary</span>`}${field.isRequired && html`<span class="tag">required</span>`}${field.isUnique && html`<span class="tag">unique</span>`}${searchable.has(field.fieldKey) && html`<span class="tag">searched</span>`}</td>
        <td class="quiet">${field.index && field.index !== "none" ? field.index : "–"}</td>
        ${canEdit && html`<td class="end"><button type="button" class="small" aria-label=${`Edit ${field.name}`} onClick=${() => setDialog({ kind: "field", field })}>Edit</button></td>`}
      </tr>`)}</tbody>
    </table></div>
    ${dialog.kind === "field" && html`<${FieldDialog} place=${place} object=${object} field=${dialog.field} folders=${folders.value ?? []} onClose=${close} onDone=${() => (close(), again())} />`}
    ${dialog.kind === "delete" && html`<${DeleteObject} place=${place} object=${object} onClose=${close} onDone=${() => (onChange(), go(link(place, ["schema"])))} />`}
  </section>`;
}

/** @param {{place: string, object: Schema, field?: Field, folders: any[], onClose: () => void, onDone: () => void}} props */
function FieldDialog({ place, object, field, folders, onClose, onDone }) {
  const [form, setForm] = useState({
    name: field?.name ?? "",
    key: "",
    dataType: field?.dataType ?? "TEXT",
    description: field?.description ?? "",
    folder: field?.parentId ?? folders[0]?.id ?? "",
    options: (field?.options ?? []).map((option) => option.label).join("\n"),
    isRequired: field?.isRequired ?? false,
    isUnique: field?.isUnique ?? false,
  });
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const set = (/** @type {Partial<typeof form>} */ members) => setForm((now) => ({ ...now, ...members }));
  const key = form.key || keyOf(form.name);
  const hasOptions = WITH_OPTIONS.includes(form.dataType);
  const mayBeUnique = ["TEXT", "NUMERICAL", "EMAIL", "PHONE"].includes(form.dataType);
  const options = () => form.options.split("\n").map((line) => line.trim()).filter(Boolean).map((label) => field?.options?.find((option) => option.label === label) ?? { label });
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const common = {
      locationId: place,
      name: form.name,
      showInForms: field?.showInForms ?? true,
      isRequired: form.isRequired,
      ...(form.description || field?.description ? { description: form.description } : {}),
      ...(hasOptions ? { options: options() } : {}),
    };
    try {
      if (field) {
        await api(place, "PUT", `/custom-fields/${field.id}`, common);
      } else {
        const files = form.dataType === "FILE_UPLOAD" ? { acceptedFormats: "all", maxFileLimit: 10 } : {};
        const unique = form.isUnique && mayBeUnique ? { isUnique: true } : {};
        const made = { ...common, ...files, ...unique, dataType: form.dataType, fieldKey: `${object.key}.${key}`, objectKey: object.key, parentId: form.folder };
        await api(place, "POST", "/custom-fields/", made);
      }
      notify(field ? "Field changed" : "Field added");
      onDone();
    } catch (found) {
      setProblem(asRefused(found));
    }
  };
  const remove = async () => {
    try {
      await api(place, "DELETE", `/custom-fields/${field?.id}`);
      notify("Field deleted");
      onDone();
    } catch (found) {
      setProblem(asRefused(found));
    }
  };
  const isPrimary = field && field.fieldKey === object.primaryDisplayProperty;
  return html`<${Dialog} title=${field ? `Edit ${field.name}` : "Add a field"} onClose=${onClose}>
    <form class="form" onSubmit=${submit}>
      ${problem && html`<${Problem} problem=${problem} />`}
      <${Labelled} label="Name"><input required value=${form.name} onInput=${(/** @type {Event} */ e) => set({ name: typed(e) })} /><//>
      ${!field && html`<${Labelled} label="Key" hint="It cannot be changed later."><input required value=${key} onInput=${(/** @type {Event} */ e) => set({ key: typed(e) })} /><//>
        <${Labelled} label="Type"><select value=${form.dataType} onChange=${(/** @type {Event} */ e) => set({ dataType: typed(e) })}>${DATA_TYPES.map((type) => html`<option key=${type.name} value=${type.name}>${type.label}</option>`)}</select><//>
        <${Labelled} label="Folder"><select value=${form.folder} onChange=${(/** @type {Event} */ e) => set({ folder: typed(e) })}>${folders.map((folder) => html`<option key=${folder.id} value=${folder.id}>${folder.name}</option>`)}</select><//>`}
      ${hasOptions && html`<${Labelled} label="Options" hint="One a line. Options that are stored stay."><textarea rows="5" required value=${form.options} onInput=${(/** @type {Event} */ e) => set({ options: typed(e) })}></textarea><//>`}
      <${Labelled} label="Description"><input value=${form.description} onInput=${(/** @type {Event} */ e) => set({ description: typed(e) })} /><//>
      <p class="row"><label class="check"><input type="checkbox" checked=${form.isRequired} disabled=${isPrimary} onChange=${() => set({ isRequired: !form.isRequired })} />Required</label>
        ${!field && mayBeUnique && html`<label class="check"><input type="checkbox" checked=${form.isUnique} onChange=${() => set({ isUnique: !form.isUnique })} />Unique</label>`}</p>
      <footer>${field && !isPrimary && html`<button type="button" class="danger left" onClick=${remove}>Delete field</button>`}
        <button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="primary">${field ? "Save" : "Add field"}</button></footer>
    </form>
  <//>`;
}

/** @param {{place: string, object: Schema, onClose: () => void, onDone: () => void}} props */
function DeleteObject({ place, object, onClose, onDone }) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      await api(place, "DELETE", `/objects/${object.key}?locationId=${place}`);
      notify(`${object.labels.plural} deleted`);
      onDone();
    } catch (found) {
      setProblem(asRefused(found));
    }
  };
  return html`<${Dialog} title=${`Delete ${object.labels.plural}?`} onClose=${onClose}>
    <form class="form" onSubmit=${submit}>
      ${problem && html`<${Problem} problem=${problem} />`}
      <p>All its records, fields and relations are deleted with it.</p>
      <${Labelled} label=${`Type ${object.key} to go on`}><input value=${text} onInput=${(/** @type {Event} */ e) => setText(typed(e))} /><//>
      <footer><button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="danger" disabled=${text !== object.key}>Delete object</button></footer>
    </form>
  <//>`;
}
