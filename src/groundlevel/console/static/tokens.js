// @ts-check
// Tokens by which programs come in.
import { useState } from "preact/hooks";
import { own } from "./api.js";
import { Scopes, useScopes } from "./scopes.js";
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
      <thead><tr><th>Name</th><th>Allows</th><th class="wide-only">Created</th><th>Last used</th><th>State</th><th><span class="hidden">Actions</span></th></tr></thead>
      <tbody>${tokens.value.tokens.map((/** @type {any} */ token) => html`<tr key=${token.id}>
        <td><strong>${token.name}</strong></td>
        <td class="quiet">${token.scopes.length === Object.keys(tokens.value.scopes).length ? "everything" : `${token.scopes.length} scopes`}</td>
        <td class="quiet nowrap wide-only">${when(token.createdAt)}</td>
        <td class="quiet nowrap">${token.lastUsedAt ? when(token.lastUsedAt) : "never"}</td>
        <td><span class=${token.state === "valid" ? "tag tag-1" : "tag"}>${token.state}</span></td>
        <td class="end">${token.state === "valid" && html`<button type="button" class="small danger" aria-label=${`Revoke ${token.name}`} onClick=${() => revoke(token.id)}>Revoke</button>`}</td>
      </tr>`)}</tbody></table></div>`}
    ${creating && html`<${NewToken} place=${place} scopes=${tokens.value?.scopes ?? {}} onClose=${() => (setCreating(false), tokens.again())} />`}
  </section>`;
}

/** @param {{place: string, scopes: Record<string, string>, onClose: () => void}} props */
function NewToken({ place, scopes, onClose }) {
  const [name, setName] = useState("");
  const { chosen, flip, choose } = useScopes(scopes);
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const [secret, setSecret] = useState("");
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
      <p class="row"><button type="button" class="small" onClick=${() => choose(Object.keys(scopes))}>Everything</button>
        <button type="button" class="small" onClick=${() => choose(Object.keys(scopes).filter((scope) => scope.endsWith(".readonly")))}>Read only</button>
        <button type="button" class="small" onClick=${() => choose([])}>Nothing</button></p>
      <${Scopes} legend="Allows" scopes=${scopes} chosen=${chosen} flip=${flip} />
      <footer><button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="primary" disabled=${!chosen.size}>Create token</button></footer>
    </form>
  <//>`;
}
