// @ts-check
// The schema of an object: its fields in their order, which is changed by dragging or by keys, and their rules.
import { useEffect, useRef, useState } from "preact/hooks";
import { api, may, own } from "./api.js";
import { EditField, NewField } from "./field.js";
import { typeOf } from "./fields.js";
import { DeleteObject, EditObject } from "./objects.js";
import { loadSchema } from "./sources.js";
import { Head, Problem, Skeleton, asRefused, html, lazy, link, useLoad } from "./ui.js";

const YamlDialog = lazy(() => import("./yaml.js"), "YamlDialog", true);

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./sources.js").Schema} Schema */
/** @typedef {import("./api.js").Refused} Refused */

/** How often it is looked whether an index is ready. */
const EVERY_MS = 1500;

/** @param {{place: string, name: string, objectKey: string, go: (hash: string) => void, onChange: () => void}} props */
export function ObjectSchema({ place, name, objectKey, go, onChange }) {
  const isCustom = objectKey.startsWith("custom_objects.");
  const schema = useLoad(() => loadSchema(place, objectKey), [place, objectKey]);
  const folders = useLoad(async () => (isCustom ? (await api(place, "GET", `/custom-fields/object-key/${objectKey}?locationId=${place}`)).folders : []), [place, objectKey]);
  const rights = useLoad(() => may(place, "locations/customFields.write"), [place]);
  const [dialog, setDialog] = useState(/** @type {{kind: string, field?: Field}} */ ({ kind: "" }));
  const again = () => (schema.again(), folders.again(), onChange());
  const close = () => setDialog({ kind: "" });
  const isBuilding = schema.value?.fields.some((field) => field.index === "building");
  // How far it is; that it is building shows without.
  const state = useLoad(async () => (isBuilding ? (await own("GET", `/places/${place}/state`)).building : []), [place, isBuilding]);
  /** @type {import("./home.js").Building[]} */
  const building = (state.value ?? []).filter((/** @type {import("./home.js").Building} */ each) => each.objectKey === objectKey);
  useEffect(() => {
    if (!isBuilding) return undefined;
    const timer = setInterval(() => (schema.again(), state.again()), EVERY_MS);
    return () => clearInterval(timer);
  }, [isBuilding, schema.again, state.again]);
  if (schema.problem && !schema.value) return html`<${Head} title="Schema" /><${Problem} problem=${schema.problem} again=${again} />`;
  if (!schema.value) return html`<${Head} title="…" /><${Skeleton} />`;
  const { object } = schema.value;
  const fields = [...schema.value.fields].sort((one, other) => (one.position ?? 0) - (other.position ?? 0));
  const canEdit = rights.value === true && isCustom;
  const common = { place, object, fields, onClose: close };
  return html`<section class="screen">
    <nav class="crumbs" aria-label="Breadcrumb"><a href=${link(place, ["schema"])}>Schema</a></nav>
    <${Head} title=${object.labels.plural} note=${html`<code>${object.key}</code>`}>
      <a class="button" href=${link(place, ["o", object.key])}>Records</a>
      ${isCustom && folders.value && html`<button type="button" onClick=${() => setDialog({ kind: "yaml" })}>YAML</button>`}
      ${canEdit && html`<button type="button" class="danger" onClick=${() => setDialog({ kind: "delete" })}>Delete</button>
        <button type="button" onClick=${() => setDialog({ kind: "object" })}>Edit</button>
        <button type="button" class="primary" onClick=${() => setDialog({ kind: "new" })}>Add a field</button>`}
    <//>
    ${object.description && html`<p class="lead">${object.description}</p>`}
    ${!isCustom && html`<p class="quiet lead">A standard object: every location has it, and its fields are part of the API.</p>`}
    <${Fields} place=${place} object=${object} fields=${fields} folders=${folders.value ?? []} building=${building} canEdit=${canEdit} onOrder=${again} onEdit=${(/** @type {Field} */ field) => setDialog({ kind: "field", field })} />
    ${dialog.kind === "yaml" && html`<${YamlDialog} ...${common} place=${name} folders=${folders.value ?? []} />`}
    ${dialog.kind === "new" && html`<${NewField} ...${common} folders=${folders.value ?? []} onDone=${() => (close(), again())} />`}
    ${dialog.kind === "field" && dialog.field && html`<${EditField} ...${common} field=${dialog.field} folders=${folders.value ?? []} onDone=${() => (close(), again())} />`}
    ${dialog.kind === "object" && html`<${EditObject} ...${common} onDone=${() => (close(), again())} />`}
    ${dialog.kind === "delete" && html`<${DeleteObject} ...${common} onDone=${() => (onChange(), go(link(place, ["schema"])))} />`}
  </section>`;
}

/**
 * The fields in their order. A row is dragged by its handle; on the handle, the arrows move it too.
 * @param {{place: string, object: Schema, fields: Field[], folders: {id: string, name: string}[], building: import("./home.js").Building[], canEdit: boolean, onOrder: () => void, onEdit: (field: Field) => void}} props
 */
function Fields({ place, object, fields, folders, building, canEdit, onOrder, onEdit }) {
  const [order, setOrder] = useState(/** @type {string[] | null} */ (null));
  const [dragged, setDragged] = useState("");
  const [said, setSaid] = useState("");
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  // One change after the other, so that the last one is what stays.
  const saving = useRef(Promise.resolve());
  const ids = order ?? fields.map((field) => field.id);
  const shown = ids.flatMap((id) => fields.find((field) => field.id === id) ?? []);
  const searchable = new Set(object.searchableProperties);
  useEffect(() => setOrder(null), [fields.map((field) => field.id).join()]);
  const save = (/** @type {string[]} */ wanted) => {
    saving.current = saving.current.then(async () => {
      try {
        await api(place, "PUT", `/x/objects/${object.key}/fields/order`, { locationId: place, fields: wanted.map((id) => ({ id })) });
        setProblem(null);
      } catch (found) {
        setProblem(asRefused(found));
        setOrder(null);
      }
      onOrder();
    });
  };
  const moved = (/** @type {string} */ id, /** @type {number} */ to) => {
    const rest = ids.filter((each) => each !== id);
    return [...rest.slice(0, to), id, ...rest.slice(to)];
  };
  const step = (/** @type {KeyboardEvent} */ event, /** @type {Field} */ field) => {
    const from = ids.indexOf(field.id);
    const to = { ArrowUp: from - 1, ArrowDown: from + 1, Home: 0, End: ids.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to < 0 || to >= ids.length || to === from) return;
    const next = moved(field.id, to);
    setOrder(next);
    setSaid(`${field.name} is now ${to + 1} of ${ids.length}`);
    save(next);
  };
  const over = (/** @type {DragEvent} */ event, /** @type {string} */ id) => {
    if (!dragged) return;
    event.preventDefault();
    if (id !== dragged) setOrder(moved(dragged, ids.indexOf(id)));
  };
  const drop = () => {
    setDragged("");
    if (order && order.join() !== fields.map((field) => field.id).join()) save(order);
  };
  const percentOf = (/** @type {Field} */ field) => building.find((each) => each.fieldKey === field.key)?.percent ?? null;
  const folderOf = (/** @type {Field} */ field) => folders.find((folder) => folder.id === field.parentId)?.name ?? "";
  return html`${problem && html`<${Problem} problem=${problem} />`}
    <p class="hidden" role="status">${said}</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Fields"><table class="table">
      <thead><tr>${canEdit && html`<th><span class="hidden">Order</span></th>`}<th>Field</th><th>Key</th><th>Type</th>${folders.length > 1 && html`<th>Folder</th>`}<th>Rules</th><th>Index</th>${canEdit && html`<th><span class="hidden">Actions</span></th>`}</tr></thead>
      <tbody>${shown.map((field) => html`<tr key=${field.id} class=${dragged === field.id ? "dragged" : ""} onDragOver=${(/** @type {DragEvent} */ e) => over(e, field.id)} onDrop=${(/** @type {Event} */ e) => e.preventDefault()}>
        ${canEdit && html`<td class="handle-cell"><button type="button" class="plain handle" draggable=${true} aria-label=${`Move ${field.name}`} title="Drag, or press the arrows" onKeyDown=${(/** @type {KeyboardEvent} */ e) => step(e, field)}
          onDragStart=${(/** @type {DragEvent} */ e) => (setDragged(field.id), e.dataTransfer?.setData("text/plain", field.name))} onDragEnd=${drop}>⠿</button></td>`}
        <td><strong>${field.name}</strong>${field.description && html`<span class="reason quiet">${field.description}</span>`}</td>
        <td><code>${field.key}</code></td>
        <td class="nowrap">${typeOf(field).label}${field.options && field.options.length > 0 && html`<span class="quiet"> · ${field.options.length} options</span>`}</td>
        ${folders.length > 1 && html`<td>${folderOf(field)}</td>`}
        <td>${object.primaryDisplayProperty === field.fieldKey && html`<span class="tag tag-0">primary</span>`}${field.isRequired && html`<span class="tag">required</span>`}${field.isUnique && html`<span class="tag">unique</span>`}${field.isSensitive && html`<span class="tag">sensitive</span>`}${searchable.has(field.fieldKey) && html`<span class="tag">searched</span>`}</td>
        <td class="quiet nowrap">${field.index && field.index !== "none" ? field.index : "–"}${field.index === "building" && percentOf(field) !== null && ` ${percentOf(field)} %`}</td>
        ${canEdit && html`<td class="end"><button type="button" class="small" aria-label=${`Edit ${field.name}`} onClick=${() => onEdit(field)}>Edit</button></td>`}
      </tr>`)}</tbody>
    </table></div>`;
}
