// @ts-check
// The test double: back to the start or to a checkpoint and what has changed since, the clock, faults, and what webhooks have sent.
import { useState } from "preact/hooks";
import { forget, own } from "./api.js";
import { Faults } from "./faults.js";
import { Difference, wordOf } from "./history.js";
import { Dialog, Head, Labelled, Problem, Skeleton, count, html, notify, typed, useAct, useLoad, when } from "./ui.js";

/**
 * @typedef {{version: string, engine: string, disposable: boolean, profile: string, limits: string, clock: {now: string, frozen: boolean, speed: number},
 *   ids: {seed: number | null}, faults: number, checkpoints: string[], inboxes: string[], requests: number}} Overview
 */
/** @typedef {(work: () => Promise<unknown>, done: string) => Promise<void>} Act */

/** The images that are taken when the server starts, which nobody takes or deletes. */
const FIRST = /** @type {Record<string, string>} */ ({ seed: "as the server started", empty: "nothing at all" });

/** @param {{onChange: () => Promise<void>}} props */
export function DoubleScreen({ onChange }) {
  const state = useLoad(async () => /** @type {Overview} */ (await own("GET", "/control")), []);
  const { act: attempt, busy, problem } = useAct();
  const [turn, setTurn] = useState(0);
  /** @type {Act} */
  const act = async (work, done) => {
    await attempt(async () => (await work(), notify(done)));
    state.again();
    setTurn((now) => now + 1);
  };
  /** What is stored is another: no token that was bought is good any more, and places may have come or gone. @type {Act} */
  const putBack = (work, done) =>
    act(async () => {
      await work();
      forget();
      await onChange();
    }, done);
  const found = state.value;
  return html`<section class="screen">
    <${Head} title="Test double" note=${found ? `${found.engine}, profile ${found.profile}, limits ${found.limits}` : ""}>
      ${found?.disposable && html`<button type="button" disabled=${busy} onClick=${() => putBack(() => own("POST", "/control/reset", { to: "empty" }), "Everything is empty")}>Empty everything</button>
        <button type="button" class="primary" disabled=${busy} onClick=${() => putBack(() => own("POST", "/control/reset", {}), "As when the server started")}>Reset to the seed</button>`}<//>
    <p class="lead quiet">Tests do the same by <code>/control</code>. A reset also takes back the clock, faults, the log of requests and inboxes.</p>
    ${problem && html`<${Problem} problem=${problem} />`}
    ${state.problem && html`<${Problem} problem=${state.problem} again=${state.again} />`}
    ${!found && !state.problem && html`<${Skeleton} />`}
    ${found && html`<div class="columns">
      <div>
        ${found.disposable ? html`<${Checkpoints} names=${found.checkpoints} busy=${busy} act=${act} putBack=${putBack} />` : html`<section class="card"><h2>Checkpoints</h2><p>This database was not made by a double, so nothing in it is put back: start <code>groundlevel double</code> for one that may be.</p></section>`}
        <${Faults} turn=${turn} act=${act} />
      </div>
      <div>
        <${Clock} clock=${found.clock} busy=${busy} act=${act} putBack=${putBack} />
        <${Inboxes} names=${found.inboxes} act=${act} />
        <section class="card"><h2>State</h2><dl class="facts">
          <dt>Ids</dt><dd>${found.ids.seed === null ? "random" : `repeat themselves from ${found.ids.seed}`}</dd>
          <dt>Requests</dt><dd>${count(found.requests)} answered</dd>
          <dt>Version</dt><dd>${found.version}</dd></dl></section>
      </div>
    </div>`}
  </section>`;
}

/** @param {{names: string[], busy: boolean, act: Act, putBack: Act}} props */
function Checkpoints({ names, busy, act, putBack }) {
  const [name, setName] = useState("");
  const [shown, setShown] = useState("");
  const path = (/** @type {string} */ of) => `/control/checkpoints/${encodeURIComponent(of)}`;
  const save = (/** @type {Event} */ event) => {
    event.preventDefault();
    act(async () => (await own("PUT", path(name.trim())), setName("")), "Checkpoint taken");
  };
  return html`<section class="card"><h2>Checkpoints</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Checkpoints"><table class="table"><thead><tr><th>Name</th><th><span class="hidden">Actions</span></th></tr></thead>
      <tbody>${names.map((each) => html`<tr key=${each}><td class="break"><strong>${each}</strong>${FIRST[each] && html`<span class="reason quiet">${FIRST[each]}</span>`}</td>
        <td class="end"><span class="row actions">${each !== "empty" && html`<button type="button" class="small" aria-label=${`Changes since ${each}`} onClick=${() => setShown(each)}>Changes</button>`}
          <button type="button" class="small" disabled=${busy} aria-label=${`Restore ${each}`} onClick=${() => putBack(() => own("POST", `${path(each)}/restore`, {}), `As in ${each} again`)}>Restore</button>
          ${!FIRST[each] && html`<button type="button" class="small danger" aria-label=${`Delete ${each}`} onClick=${() => act(() => own("DELETE", path(each)), "Checkpoint deleted")}>Delete</button>`}</span></td></tr>`)}</tbody></table></div>
    <form class="row inline" onSubmit=${save}><input required aria-label="Name of the checkpoint" placeholder="Name" maxlength="100" value=${name} onInput=${(/** @type {Event} */ e) => setName(typed(e))} /><button type="submit" disabled=${busy || !name.trim()}>Take a checkpoint</button></form>
    ${shown && html`<${Changes} name=${shown} path=${`${path(shown)}/changes`} onClose=${() => setShown("")} />`}
  </section>`;
}

/** What has changed since a checkpoint. @param {{name: string, path: string, onClose: () => void}} props */
function Changes({ name, path, onClose }) {
  const found = useLoad(async () => (await own("GET", path)).changes, [path]);
  /** @type {(import("./history.js").Change & {locationId: string})[]} */
  const rows = found.value ?? [];
  return html`<${Dialog} wide title=${`Changes since ${name}`} onClose=${onClose}>
    ${found.problem && html`<${Problem} problem=${found.problem} again=${found.again} />`}
    ${!found.value && !found.problem && html`<${Skeleton} lines=${4} />`}
    ${found.value && !rows.length && html`<p class="quiet">Nothing has changed.</p>`}
    <ol class="changes">${rows.map((change) => html`<li key=${`${change.locationId} ${change.cursor}`}>
      <p class="row"><strong>${change.kind} ${wordOf(change.op)}</strong> <code>${change.object ?? ""} ${change.id}</code><span class="quiet">${when(change.at)}</span></p>
      <${Difference} change=${change} fields=${[]} /></li>`)}</ol>
    <footer><button type="button" onClick=${onClose}>Close</button></footer>
  <//>`;
}

/** @param {{clock: Overview["clock"], busy: boolean, act: Act, putBack: Act}} props */
function Clock({ clock, busy, act, putBack }) {
  const [advance, setAdvance] = useState("25h");
  const move = (/** @type {Event} */ event) => {
    event.preventDefault();
    // Tokens that were bought before may be out of their time now.
    putBack(() => own("PUT", "/control/clock", { advance: advance.trim() }), "The clock has moved");
  };
  return html`<section class="card"><${Head} level=${2} title="Clock"><button type="button" class="small" disabled=${busy} onClick=${() => act(() => own("PUT", "/control/clock", { frozen: !clock.frozen }), clock.frozen ? "The clock runs" : "The clock stands")}>${clock.frozen ? "Let it run" : "Freeze"}</button><//>
    <p><strong>${new Date(clock.now).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" })}</strong> <span class="quiet">${clock.frozen ? "stands still" : clock.speed === 1 ? "runs" : `runs ${clock.speed} times as fast`}</span></p>
    <form class="row inline" onSubmit=${move}><input required aria-label="Advance by" value=${advance} onInput=${(/** @type {Event} */ e) => setAdvance(typed(e))} /><button type="submit" disabled=${busy || !advance.trim()}>Advance</button></form>
    <p class="quiet">A duration such as <code>90s</code>, <code>25h</code> or <code>7d</code>. What comes due is done at once.</p>
  </section>`;
}

/** @param {{names: string[], act: Act}} props */
function Inboxes({ names, act }) {
  const [open, setOpen] = useState("");
  const example = `${location.origin}/control/inbox/mine`;
  return html`<section class="card"><h2>Inboxes</h2>
    ${names.length === 0 && html`<p class="quiet">No webhook has arrived. One whose URL is this does:</p><pre tabindex="0">${example}</pre>`}
    <ul class="plain-list">${names.map((name) => html`<li key=${name} class="row"><button type="button" class="link" onClick=${() => setOpen(name)}>${name}</button>
      <button type="button" class="small push" aria-label=${`Empty ${name}`} onClick=${() => act(() => own("DELETE", `/control/inbox/${encodeURIComponent(name)}`), "Inbox emptied")}>Empty</button></li>`)}</ul>
    ${open && html`<${Messages} name=${open} onClose=${() => setOpen("")} />`}
  </section>`;
}

/** @param {{name: string, onClose: () => void}} props */
function Messages({ name, onClose }) {
  const [event, setEvent] = useState("");
  const found = useLoad(async () => (await own("GET", `/control/inbox/${encodeURIComponent(name)}/messages`)).messages, [name]);
  /** @type {{number: number, time: string, event: string, signature: string, answered: number, body: unknown}[]} */
  const all = found.value ?? [];
  const shown = all.filter((each) => !event || each.event === event).reverse();
  return html`<${Dialog} wide title=${`Inbox ${name}`} onClose=${onClose}>
    ${found.problem && html`<${Problem} problem=${found.problem} again=${found.again} />`}
    ${!found.value && !found.problem && html`<${Skeleton} lines=${4} />`}
    <${Labelled} label="Event"><select value=${event} onChange=${(/** @type {Event} */ e) => setEvent(typed(e))}><option value="">Every event</option>${[...new Set(all.map((each) => each.event))].map((each) => html`<option key=${each} value=${each}>${each || "none"}</option>`)}</select><//>
    ${found.value && !shown.length && html`<p class="quiet">Nothing has arrived.</p>`}
    <ol class="changes messages">${shown.map((each) => html`<li key=${each.number}><details><summary><strong>${each.event || "No event"}</strong> <span class="quiet">${when(each.time)}</span>
      <span class=${each.signature === "valid" ? "quiet" : "bad"}>signature ${each.signature}</span>${each.answered >= 300 && html` <span class="bad">refused with ${each.answered}</span>`}</summary><pre tabindex="0">${JSON.stringify(each.body, null, 2)}</pre></details></li>`)}</ol>
    <footer><button type="button" onClick=${found.again}>Look again</button><button type="button" class="primary" onClick=${onClose}>Close</button></footer>
  <//>`;
}
