// @ts-check
// The types of fields: how each is shown, edited and filtered. One row for each, as in the server's table of types.
import { html, when } from "./ui.js";

/**
 * @typedef {{id: string, key: string, fieldKey: string, name: string, dataType: string, parentId?: string, options?: {key: string, label: string}[],
 *   isRequired: boolean, isUnique: boolean, isSensitive?: boolean, description?: string, standard?: boolean, index?: string, position?: number,
 *   allowCustomOption?: boolean, readOnly?: boolean, acceptedFormats?: string, maxFileLimit?: number, placeholder?: string, showInForms?: boolean}} Field
 */
/** @typedef {"text" | "number" | "day" | "members" | "files"} Comparison */
/**
 * @typedef {{label: string, comparison: Comparison, width: number, input: "text" | "area" | "number" | "date" | "choice" | "choices" | "money" | "none",
 *   end?: boolean, sortable: boolean}} Type
 */

/** @type {Record<string, Type>} */
const TYPES = {
  TEXT: { label: "Text", comparison: "text", width: 190, input: "text", sortable: true },
  LARGE_TEXT: { label: "Long text", comparison: "text", width: 240, input: "area", sortable: true },
  NUMERICAL: { label: "Number", comparison: "number", width: 120, input: "number", end: true, sortable: true },
  PHONE: { label: "Phone", comparison: "text", width: 160, input: "text", sortable: true },
  EMAIL: { label: "E-mail", comparison: "text", width: 210, input: "text", sortable: true },
  MONETORY: { label: "Money", comparison: "number", width: 130, input: "money", end: true, sortable: true },
  DATE: { label: "Date", comparison: "day", width: 125, input: "date", sortable: true },
  SINGLE_OPTIONS: { label: "Choice", comparison: "text", width: 130, input: "choice", sortable: true },
  RADIO: { label: "Radio", comparison: "text", width: 130, input: "choice", sortable: true },
  MULTIPLE_OPTIONS: { label: "Choices", comparison: "members", width: 200, input: "choices", sortable: false },
  CHECKBOX: { label: "Checkboxes", comparison: "members", width: 200, input: "choices", sortable: false },
  TEXTBOX_LIST: { label: "Text boxes", comparison: "text", width: 220, input: "none", sortable: false },
  FILE_UPLOAD: { label: "Files", comparison: "files", width: 130, input: "none", sortable: false },
};

/** What can be created. */
export const DATA_TYPES = Object.entries(TYPES).map(([name, type]) => ({ name, label: type.label }));

/** @type {Record<Comparison, [string, string][]>} */
const OPERATORS = {
  text: [["contains", "contains"], ["eq", "is"], ["not_eq", "is not"], ["exists", "is set"], ["not_exists", "is not set"]],
  number: [["eq", "="], ["gte", "≥"], ["lte", "≤"], ["exists", "is set"], ["not_exists", "is not set"]],
  day: [["gte", "from"], ["lte", "until"], ["exists", "is set"], ["not_exists", "is not set"]],
  members: [["eq", "has"], ["not_eq", "has not"], ["exists", "is set"], ["not_exists", "is not set"]],
  files: [["exists", "is set"], ["not_exists", "is not set"]],
};

/** @param {Field} field */
export const typeOf = (field) => TYPES[field.dataType] ?? TYPES.TEXT;

/** @param {Field} field */
export const operatorsOf = (field) => OPERATORS[typeOf(field).comparison].filter(([name]) => !field.options || name !== "contains");

/** @param {Field} field @param {string} key */
const labelOf = (field, key) => field.options?.find((option) => option.key === key)?.label ?? key;

/** The value as one line of text. @param {Field} field @param {any} value @returns {string} */
export function textOf(field, value) {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map((each) => (each?.url ? (each.meta?.name ?? each.url) : labelOf(field, String(each)))).join(", ");
  if (typeof value === "object" && "value" in value) return money(value);
  if (typeof value === "object") return Object.values(value).join(", ");
  if (field.options) return labelOf(field, String(value));
  return typeof value === "number" ? value.toLocaleString("en-GB", { maximumFractionDigits: 10 }) : String(value);
}

/** @param {{currency: string, value: number}} value */
function money(value) {
  const number = value.value.toLocaleString("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return value.currency === "default" ? number : `${number} ${value.currency}`;
}

/** The same option has the same colour everywhere. @param {Field} field @param {string} key */
function hueOf(field, key) {
  const place = field.options?.findIndex((option) => option.key === key) ?? -1;
  return place < 0 ? "tag" : `tag tag-${place % 6}`;
}

/** The value as it is shown in a cell. @param {Field} field @param {any} value */
export function show(field, value) {
  if (value === undefined || value === null || value === "") return "";
  if (field.options && Array.isArray(value)) {
    return value.map((key) => html`<span class=${hueOf(field, key)} key=${key}>${labelOf(field, key)}</span>`);
  }
  if (field.options && typeof value === "string" && field.dataType !== "TEXTBOX_LIST") {
    return html`<span class=${hueOf(field, value)}>${labelOf(field, value)}</span>`;
  }
  if (field.dataType === "DATE_TIME") return when(value);
  return textOf(field, value);
}

/** What an editor begins with. @param {Field} field @param {any} value @returns {string} */
export function draftOf(field, value) {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.join(",");
  return String(typeof value === "object" ? value.value : value);
}

/**
 * What is sent for what a person has typed; the server says whether it is right.
 * @param {Field} field @param {string} draft @param {any} before @returns {any}
 */
export function parse(field, draft, before) {
  const text = draft.trim();
  if (text === "") return null;
  switch (typeOf(field).input) {
    case "number":
      return numberOf(text);
    case "money":
      return { currency: before?.currency ?? "default", value: numberOf(text) };
    case "choices":
      return text.split(",").map((key) => key.trim()).filter(Boolean);
    default:
      return draft;
  }
}

/** A number where it is one; else the text, of which the server says what is wrong. @param {string} text */
function numberOf(text) {
  const number = Number(text.replace(/[\s,]/g, ""));
  return Number.isFinite(number) ? number : text;
}

/**
 * The control that edits a value.
 * @param {{field: Field, draft: string, onDraft: (draft: string) => void, label: string, compact?: boolean, inputRef?: any}} props
 */
export function Editor({ field, draft, onDraft, label, compact, inputRef }) {
  const type = typeOf(field);
  const typed = (/** @type {Event} */ event) => onDraft(/** @type {HTMLInputElement} */ (event.currentTarget).value);
  if (type.input === "choice" && field.options && !field.allowCustomOption) {
    return html`<select ref=${inputRef} aria-label=${label} value=${draft} onChange=${typed}>
      <option value="">–</option>
      ${field.options.map((option) => html`<option key=${option.key} value=${option.key}>${option.label}</option>`)}
    </select>`;
  }
  if (type.input === "choices" && field.options && !compact) {
    const chosen = new Set(draft.split(",").filter(Boolean));
    const flip = (/** @type {string} */ key) => {
      if (!chosen.delete(key)) chosen.add(key);
      onDraft([...chosen].join(","));
    };
    return html`<span class="choices" role="group" aria-label=${label}>
      ${field.options.map(
        (option) => html`<label key=${option.key}>
          <input type="checkbox" checked=${chosen.has(option.key)} onChange=${() => flip(option.key)} />${option.label}
        </label>`,
      )}
    </span>`;
  }
  if (type.input === "area" && !compact) {
    return html`<textarea ref=${inputRef} aria-label=${label} rows="3" value=${draft} onInput=${typed}></textarea>`;
  }
  const list = field.options && type.input === "choice" ? `options-${field.id}` : undefined;
  return html`${list && html`<datalist id=${list}>${field.options?.map((option) => html`<option key=${option.key} value=${option.key}>${option.label}</option>`)}</datalist>`}<input
    list=${list}
    ref=${inputRef}
    aria-label=${label}
    type=${type.input === "date" ? "date" : "text"}
    inputmode=${type.input === "number" || type.input === "money" ? "decimal" : undefined}
    autocomplete="off"
    spellcheck=${type.input === "area"}
    value=${draft}
    onInput=${typed}
  />`;
}
