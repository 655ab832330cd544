// @ts-check
// Deliveries to webhooks: what was sent, what came of it, and sending it again.
import { useEffect, useState } from "preact/hooks";
import { api } from "./api.js";
import { Problem, Skeleton, html, link, notify, statusClass, useAct, useLoad, when } from "./ui.js";

/** @typedef {{number: number, at: string, status: number | null, latencyMs: number, response: string, error: string | null}} Attempt */
/** @typedef {{id: string, number: number, webhook: string, type: string, subject: string, state: string, attempts: Attempt[], dueAt: string | null, createdAt: string}} Delivery */

/** How often a log of deliveries is looked at: what is sent is sent in the background. */
const EVERY_MS = 2000;

/** Loads deliveries now, and again and again. @param {string} place @param {string} path @returns {ReturnType<typeof useLoad<{deliveries: Delivery[], next: number | null}>>} */
export function useDeliveries(place, path) {
  const log = useLoad(() => api(place, "GET", path), [place, path]);
  useEffect(() => {
    const timer = setInterval(log.again, EVERY_MS);
    return () => clearInterval(timer);
  }, [log.again]);
  return log;
}

/** What came back last. @param {{attempt: Attempt | undefined}} props */
export function LastAnswer({ attempt }) {
  if (!attempt) return html`–`;
  return attempt.status ? html`<span class=${statusClass(attempt.status)}>${attempt.status}</span>` : html`<span class="status status-5">none</span><small>${attempt.error}</small>`;
}

/** Every attempt of a delivery, with what was answered. @param {{attempts: Attempt[]}} props */
export function Attempts({ attempts }) {
  return html`<ol class="plain-list attempts">${[...attempts].reverse().map((each) => html`<li key=${each.number}><p><${LastAnswer} attempt=${each} /> <span class="quiet">${when(each.at)}, ${each.latencyMs} ms</span></p>
    ${each.response && html`<pre tabindex="0">${each.response}</pre>`}</li>`)}</ol>`;
}

/** What was sent of one record. @param {{place: string, id: string, canReplay: boolean}} props */
export function DeliveriesOf({ place, id, canReplay }) {
  const path = `/x/webhooks/deliveries?locationId=${place}&subject=${encodeURIComponent(id)}`;
  const log = useDeliveries(place, path);
  const { act, problem } = useAct();
  const [open, setOpen] = useState("");
  const replay = (/** @type {string} */ delivery) => act(async () => (await api(place, "POST", `/x/webhooks/deliveries/${delivery}/replay`, {}), notify("Sent again"))).then(log.again);
  return html`<section class="card"><h2>Deliveries</h2>
    ${problem && html`<${Problem} problem=${problem} />`}
    ${log.problem && html`<${Problem} problem=${log.problem} again=${log.again} />`}
    ${!log.value && !log.problem && html`<${Skeleton} lines=${2} />`}
    ${log.value?.deliveries.length === 0 && html`<p class="quiet">Nothing about it was sent to a webhook. <a href=${link(place, ["webhooks"])}>Webhooks</a></p>`}
    <ul class="plain-list">${log.value?.deliveries.map((each) => html`<li key=${each.id}><div class="row"><strong>${each.type}</strong><span class="quiet">${each.state}, ${when(each.createdAt)}</span></div>
        <div class="row"><span class="answer"><${LastAnswer} attempt=${each.attempts[each.attempts.length - 1]} /></span><span class="row push">${each.attempts.length > 0 && html`<button type="button" class="small" aria-expanded=${open === each.id} onClick=${() => setOpen(open === each.id ? "" : each.id)}>${each.attempts.length === 1 ? "1 attempt" : `${each.attempts.length} attempts`}</button>`}
        ${canReplay && html`<button type="button" class="small" aria-label=${`Replay ${each.type}`} onClick=${() => replay(each.id)}>Replay</button>`}</span></div>
        ${open === each.id && html`<${Attempts} attempts=${each.attempts} />`}</li>`)}</ul>
  </section>`;
}
