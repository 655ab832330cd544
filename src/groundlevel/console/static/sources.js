// @ts-check
// Where the records of an object come from: the Objects API, and for contacts and opportunities operations of their own.
import { api, ask } from "./api.js";

/** @typedef {import("./fields.js").Field} Field */
/** A record; `tag` names the state that it was read in. @typedef {{id: string, properties: Record<string, any>, after?: any[], raw: any, tag?: string}} Item */
/** @typedef {{query?: string, filters?: Filter[], sort?: {key: string, down: boolean} | null, after?: any[], limit?: number}} Search */
/** @typedef {{key: string, operator: string, value: string}} Filter */
/** @typedef {{key: string, labels: {singular: string, plural: string}, primaryDisplayProperty: string, standard: boolean, description?: string,
 *   searchableProperties: string[], requiredProperties: string[], id: string}} Schema */

/** @param {string} key @param {string} name @param {string} dataType @param {Partial<Field>} [more] @returns {Field} */
const flat = (key, name, dataType, more = {}) => ({ id: key, key, fieldKey: key, name, dataType, isRequired: false, isUnique: false, ...more });

const CONTACT_FIELDS = [
  flat("firstName", "First name", "TEXT"),
  flat("lastName", "Last name", "TEXT"),
  flat("email", "E-mail", "EMAIL"),
  flat("phone", "Phone", "PHONE"),
  flat("companyName", "Company", "TEXT"),
  flat("city", "City", "TEXT"),
  flat("country", "Country", "TEXT"),
  flat("source", "Source", "TEXT"),
  flat("tags", "Tags", "MULTIPLE_OPTIONS", { readOnly: true }),
];
const OPPORTUNITY_FIELDS = [
  flat("name", "Name", "TEXT"),
  flat("status", "Status", "TEXT", { readOnly: true }),
  flat("monetaryValue", "Value", "NUMERICAL"),
  flat("source", "Source", "TEXT"),
];

/** @param {Filter} filter @param {Field | undefined} field @param {string} prefix */
function filterOf(filter, field, prefix) {
  const name = prefix + filter.key;
  const number = field && (field.dataType === "NUMERICAL" || field.dataType === "MONETORY");
  const value = number && filter.value !== "" && Number.isFinite(Number(filter.value)) ? Number(filter.value) : filter.value;
  if (filter.operator === "gte" || filter.operator === "lte") return { field: name, operator: "range", value: { [filter.operator]: value } };
  if (filter.operator.endsWith("exists")) return { field: name, operator: filter.operator };
  return { field: name, operator: filter.operator, value: field && ["MULTIPLE_OPTIONS", "CHECKBOX"].includes(field.dataType) ? [value] : value };
}

/** @param {string} place @param {Search} search @param {Field[]} fields @param {string} prefix */
function bodyOf(place, search, fields, prefix) {
  /** @type {Record<string, any>} */
  const body = { locationId: place, page: 1, pageLimit: search.limit ?? 100 };
  if (search.after) body.searchAfter = search.after;
  if (search.query) body.query = search.query;
  if (search.sort) body.sort = [{ field: prefix + search.sort.key, direction: search.sort.down ? "desc" : "asc" }];
  if (search.filters?.length) {
    const all = search.filters.map((filter) => filterOf(filter, fields.find((field) => field.key === filter.key), prefix));
    body.filters = [{ group: "AND", filters: all }];
  }
  return body;
}

/** Opportunities call the size of a page otherwise. @param {string} place @param {string} key @param {Search} search @param {Field[]} fields */
function ownBody(place, key, search, fields) {
  const { pageLimit, ...body } = bodyOf(place, search, fields, "");
  return key === "opportunity" ? { ...body, limit: pageLimit } : { ...body, pageLimit };
}

/** The objects of a place. @param {string} place @returns {Promise<Schema[]>} */
export async function loadObjects(place) {
  return (await api(place, "GET", `/objects/?locationId=${encodeURIComponent(place)}`)).objects;
}

/** An object with its fields, each under its short key. @param {string} place @param {string} key @returns {Promise<{object: Schema, fields: Field[]}>} */
export async function loadSchema(place, key) {
  const path = `/objects/${encodeURIComponent(key)}?locationId=${encodeURIComponent(place)}&fetchProperties=true`;
  const { object, fields } = await api(place, "GET", path);
  if (key === "contact") return { object, fields: CONTACT_FIELDS };
  if (key === "opportunity") return { object, fields: OPPORTUNITY_FIELDS };
  const short = fields.map((/** @type {any} */ field) => ({ ...field, key: field.fieldKey.slice(key.length + 1) }));
  const primary = object.primaryDisplayProperty.slice(key.length + 1);
  return { object, fields: [...short.filter((/** @type {Field} */ f) => f.key === primary), ...short.filter((/** @type {Field} */ f) => f.key !== primary)] };
}

const STATUSES = ["open", "won", "lost", "abandoned"].map((key) => ({ key, label: key }));

/**
 * The fields that a new record is asked for: an opportunity stands in a pipeline and belongs to a contact besides.
 * @param {string} place @param {string} key @param {Field[]} fields @returns {Promise<Field[]>}
 */
export async function loadFieldsOfNew(place, key, fields) {
  if (key !== "opportunity") return fields;
  const [{ pipelines }, { contacts }] = await Promise.all([
    api(place, "GET", `/opportunities/pipelines?locationId=${encodeURIComponent(place)}`),
    api(place, "POST", "/contacts/search", { locationId: place, page: 1, pageLimit: 100 }),
  ]);
  const choice = (/** @type {string} */ own, /** @type {string} */ name, /** @type {{key: string, label: string}[]} */ options) =>
    flat(own, name, "SINGLE_OPTIONS", { isRequired: true, options });
  const [first, ...rest] = fields;
  return [
    first,
    choice("pipelineId", "Pipeline", pipelines.map((/** @type {any} */ each) => ({ key: each.id, label: each.name }))),
    choice("contactId", "Contact", contacts.map((/** @type {any} */ each) => ({ key: each.id, label: each.contactName || each.email || each.id }))),
    choice("status", "Status", STATUSES),
    ...rest,
  ];
}

const OWN = /** @type {Record<string, {path: string, one: string}>} */ ({
  contact: { path: "/contacts", one: "contact" },
  opportunity: { path: "/opportunities", one: "opportunity" },
});

/**
 * A page of records, and how many there are.
 * @param {string} place @param {string} key @param {Field[]} fields @param {Search} search @returns {Promise<{items: Item[], total: number}>}
 */
export async function searchRecords(place, key, fields, search) {
  if (key in OWN) {
    const found = await api(place, "POST", `${OWN[key].path}/search`, ownBody(place, key, search, fields));
    const rows = found.contacts ?? found.opportunities ?? [];
    return { items: rows.map(ownItem), total: found.total ?? found.meta?.total ?? rows.length };
  }
  const path = `/objects/${encodeURIComponent(key)}/records/search`;
  const found = await api(place, "POST", path, bodyOf(place, search, fields, "properties."));
  return { items: found.records.map(itemOf), total: found.total };
}

/** Whether an object's records have operations of their own, and no bulk operation. @param {string} key */
export const isOwn = (key) => key in OWN;

/**
 * The search that the address of a list asks for.
 * @param {URLSearchParams} words @returns {{query: string, filters: Filter[], sort: {key: string, down: boolean} | null}}
 */
export function searchOf(words) {
  const sort = words.get("s") ?? "";
  return { query: words.get("q") ?? "", filters: filtersOf(words.get("f") ?? ""), sort: sort ? { key: sort.replace(/^-/, ""), down: sort.startsWith("-") } : null };
}

/** @param {string} text @returns {Filter[]} */
function filtersOf(text) {
  try {
    const found = JSON.parse(text || "[]");
    return Array.isArray(found) ? found.filter((each) => each && typeof each.key === "string" && typeof each.operator === "string") : [];
  } catch {
    return [];
  }
}

/** @param {any} raw @returns {Item} */
const itemOf = (raw) => ({ id: raw.id, properties: raw.properties, after: raw.searchAfter, raw });
/** @param {any} raw @returns {Item} */
const ownItem = (raw) => ({ id: raw.id, properties: { ...raw, name: raw.name ?? raw.contactName }, after: raw.searchAfter ?? raw.sort, raw });

/** @param {string} place @param {string} key @param {string} id @returns {string} */
function pathOf(place, key, id) {
  if (key in OWN) return `${OWN[key].path}/${encodeURIComponent(id)}`;
  return `/objects/${encodeURIComponent(key)}/records/${encodeURIComponent(id)}?locationId=${encodeURIComponent(place)}`;
}

/** @param {string} place @param {string} key @param {string} id @returns {Promise<Item>} */
export async function getRecord(place, key, id) {
  let tag = "";
  const found = await ask(place, { method: "GET", path: pathOf(place, key, id), listen: (headers) => (tag = headers.get("etag") ?? "") });
  return { ...(key in OWN ? ownItem(found[OWN[key].one]) : itemOf(found.record)), tag };
}

/**
 * Changes the properties that are named; null clears one. With the record as it was read, a change that somebody else has made since is
 * in the way (status 412).
 * @param {string} place @param {string} key @param {string} id @param {Record<string, any>} properties @param {Item} [read] @returns {Promise<Item>}
 */
// Parameters: what to change, and the state in which.
export async function updateRecord(place, key, id, properties, read) {
  const path = pathOf(place, key, id);
  let tag = "";
  /** @type {Record<string, string>} */
  const headers = read?.tag ? { "If-Match": read.tag } : {};
  if (key in OWN) {
    await ask(place, { method: "PUT", path, body: properties, headers });
    return getRecord(place, key, id);
  }
  const found = await ask(place, { method: "PUT", path, body: { properties }, headers, listen: (heard) => (tag = heard.get("etag") ?? "") });
  return { ...itemOf(found.record), tag };
}

/** How a program creates, gets and changes a record. */
export const requestTo = {
  /** @param {string} place @param {string} key @param {Record<string, any>} properties */
  create: (place, key, properties) => ({
    method: "POST",
    target: key in OWN ? `${OWN[key].path}/` : `/objects/${key}/records`,
    body: JSON.stringify({ locationId: place, ...(key in OWN ? properties : { properties }) }),
  }),
  /** @param {string} place @param {string} key @param {string} id */
  get: (place, key, id) => ({ method: "GET", target: pathOf(place, key, id) }),
  /** @param {string} place @param {string} key @param {string} id @param {Record<string, any>} properties */
  update: (place, key, id, properties) => ({ method: "PUT", target: pathOf(place, key, id), body: JSON.stringify(key in OWN ? properties : { properties }) }),
};

/** @param {string} place @param {string} key @param {Record<string, any>} properties @returns {Promise<Item>} */
export async function createRecord(place, key, properties) {
  if (key in OWN) return ownItem((await api(place, "POST", `${OWN[key].path}/`, { locationId: place, ...properties }))[OWN[key].one]);
  return itemOf((await api(place, "POST", `/objects/${encodeURIComponent(key)}/records`, { locationId: place, properties })).record);
}

/** @param {string} place @param {string} key @param {string} id */
export async function deleteRecord(place, key, id) {
  await api(place, "DELETE", pathOf(place, key, id));
}

/** What a record is called. @param {Schema} object @param {Item} item */
export function titleOf(object, item) {
  const short = object.primaryDisplayProperty.slice(object.key.length + 1);
  const value = object.key === "contact" ? item.properties.contactName || item.properties.name || item.properties.email : item.properties[short];
  return value === undefined || value === null || value === "" ? item.id : String(value);
}
