// @ts-check
// Apps: programs that act in places through OAuth, and where they are installed.
import { useState } from "preact/hooks";
import { own } from "./api.js";
import { Scopes, useScopes } from "./scopes.js";
import { Copy, Dialog, Empty, Head, Labelled, Problem, Skeleton, asRefused, count, html, notify, typed, useLoad, when } from "./ui.js";

/** @typedef {import("./api.js").Refused} Refused */
/** @typedef {import("./api.js").Session} Session */
/** @typedef {{id: string, clientId: string, name: string, redirectUris: string[], scopes: string[], createdAt: string, installs: {locationId: string | null, companyId: string, installedAt: string}[]}} Application */

/** @param {{session: Session}} props */
export function Apps({ session }) {
  const found = useLoad(() => own("GET", "/apps"), []);
  const [dialog, setDialog] = useState(/** @type {{kind: string, app?: Application}} */ ({ kind: "" }));
  const [secret, setSecret] = useState(/** @type {{clientId: string, secret: string} | null} */ (null));
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const close = () => setDialog({ kind: "" });
  const act = async (/** @type {() => Promise<any>} */ work, /** @type {string} */ done) => {
    try {
      const answer = await work();
      setProblem(null);
      if (done) notify(done);
      found.again();
      return answer;
    } catch (reason) {
      setProblem(asRefused(reason));
      return undefined;
    }
  };
  const rotate = async (/** @type {Application} */ app) => {
    const made = await act(() => own("POST", `/apps/${app.id}/secret`), "");
    if (made) setSecret({ clientId: app.clientId, secret: made.secret });
  };
  const where = (/** @type {string | null} */ id, /** @type {string} */ company) => (id ? (session.places.find((place) => place.id === id)?.name ?? id) : `Company ${company}`);
  return html`<section class="screen">
    <${Head} title="Apps" note=${found.value ? count(found.value.apps.length) : ""}><button type="button" class="primary" onClick=${() => setDialog({ kind: "new" })}>New app</button><//>
    <p class="lead quiet">Programs that act in places through OAuth. For a program of your own, a token is simpler.</p>
    ${problem && html`<${Problem} problem=${problem} />`}
    ${found.problem && html`<${Problem} problem=${found.problem} again=${found.again} />`}
    ${!found.value && !found.problem && html`<${Skeleton} />`}
    ${found.value?.apps.length === 0 && html`<${Empty} title="No app yet"><p>An app sends people to the consent page, and gets tokens for the places in which they install it.</p><//>`}
    ${found.value?.apps.map((/** @type {Application} */ app) => html`<section class="card" key=${app.id} aria-label=${app.name}>
      <${Head} level=${2} title=${app.name} note=${html`<code>${app.clientId}</code>`}>
        <button type="button" class="small" onClick=${() => setDialog({ kind: "install", app })}>Install…</button>
        <button type="button" class="small" onClick=${() => rotate(app)}>New secret</button>
        <button type="button" class="small danger" onClick=${() => setDialog({ kind: "delete", app })}>Delete</button><//>
      <dl class="facts"><dt>Redirects to</dt><dd>${app.redirectUris.join(", ")}</dd>
        <dt>May ask for</dt><dd>${app.scopes.length === Object.keys(found.value.scopes).length ? "everything" : `${app.scopes.length} scopes`}</dd>
        <dt>Created</dt><dd>${when(app.createdAt)}</dd></dl>
      <h3>Installed in</h3>
      ${app.installs.length
        ? html`<ul class="plain-list">${app.installs.map((each) => html`<li class="row" key=${each.locationId ?? each.companyId}>${where(each.locationId, each.companyId)} <span class="quiet">since ${when(each.installedAt)}</span>
            ${each.locationId && html`<button type="button" class="small" aria-label=${`Uninstall from ${where(each.locationId, each.companyId)}`} onClick=${() => act(() => own("DELETE", `/apps/${app.id}/installs/${each.locationId}`), "Uninstalled; its tokens are refused")}>Uninstall</button>`}</li>`)}</ul>`
        : html`<p class="quiet">Nowhere yet.</p>`}</section>`)}
    ${dialog.kind === "new" && html`<${NewApp} scopes=${found.value?.scopes ?? {}} onClose=${close} onDone=${(/** @type {any} */ made) => (close(), found.again(), setSecret(made))} />`}
    ${dialog.kind === "install" && dialog.app && html`<${InstallDialog} session=${session} app=${dialog.app} onClose=${close}
      onPick=${(/** @type {string} */ id) => (close(), act(() => own("POST", `/apps/${dialog.app?.id}/installs`, { locationId: id }), "Installed"))} />`}
    ${dialog.kind === "delete" && dialog.app && html`<${Dialog} title=${`Delete ${dialog.app.name}?`} onClose=${close}><p>It is uninstalled everywhere, and its tokens are refused.</p>
      <footer><button type="button" onClick=${close}>Cancel</button><button type="button" class="danger" onClick=${() => (close(), act(() => own("DELETE", `/apps/${dialog.app?.id}`), "App deleted"))}>Delete app</button></footer><//>`}
    ${secret && html`<${Dialog} title="Client secret" onClose=${() => setSecret(null)}><p>It is shown this once.</p><pre tabindex="0">${`client id      ${secret.clientId}\nclient secret  ${secret.secret}`}</pre>
      <footer><${Copy} text=${secret.secret}>Copy the secret<//><button type="button" class="primary" onClick=${() => setSecret(null)}>Done</button></footer><//>`}
  </section>`;
}

/** @param {{scopes: Record<string, string>, onClose: () => void, onDone: (made: any) => void}} props */
function NewApp({ scopes, onClose, onDone }) {
  const [name, setName] = useState("");
  const [uris, setUris] = useState("");
  const { chosen, flip } = useScopes(scopes);
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      onDone(await own("POST", "/apps", { name, redirectUris: uris.split(/\s+/).filter(Boolean), scopes: [...chosen] }));
    } catch (found) {
      setProblem(asRefused(found));
    }
  };
  return html`<${Dialog} title="New app" onClose=${onClose}><form class="form" onSubmit=${submit}>
    ${problem && html`<${Problem} problem=${problem} />`}
    <${Labelled} label="Name" hint="What people see when they authorize it."><input required value=${name} onInput=${(/** @type {Event} */ e) => setName(typed(e))} /><//>
    <${Labelled} label="Redirect URIs" hint="Where people are sent back to; one a line."><textarea required rows="2" value=${uris} onInput=${(/** @type {Event} */ e) => setUris(typed(e))}></textarea><//>
    <${Scopes} legend="May ask for" scopes=${scopes} chosen=${chosen} flip=${flip} />
    <footer><button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="primary" disabled=${!chosen.size}>Create app</button></footer>
  </form><//>`;
}

/** @param {{session: Session, app: Application, onClose: () => void, onPick: (id: string) => void}} props */
function InstallDialog({ session, app, onClose, onPick }) {
  const free = session.places.filter((place) => !place.archived && !app.installs.some((each) => each.locationId === place.id));
  return html`<${Dialog} title=${`Install ${app.name}`} onClose=${onClose}>
    ${free.length ? html`<ul class="picks">${free.map((place) => html`<li key=${place.id}><button type="button" onClick=${() => onPick(place.id)}>${place.name}</button></li>`)}</ul>` : html`<p class="quiet">It is installed in every place.</p>`}<//>`;
}
