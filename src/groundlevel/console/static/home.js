// @ts-check
// The home of a place: how many records there are, what needs looking at, and what could be done next. Each card fails alone.
import { api, own } from "./api.js";
import { searchRecords } from "./sources.js";
import { Copy, Head, Problem, Skeleton, asRefused, count, html, link, notify, size, useAct, useLoad, when } from "./ui.js";

/** @typedef {import("./api.js").Session} Session */
/** @typedef {import("./sources.js").Schema} Schema */
/** @typedef {{objectKey: string, field: string | null, fieldKey: string | null, percent: number | null}} Building */
/**
 * @typedef {{deadDeliveries: number, building: Building[], empty: boolean, limits: {mode: string, burst: number, daily: number, bodyBytes: number, importBytes: number},
 *   backups: {possible: boolean, last: string | null} | null}} PlaceState
 */

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** More dead deliveries are not counted. */
const MOST = 1000;

/** @param {{place: string, session: Session, objects: ReturnType<typeof useLoad<Schema[]>>}} props */
export function Home({ place, session, objects }) {
  const name = session.places.find((each) => each.id === place)?.name ?? place;
  const state = useLoad(async () => /** @type {PlaceState} */ (await own("GET", `/places/${place}/state`)), [place]);
  const shell = `export GHL_BASE_URL=${location.origin}\nexport GHL_LOCATION_ID=${place}`;
  const shown = [...(objects.value ?? [])].sort((a, b) => Number(a.standard) - Number(b.standard));
  return html`<section class="screen">
    <${Head} title=${name} note=${html`<code>${place}</code>`}><${Copy} text=${shell}>Copy for a shell<//><//>
    ${objects.problem && html`<${Problem} problem=${objects.problem} again=${objects.again} />`}
    ${!objects.value && !objects.problem && html`<${Skeleton} lines=${4} />`}
    ${state.value?.empty && session.role === "owner" && html`<${DemoOffer} place=${place} onDone=${() => (state.again(), objects.again())} />`}
    <div class="tiles">${shown.map((object) => html`<${Counted} key=${object.key} place=${place} object=${object} />`)}</div>
    <div class="columns">
      <div>
        <${Refusals} place=${place} session=${session} />
        <section class="card"><h2>Next steps</h2><ul class="plain-list">
          <li><a href=${link(place, ["import"])}>Import a file</a><small>CSV, or a JSON object in each line</small></li>
          <li><a href=${link(place, ["schema"])}>Create an object</a><small>and the fields of its records</small></li>
          <li><a href=${link(place, ["tokens"])}>Create a token</a><small>for a program that uses the API</small></li>
          <li><a href=${link(place, ["webhooks"])}>Add a webhook</a><small>to be told of what changes</small></li>
          <li><a href="/docs" target="_blank" rel="noreferrer">Read the reference</a><small>every operation, to be tried</small></li>
        </ul></section>
      </div>
      <section class="card"><h2>State</h2>
        ${state.problem && html`<${Problem} problem=${state.problem} again=${state.again} />`}
        ${!state.value && !state.problem && html`<${Skeleton} lines=${4} />`}
        ${state.value && html`<${State} place=${place} state=${state.value} objects=${shown} />`}
      </section>
    </div>
  </section>`;
}

/** Data to look around in, for a place that holds nothing. @param {{place: string, onDone: () => void}} props */
function DemoOffer({ place, onDone }) {
  const { act, busy, problem } = useAct();
  const fill = () => act(async () => (await own("POST", `/places/${place}/demo`), notify("The demo is here"))).then(onDone);
  return html`<section class="card"><${Head} level=${2} title="This place is empty"><button type="button" class="primary" disabled=${busy} onClick=${fill}>${busy ? "At work…" : "Fill with demo data"}</button><//>
    ${problem && html`<${Problem} problem=${problem} />`}
    <p>The demo is a veterinary clinic: pets, visits and supplies with some fifty records, contacts and opportunities. Each can be changed and deleted like any other; for data of your own, go on with the next steps below.</p></section>`;
}

/** What was refused within the last hour. @param {{place: string, session: Session}} props */
function Refusals({ place, session }) {
  const refused = useLoad(() => (session.unlimited ? own("GET", "/requests?refused=true&limit=500") : api(place, "GET", "/x/requests?refused=true&limit=500")), [place]);
  const since = Date.now() - HOUR_MS;
  const rows = (refused.value?.requests ?? []).filter((/** @type {any} */ row) => Date.parse(row.time) >= since);
  return html`<section class="card"><${Head} level=${2} title="Refused in the last hour" note=${refused.value ? count(rows.length) : ""}>${rows.length > 0 && html`<a href=${link(place, ["requests"], { refused: "true" })}>All of them</a>`}<//>
    ${refused.problem && html`<${Problem} problem=${refused.problem} again=${refused.again} />`}
    ${!refused.value && !refused.problem && html`<${Skeleton} lines=${3} />`}
    ${refused.value && !rows.length && html`<p class="quiet">No request was refused.</p>`}
    <ul class="plain-list">${rows.slice(0, 6).map((/** @type {any} */ row) => html`<li key=${row.number}>
      <a href=${link(place, ["requests"], { n: String(row.number), refused: "true", console: "true" })}><b>${row.method}</b> <code>${row.path}</code></a><small>${row.reason}</small></li>`)}</ul>
  </section>`;
}

/** @param {{place: string, state: PlaceState, objects: Schema[]}} props */
function State({ place, state, objects }) {
  const { deadDeliveries: dead, building, limits, backups } = state;
  const plural = (/** @type {string} */ key) => objects.find((each) => each.key === key)?.labels.plural ?? key;
  const isOld = backups?.possible && (!backups.last || Date.now() - Date.parse(backups.last) > DAY_MS);
  return html`<dl class="facts">
    <dt>Deliveries given up</dt><dd>${dead ? html`<a class="bad" href=${link(place, ["webhooks"], { state: "dead" })}>${dead >= MOST ? `${count(MOST)} or more` : count(dead)}</a>` : "none"}</dd>
    <dt>Being built</dt><dd>${building.length ? building.map((each) => html`<div key=${`${each.objectKey} ${each.field}`}><a href=${link(place, ["schema", each.objectKey])}>${each.field ? `Index of ${each.field}` : "Search texts"}</a> of ${plural(each.objectKey)}${each.percent !== null && html` <span class="quiet">${each.percent} %</span>`}</div>`) : "nothing"}</dd>
    ${backups && html`<dt>Last backup</dt><dd>${backups.possible ? html`<a class=${isOld ? "bad" : ""} href="#/settings">${backups.last ? when(backups.last) : "none yet"}</a>` : "made by other programs"}</dd>`}
    <dt>Requests</dt><dd>${limits.mode === "live" ? `${count(limits.burst)} in 10 seconds and ${count(limits.daily)} a day for each program` : "not limited"}<small>bodies up to ${size(limits.bodyBytes)}, files to import up to ${size(limits.importBytes)}</small></dd>
  </dl>`;
}

/** How many records an object has. @param {{place: string, object: Schema}} props */
function Counted({ place, object }) {
  const total = useLoad(async () => (await searchRecords(place, object.key, [], { limit: 1 })).total, [place, object.key]);
  return html`<a class="tile figure" href=${link(place, ["o", object.key])}>
    <span>${object.labels.plural}</span><strong>${total.value !== undefined ? count(total.value) : total.problem ? "–" : "…"}</strong>
    ${total.problem && html`<span class="quiet">${asRefused(total.problem).message}</span>`}</a>`;
}
