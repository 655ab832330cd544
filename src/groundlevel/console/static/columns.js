// @ts-check
// Which columns the grid shows, in which order, and how many stay in sight; and views that are saved under a name.
import { useState } from "preact/hooks";
import { choose, loadChoices } from "./choices.js";
import { Dialog, Labelled, Skeleton, html, typed, useLoad } from "./ui.js";

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {{order: string[], hidden: string[], frozen: number}} Choice */
/** @typedef {{name: string, query: string}} View */

const NOTHING = { order: [], hidden: [], frozen: 1 };

/** What was chosen, as far as it can be understood. @param {Record<string, any>} choices @param {string} key @returns {Choice} */
export function choiceOf(choices, key) {
  const found = choices[`columns.${key}`];
  const isList = (/** @type {any} */ value) => Array.isArray(value) && value.every((each) => typeof each === "string");
  return found && isList(found.order) && isList(found.hidden) && Number.isInteger(found.frozen) ? found : NOTHING;
}

/** @param {string} place @param {string} key @param {Choice} choice */
export const keepChoice = (place, key, choice) => choose(place, `columns.${key}`, choice === NOTHING ? null : choice);

/** @param {Record<string, any>} choices @param {string} key @returns {View[]} */
function viewsOf(choices, key) {
  const found = choices[`views.${key}`];
  return Array.isArray(found) ? found.filter((each) => typeof each?.name === "string" && typeof each.query === "string") : [];
}

/** The fields in the order that was chosen, new ones last. @param {Field[]} fields @param {Choice} choice */
function inOrder(fields, choice) {
  const at = (/** @type {Field} */ field) => (choice.order.includes(field.key) ? choice.order.indexOf(field.key) : choice.order.length + fields.indexOf(field));
  return [...fields].sort((a, b) => at(a) - at(b));
}

/** The fields that are shown. There is always one. @param {Field[]} fields @param {Choice} choice */
export function arrange(fields, choice) {
  const shown = inOrder(fields, choice).filter((field) => !choice.hidden.includes(field.key));
  return shown.length ? shown : fields.slice(0, 1);
}

/** @param {{fields: Field[], choice: Choice, onChange: (choice: Choice) => void, onClose: () => void}} props */
export function ColumnsDialog({ fields, choice, onChange, onClose }) {
  const ordered = inOrder(fields, choice);
  const move = (/** @type {number} */ from, /** @type {number} */ to) => {
    const keys = ordered.map((field) => field.key);
    keys.splice(to, 0, ...keys.splice(from, 1));
    onChange({ ...choice, order: keys });
  };
  const flip = (/** @type {string} */ key) => onChange({ ...choice, hidden: choice.hidden.includes(key) ? choice.hidden.filter((each) => each !== key) : [...choice.hidden, key] });
  const last = ordered.filter((field) => !choice.hidden.includes(field.key)).length === 1;
  return html`<${Dialog} title="Columns" onClose=${onClose}>
    <ul class="plain-list columns-list">${ordered.map((field, index) => html`<li class="row" key=${field.key}>
      <label class="check"><input type="checkbox" checked=${!choice.hidden.includes(field.key)} disabled=${last && !choice.hidden.includes(field.key)} onChange=${() => flip(field.key)} />${field.name}</label>
      <button type="button" class="plain" aria-label=${`Move ${field.name} up`} disabled=${index === 0} onClick=${() => move(index, index - 1)}>↑</button>
      <button type="button" class="plain" aria-label=${`Move ${field.name} down`} disabled=${index === ordered.length - 1} onClick=${() => move(index, index + 1)}>↓</button></li>`)}</ul>
    <div class="form"><${Labelled} label="Stay in sight at the left"><select value=${String(choice.frozen)} onChange=${(/** @type {Event} */ e) => onChange({ ...choice, frozen: Number(typed(e)) })}>
      ${[0, 1, 2, 3].map((number) => html`<option key=${number} value=${String(number)}>${number === 0 ? "No column" : number === 1 ? "The first column" : `The first ${number} columns`}</option>`)}</select><//>
    <footer><button type="button" class="left" onClick=${() => onChange(NOTHING)}>As at first</button><button type="button" class="primary" onClick=${onClose}>Done</button></footer></div>
  <//>`;
}

/** @param {{place: string, objectKey: string, query: string, onOpen: (query: string) => void, onClose: () => void}} props */
export function ViewsDialog({ place, objectKey, query, onOpen, onClose }) {
  const kept = useLoad(() => loadChoices(place), [place]);
  const [changed, setChanged] = useState(/** @type {View[] | null} */ (null));
  const [name, setName] = useState("");
  const views = changed ?? viewsOf(kept.value ?? {}, objectKey);
  const store = (/** @type {View[]} */ next) => (setChanged(next), choose(place, `views.${objectKey}`, next.length ? next : null));
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    store([...views.filter((each) => each.name !== name.trim()), { name: name.trim(), query }]);
    setName("");
  };
  return html`<${Dialog} title="Views" onClose=${onClose}>
    ${!kept.value
      ? html`<${Skeleton} lines=${2} />`
      : views.length
      ? html`<ul class="plain-list columns-list">${views.map((view) => html`<li class="row" key=${view.name}><button type="button" class="link" aria-current=${view.query === query ? "true" : undefined} onClick=${() => onOpen(view.query)}>${view.name}</button>
          <button type="button" class="plain" aria-label=${`Delete the view ${view.name}`} onClick=${() => store(views.filter((each) => each !== view))}>✕</button></li>`)}</ul>`
      : html`<p class="quiet">A view is a search with its filters and its order, under a name. You find it in any browser that you sign in with; its address may be shared.</p>`}
    <form class="form" onSubmit=${submit}><${Labelled} label="Save what is shown now as"><input required pattern=".*\\S.*" value=${name} onInput=${(/** @type {Event} */ e) => setName(typed(e))} /><//>
      <footer><button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="primary">Save view</button></footer></form>
  <//>`;
}
