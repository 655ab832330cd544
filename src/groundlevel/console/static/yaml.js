// @ts-check
// An object as a seed file says it, in YAML: what `groundlevel serve --seed FILE` makes it from again.
import { Copy, Dialog, html } from "./ui.js";

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./sources.js").Schema} Schema */

/** What JSON leaves as it is inside quotes and YAML does not: breaks of lines and what cannot be printed. */
const ESCAPED = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
/** Members of a map that stands in one line. */
const IN_LINE = 3;

/** @param {unknown} value */
const isScalar = (value) => value === null || typeof value !== "object";

/** A scalar as JSON writes it, so that no text is taken for a number, a date or a truth. @param {unknown} value */
const scalar = (value) => JSON.stringify(value).replace(ESCAPED, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** What fits into a line: a scalar, an empty list or map, and a short map or list of scalars; null for what does not. @param {unknown} value */
function lineOf(value) {
  if (value === null || typeof value !== "object") return scalar(value);
  if (Array.isArray(value)) return value.every(isScalar) ? `[${value.map(scalar).join(", ")}]` : null;
  const members = Object.entries(value);
  return members.length <= IN_LINE && members.every(([, each]) => isScalar(each)) ? `{${members.map(([key, each]) => `${key}: ${scalar(each)}`).join(", ")}}` : null;
}

/** The lines of a value, whose keys are plain words. @param {unknown} value @returns {string[]} */
function linesOf(value) {
  const line = lineOf(value);
  if (line !== null) return [line];
  const deeper = (/** @type {string} */ each) => `  ${each}`;
  if (Array.isArray(value)) {
    return value.flatMap((each) => {
      const [first, ...rest] = linesOf(each);
      return [`- ${first}`, ...rest.map(deeper)];
    });
  }
  return Object.entries(/** @type {Record<string, unknown>} */ (value)).flatMap(([key, each]) => {
    const flat = lineOf(each);
    return flat !== null ? [`${key}: ${flat}`] : [`${key}:`, ...linesOf(each).map(deeper)];
  });
}

/** The members that say something. @param {Record<string, unknown>} members */
const filled = (members) => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null && value !== ""));

/** @param {{place: string, object: Schema, fields: Field[], folders: {id: string, name: string, standard: boolean}[]}} schema */
export function seedOf({ place, object, fields, folders }) {
  const short = (/** @type {string} */ key) => key.slice(object.key.length + 1);
  const own = folders.filter((each) => !each.standard);
  const primary = fields.find((each) => each.fieldKey === object.primaryDisplayProperty);
  const searchable = object.searchableProperties.map(short);
  const seeded = filled({
    key: object.key.replace(/^custom_objects\./, ""),
    labels: { singular: object.labels.singular, plural: object.labels.plural },
    description: object.description,
    primary: primary && { key: primary.key, name: primary.name, dataType: primary.dataType },
    searchable,
    folders: own.length ? own.map((each) => each.name) : undefined,
  });
  const rest = fields.filter((each) => each !== primary).map((each) =>
    filled({
      key: each.key,
      name: each.name,
      dataType: each.dataType,
      folder: own.find((folder) => folder.id === each.parentId)?.name,
      options: each.options?.length ? each.options : undefined,
      required: each.isRequired || undefined,
      unique: each.isUnique || undefined,
      sensitive: each.isSensitive || undefined,
      description: each.description,
      placeholder: each.placeholder,
      acceptedFormats: each.acceptedFormats,
      maxFileLimit: each.maxFileLimit,
      allowCustomOption: each.allowCustomOption,
      showInForms: each.showInForms === false ? false : undefined,
    }),
  );
  return `${linesOf({ locations: [{ name: place, objects: [{ ...seeded, ...(rest.length && { fields: rest }) }] }] }).join("\n")}\n`;
}

/** @param {{place: string, object: Schema, fields: Field[], folders: {id: string, name: string, standard: boolean}[], onClose: () => void}} props */
export function YamlDialog({ onClose, ...schema }) {
  const text = seedOf(schema);
  return html`<${Dialog} wide title=${`${schema.object.labels.plural} as YAML`} onClose=${onClose}>
    <p class="quiet">A seed file without records: <code>groundlevel serve --seed FILE</code> makes the object from it in a new location.</p>
    <pre tabindex="0" aria-label="YAML">${text}</pre>
    <footer><${Copy} text=${text}>Copy<//><button type="button" class="primary" onClick=${onClose}>Close</button></footer>
  <//>`;
}
