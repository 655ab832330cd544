// @ts-check
// One field of an object: made, changed after a look at what that does, moved into another folder, or deleted with all its values.
import { useState } from "preact/hooks";
import { api } from "./api.js";
import { Steps, countRecords, records, stepsOf } from "./difference.js";
import { DATA_TYPES } from "./fields.js";
import { Dialog, Labelled, Problem, Skeleton, html, keyOf, notify, typed, useAct, useLoad } from "./ui.js";

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./sources.js").Schema} Schema */
/** @typedef {{place: string, object: Schema, fields: Field[], folders: {id: string, name: string}[], onClose: () => void, onDone: () => void}} Props */

const WITH_OPTIONS = ["SINGLE_OPTIONS", "MULTIPLE_OPTIONS", "RADIO", "CHECKBOX", "TEXTBOX_LIST"];
const MAY_BE_UNIQUE = ["TEXT", "LARGE_TEXT", "NUMERICAL", "EMAIL", "PHONE"];

/** @param {string} text */
const linesOf = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);

/**
 * Creates a field.
 * @param {string} place @param {Schema} object @param {{key: string, name: string, dataType: string, folder: string, description?: string, options?: string[], isRequired?: boolean, isUnique?: boolean, isSensitive?: boolean}} field
 */
export const createField = (place, object, field) =>
  api(place, "POST", "/custom-fields/", {
    locationId: place,
    objectKey: object.key,
    fieldKey: `${object.key}.${field.key}`,
    name: field.name,
    dataType: field.dataType,
    parentId: field.folder,
    showInForms: true,
    isRequired: field.isRequired ?? false,
    ...(field.description ? { description: field.description } : {}),
    ...(field.options?.length ? { options: field.options.map((label) => ({ label })) } : {}),
    ...(field.dataType === "FILE_UPLOAD" ? { acceptedFormats: "all", maxFileLimit: 10 } : {}),
    ...(field.isUnique ? { isUnique: true } : {}),
    ...(field.isSensitive ? { isSensitive: true } : {}),
  });

/** @param {Props} props */
export function NewField({ place, object, folders, onClose, onDone }) {
  const [form, setForm] = useState({ name: "", key: "", dataType: "TEXT", folder: folders[0]?.id ?? "", description: "", options: "", isRequired: false, isUnique: false, isSensitive: false });
  const { act, busy, problem } = useAct();
  const set = (/** @type {Partial<typeof form>} */ members) => setForm((now) => ({ ...now, ...members }));
  const key = form.key || keyOf(form.name);
  const hasOptions = WITH_OPTIONS.includes(form.dataType);
  const mayBeUnique = MAY_BE_UNIQUE.includes(form.dataType);
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    act(async () => {
      await createField(place, object, { ...form, key, options: hasOptions ? linesOf(form.options) : undefined, isUnique: form.isUnique && mayBeUnique });
      notify("Field added");
      onDone();
    });
  };
  return html`<${Dialog} title="Add a field" onClose=${onClose}><form class="form" onSubmit=${submit}>
    ${problem && html`<${Problem} problem=${problem} />`}
    <${Labelled} label="Name"><input required value=${form.name} onInput=${(/** @type {Event} */ e) => set({ name: typed(e) })} /><//>
    <${Labelled} label="Key" hint="It cannot be changed later."><input required value=${key} onInput=${(/** @type {Event} */ e) => set({ key: typed(e) })} /><//>
    <${Labelled} label="Type"><select value=${form.dataType} onChange=${(/** @type {Event} */ e) => set({ dataType: typed(e) })}>${DATA_TYPES.map((type) => html`<option key=${type.name} value=${type.name}>${type.label}</option>`)}</select><//>
    <${FolderChoice} folders=${folders} value=${form.folder} onPick=${(/** @type {string} */ folder) => set({ folder })} />
    ${hasOptions && html`<${Labelled} label="Options" hint="One a line."><textarea rows="5" required value=${form.options} onInput=${(/** @type {Event} */ e) => set({ options: typed(e) })}></textarea><//>`}
    <${Labelled} label="Description"><input value=${form.description} onInput=${(/** @type {Event} */ e) => set({ description: typed(e) })} /><//>
    <p class="row"><label class="check"><input type="checkbox" checked=${form.isRequired} onChange=${() => set({ isRequired: !form.isRequired })} />Required</label>
      ${mayBeUnique && html`<label class="check"><input type="checkbox" checked=${form.isUnique} onChange=${() => set({ isUnique: !form.isUnique })} />Unique</label>`}
      <${SensitiveCheck} isSensitive=${form.isSensitive} onToggle=${() => set({ isSensitive: !form.isSensitive })} /></p>
    <footer><button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="primary" disabled=${busy}>Add field</button></footer>
  </form><//>`;
}

/** @param {{isSensitive: boolean, onToggle: () => void}} props */
const SensitiveCheck = ({ isSensitive, onToggle }) => html`<label class="check"><input type="checkbox" checked=${isSensitive} onChange=${onToggle} />Sensitive</label>
  ${isSensitive && html`<span class="quiet">History and audit say that a value changed, and not what it is. It does not come back with a deleted record.</span>`}`;

/** @param {{folders: {id: string, name: string}[], value: string, onPick: (id: string) => void}} props */
function FolderChoice({ folders, value, onPick }) {
  return html`<${Labelled} label="Folder"><select value=${value} onChange=${(/** @type {Event} */ e) => onPick(typed(e))}>${folders.map((folder) => html`<option key=${folder.id} value=${folder.id}>${folder.name}</option>`)}</select><//>`;
}

/** A change in two steps: what is to be different, then a look at what that does. @param {Props & {field: Field}} props */
export function EditField({ place, object, fields, field, folders, onClose, onDone }) {
  const [form, setForm] = useState({
    name: field.name,
    description: field.description ?? "",
    folder: field.parentId ?? "",
    labels: /** @type {Record<string, string>} */ (Object.fromEntries((field.options ?? []).map((option) => [option.key, option.label]))),
    more: "",
    isRequired: field.isRequired,
    isUnique: field.isUnique,
    isSensitive: field.isSensitive ?? false,
  });
  const [step, setStep] = useState("edit");
  const { act, busy, problem } = useAct();
  const set = (/** @type {Partial<typeof form>} */ members) => setForm((now) => ({ ...now, ...members }));
  const added = linesOf(form.more);
  const steps = stepsOf(field, { ...form, added }, folders);
  const isPrimary = field.fieldKey === object.primaryDisplayProperty;
  const hasOptions = WITH_OPTIONS.includes(field.dataType);
  const apply = () => act(async () => {
    const options = [...(field.options ?? []).map((option) => ({ ...option, label: form.labels[option.key] })), ...added.map((label) => ({ label }))];
    if (steps.some((each) => each.what !== "Folder")) {
      await api(place, "PUT", `/custom-fields/${field.id}`, {
        locationId: place,
        name: form.name,
        showInForms: field.showInForms ?? true,
        isRequired: form.isRequired,
        ...(form.description || field.description ? { description: form.description } : {}),
        ...(hasOptions ? { options } : {}),
        ...(field.isUnique && !form.isUnique ? { isUnique: false } : {}),
        ...((field.isSensitive ?? false) !== form.isSensitive ? { isSensitive: form.isSensitive } : {}),
      });
    }
    if (form.folder !== (field.parentId ?? "")) {
      const order = fields.map((each) => ({ id: each.id, ...(each.id === field.id ? { parentId: form.folder } : {}) }));
      await api(place, "PUT", `/x/objects/${object.key}/fields/order`, { locationId: place, fields: order });
    }
    notify("Field changed");
    onDone();
  });
  if (step === "delete") return html`<${DeleteField} place=${place} object=${object} fields=${fields} field=${field} onClose=${() => setStep("edit")} onDone=${onDone} />`;
  if (step === "review") {
    return html`<${Dialog} key="review" title=${`Change ${field.name}?`} onClose=${onClose}>
      ${problem && html`<${Problem} problem=${problem} />`}
      <${Steps} place=${place} object=${object} fields=${fields} steps=${steps} />
      <footer><button type="button" class="left" onClick=${() => setStep("edit")}>Back</button><button type="button" class="primary" disabled=${busy} onClick=${apply}>Apply</button></footer>
    <//>`;
  }
  return html`<${Dialog} key="edit" title=${`Edit ${field.name}`} onClose=${onClose}><form class="form" onSubmit=${(/** @type {Event} */ e) => (e.preventDefault(), setStep("review"))}>
    <${Labelled} label="Name"><input required value=${form.name} onInput=${(/** @type {Event} */ e) => set({ name: typed(e) })} /><//>
    <${FolderChoice} folders=${folders} value=${form.folder} onPick=${(/** @type {string} */ folder) => set({ folder })} />
    ${hasOptions && html`<fieldset><legend>Options</legend><div class="form">${(field.options ?? []).map((option) => html`<label class="option" key=${option.key}><code>${option.key}</code>
        <input required aria-label=${`Label of ${option.key}`} value=${form.labels[option.key]} onInput=${(/** @type {Event} */ e) => set({ labels: { ...form.labels, [option.key]: typed(e) } })} /></label>`)}
      <${Labelled} label="More options" hint="One a line. An option that there is can be renamed and not taken away: records may hold it."><textarea rows="3" value=${form.more} onInput=${(/** @type {Event} */ e) => set({ more: typed(e) })}></textarea><//></div></fieldset>`}
    <${Labelled} label="Description"><input value=${form.description} onInput=${(/** @type {Event} */ e) => set({ description: typed(e) })} /><//>
    <p class="row"><label class="check"><input type="checkbox" checked=${form.isRequired} disabled=${isPrimary} onChange=${() => set({ isRequired: !form.isRequired })} />Required</label>
      ${field.isUnique && html`<label class="check"><input type="checkbox" checked=${form.isUnique} onChange=${() => set({ isUnique: !form.isUnique })} />Unique</label>`}
      ${!isPrimary && html`<${SensitiveCheck} isSensitive=${form.isSensitive} onToggle=${() => set({ isSensitive: !form.isSensitive })} />`}</p>
    <footer>${!isPrimary && html`<button type="button" class="danger left" onClick=${() => setStep("delete")}>Delete field</button>`}
      <button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="primary" disabled=${steps.length === 0}>Review</button></footer>
  </form><//>`;
}

/** @param {Omit<Props, "folders"> & {field: Field}} props */
function DeleteField({ place, object, fields, field, onClose, onDone }) {
  const [text, setText] = useState("");
  const used = useLoad(() => countRecords(place, object, fields, [{ key: field.key, operator: "exists", value: "" }]), [place, field.id]);
  const { act, busy, problem } = useAct();
  const isUsed = used.value !== 0;
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    act(async () => {
      await api(place, "DELETE", `/custom-fields/${field.id}`);
      notify("Field deleted");
      onDone();
    });
  };
  return html`<${Dialog} key="delete" title=${`Delete ${field.name}?`} onClose=${onClose}><form class="form" onSubmit=${submit}>
    ${problem && html`<${Problem} problem=${problem} />`}
    ${used.problem && html`<${Problem} problem=${used.problem} again=${used.again} />`}
    ${used.value === undefined && !used.problem && html`<${Skeleton} lines=${1} />`}
    ${used.value !== undefined && html`<p class=${isUsed ? "bad" : ""}>${isUsed ? `${records(used.value, "has/have")} a value, which is lost with it and cannot be restored.` : "No record has a value."}</p>`}
    ${isUsed && html`<${Labelled} label=${`Type ${field.key} to go on`}><input value=${text} onInput=${(/** @type {Event} */ e) => setText(typed(e))} /><//>`}
    <footer><button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="danger" disabled=${busy || (isUsed && text !== field.key)}>Delete field</button></footer>
  </form><//>`;
}
