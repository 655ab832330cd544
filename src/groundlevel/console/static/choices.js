// @ts-check
// What somebody has chosen for the screens of a place: the server keeps it, so that any browser shows the same.
import { own } from "./api.js";
import { asRefused, notify } from "./ui.js";

/** The choices of each place that was looked at, by their names. @type {Map<string, Promise<Record<string, any>>>} */
const kept = new Map();

/** @param {Record<string, string>} texts @returns {Record<string, any>} */
function decode(texts) {
  return Object.fromEntries(Object.entries(texts).flatMap(([name, text]) => {
    try {
      return [[name, JSON.parse(text)]];
    } catch {
      return [];
    }
  }));
}

/** All choices in a place; none where they cannot be read, since a screen does without. @param {string} place @returns {Promise<Record<string, any>>} */
export function loadChoices(place) {
  let found = kept.get(place);
  if (!found) {
    found = own("GET", `/places/${encodeURIComponent(place)}/choices`).then((answer) => decode(answer.choices), () => (kept.delete(place), {}));
    kept.set(place, found);
  }
  return found;
}

/** Keeps a choice; null takes it away. @param {string} place @param {string} name @param {unknown} value */
export async function choose(place, name, value) {
  const all = await loadChoices(place);
  if (value === null) delete all[name];
  else all[name] = value;
  try {
    await own("PUT", `/places/${encodeURIComponent(place)}/choices`, { name, value: value === null ? "" : JSON.stringify(value) });
  } catch (problem) {
    notify(`This is not kept: ${asRefused(problem).message}`);
  }
}

/** Forgets what was loaded, when somebody signs out. */
export const forgetChoices = () => kept.clear();
