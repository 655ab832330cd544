// @ts-check
// Go to anything: screens, objects, places and records, found by what is typed and opened by the keyboard alone.
import { useEffect, useMemo, useState } from "preact/hooks";
import { searchRecords, titleOf } from "./sources.js";
import { Problem, asRefused, html, link, typed, useModal } from "./ui.js";

/** @typedef {import("./sources.js").Schema} Schema */
/** @typedef {import("./api.js").Session} Session */
/** @typedef {import("./api.js").Refused} Refused */
/** Somewhere to go. @typedef {{group: string, name: string, note: string, to: string}} Target */

const SHOWN = 30;
const OF_EACH = 4;
const WAIT_MS = 120;

/** How well a text fits a name: 0 not at all, more is better. @param {string} name @param {string[]} words */
function fit(name, words) {
  const text = name.toLowerCase();
  if (!words.every((word) => text.includes(word))) return 0;
  if (!words.length || text.startsWith(words[0])) return 3;
  return words.every((word) => new RegExp(`(^|[^\\p{L}\\p{N}])${word.replace(/[^\p{L}\p{N}]/gu, "\\$&")}`, "u").test(text)) ? 2 : 1;
}

/** @param {Target[]} targets @param {string} text */
export function rank(targets, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = targets.map((target) => ({ target, fit: fit(target.name, words) || fit(target.note, words) / 4 })).filter((each) => each.fit > 0);
  return found.sort((one, other) => other.fit - one.fit).map((each) => each.target);
}

/**
 * @param {{session: Session, place: string | undefined, objects: Schema[], screens: Target[], go: (hash: string) => void, onClose: () => void}} props
 */
export function Palette({ session, place, objects, screens, go, onClose }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [records, setRecords] = useState(/** @type {{text: string, targets: Target[], problem: Refused | null}} */ ({ text: "", targets: [], problem: null }));
  const asked = text.trim();
  const dialog = useModal("input");
  useEffect(() => {
    if (!place || asked.length < 2) return undefined;
    let over = false;
    const soon = setTimeout(async () => {
      const found = await Promise.allSettled(objects.map(async (object) => (await searchRecords(place, object.key, [], { query: asked, limit: OF_EACH })).items.map((item) => ({ group: "Records", name: titleOf(object, item), note: object.labels.singular, to: link(place, ["o", object.key, item.id]) }))));
      if (over) return;
      const failed = found.find((each) => each.status === "rejected");
      setRecords({ text: asked, targets: found.flatMap((each) => (each.status === "fulfilled" ? each.value : [])), problem: failed ? asRefused(failed.reason) : null });
    }, WAIT_MS);
    return () => {
      over = true;
      clearTimeout(soon);
    };
  }, [asked, place, objects]);
  const known = useMemo(() => [
    ...(place ? objects.map((object) => ({ group: "Objects", name: object.labels.plural, note: "Records", to: link(place, ["o", object.key]) })) : []),
    ...screens,
    ...(place ? objects.map((object) => ({ group: "Schemas", name: `${object.labels.plural} schema`, note: object.key, to: link(place, ["schema", object.key]) })) : []),
    ...session.places.filter((each) => !each.archived && each.id !== place).map((each) => ({ group: "Places", name: each.name, note: each.id, to: link(each.id, []) })),
  ], [session, place, objects, screens]);
  const current = asked.length >= 2 && records.text === asked;
  const shown = useMemo(() => {
    const found = [...rank(known, asked).slice(0, SHOWN), ...(asked.length >= 2 ? records.targets : [])];
    // Each group stands together, in the order of its best.
    return [...new Set(found.map((each) => each.group))].flatMap((group) => found.filter((each) => each.group === group));
  }, [known, asked, records]);
  const chosen = Math.min(at, shown.length - 1);
  useEffect(() => dialog.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }), [chosen, shown]);
  const open = (/** @type {Target | undefined} */ target) => {
    if (!target) return;
    onClose();
    go(target.to);
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const steps = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 });
    if (event.key in steps) {
      event.preventDefault();
      const next = chosen + steps[event.key];
      const isStep = Math.abs(steps[event.key]) === 1;
      setAt(isStep ? (next + shown.length) % Math.max(1, shown.length) : Math.max(0, Math.min(shown.length - 1, next)));
    } else if (event.key === "Enter") {
      event.preventDefault();
      open(shown[chosen]);
    }
  };
  const idOf = (/** @type {number} */ index) => `palette-${index}`;
  const said = !shown.length ? "Nothing found" : `${shown.length} found`;
  return html`<dialog ref=${dialog} class="palette" aria-label="Go to" onCancel=${(/** @type {Event} */ e) => (e.preventDefault(), onClose())} onClose=${onClose} onClick=${(/** @type {Event} */ e) => e.target === dialog.current && onClose()}>
    <input type="text" role="combobox" aria-label="Go to" aria-expanded="true" aria-controls="palette-list" aria-autocomplete="list" aria-activedescendant=${shown.length ? idOf(chosen) : undefined}
      placeholder="Go to a record, an object, a screen or a place" autocomplete="off" spellcheck=${false} value=${text} onInput=${(/** @type {Event} */ e) => (setText(typed(e)), setAt(0))} onKeyDown=${onKey} />
    ${records.problem && current && html`<${Problem} problem=${records.problem} />`}
    <ul id="palette-list" role="listbox" aria-label="Found">${shown.map((target, index) => html`
      ${target.group !== shown[index - 1]?.group && html`<li key=${`group ${target.group}`} class="palette-group" role="presentation">${target.group}</li>`}
      <li key=${target.to} id=${idOf(index)} role="option" aria-selected=${index === chosen} onClick=${() => open(target)} onMouseMove=${() => setAt(index)}><span class="clip">${target.name}</span><span class="quiet clip">${target.note}</span></li>`)}</ul>
    ${!shown.length && html`<p class="quiet">${asked.length >= 2 && place && !current ? "Searching…" : "Nothing is called that."}</p>`}
    <p class="hidden" role="status">${current || !place || asked.length < 2 ? said : ""}</p>
    <footer class="quiet"><span><kbd>↑</kbd> <kbd>↓</kbd> choose</span><span><kbd>Enter</kbd> open</span><span><kbd>Esc</kbd> close</span></footer>
  </dialog>`;
}
