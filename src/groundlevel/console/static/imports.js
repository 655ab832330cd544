// @ts-check
// Import: a file is uploaded, its columns are matched with fields, its rows are checked and then written.
import { useEffect, useState } from "preact/hooks";
import { api, download, may, save, upload } from "./api.js";
import { DATA_TYPES } from "./fields.js";
import { loadObjects, loadSchema } from "./sources.js";
import { Empty, Head, Labelled, Problem, Skeleton, asRefused, count, html, keyOf, link, typed, useAct, useLoad, when } from "./ui.js";

/** @typedef {import("./api.js").Refused} Refused */
/** @typedef {import("./fields.js").Field} Field */
/** @typedef {{name: string, key: string, dataType: string, isNew: boolean, isPrimary: boolean, reason: string, samples: string[]}} Column */
/**
 * @typedef {{id: string, objectKey: string, name: string, bytes: number, step: string, state: string, percent: number, seconds: number, rows: number,
 *   created: number, updated: number, unchanged: number, refused: number, skipped: number, objectExists: boolean, match: string | null, createMissing: boolean,
 *   columns: Column[], refusals: {line: number, field: string, message: string}[], warnings: string[], problem: string, hint: string, createdAt: string}} Import
 */

const EVERY_MS = 700;
const WITHOUT = ["contact", "opportunity"];
const TYPES = DATA_TYPES.filter((type) => !["SINGLE_OPTIONS", "MULTIPLE_OPTIONS", "RADIO", "CHECKBOX", "TEXTBOX_LIST", "FILE_UPLOAD"].includes(type.name));

/** @param {Import} job */
const isBusy = (job) => ["arriving", "waiting", "running"].includes(job.state);

/** What is going on, in words. @param {Import} job */
function stateOf(job) {
  const doing = { read: "reading", check: "checking", write: "importing" }[job.step] ?? job.step;
  const done = { read: "read, not yet checked", check: "checked, not yet imported", write: "imported" }[job.step] ?? job.step;
  if (job.state === "failed") return "failed";
  return job.state === "done" ? done : job.state === "running" ? doing : "waiting";
}

/** @param {{place: string, go: (hash: string) => void}} props */
export function Imports({ place, go }) {
  const found = useLoad(async () => {
    const [imports, objects] = await Promise.all([api(place, "GET", `/x/imports?locationId=${place}`), loadObjects(place)]);
    return { imports: /** @type {Import[]} */ (imports.imports), objects: objects.filter((each) => !WITHOUT.includes(each.key)) };
  }, [place]);
  const rights = useLoad(() => may(place, "objects/record.write"), [place]);
  const name = (/** @type {string} */ key) => found.value?.objects.find((each) => each.key === key)?.labels.plural ?? key;
  return html`<section class="screen">
    <${Head} title="Import" note=${found.value ? count(found.value.imports.length) : ""} />
    ${found.problem && html`<${Problem} problem=${found.problem} again=${found.again} />`}
    ${!found.value && !found.problem && html`<${Skeleton} />`}
    ${found.value && rights.value && html`<${Upload} place=${place} objects=${found.value.objects} onDone=${(/** @type {string} */ id) => go(link(place, ["import", id]))} />`}
    ${found.value && rights.value === false && html`<p class="quiet">Your role does not let you import.</p>`}
    ${found.value && (found.value.imports.length
      ? html`<div class="scroll" tabindex="0" role="region" aria-label="Imports"><table class="table">
          <thead><tr><th>File</th><th>Object</th><th>State</th><th class="end">Created</th><th class="end">Updated</th><th class="end">Refused</th><th>Uploaded</th></tr></thead>
          <tbody>${found.value.imports.map((job) => html`<tr key=${job.id}><td><a href=${link(place, ["import", job.id])}>${job.name}</a></td><td>${name(job.objectKey)}</td><td>${stateOf(job)}</td>
            <td class="end">${count(job.created)}</td><td class="end">${count(job.updated)}</td><td class="end">${count(job.refused)}</td><td class="quiet nowrap">${when(job.createdAt)}</td></tr>`)}</tbody></table></div>`
      : html`<${Empty} title="Nothing was imported yet"><p>Files and their refused rows are kept for 7 days.</p><//>`)}
  </section>`;
}

/** @param {{place: string, objects: import("./sources.js").Schema[], onDone: (id: string) => void}} props */
function Upload({ place, objects, onDone }) {
  const [key, setKey] = useState(objects.find((each) => !each.standard)?.key ?? "");
  const [fresh, setFresh] = useState("");
  const [file, setFile] = useState(/** @type {File | null} */ (null));
  const [over, setOver] = useState(false);
  const { act, busy, problem } = useAct();
  const isNew = key === "";
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!file) return;
    const words = new URLSearchParams({ locationId: place, object: isNew ? `custom_objects.${keyOf(fresh)}` : key, name: file.name });
    act(async () => onDone((await upload(place, `/x/imports?${words}`, file)).import.id));
  };
  const sample = async () => {
    const { fields } = await loadSchema(place, key);
    save(new Blob([`${fields.filter((field) => field.dataType !== "FILE_UPLOAD").map((field) => field.key).join(",")}\r\n`], { type: "text/csv" }), `${key.split(".").pop()}.csv`);
  };
  const drop = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    setOver(false);
    setFile(event.dataTransfer?.files[0] ?? null);
  };
  return html`<form class="card form" onSubmit=${submit}><h2>Upload a file</h2>
    ${problem && html`<${Problem} problem=${problem} />`}
    <div class="fields">
      <${Labelled} label="Into"><select value=${key} onChange=${(/** @type {Event} */ e) => setKey(typed(e))}>
        ${objects.map((each) => html`<option key=${each.key} value=${each.key}>${each.labels.plural}</option>`)}<option value="">A new object</option></select><//>
      ${isNew && html`<${Labelled} label="One is called" hint="Its fields are made from the columns of the file."><input required value=${fresh} onInput=${(/** @type {Event} */ e) => setFresh(typed(e))} /><//>`}
    </div>
    <label class=${over ? "drop over" : "drop"} onDragOver=${(/** @type {Event} */ e) => (e.preventDefault(), setOver(true))} onDragLeave=${() => setOver(false)} onDrop=${drop}>
      <input type="file" class="hidden" accept=".csv,.tsv,.jsonl,.ndjson" aria-label="File" onChange=${(/** @type {Event} */ e) => setFile(/** @type {HTMLInputElement} */ (e.currentTarget).files?.[0] ?? null)} />
      <strong>${file ? file.name : "Drop a file here, or choose one"}</strong><span class="quiet">${file ? `${count(Math.max(1, Math.round(file.size / 1024)))} KB` : "CSV with a header, or a JSON object in each line"}</span></label>
    <footer>${!isNew && html`<button type="button" class="left" onClick=${sample}>Empty sample</button>`}<button type="submit" class="primary" disabled=${!file || busy}>${busy ? "Uploading…" : "Upload"}</button></footer>
  </form>`;
}

/** @param {{place: string, id: string, go: (hash: string) => void, onChange: () => void}} props */
export function OneImport({ place, id, go, onChange }) {
  const path = `/x/imports/${encodeURIComponent(id)}`;
  const found = useLoad(async () => /** @type {Import} */ ((await api(place, "GET", `${path}?locationId=${place}`)).import), [place, id]);
  const [remapping, setRemapping] = useState(false);
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const [last, setLast] = useState(/** @type {Record<string, any>} */ ({}));
  const job = found.value;
  useEffect(() => {
    if (!job || !isBusy(job)) return undefined;
    const timer = setTimeout(found.again, EVERY_MS);
    return () => clearTimeout(timer);
  }, [job, found.problem]);
  const made = job?.createMissing === true && job.step === "write" && job.state === "done";
  useEffect(() => {
    if (made) onChange();
  }, [made]);
  const act = async (/** @type {() => Promise<any>} */ work) => {
    try {
      await work();
      setProblem(null);
    } catch (reason) {
      setProblem(asRefused(reason));
    }
    found.again();
  };
  const start = (/** @type {Record<string, any>} */ choices, /** @type {boolean} */ dryRun) =>
    act(async () => {
      await api(place, "POST", `${path}/start?locationId=${place}`, { ...choices, dryRun });
      setLast(choices);
      setRemapping(false);
    });
  const remove = () => act(async () => (await api(place, "DELETE", `${path}?locationId=${place}`), go(link(place, ["import"]))));
  if (found.problem && !job) return html`<${Head} title="Import" /><${Problem} problem=${found.problem} again=${found.again} />`;
  if (!job) return html`<${Head} title="…" /><${Skeleton} />`;
  const isMapping = !isBusy(job) && job.columns.length > 0 && (remapping || (job.step === "read" && job.state === "done"));
  const again = { columns: job.columns.map((column) => ({ name: column.name, key: column.key || null })), match: job.match, createMissing: job.createMissing, ...last };
  return html`<section class="screen">
    <nav class="crumbs" aria-label="Breadcrumb"><a href=${link(place, ["import"])}>Import</a></nav>
    <${Head} title=${job.name} note=${stateOf(job)}>
      <button type="button" class="danger" onClick=${remove}>${isBusy(job) ? "Stop" : "Delete"}</button>
    <//>
    ${problem && html`<${Problem} problem=${problem} />`}
    ${found.problem && html`<${Problem} problem=${found.problem} again=${found.again} />`}
    ${job.problem && html`<${Problem} problem=${{ message: job.problem, hint: job.hint }} />`}
    ${job.warnings.map((warning) => html`<p class="warning" key=${warning}>${warning}</p>`)}
    ${isBusy(job) && html`<${Progress} job=${job} />`}
    ${isMapping && html`<${Mapping} key=${job.id} place=${place} job=${job} onStart=${start} />`}
    ${job.step !== "read" && !isMapping && html`<${Outcome} place=${place} job=${job} />
      ${!isBusy(job) && html`<p class="row">
        ${job.step === "check" && job.state === "done" && html`<button type="button" class="primary" disabled=${job.created + job.updated === 0} onClick=${() => start(again, false)}>Import ${count(job.created + job.updated)} ${job.created + job.updated === 1 ? "row" : "rows"}</button>`}
        ${job.step === "write" && job.state === "failed" && html`<button type="button" class="primary" onClick=${() => start(again, false)}>Carry on</button>`}
        ${job.step === "check" && html`<button type="button" onClick=${() => setRemapping(true)}>Change the columns</button>`}
        ${job.step === "write" && html`<a class="button" href=${link(place, ["o", job.objectKey])}>Show the records</a>`}
        ${job.refused > 0 && html`<button type="button" onClick=${() => act(() => download(place, `${path}/refused?locationId=${place}`, `${job.name}.errors.csv`))}>Refused rows as CSV</button>`}</p>`}`}
    ${job.step === "read" && job.state === "failed" && html`<p><a class="button" href=${link(place, ["import"])}>Upload another file</a></p>`}
  </section>`;
}

/** @param {{job: Import}} props */
function Progress({ job }) {
  const left = job.percent > 2 && job.seconds > 0.5 ? Math.round((job.seconds / job.percent) * (100 - job.percent)) : 0;
  const rate = job.seconds > 0.5 && job.rows ? Math.round(job.rows / job.seconds) : 0;
  return html`<div class="card progress"><progress max="100" value=${job.percent} aria-label="Progress"></progress>
    <p class="quiet" role="status">${job.percent} % ${job.rows ? `, ${count(job.rows)} rows` : ""}${rate ? `, ${count(rate)} a second` : ""}${left ? `, about ${count(left)} s left` : ""}</p></div>`;
}

/** @param {{place: string, job: Import}} props */
function Outcome({ place, job }) {
  const would = job.step === "check" ? "to be " : "";
  const facts = /** @type {[string, number][]} */ ([["created", job.created], ["updated", job.updated], ["unchanged", job.unchanged], ["refused", job.refused], ["empty", job.skipped]]);
  return html`<div class="tiles figures">${facts.map(([name, number]) => html`<div class=${name === "refused" && number ? "tile figure bad" : "tile figure"} key=${name}><span>${["created", "updated"].includes(name) ? would : ""}${name}</span><strong>${count(number)}</strong></div>`)}</div>
    ${job.refusals.length > 0 && html`<section class="card"><h2>Refused rows</h2>
      <div class="scroll" tabindex="0" role="region" aria-label="Refused rows"><table class="table"><thead><tr><th class="end">Line</th><th>Field</th><th>Why</th></tr></thead>
      <tbody>${job.refusals.map((row) => html`<tr key=${`${row.line} ${row.field} ${row.message}`}><td class="end">${count(row.line)}</td><td><code>${row.field || "–"}</code></td><td>${row.message}</td></tr>`)}</tbody></table></div>
      ${job.refused > job.refusals.length && html`<p class="quiet">The first ${count(job.refusals.length)} of ${count(job.refused)}.</p>`}</section>`}`;
}

/** Which field each column fills. @param {{place: string, job: Import, onStart: (choices: Record<string, any>, dryRun: boolean) => void}} props */
function Mapping({ place, job, onStart }) {
  const rights = useLoad(async () => (await may(place, "locations/customFields.write")) && (await may(place, "objects/schema.write")), [place]);
  const schema = useLoad(async () => (job.objectExists ? (await loadSchema(place, job.objectKey)).fields : /** @type {Field[]} */ ([])), [place, job.objectKey, job.objectExists]);
  // A column without a field is left out at first, unless the object is made from the file.
  const [keys, setKeys] = useState(() => Object.fromEntries(job.columns.map((column) => [column.name, column.isNew && job.objectExists ? "" : column.key])));
  const [types, setTypes] = useState(/** @type {Record<string, string>} */ ({}));
  const [match, setMatch] = useState(job.match ?? "");
  const [dates, setDates] = useState("");
  const [country, setCountry] = useState("");
  if (schema.problem) return html`<${Problem} problem=${schema.problem} again=${schema.again} />`;
  if (!schema.value) return html`<${Skeleton} />`;
  const fields = schema.value;
  const isNew = (/** @type {string} */ key) => key !== "" && !fields.some((field) => field.key === key);
  const columns = job.columns.map((column) => ({ name: column.name, key: keys[column.name] || null, ...(isNew(keys[column.name]) && types[column.name] ? { dataType: types[column.name] } : {}) }));
  const used = columns.filter((column) => column.key);
  const choices = {
    columns,
    createMissing: used.some((column) => isNew(column.key ?? "")) || !job.objectExists,
    ...(match && used.some((column) => column.key === match) ? { match } : {}),
    ...(dates ? { dates: [dates] } : {}),
    ...(country ? { country } : {}),
  };
  const twice = used.find((column, index) => used.findIndex((other) => other.key === column.key) !== index);
  return html`<form class="card form" onSubmit=${(/** @type {Event} */ e) => (e.preventDefault(), onStart(choices, true))}><h2>Which field does each column fill?</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Columns"><table class="table"><thead><tr><th>Column</th><th>Values</th><th>Fills</th></tr></thead>
      <tbody>${job.columns.map((column) => html`<tr key=${column.name}><td><strong>${column.name}</strong>${column.isNew && column.reason && html`<span class="reason quiet">${column.reason}</span>`}</td>
        <td class="quiet samples">${column.samples.join(" · ") || "empty"}</td>
        <td class="mapped"><select aria-label=${`Field for ${column.name}`} value=${keys[column.name]} onChange=${(/** @type {Event} */ e) => { const key = typed(e); setKeys((now) => ({ ...now, [column.name]: key })); }}>
            <option value="">Leave it out</option>
            ${fields.filter((field) => field.dataType !== "FILE_UPLOAD").map((field) => html`<option key=${field.key} value=${field.key}>${field.name}</option>`)}
            ${(rights.value || !job.objectExists) && column.isNew && html`<option value=${column.key}>New field ${column.key}</option>`}
          </select>
          ${isNew(keys[column.name]) && html`<select aria-label=${`Type of ${column.name}`} value=${types[column.name] ?? ""} onChange=${(/** @type {Event} */ e) => { const type = typed(e); setTypes((now) => ({ ...now, [column.name]: type })); }}>
            <option value="">${`Guessed: ${DATA_TYPES.find((type) => type.name === column.dataType)?.label ?? column.dataType}`}</option>${TYPES.map((type) => html`<option key=${type.name} value=${type.name}>${type.label}</option>`)}</select>`}</td></tr>`)}</tbody></table></div>
    <div class="fields">
      <${Labelled} label="Recognise records by" hint="A row whose value is there already updates that record."><select value=${match} onChange=${(/** @type {Event} */ e) => setMatch(typed(e))}>
        <option value="">Nothing: every row is a new record</option>${used.map((column) => html`<option key=${column.key} value=${column.key}>${fields.find((field) => field.key === column.key)?.name ?? column.key}</option>`)}</select><//>
      <${Labelled} label="Days are written"><select value=${dates} onChange=${(/** @type {Event} */ e) => setDates(typed(e))}>
        <option value="">2024-05-31</option><option value="dmy">31.05.2024, 31/05/2024</option><option value="mdy">05/31/2024</option><option value="ymd">2024/05/31</option><option value="excel">as numbers of a spreadsheet</option></select><//>
      <${Labelled} label="Country of phone numbers" hint="Two letters, for numbers without a country code."><input maxlength="2" pattern="[A-Za-z]{2}" value=${country} onInput=${(/** @type {Event} */ e) => setCountry(typed(e).toUpperCase())} /><//>
    </div>
    ${twice && html`<p class="warning">Two columns fill ${twice.key}: leave one of them out.</p>`}
    <footer><button type="submit" class="primary" disabled=${!used.length || Boolean(twice)}>Check the rows</button></footer>
  </form>`;
}
