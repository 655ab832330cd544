// @ts-check
// Tokens by which programs come in, and the sessions of people.
import { useState } from "preact/hooks";
import { own } from "./api.js";
import { Copy, Dialog, Empty, Head, Labelled, Problem, Skeleton, asRefused, html, notify, useLoad, when } from "./ui.js";

/** @typedef {import("./api.js").Refused} Refused */

/** @param {{place: string}} props */
export function Tokens({ place }) {
  const tokens = useLoad(() => own("GET", `/places/${encodeURIComponent(place)}/tokens`), [place]);
  const [creating, setCreating] = useState(false);
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const revoke = async (/** @type {string} */ id) => {
    try {
      await own("DELETE", `/tokens/${id}`);
      notify("Revoked; running servers refuse it within a second");
      setProblem(null);
    } catch (found) {
      setProblem(asRefused(found));
    }
    tokens.again();
  };
  return html`<section class="screen">
    <${Head} title="Tokens"><button type="button" class="primary" onClick=${() => setCreating(true)}>New token</button><//>
    <p class="lead quiet">Private integration tokens of this place. Of their secrets only hashes are stored.</p>
    ${problem && html`<${Problem} problem=${problem} />`}
    ${tokens.problem && html`<${Problem} problem=${tokens.problem} again=${tokens.again} />`}
    ${!tokens.value && !tokens.problem && html`<${Skeleton} />`}
    ${tokens.value?.tokens.length === 0 && html`<${Empty} title="No token yet"><p>A program needs one to use the API of this place.</p><//>`}
    ${tokens.value?.tokens.length > 0 &&
    html`<div class="scroll" tabindex="0" role="region" aria-label="Tokens"><table class="table">
      <thead><tr><th>Name</th><th>Allows</th><th>Created</th><th>State</th><th><span class="hidden">Actions</span></th></tr></thead>
      <tbody>${tokens.value.tokens.map((/** @type {any} */ token) => html`<tr key=${token.id}>
        <td><strong>${token.name}</strong></td>
        <td class="quiet">${token.scopes.length === Object.keys(tokens.value.scopes).length ? "everything" : `${token.scopes.length} scopes`}</td>
        <td class="quiet nowrap">${when(token.createdAt)}</td>
        <td><span class=${token.state === "valid" ? "tag tag-1" : "tag"}>${token.state}</span></td>
        <td class="end">${token.state === "valid" && html`<button type="button" class="small danger" aria-label=${`Revoke ${token.name}`} onClick=${() => revoke(token.id)}>Revoke</button>`}</td>
      </tr>`)}</tbody></table></div>`}
    ${creating && html`<${NewToken} place=${place} scopes=${tokens.value?.scopes ?? {}} onClose=${() => (setCreating(false), tokens.again())} />`}
  </section>`;
}

/** @param {{place: string, scopes: Record<string, string>, onClose: () => void}} props */
function NewToken({ place, scopes, onClose }) {
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState(() => new Set(Object.keys(scopes)));
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const [secret, setSecret] = useState("");
  const flip = (/** @type {string} */ scope) =>
    setChosen((now) => {
      const next = new Set(now);
      if (!next.delete(scope)) next.add(scope);
      return next;
    });
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      setSecret((await own("POST", "/tokens", { name, locationId: place, scopes: [...chosen] })).secret);
    } catch (found) {
      setProblem(asRefused(found));
    }
  };
  const shell = `export GHL_API_KEY=${secret}\nexport GHL_LOCATION_ID=${place}\nexport GHL_BASE_URL=${location.origin}`;
  if (secret) {
    return html`<${Dialog} title="Token created" onClose=${onClose}>
      <p>Its secret is shown this once.</p><pre tabindex="0">${shell}</pre>
      <footer><${Copy} text=${secret}>Copy the secret<//><${Copy} text=${shell}>Copy for a shell<//><button type="button" class="primary" onClick=${onClose}>Done</button></footer>
    <//>`;
  }
  return html`<${Dialog} title="New token" onClose=${onClose}>
    <form class="form" onSubmit=${submit}>
      ${problem && html`<${Problem} problem=${problem} />`}
      <${Labelled} label="Name" hint="What it is for."><input required value=${name} onInput=${(/** @type {InputEvent} */ e) => setName(/** @type {HTMLInputElement} */ (e.currentTarget).value)} /><//>
      <p class="row"><button type="button" class="small" onClick=${() => setChosen(new Set(Object.keys(scopes)))}>Everything</button>
        <button type="button" class="small" onClick=${() => setChosen(new Set(Object.keys(scopes).filter((scope) => scope.endsWith(".readonly"))))}>Read only</button>
        <button type="button" class="small" onClick=${() => setChosen(new Set())}>Nothing</button></p>
      <fieldset class="scopes"><legend>Allows</legend>${Object.entries(scopes).map(([scope, words]) => html`<label key=${scope}>
        <input type="checkbox" checked=${chosen.has(scope)} onChange=${() => flip(scope)} /><code>${scope}</code><span class="quiet">${words}</span></label>`)}</fieldset>
      <footer><button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="primary" disabled=${!chosen.size}>Create token</button></footer>
    </form>
  <//>`;
}

/** @param {{session: import("./api.js").Session, onSignOut: () => void}} props */
export function Sessions({ session, onSignOut }) {
  const sessions = useLoad(() => own("GET", "/sessions"), []);
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const end = async (/** @type {any} */ each) => {
    if (each.own) return onSignOut();
    try {
      await own("DELETE", `/sessions/${each.id}`);
    } catch (found) {
      setProblem(asRefused(found));
    }
    sessions.again();
  };
  return html`<section class="screen">
    <${Head} title="Settings" note=${`GroundLevel ${session.version}, profile ${session.profile}`} />
    <section class="card"><h2>Signed in</h2>
      ${problem && html`<${Problem} problem=${problem} />`}
      ${sessions.problem && html`<${Problem} problem=${sessions.problem} again=${sessions.again} />`}
      ${!sessions.value && !sessions.problem && html`<${Skeleton} lines=${3} />`}
      ${sessions.value && html`<div class="scroll" tabindex="0" role="region" aria-label="Sessions"><table class="table">
        <thead><tr><th>Who</th><th>Role</th><th>Browser</th><th>Last seen</th><th><span class="hidden">Actions</span></th></tr></thead>
        <tbody>${sessions.value.sessions.map((/** @type {any} */ each) => html`<tr key=${each.id}>
          <td><strong>${each.email ?? "By a link"}</strong>${each.own && html` <span class="tag tag-1">you</span>`}</td><td>${each.role}</td>
          <td class="quiet clip">${each.agent}</td><td class="quiet nowrap">${when(each.seenAt)}</td>
          <td class="end"><button type="button" class="small" onClick=${() => end(each)}>Sign out</button></td></tr>`)}</tbody></table></div>`}
    </section>
    <section class="card"><h2>Operators</h2><p>People sign in with a password once they are operators. On the machine of the server:</p>
      <pre tabindex="0">groundlevel operator create --email you@example.com --role owner
groundlevel operator list</pre></section>
    <section class="card"><h2>Keys</h2><dl class="facts">
      <dt><kbd>/</kbd></dt><dd>Search</dd><dt><kbd>n</kbd></dt><dd>New record</dd>
      <dt><kbd>g</kbd> <kbd>h</kbd> <kbd>s</kbd> <kbd>a</kbd> <kbd>i</kbd> <kbd>q</kbd> <kbd>w</kbd> <kbd>t</kbd></dt><dd>Go to home, schema, associations, import, requests, webhooks, tokens</dd>
      <dt>Arrows, <kbd>Page</kbd>, <kbd>Home</kbd>, <kbd>End</kbd></dt><dd>Move in the grid</dd>
      <dt><kbd>Enter</kbd>, <kbd>F2</kbd>, letters</dt><dd>Edit a cell; <kbd>Enter</kbd> saves and goes down, <kbd>Tab</kbd> right, <kbd>Esc</kbd> back</dd>
      <dt><kbd>Space</kbd></dt><dd>Open the record</dd><dt><kbd>Delete</kbd></dt><dd>Clear the cell</dd><dt><kbd>Ctrl</kbd> <kbd>S</kbd></dt><dd>Save the record</dd>
    </dl></section>
  </section>`;
}
