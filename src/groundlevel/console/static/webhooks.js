// @ts-check
// Webhooks: who is told of events, what was sent to them, and sending it again.
import { useEffect, useState } from "preact/hooks";
import { api, may } from "./api.js";
import { statusClass } from "./requests.js";
import { Dialog, Empty, Head, Labelled, Problem, Skeleton, asRefused, html, notify, useLoad, when } from "./ui.js";

/** @typedef {import("./api.js").Refused} Refused */

/** How often the log of deliveries is looked at: what is sent is sent in the background. */
const EVERY_MS = 2000;

/** @param {{place: string}} props */
export function Webhooks({ place }) {
  const hooks = useLoad(async () => (await api(place, "GET", `/x/webhooks?locationId=${place}`)).webhooks, [place]);
  const rights = useLoad(() => may(place, "webhooks.write"), [place]);
  const [chosen, setChosen] = useState("");
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
  const hook = hooks.value?.find((/** @type {any} */ each) => each.id === chosen) ?? hooks.value?.[0];
  return html`<section class="screen">
    <${Head} title="Webhooks">${rights.value && html`<button type="button" class="primary" onClick=${() => setAdding(true)}>Add a URL</button>`}<//>
    ${problem && html`<${Problem} problem=${problem} />`}
    ${hooks.problem && html`<${Problem} problem=${hooks.problem} again=${hooks.again} />`}
    ${!hooks.value && !hooks.problem && html`<${Skeleton} />`}
    ${hooks.value?.length === 0 && html`<${Empty} title="Nobody is told of events"><p>Add the URL of a program, or let events come to a machine of yours:</p><pre tabindex="0">groundlevel webhooks listen</pre><//>`}
    ${hook && html`<div class="tiles">${hooks.value.map((/** @type {any} */ each) => html`<button type="button" class="tile" key=${each.id} aria-pressed=${each.id === hook.id} onClick=${() => setChosen(each.id)}>
        <strong class="clip">${each.url}</strong><span class="quiet">${each.events.length ? each.events.join(", ") : "All events"}</span></button>`)}</div>
      ${rights.value && html`<p class="row"><button type="button" onClick=${() => act(() => api(place, "POST", `/x/webhooks/${hook.id}/test`, {}), "Test sent")}>Send a test</button>
        <button type="button" class="danger" onClick=${() => act(() => api(place, "DELETE", `/x/webhooks/${hook.id}`), "Webhook deleted")}>Delete</button></p>`}
      <${Deliveries} key=${`${hook.id} ${turn}`} place=${place} hook=${hook} canReplay=${rights.value === true}
        onReplay=${(/** @type {string} */ id) => act(() => api(place, "POST", `/x/webhooks/deliveries/${id}/replay`, {}), "Sent again")} />`}
    ${adding && html`<${NewWebhook} place=${place} onClose=${() => setAdding(false)} onDone=${() => (setAdding(false), hooks.again())} />`}
  </section>`;
}

/** @param {{place: string, hook: any, canReplay: boolean, onReplay: (id: string) => void}} props */
function Deliveries({ place, hook, canReplay, onReplay }) {
  const log = useLoad(async () => (await api(place, "GET", `/x/webhooks/${hook.id}/deliveries`)).deliveries, [place, hook.id]);
  useEffect(() => {
    const timer = setInterval(log.again, EVERY_MS);
    return () => clearInterval(timer);
  }, [log.again]);
  if (log.problem && !log.value) return html`<${Problem} problem=${log.problem} again=${log.again} />`;
  if (!log.value) return html`<${Skeleton} lines=${4} />`;
  return html`<section class="card"><h2 class="row">Deliveries</h2>
    ${log.value.length === 0 ? html`<p class="quiet">Nothing was sent to it yet.</p>` : html`<div class="scroll" tabindex="0" role="region" aria-label="Deliveries"><table class="table">
      <thead><tr><th>Event</th><th>State</th><th>Last answer</th><th class="end">Attempts</th><th>Created</th><th><span class="hidden">Actions</span></th></tr></thead>
      <tbody>${log.value.map((/** @type {any} */ each) => {
        const last = each.attempts[each.attempts.length - 1];
        return html`<tr key=${each.id}><td><strong>${each.type}</strong><span class="reason quiet"><code>${each.subject}</code></span></td><td>${each.state}</td>
          <td>${last ? (last.status ? html`<span class=${statusClass(last.status)}>${last.status}</span>` : html`<span class="status status-5">${last.error}</span>`) : "–"}</td>
          <td class="end">${each.attempts.length}</td><td class="quiet nowrap">${when(each.createdAt)}</td>
          <td class="end">${canReplay && html`<button type="button" class="small" onClick=${() => onReplay(each.id)}>Replay</button>`}</td></tr>`;
      })}</tbody></table></div>`}
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
