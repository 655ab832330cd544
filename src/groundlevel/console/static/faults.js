// @ts-check
// Faults of the test double: those in force, and new ones by a short form or by the name of a scenario.
import { useState } from "preact/hooks";
import { own } from "./api.js";
import { Dialog, Head, Labelled, Problem, Skeleton, asRefused, count, html, typed, useLoad } from "./ui.js";

/** @typedef {import("./api.js").Refused} Refused */
/** @typedef {{id: string, rule: {match: Record<string, any>, then: Record<string, any>}, scenario: string, seen: number, applied: number}} Fault */

/**
 * What the form can do to a request: what it is called, what it asks for and with what there at first, and what the rule says then.
 * @type {Record<string, {label: string, asks?: string, first?: string, then: (text: string) => Record<string, unknown>}>}
 */
const EFFECTS = {
  status: { label: "Answer with a status", asks: "Status", first: "429", then: (text) => ({ status: Number(text) }) },
  delay: { label: "Answer late", asks: "By how much", first: "300ms±100ms", then: (text) => ({ delay: text }) },
  lost: { label: "Do it, and lose the answer", then: () => ({ drop: "after-commit" }) },
  dropped: { label: "End the connection before anything is done", then: () => ({ drop: "before" }) },
  malformed: { label: "Answer with a body that is no JSON", then: () => ({ malformed: true }) },
  trickle: { label: "Send the answer slowly", asks: "Rate", first: "1KB/s", then: (text) => ({ trickle: text }) },
};

/** Members of a rule in one line. @param {Record<string, any>} members */
const inWords = (members) => Object.entries(members).map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ");

/** @param {{turn: number, act: import("./double.js").Act}} props */
export function Faults({ turn, act }) {
  const found = useLoad(async () => /** @type {Fault[]} */ ((await own("GET", "/control/faults")).faults), [turn]);
  const scenarios = useLoad(async () => /** @type {{name: string, about: string}[]} */ ((await own("GET", "/control/scenarios")).scenarios), []);
  const [adding, setAdding] = useState(false);
  const [chosen, setChosen] = useState("");
  const rows = found.value ?? [];
  const about = scenarios.value?.find((each) => each.name === chosen)?.about;
  const use = (/** @type {Event} */ event) => {
    event.preventDefault();
    act(async () => (await own("POST", "/control/faults", { use: chosen }), setChosen("")), `${chosen} in force`);
  };
  return html`<section class="card"><${Head} level=${2} title="Faults" note=${rows.length ? count(rows.length) : ""}>
      ${rows.length > 0 && html`<button type="button" class="small danger" onClick=${() => act(() => own("DELETE", "/control/faults"), "No fault is in force")}>Remove all</button>`}
      <button type="button" class="small" onClick=${() => setAdding(true)}>Add a fault</button><//>
    ${found.problem && html`<${Problem} problem=${found.problem} again=${found.again} />`}
    ${!found.value && !found.problem && html`<${Skeleton} lines=${2} />`}
    ${found.value && !rows.length && html`<p class="quiet">Every request is answered as it should be.</p>`}
    ${rows.length > 0 && html`<div class="scroll" tabindex="0" role="region" aria-label="Faults"><table class="table"><thead><tr><th>What happens</th><th>To what</th><th class="end wide-only">Applied</th><th><span class="hidden">Actions</span></th></tr></thead>
      <tbody>${rows.map((each) => html`<tr key=${each.id}><td class="break"><strong>${inWords(each.rule.then)}</strong>${each.scenario && html`<span class="reason quiet">${each.scenario}</span>`}</td><td class="break">${inWords(each.rule.match) || "any request"}</td>
        <td class="end nowrap wide-only">${count(each.applied)} of ${count(each.seen)}</td><td class="end"><button type="button" class="small" aria-label=${`Remove fault ${each.id}`} onClick=${() => act(() => own("DELETE", `/control/faults/${encodeURIComponent(each.id)}`), "Fault removed")}>Remove</button></td></tr>`)}</tbody></table></div>`}
    ${scenarios.problem && html`<${Problem} problem=${scenarios.problem} again=${scenarios.again} />`}
    <form class="row inline" onSubmit=${use}><select required aria-label="Scenario" value=${chosen} onChange=${(/** @type {Event} */ e) => setChosen(typed(e))}><option value="">A scenario…</option>${(scenarios.value ?? []).map((each) => html`<option key=${each.name} value=${each.name}>${each.name}</option>`)}</select>
      <button type="submit" disabled=${!chosen}>Use it</button></form>
    ${about && html`<p class="quiet">${about}</p>`}
    ${adding && html`<${NewFault} onClose=${() => setAdding(false)} onAdded=${() => (setAdding(false), act(async () => {}, "Fault in force"))} />`}
  </section>`;
}

/** @param {{onClose: () => void, onAdded: () => void}} props */
function NewFault({ onClose, onAdded }) {
  const [method, setMethod] = useState("");
  const [path, setPath] = useState("");
  const [times, setTimes] = useState("1");
  const [effect, setEffect] = useState("status");
  const [value, setValue] = useState(EFFECTS.status.first ?? "");
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const { asks, then } = EFFECTS[effect];
  const pick = (/** @type {Event} */ event) => {
    const next = typed(event);
    setEffect(next);
    setValue(EFFECTS[next].first ?? "");
  };
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const match = { ...(method && { method }), ...(path.trim() && { path: path.trim() }), ...(times && { times: Number(times) }) };
    try {
      await own("POST", "/control/faults", { match, then: then(value.trim()) });
      onAdded();
    } catch (found) {
      setProblem(asRefused(found));
    }
  };
  return html`<${Dialog} title="Add a fault" onClose=${onClose}>
    <form class="form" onSubmit=${submit}>
      ${problem && html`<${Problem} problem=${problem} />`}
      <${Labelled} label="What happens"><select value=${effect} onChange=${pick}>${Object.entries(EFFECTS).map(([name, each]) => html`<option key=${name} value=${name}>${each.label}</option>`)}</select><//>
      ${asks && html`<${Labelled} label=${asks}><input required value=${value} inputmode=${effect === "status" ? "numeric" : undefined} onInput=${(/** @type {Event} */ e) => setValue(typed(e))} /><//>`}
      <${Labelled} label="Method"><select value=${method} onChange=${(/** @type {Event} */ e) => setMethod(typed(e))}><option value="">Any</option>${["GET", "POST", "PUT", "PATCH", "DELETE"].map((each) => html`<option key=${each} value=${each}>${each}</option>`)}</select><//>
      <${Labelled} label="Path" hint="* is any part, a last ** any rest; any path if left out."><input value=${path} placeholder="/objects/*/records" onInput=${(/** @type {Event} */ e) => setPath(typed(e))} /><//>
      <${Labelled} label="How often" hint="Without end if left out."><input type="number" min="1" value=${times} onInput=${(/** @type {Event} */ e) => setTimes(typed(e))} /><//>
      <footer><button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="primary">Add</button></footer>
    </form>
  <//>`;
}
