// @ts-check
// One record: its properties by folder, what it is related to, and how a program would fetch it.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { api, may } from "./api.js";
import { ConflictDialog, clashOf } from "./conflict.js";
import { Editor, draftOf, parse, typeOf } from "./fields.js";
import { neighboursOf } from "./neighbours.js";
import { Relations } from "./relations.js";
import { CopyRequest } from "./snippets.js";
import { deleteRecord, getRecord, loadFieldsOfNew, loadSchema, requestTo, titleOf, updateRecord } from "./sources.js";
import { Dialog, Head, Problem, Skeleton, asRefused, count, html, isTyping, lazy, link, notify, unsaved, useLoad, when } from "./ui.js";

const History = lazy(() => import("./history.js"), "History", true);
const Deliveries = lazy(() => import("./deliveries.js"), "DeliveriesOf", true);

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./sources.js").Item} Item */
/** @typedef {import("./sources.js").Schema} Schema */
/** @typedef {import("./api.js").Refused} Refused */

/** Every field of a form with its own key; a list of text boxes is several. @param {Field[]} fields @returns {Field[]} */
function flatten(fields) {
  return fields.flatMap((field) =>
    field.dataType === "TEXTBOX_LIST" && field.options
      ? field.options.map((option) => ({ ...field, key: `${field.key}.${option.key}`, name: `${field.name}: ${option.label}`, dataType: "TEXT", options: undefined }))
      : [field],
  );
}

/** @param {Field[]} fields @param {Record<string, string>} drafts @param {Record<string, any>} before */
function changesOf(fields, drafts, before) {
  /** @type {Record<string, any>} */
  const changes = {};
  for (const field of fields) {
    const draft = drafts[field.key];
    if (draft !== undefined && draft !== draftOf(field, before[field.key])) changes[field.key] = parse(field, draft, before[field.key]);
  }
  return changes;
}

/** @param {{place: string, object: Schema, fields: Field[], onClose: () => void, onCreate: (properties: Record<string, any>) => Promise<void>}} props */
export function NewRecord({ place, object, fields, onClose, onCreate }) {
  const asked = useLoad(() => loadFieldsOfNew(place, object.key, fields), [place, object.key, fields]);
  const all = useMemo(() => flatten(asked.value ?? []).filter((field) => !field.readOnly && typeOf(field).input !== "none"), [asked.value]);
  const [drafts, setDrafts] = useState(/** @type {Record<string, string>} */ ({}));
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    onCreate(changesOf(all, drafts, {})).catch((found) => setProblem(asRefused(found)));
  };
  return html`<${Dialog} title=${`New ${object.labels.singular.toLowerCase()}`} onClose=${onClose}>
    <form class="form" onSubmit=${submit}>
      ${problem && html`<${Problem} problem=${problem} />`}
      ${asked.problem && html`<${Problem} problem=${asked.problem} again=${asked.again} />`}
      ${all.map((field) => html`<${Property} key=${field.key} field=${field} draft=${drafts[field.key] ?? ""} refused=${isAbout(problem, field)}
        onDraft=${(/** @type {string} */ draft) => setDrafts((now) => ({ ...now, [field.key]: draft }))} />`)}
      <footer><button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="primary">Create</button></footer>
    </form>
  <//>`;
}

/** @param {Refused | null} problem @param {Field} field */
const isAbout = (problem, field) => Boolean(problem?.fieldKey && problem.fieldKey === field.fieldKey);

/** @param {{field: Field, draft: string, refused?: boolean, onDraft: (draft: string) => void, disabled?: boolean}} props */
function Property({ field, draft, refused, onDraft, disabled }) {
  const isGroup = typeOf(field).input === "choices" && field.options;
  const editor = html`<${Editor} field=${field} label=${field.name} draft=${draft} onDraft=${onDraft} />`;
  return html`<div class=${refused ? "property refused" : "property"}>
    <span class="property-name">${field.name}${field.isRequired && html`<abbr title="required">*</abbr>`}</span>
    <fieldset class="bare" disabled=${disabled}>${editor}</fieldset>
    ${field.description && !isGroup && html`<small>${field.description}</small>`}
  </div>`;
}

/**
 * A record as a screen, or as a panel beside the list that `query` names. `edition` counts what was stored of it elsewhere on the page.
 * @param {{place: string, objectKey: string, id: string, query: URLSearchParams, go: (hash: string, replace?: boolean) => void,
 *   panel?: boolean, edition?: number, onStored?: (item: Item) => void, onDeleted?: (id: string) => void}} props
 */
export function Record({ place, objectKey, id, query, go, panel, edition = 0, onStored, onDeleted }) {
  const schema = useLoad(() => loadSchema(place, objectKey), [place, objectKey]);
  const record = useLoad(() => getRecord(place, objectKey, id), [place, objectKey, id, edition]);
  const rights = useLoad(() => may(place, objectKey === "contact" ? "contacts.write" : objectKey === "opportunity" ? "opportunities.write" : "objects/record.write"), [place, objectKey]);
  const folders = useLoad(async () => {
    if (!objectKey.startsWith("custom_objects.")) return [];
    return (await api(place, "GET", `/custom-fields/object-key/${objectKey}?locationId=${place}`)).folders ?? [];
  }, [place, objectKey]);
  const [drafts, setDrafts] = useState(/** @type {Record<string, string>} */ ({}));
  const [stored, setStored] = useState(/** @type {Item | null} */ (null));
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const [dialog, setDialog] = useState("");
  const [clash, setClash] = useState(/** @type {import("./conflict.js").Clash | null} */ (null));
  const beside = useLoad(() => neighboursOf(place, objectKey, query, id), [place, objectKey, id, query.toString()]);
  const list = link(place, ["o", objectKey], Object.fromEntries(query));
  const replays = useLoad(() => may(place, "webhooks.write"), [place]);
  const [turn, setTurn] = useState(0);
  const restored = () => (setStored(null), setDrafts({}), record.again(), setTurn((now) => now + 1));
  const item = stored ?? record.value;
  // What was read anew is newer than what was stored before.
  useEffect(() => setStored(null), [record.value]);
  useEffect(() => item && onStored?.(item), [item]);
  const all = useMemo(() => flatten(schema.value?.fields ?? []), [schema.value]);
  const changes = item ? changesOf(all, drafts, item.properties) : {};
  const dirty = Object.keys(changes).length;

  /** @param {Record<string, any>} wanted @param {Item} read @param {string} done */
  const save = async (wanted, read, done) => {
    try {
      setStored(await updateRecord(place, objectKey, id, wanted, read));
      setDrafts({});
      setClash(null);
      setProblem(null);
      setTurn((now) => now + 1);
      notify(done);
    } catch (found) {
      const refused = asRefused(found);
      if (refused.status === 412) return settleWith(wanted, read);
      setClash(null);
      setProblem(refused);
    }
  };
  /** Somebody else was quicker: what only one has changed is saved beside theirs, the rest is asked. @param {Record<string, any>} wanted @param {Item} read */
  const settleWith = async (wanted, read) => {
    try {
      const theirs = await getRecord(place, objectKey, id);
      const found = clashOf(read, theirs, wanted);
      if (found.contested.length) setClash(found);
      else await save(wanted, theirs, "Saved, beside what somebody else has changed meanwhile");
    } catch (found) {
      setProblem(asRefused(found));
    }
  };
  /** @param {Record<string, any>} chosen */
  const saveChosen = async (chosen) => {
    if (!clash) return;
    if (Object.keys(chosen).length) return save(chosen, clash.theirs, "Saved");
    setStored(clash.theirs);
    setDrafts({});
    setClash(null);
    setTurn((now) => now + 1);
  };
  const saveDrafts = () => dirty && item && save(changes, item, "Saved");
  const turnTo = (/** @type {string | null | undefined} */ other) => {
    const words = Object.fromEntries(query);
    if (other) go(panel ? link(place, ["o", objectKey], { ...words, open: other }) : link(place, ["o", objectKey, other], words), true);
    else if (beside.value) notify(beside.value.at < 0 ? "The list does not show this record" : "The list ends here");
  };
  const latest = useRef({ saveDrafts, turnTo, list, beside: beside.value });
  latest.current = { saveDrafts, turnTo, list, beside: beside.value };
  useEffect(() => {
    const key = (/** @type {KeyboardEvent} */ event) => {
      const now = latest.current;
      const isModal = document.querySelector("dialog[open]");
      const isInGrid = event.target instanceof HTMLElement && event.target.closest("[role=grid]");
      if ((event.ctrlKey || event.metaKey) && event.key === "s") {
        event.preventDefault();
        if (!isModal) now.saveDrafts();
      } else if (isModal || event.ctrlKey || event.metaKey || event.altKey) return;
      else if (event.key === "Escape") go(now.list);
      else if (isTyping(event.target) || isInGrid) return;
      else if (event.key === "j") now.turnTo(now.beside?.behind);
      else if (event.key === "k") now.turnTo(now.beside?.before);
    };
    window.addEventListener("keydown", key);
    return () => window.removeEventListener("keydown", key);
  }, [place, objectKey]);
  // With the screen that says so, and not some time after it.
  useLayoutEffect(() => {
    const warn = (/** @type {BeforeUnloadEvent} */ event) => event.preventDefault();
    if (!dirty) return undefined;
    unsaved.what = `${dirty} unsaved ${dirty === 1 ? "change" : "changes"}`;
    window.addEventListener("beforeunload", warn);
    return () => {
      unsaved.what = "";
      window.removeEventListener("beforeunload", warn);
    };
  }, [dirty]);

  const failed = record.problem ?? schema.problem;
  const close = panel && html`<a class="button small" href=${list} aria-label="Close" title="Esc">✕</a>`;
  if (failed && (!item || !schema.value)) return html`<${Head} title="Record" level=${panel ? 2 : 1}>${close}<//><${Problem} problem=${failed} again=${() => (record.again(), schema.again())} />`;
  if (!item || !schema.value) return html`<${Head} title="…" level=${panel ? 2 : 1}>${close}<//><${Skeleton} />`;
  const { object } = schema.value;
  const canEdit = rights.value === true;
  const named = (folders.value ?? []).map((/** @type {any} */ folder) => ({ name: folder.name, fields: all.filter((field) => field.parentId === folder.id) }));
  const inFolders = new Set(named.flatMap((/** @type {any} */ group) => group.fields));
  const groups = [...named, { name: "Properties", fields: all.filter((field) => !inFolders.has(field)) }].filter((group) => group.fields.length);
  const sent = dirty ? requestTo.update(place, objectKey, id, changes) : requestTo.get(place, objectKey, id);
  const at = beside.value && beside.value.at >= 0 ? beside.value : null;
  const remove = async () => {
    try {
      await deleteRecord(place, objectKey, id);
      notify(`${object.labels.singular} deleted`);
      unsaved.what = "";
      onDeleted?.(id);
      go(list);
    } catch (found) {
      setDialog("");
      setProblem(asRefused(found));
    }
  };
  return html`<section class=${panel ? "" : "screen"}>
    <nav class="crumbs row" aria-label=${panel ? "Record" : "Breadcrumb"}>${panel ? html`<a href=${link(place, ["o", objectKey, id], Object.fromEntries(query))}>Full page</a>` : html`<a href=${list}>${object.labels.plural}</a>`}
      ${at && html`<span class="quiet">${count(at.at + 1)} of ${count(at.total)}</span>
        <button type="button" class="plain" aria-label="Previous record" aria-keyshortcuts="k" disabled=${!at.before} onClick=${() => turnTo(at.before)}>↑</button><button type="button" class="plain" aria-label="Next record" aria-keyshortcuts="j" disabled=${!at.behind} onClick=${() => turnTo(at.behind)}>↓</button>`}${panel && html`<span class="push">${close}</span>`}</nav>
    <${Head} title=${titleOf(object, item)} level=${panel ? 2 : 1} note=${dirty ? `${dirty} unsaved ${dirty === 1 ? "change" : "changes"}` : ""}>
      <${CopyRequest} sent=${sent} />
      ${canEdit && html`<button type="button" class="danger" onClick=${() => setDialog("delete")}>Delete</button>
        ${dirty > 0 && html`<button type="button" onClick=${() => (setDrafts({}), setProblem(null))}>Discard</button>`}
        <button type="button" class="primary" disabled=${!dirty} onClick=${saveDrafts}>Save <kbd>Ctrl S</kbd></button>`}
    <//>
    ${problem && html`<${Problem} problem=${problem} />`}
    <div class="columns">
      <div>
        ${groups.map((group) => html`<section class="card" key=${group.name}><h2>${group.name}</h2>
          ${group.fields.map((/** @type {Field} */ field) =>
            typeOf(field).input === "none"
              ? html`<div class="property" key=${field.key}><span class="property-name">${field.name}</span><${Files} value=${item.properties[field.key]} /></div>`
              : html`<${Property} key=${field.key} field=${field} refused=${isAbout(problem, field)} disabled=${!canEdit || field.readOnly}
                  draft=${drafts[field.key] ?? draftOf(field, item.properties[field.key])}
                  onDraft=${(/** @type {string} */ draft) => setDrafts((now) => ({ ...now, [field.key]: draft }))} />`,
          )}</section>`)}
      </div>
      <div>
        <${Relations} key=${`relations ${turn}`} place=${place} object=${object} id=${id} />
        <${History} place=${place} objectKey=${objectKey} id=${id} fields=${all} turn=${turn} canRestore=${canEdit} onRestored=${restored} />
        ${replays.value !== undefined && html`<${Deliveries} place=${place} id=${id} canReplay=${replays.value} />`}
        <section class="card"><h2>About</h2>
          <dl class="facts">
            <dt>Id</dt><dd><code>${id}</code></dd>
            ${item.raw.createdAt && html`<dt>Created</dt><dd>${when(item.raw.createdAt)}${item.raw.createdBy && html`<small>${item.raw.createdBy.source} ${item.raw.createdBy.sourceId}</small>`}</dd>`}
            ${item.raw.updatedAt && html`<dt>Changed</dt><dd>${when(item.raw.updatedAt)}${item.raw.lastUpdatedBy && html`<small>${item.raw.lastUpdatedBy.source} ${item.raw.lastUpdatedBy.sourceId}</small>`}</dd>`}
          </dl>
          <details><summary>JSON</summary><pre tabindex="0">${JSON.stringify(item.raw, null, 2)}</pre></details>
        </section>
      </div>
    </div>
    ${clash && html`<${ConflictDialog} clash=${clash} fields=${all} onSave=${saveChosen} onClose=${() => setClash(null)} />`}
    ${dialog === "delete" && html`<${Dialog} title=${`Delete ${titleOf(object, item)}?`} onClose=${() => setDialog("")}>
      <p>Its properties and relations go with it. The <a href=${link(place, ["bin"])}>bin</a> keeps it for some days.</p>
      <footer><button type="button" onClick=${() => setDialog("")}>Cancel</button><button type="button" class="danger" onClick=${remove}>Delete</button></footer>
    <//>`}
  </section>`;
}

/** @param {{value: any}} props */
function Files({ value }) {
  if (!Array.isArray(value) || !value.length) return html`<span class="quiet">none</span>`;
  return html`<ul class="plain-list">${value.map((file) => html`<li key=${file.url}>${/^https?:/.test(file.url)
    ? html`<a href=${file.url} target="_blank" rel="noreferrer">${file.meta?.name ?? file.url}</a>`
    : (file.meta?.name ?? file.url)}</li>`)}</ul>`;
}
