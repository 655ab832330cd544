// @ts-check
// What a change of a field or of an object does, in words, before it is made: what was, what will be, and what that means for records.
import { searchRecords } from "./sources.js";
import { Problem, Skeleton, count, html, useLoad } from "./ui.js";

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./sources.js").Schema} Schema */
/** How many records a step concerns, as a search; and in words for a number of them. @typedef {{filters: import("./sources.js").Filter[], words: (n: number) => string}} Effect */
/** @typedef {{what: string, before: string, after: string, effect?: Effect, isLoss?: boolean}} Step */
/** @typedef {{name: string, description: string, folder: string, labels: Record<string, string>, added: string[], isRequired: boolean, isUnique: boolean, isSensitive: boolean}} FieldForm */

/** @param {number} n @param {string} [verb] */
export const records = (n, verb = "") => `${count(n)} ${n === 1 ? "record" : "records"}${verb ? ` ${n === 1 ? verb.split("/")[0] : verb.split("/")[1]}` : ""}`;

/** @param {Field} field @param {string} operator @param {string} [value] */
const where = (field, operator, value = "") => [{ key: field.key, operator, value }];

/** What a form changes of a field. @param {Field} field @param {FieldForm} form @param {{id: string, name: string}[]} folders @returns {Step[]} */
export function stepsOf(field, form, folders) {
  /** @type {Step[]} */
  const steps = [];
  const add = (/** @type {Step} */ step) => step.before !== step.after && steps.push(step);
  const folderOf = (/** @type {string | undefined} */ id) => folders.find((each) => each.id === id)?.name ?? "";
  add({ what: "Name", before: field.name, after: form.name });
  add({ what: "Description", before: field.description ?? "", after: form.description });
  add({ what: "Folder", before: folderOf(field.parentId), after: folderOf(form.folder) });
  for (const option of field.options ?? []) {
    const isList = field.dataType === "TEXTBOX_LIST";
    add({
      what: isList ? `Text box ${option.key}` : `Option ${option.key}`,
      before: option.label,
      after: form.labels[option.key] ?? option.label,
      effect: isList ? undefined : { filters: where(field, "eq", option.key), words: (n) => `${records(n, "shows/show")} the new name` },
    });
  }
  for (const label of form.added) add({ what: field.dataType === "TEXTBOX_LIST" ? "New text box" : "New option", before: "", after: label });
  const yes = (/** @type {boolean} */ on) => (on ? "yes" : "no");
  add({
    what: "Required",
    before: yes(field.isRequired),
    after: yes(form.isRequired),
    effect: form.isRequired ? { filters: where(field, "not_exists"), words: (n) => `${records(n, "has/have")} none and ${n === 1 ? "stays" : "stay"} as ${n === 1 ? "it is" : "they are"}` } : undefined,
  });
  add({ what: "Unique", before: yes(field.isUnique), after: yes(form.isUnique), isLoss: true, effect: { filters: [], words: () => "A field that is no longer unique cannot become so again" } });
  add({ what: "Sensitive", before: yes(field.isSensitive ?? false), after: yes(form.isSensitive) });
  return steps;
}

/** @param {{place: string, object: Schema, fields: Field[], steps: Step[]}} props */
export function Steps({ place, object, fields, steps }) {
  return html`<ul class="plain-list steps" aria-label="What changes">${steps.map((step) => html`<li key=${step.what}><strong>${step.what}</strong>
    <span class="difference-line">${step.before !== "" && html`<del>${step.before}</del>`}${step.after !== "" && html`<ins>${step.after}</ins>`}${step.before === "" && step.after === "" && "none"}</span>
    ${step.effect && html`<${Affected} place=${place} object=${object} fields=${fields} effect=${step.effect} isLoss=${step.isLoss} />`}</li>`)}</ul>`;
}

/** How many records a filter finds. @param {string} place @param {Schema} object @param {Field[]} fields @param {import("./sources.js").Filter[]} filters */
export const countRecords = async (place, object, fields, filters) => (await searchRecords(place, object.key, fields, { filters, limit: 1 })).total;

/** @param {{place: string, object: Schema, fields: Field[], effect: Effect, isLoss?: boolean}} props */
function Affected({ place, object, fields, effect, isLoss }) {
  const found = useLoad(() => countRecords(place, object, fields, effect.filters), [place, object.key, JSON.stringify(effect.filters)]);
  if (found.problem) return html`<${Problem} problem=${found.problem} again=${found.again} />`;
  if (found.value === undefined) return html`<${Skeleton} lines=${1} />`;
  return html`<span class=${isLoss ? "bad" : "quiet"}>${effect.words(found.value)}</span>`;
}
