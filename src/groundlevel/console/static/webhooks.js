// @ts-check
// Webhooks: who is told of events, what was sent to them, and sending it again.
import { useState } from "preact/hooks";
import { api, may } from "./api.js";
import { Attempts, LastAnswer, useDeliveries } from "./deliveries.js";
import { Dialog, Empty, Head, Labelled, Problem, Skeleton, asRefused, count, html, link, notify, typed, useLoad, when } from "./ui.js";

/** @typedef {import("./api.js").Refused} Refused */

/** @param {{place: string, query: URLSearchParams, go: (hash: string, replace?: boolean) => void}} props */
export function Webhooks({ place, query, go }) {
  const hooks = useLoad(async () => (await api(place, "GET", `/x/webhooks?locationId=${place}`)).webhooks, [place]);
  const rights = useLoad(() => may(place, "webhooks.write"), [place]);
  const chosen = query.get("id") ?? "";
  const state = query.get("state") ?? "";
  const show = (/** @type {Record<string, string>} */ members) => go(link(place, ["webhooks"], { id: chosen, state, ...members }), true);
  const [adding, setAdding] = useState(false);
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const [turn, setTurn] = useState(0);
  const act = async (/** @type {() => Promise<any>} */ work, /** @type {string} */ done) => {
    try {
      await work();
      setProblem(null);
      notify(done);
    } catch (found) {
      setProblem(asRefused(found));
    }
    hooks.again();
    setTurn((now) => now + 1);
  };
  // One after the other, the oldest first: what is about one record keeps its order.
  const replay = (/** @type {string[]} */ ids) => act(async () => {
    for (const id of ids) await api(place, "POST", `/x/webhooks/deliveries/${id}/replay`, {});
  }, ids.length > 1 ? `${count(ids.length)} sent again` : "Sent again");
  const hook = hooks.value?.find((/** @type {any} */ each) => each.id === chosen) ?? hooks.value?.[0];
  return html`<section class="screen">
    <${Head} title="Webhooks">${rights.value && html`<button type="button" class="primary" onClick=${() => setAdding(true)}>Add a URL</button>`}<//>
    ${problem && html`<${Problem} problem=${problem} />`}
    ${hooks.problem && html`<${Problem} problem=${hooks.problem} again=${hooks.again} />`}
    ${!hooks.value && !hooks.problem && html`<${Skeleton} />`}
    ${hooks.value?.length === 0 && html`<${Empty} title="Nobody is told of events"><p>Add the URL of a program, or let events come to a machine of yours:</p><pre tabindex="0">groundlevel webhooks listen</pre><//>`}
    ${hook && html`<div class="tiles">${hooks.value.map((/** @type {any} */ each) => html`<button type="button" class="tile" key=${each.id} aria-pressed=${each.id === hook.id} onClick=${() => show({ id: each.id })}>
        <strong class="clip">${each.url}</strong><span class="quiet">${each.events.length ? each.events.join(", ") : "All events"}</span></button>`)}</div>
      ${rights.value && html`<p class="row"><button type="button" onClick=${() => act(() => api(place, "POST", `/x/webhooks/${hook.id}/test`, {}), "Test sent")}>Send a test</button>
        <button type="button" class="danger" onClick=${() => act(() => api(place, "DELETE", `/x/webhooks/${hook.id}`), "Webhook deleted")}>Delete</button></p>`}
      <${Deliveries} key=${`${hook.id} ${turn}`} place=${place} hook=${hook} canReplay=${rights.value === true} state=${state} onState=${(/** @type {string} */ next) => show({ state: next })} onReplay=${replay} />`}
    ${adding && html`<${NewWebhook} place=${place} onClose=${() => setAdding(false)} onDone=${() => (setAdding(false), hooks.again())} />`}
  </section>`;
}

const STATES = ["pending", "waiting", "delivered", "dead"];

/** @param {{place: string, hook: any, canReplay: boolean, state: string, onState: (state: string) => void, onReplay: (ids: string[]) => void}} props */
function Deliveries({ place, hook, canReplay, state, onState, onReplay }) {
  const log = useDeliveries(place, `/x/webhooks/${hook.id}/deliveries?limit=100${state ? `&state=${state}` : ""}`);
  const [open, setOpen] = useState("");
  const [chosen, setChosen] = useState(/** @type {Set<string>} */ (new Set()));
  if (log.problem && !log.value) return html`<${Problem} problem=${log.problem} again=${log.again} />`;
  if (!log.value) return html`<${Skeleton} lines=${4} />`;
  const rows = log.value.deliveries;
  const ids = rows.filter((each) => chosen.has(each.id)).map((each) => each.id);
  const flip = (/** @type {string} */ id) => setChosen((now) => (now.has(id) ? new Set([...now].filter((each) => each !== id)) : new Set([...now, id])));
  return html`<section class="card"><${Head} level=${2} title="Deliveries">
      ${ids.length > 0 && html`<button type="button" class="primary" onClick=${() => (setChosen(new Set()), onReplay([...ids].reverse()))}>Replay ${count(ids.length)} chosen</button>`}
      <select aria-label="State" value=${state} onChange=${(/** @type {Event} */ e) => onState(typed(e))}><option value="">Every state</option>${STATES.map((each) => html`<option key=${each} value=${each}>${each}</option>`)}</select><//>
    ${rows.length === 0 ? html`<p class="quiet">${state ? `Nothing is ${state}.` : "Nothing was sent to it yet."}</p>` : html`<div class="scroll" tabindex="0" role="region" aria-label="Deliveries"><table class="table">
      <thead><tr>${canReplay && html`<th><input type="checkbox" aria-label="Choose all" checked=${ids.length === rows.length} onChange=${() => setChosen(new Set(ids.length === rows.length ? [] : rows.map((each) => each.id)))} /></th>`}<th>Event</th><th>State</th><th>Last answer</th><th class="end">Attempts</th><th>Created</th><th><span class="hidden">Actions</span></th></tr></thead>
      <tbody>${rows.map((each) => html`<tr key=${each.id}>${canReplay && html`<td><input type="checkbox" aria-label=${`Choose ${each.type} ${each.number}`} checked=${chosen.has(each.id)} onChange=${() => flip(each.id)} /></td>`}
          <td><strong>${each.type}</strong><span class="reason quiet"><code>${each.subject}</code></span>${open === each.id && html`<${Attempts} attempts=${each.attempts} />`}</td><td>${each.state}</td>
          <td><${LastAnswer} attempt=${each.attempts[each.attempts.length - 1]} /></td>
          <td class="end">${each.attempts.length > 0 ? html`<button type="button" class="small" aria-expanded=${open === each.id} aria-label=${`Attempts of ${each.type} ${each.number}`} onClick=${() => setOpen(open === each.id ? "" : each.id)}>${each.attempts.length}</button>` : 0}</td><td class="quiet nowrap">${when(each.createdAt)}</td>
          <td class="end">${canReplay && html`<button type="button" class="small" onClick=${() => onReplay([each.id])}>Replay</button>`}</td></tr>`)}</tbody></table></div>`}
    ${log.value.next && html`<p class="quiet">The newest 100 are shown.</p>`}
  </section>`;
}

/** @param {{place: string, onClose: () => void, onDone: () => void}} props */
function NewWebhook({ place, onClose, onDone }) {
  const [url, setUrl] = useState("");
  const [events, setEvents] = useState("");
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      await api(place, "POST", "/x/webhooks", { locationId: place, url, events: events.split(/[\s,]+/).filter(Boolean) });
      onDone();
    } catch (found) {
      setProblem(asRefused(found));
    }
  };
  return html`<${Dialog} title="Add a URL" onClose=${onClose}>
    <form class="form" onSubmit=${submit}>
      ${problem && html`<${Problem} problem=${problem} />`}
      <${Labelled} label="URL"><input required type="url" value=${url} onInput=${(/** @type {InputEvent} */ e) => setUrl(/** @type {HTMLInputElement} */ (e.currentTarget).value)} /><//>
      <${Labelled} label="Events" hint="Separated by commas; all if left out."><input value=${events} placeholder="RecordCreate, RecordUpdate" onInput=${(/** @type {InputEvent} */ e) => setEvents(/** @type {HTMLInputElement} */ (e.currentTarget).value)} /><//>
      <footer><button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="primary">Add</button></footer>
    </form>
  <//>`;
}
