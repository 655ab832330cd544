// @ts-check
// Operators: who may sign in with a password, what their role lets them do, and where.
import { useState } from "preact/hooks";
import { own } from "./api.js";
import { Dialog, Empty, Head, Labelled, Problem, Skeleton, asRefused, count, html, notify, typed, useLoad, when } from "./ui.js";

/** @typedef {import("./api.js").Refused} Refused */
/** @typedef {import("./api.js").Session} Session */
/** @typedef {{id: string, email: string, role: string, locations: string[], createdAt: string, own: boolean}} Operator */

/** @type {[string, string][]} */
const ROLES = [
  ["viewer", "reads everything"],
  ["editor", "also writes records, relations, contacts, companies, opportunities and tags, and imports files"],
  ["owner", "does everything, with schema, tokens, apps, webhooks, places and operators"],
];
const SHORTEST = 12;

/** @param {{session: Session, onSignOut: () => void}} props */
export function Operators({ session, onSignOut }) {
  const found = useLoad(() => own("GET", "/operators"), []);
  const [dialog, setDialog] = useState(/** @type {{kind: string, operator?: Operator}} */ ({ kind: "" }));
  const close = () => setDialog({ kind: "" });
  // Whoever changes their own role or password is signed out by it, as everybody else.
  const done = () => (close(), dialog.operator?.own ? onSignOut() : found.again());
  const reach = (/** @type {Operator} */ each) => (each.locations.length ? each.locations.map((id) => session.places.find((place) => place.id === id)?.name ?? id).join(", ") : "All places");
  return html`<section class="screen">
    <${Head} title="Operators" note=${found.value ? count(found.value.operators.length) : ""}><button type="button" class="primary" onClick=${() => setDialog({ kind: "new" })}>New operator</button><//>
    <p class="lead quiet">People who sign in with e-mail and password. Without one, the link that <code>groundlevel console</code> prints signs in as an owner.</p>
    ${found.problem && html`<${Problem} problem=${found.problem} again=${found.again} />`}
    ${!found.value && !found.problem && html`<${Skeleton} />`}
    ${found.value?.operators.length === 0 && html`<${Empty} title="No operator yet"><p>Give somebody an e-mail and a password to sign in with.</p><//>`}
    ${found.value?.operators.length > 0 && html`<div class="scroll" tabindex="0" role="region" aria-label="Operators"><table class="table">
      <thead><tr><th>E-mail</th><th>Role</th><th>Reaches</th><th>Created</th><th><span class="hidden">Actions</span></th></tr></thead>
      <tbody>${found.value.operators.map((/** @type {Operator} */ each) => html`<tr key=${each.id}>
        <td><strong>${each.email}</strong>${each.own && html` <span class="tag tag-1">you</span>`}</td>
        <td>${each.role}<span class="reason quiet">${count(found.value.roles[each.role])} scopes</span></td><td>${reach(each)}</td><td class="quiet nowrap">${when(each.createdAt)}</td>
        <td class="end"><span class="row actions"><button type="button" class="small" aria-label=${`Edit ${each.email}`} onClick=${() => setDialog({ kind: "edit", operator: each })}>Edit</button>
          <button type="button" class="small danger" aria-label=${`Remove ${each.email}`} onClick=${() => setDialog({ kind: "remove", operator: each })}>Remove</button></span></td></tr>`)}</tbody></table></div>`}
    ${["new", "edit"].includes(dialog.kind) && html`<${OperatorDialog} session=${session} operator=${dialog.operator} onClose=${close} onDone=${done} />`}
    ${dialog.kind === "remove" && dialog.operator && html`<${RemoveOperator} operator=${dialog.operator} onClose=${close} onDone=${done} />`}
  </section>`;
}

/** @param {{session: Session, operator?: Operator, onClose: () => void, onDone: () => void}} props */
function OperatorDialog({ session, operator, onClose, onDone }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState(operator?.role ?? "editor");
  const [limited, setLimited] = useState(Boolean(operator?.locations.length));
  const [chosen, setChosen] = useState(() => new Set(operator?.locations ?? []));
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const flip = (/** @type {string} */ id) =>
    setChosen((now) => {
      const next = new Set(now);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const common = { role, locations: limited ? [...chosen] : [], ...(password ? { password } : {}) };
    try {
      await (operator ? own("PUT", `/operators/${operator.id}`, common) : own("POST", "/operators", { email, ...common }));
      notify(operator ? "Changed; their sessions have ended" : `${email} can sign in`);
      onDone();
    } catch (found) {
      setProblem(asRefused(found));
    }
  };
  return html`<${Dialog} title=${operator ? `Edit ${operator.email}` : "New operator"} onClose=${onClose}>
    <form class="form" onSubmit=${submit}>
      ${problem && html`<${Problem} problem=${problem} />`}
      ${operator?.own && html`<p class="warning">This is you: you are signed out by it.</p>`}
      ${!operator && html`<${Labelled} label="E-mail"><input type="email" required autocomplete="off" value=${email} onInput=${(/** @type {Event} */ e) => setEmail(typed(e))} /><//>`}
      <${Labelled} label=${operator ? "Another password" : "Password"} hint=${operator ? "Left empty, it stays as it is." : `At least ${SHORTEST} characters. Tell them by another way than e-mail.`}>
        <input type="password" required=${!operator} minlength=${SHORTEST} autocomplete="new-password" value=${password} onInput=${(/** @type {Event} */ e) => setPassword(typed(e))} /><//>
      <fieldset class="scopes"><legend>Role</legend>${ROLES.map(([name, words]) => html`<label key=${name}><input type="radio" name="role" value=${name} checked=${role === name} onChange=${() => setRole(name)} /><b>${name}</b><span class="quiet">${words}</span></label>`)}</fieldset>
      <label class="check"><input type="checkbox" checked=${limited} onChange=${() => setLimited(!limited)} />Only some places</label>
      ${limited && html`<fieldset class="scopes"><legend>Reaches</legend>${session.places.map((place) => html`<label key=${place.id}><input type="checkbox" checked=${chosen.has(place.id)} onChange=${() => flip(place.id)} />${place.name}</label>`)}</fieldset>`}
      <footer><button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="primary" disabled=${limited && !chosen.size}>${operator ? "Save" : "Create operator"}</button></footer>
    </form>
  <//>`;
}

/** @param {{operator: Operator, onClose: () => void, onDone: () => void}} props */
function RemoveOperator({ operator, onClose, onDone }) {
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const remove = async () => {
    try {
      await own("DELETE", `/operators/${operator.id}`);
      notify(`${operator.email} removed and signed out`);
      onDone();
    } catch (found) {
      setProblem(asRefused(found));
    }
  };
  return html`<${Dialog} title=${`Remove ${operator.email}?`} onClose=${onClose}>
    ${problem && html`<${Problem} problem=${problem} />`}
    <p>They are signed out at once. What they have written stays.</p>
    <footer><button type="button" onClick=${onClose}>Cancel</button><button type="button" class="danger" onClick=${remove}>Remove operator</button></footer>
  <//>`;
}
