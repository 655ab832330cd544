// @ts-check
// The list that a record was opened from, and with it the records before and behind that one.
import { loadSchema, searchOf, searchRecords } from "./sources.js";

/** @typedef {import("./sources.js").Item} Item */
/** @typedef {{before: string | null, behind: string | null, at: number, total: number}} Neighbours */

/** Records that are looked at to find one in its list, after the page was loaded anew. */
const LOOKED = 1000;
const PAGE = 100;

let kept = { view: "", items: /** @type {Item[]} */ ([]), total: 0, whole: false };

/** @param {string} place @param {string} key @param {string} words */
const viewOf = (place, key, words) => `${place}/${key}?${words}`;

/** Remembers what a list has shown; nothing where it is to be fetched anew. @param {string} place @param {string} key @param {string} words @param {{items: Item[], total: number}} shown */
export function keepList(place, key, words, { items, total }) {
  kept = { view: viewOf(place, key, words), items, total, whole: items.length > 0 && items.length >= total };
}

/** Fetches more of the list that is kept. @param {string} place @param {string} key @param {URLSearchParams} words */
async function grow(place, key, words) {
  const list = kept;
  const { fields } = await loadSchema(place, key);
  const after = list.items[list.items.length - 1]?.after;
  const found = await searchRecords(place, key, fields, { ...searchOf(words), after, limit: PAGE });
  list.items = [...list.items, ...found.items];
  list.total = found.total;
  list.whole = found.items.length < PAGE;
}

/**
 * The records beside one in the list that its address names; null at an end, and where the list does not hold it.
 * @param {string} place @param {string} key @param {URLSearchParams} words @param {string} id @returns {Promise<Neighbours>}
 */
export async function neighboursOf(place, key, words, id) {
  const view = viewOf(place, key, words.toString());
  if (kept.view !== view) kept = { view, items: [], total: 0, whole: false };
  const indexOf = () => kept.items.findIndex((item) => item.id === id);
  while (kept.view === view && !kept.whole && (indexOf() < 0 ? kept.items.length < LOOKED : indexOf() === kept.items.length - 1)) {
    await grow(place, key, words);
  }
  const at = indexOf();
  return { before: (at > 0 && kept.items[at - 1].id) || null, behind: (at >= 0 && kept.items[at + 1]?.id) || null, at, total: Math.max(kept.total, kept.items.length) };
}
