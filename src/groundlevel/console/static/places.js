// @ts-check
// The places (locations) that somebody reaches.
import { useState } from "preact/hooks";
import { own } from "./api.js";
import { Dialog, Empty, Head, Labelled, Problem, asRefused, count, html, link, notify, typed, when } from "./ui.js";

/** @typedef {import("./api.js").Session} Session */
/** @typedef {import("./api.js").Place} Place */
/** @typedef {import("./api.js").Refused} Refused */

/** @param {{session: Session, onChange: () => Promise<void>, go: (hash: string) => void}} props */
export function Places({ session, onChange, go }) {
  const [text, setText] = useState("");
  const [asked, setArchived] = useState(false);
  const [dialog, setDialog] = useState(/** @type {{kind: string, place?: Place}} */ ({ kind: "" }));
  const hidden = session.places.filter((place) => place.archived).length;
  // When the last one was brought back there is nothing to tick off.
  const archived = asked && hidden > 0;
  const listed = session.places.filter((place) => place.archived === archived);
  const shown = listed.filter((place) => `${place.name} ${place.id}`.toLowerCase().includes(text.trim().toLowerCase()));
  const companies = new Set(listed.map((place) => place.companyId));
  const close = () => setDialog({ kind: "" });
  return html`<section class="screen">
    <${Head} title="Places" note=${`${count(listed.length)} in ${count(companies.size)} ${companies.size === 1 ? "company" : "companies"}`}>
      ${hidden > 0 && html`<label class="check"><input type="checkbox" checked=${archived} onChange=${() => setArchived(!archived)} />Archived (${count(hidden)})</label>`}
      ${listed.length > 5 && html`<input class="search" type="search" aria-label="Search places" placeholder="Search" value=${text} onInput=${(/** @type {Event} */ e) => setText(typed(e))} />`}
      ${session.unlimited && html`<button type="button" class="primary" onClick=${() => setDialog({ kind: "new" })}>New place</button>`}
    <//>
    ${session.places.length === 0 && html`<${Empty} title="No place yet"><p>A place (location) holds objects, records and contacts of its own.</p>
      ${session.unlimited && html`<button type="button" class="primary" onClick=${() => setDialog({ kind: "new" })}>Create the first place</button>`}<//>`}
    ${session.places.length > 0 && shown.length === 0 && html`<${Empty} title=${archived ? "No place is archived" : text ? "Nothing matches" : "Every place is archived"} />`}
    <div class="tiles">${shown.slice(0, 200).map((place) => html`<div class="tile place-tile" key=${place.id}>
      <a href=${link(place.id, [])}><strong>${place.name}</strong></a><code>${place.id}</code><span class="quiet">since ${when(place.createdAt)}</span>
      ${session.role === "owner" && html`<button type="button" class="small" aria-label=${`Edit ${place.name}`} onClick=${() => setDialog({ kind: "edit", place })}>Edit</button>`}</div>`)}</div>
    ${shown.length > 200 && html`<p class="quiet">${count(shown.length - 200)} more: search for them.</p>`}
    ${dialog.kind === "new" && html`<${NewPlace} session=${session} onClose=${close} onDone=${async (/** @type {string} */ id) => (await onChange(), close(), go(link(id, [])))} />`}
    ${dialog.kind === "edit" && dialog.place && html`<${EditPlace} place=${dialog.place} onClose=${close} onDone=${async () => (await onChange(), close())} />`}
  </section>`;
}

/** @param {{place: Place, onClose: () => void, onDone: () => void}} props */
function EditPlace({ place, onClose, onDone }) {
  const [name, setName] = useState(place.name);
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const change = async (/** @type {Event | null} */ event, /** @type {Record<string, unknown>} */ members, /** @type {string} */ done) => {
    event?.preventDefault();
    try {
      await own("PUT", `/places/${place.id}`, members);
      notify(done);
      onDone();
    } catch (found) {
      setProblem(asRefused(found));
    }
  };
  return html`<${Dialog} title=${`Edit ${place.name}`} onClose=${onClose}><form class="form" onSubmit=${(/** @type {Event} */ e) => change(e, { name }, "Place renamed")}>
    ${problem && html`<${Problem} problem=${problem} />`}
    <${Labelled} label="Name"><input required value=${name} onInput=${(/** @type {Event} */ e) => setName(typed(e))} /><//>
    <p class="quiet">${place.archived ? "It is archived: the console does not list it, and programs go on as before." : "An archived place is no longer listed; nothing of it is deleted, and programs go on as before."}</p>
    <footer><button type="button" class="left" onClick=${() => change(null, { archived: !place.archived }, place.archived ? "Place is listed again" : "Place archived")}>${place.archived ? "Bring it back" : "Archive"}</button>
      <button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="primary" disabled=${name === place.name}>Rename</button></footer>
  </form><//>`;
}

/** @param {{session: Session, onClose: () => void, onDone: (id: string) => void}} props */
function NewPlace({ session, onClose, onDone }) {
  const companies = [...new Map(session.places.map((place) => [place.companyId, place.name])).entries()];
  const [name, setName] = useState("");
  const [company, setCompany] = useState(companies[0]?.[0] ?? "");
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      onDone((await own("POST", "/places", { name, ...(company ? { companyId: company } : {}) })).place.id);
    } catch (found) {
      setProblem(asRefused(found));
    }
  };
  return html`<${Dialog} title="New place" onClose=${onClose}><form class="form" onSubmit=${submit}>
    ${problem && html`<${Problem} problem=${problem} />`}
    <${Labelled} label="Name"><input required value=${name} onInput=${(/** @type {Event} */ e) => setName(typed(e))} /><//>
    <${Labelled} label="Company"><select value=${company} onChange=${(/** @type {Event} */ e) => setCompany(typed(e))}>
      ${companies.map(([id, of]) => html`<option key=${id} value=${id}>That of ${of}</option>`)}<option value="">A new company</option></select><//>
    <footer><button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="primary">Create place</button></footer>
  </form><//>`;
}
