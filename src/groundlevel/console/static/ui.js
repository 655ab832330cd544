// @ts-check
// What every screen is made of: how values become text, and the small parts that look and behave alike everywhere.
import { h } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import htm from "htm";
import { Refused } from "./api.js";

export const html = htm.bind(h);

/** @param {number} n */
export const count = (n) => n.toLocaleString("en-GB");

/** @param {string} iso */
export function when(iso) {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}

/** How a status of HTTP looks. @param {number} status */
export const statusClass = (status) => `status status-${String(status)[0]}`;

/** @param {number} bytes */
export function size(bytes) {
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  let [number, unit] = [bytes, 0];
  while (number >= 1024 && unit < units.length - 1) [number, unit] = [number / 1024, unit + 1];
  return `${number.toLocaleString("en-GB", { maximumFractionDigits: unit && number < 100 ? 1 : 0 })} ${units[unit]}`;
}

/** A key made from a name, as the server makes one. @param {string} text */
export const keyOf = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "");

/** What somebody has typed or chosen. @param {Event} event */
export const typed = (event) => /** @type {HTMLInputElement} */ (event.currentTarget).value;

/** Whether a person types into something, so that letters are no commands. @param {EventTarget | null} target */
export function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/**
 * Loads something, and again when `again` is called or what it depends on changes; what was loaded stays meanwhile.
 * @template T @param {() => Promise<T>} load @param {unknown[]} on
 * @returns {{value: T | undefined, problem: Refused | undefined, again: () => void, slow: boolean}}
 */
export function useLoad(load, on) {
  const [state, set] = useState(/** @type {{value?: T, problem?: Refused, key?: string}} */ ({}));
  const [slow, setSlow] = useState(false);
  const turn = useRef(0);
  const run = useCallback(() => {
    const mine = ++turn.current;
    const late = setTimeout(() => mine === turn.current && setSlow(true), 150);
    load()
      .then(
        (value) => mine === turn.current && set({ value }),
        (problem) => mine === turn.current && set((before) => ({ value: before.value, problem: asRefused(problem) })),
      )
      .finally(() => {
        clearTimeout(late);
        if (mine === turn.current) setSlow(false);
      });
  }, on);
  useEffect(run, [run]);
  return { value: state.value, problem: state.problem, again: run, slow };
}

/** Does what takes a while and may be refused; `problem` says why the last was. @returns {{act: (work: () => Promise<unknown>) => Promise<void>, busy: boolean, problem: Refused | null}} */
export function useAct() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const act = async (/** @type {() => Promise<unknown>} */ work) => {
    setBusy(true);
    try {
      await work();
      setProblem(null);
    } catch (found) {
      setProblem(asRefused(found));
    }
    setBusy(false);
  };
  return { act, busy, problem };
}

/** @param {unknown} problem @returns {Refused} */
export function asRefused(problem) {
  return problem instanceof Refused ? problem : new Refused(0, String(problem instanceof Error ? problem.message : problem));
}

/** Why something failed, what to do about it, and the way to try again: at once, or when the server takes requests again. @param {{problem: Refused | {message: string, hint?: string, docs?: string, traceId?: string, wait?: number}, again?: () => void}} props */
export function Problem({ problem, again }) {
  const [left, setLeft] = useState(problem.wait ?? 0);
  useEffect(() => setLeft(problem.wait ?? 0), [problem]);
  useEffect(() => {
    if (left <= 0) return undefined;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  return html`<div class="problem" role="alert">
    <strong>${problem.message}</strong>
    ${problem.hint && html`<p>${problem.hint}</p>`}
    <p class="row">
      ${again && html`<button type="button" disabled=${left > 0} onClick=${again}>Try again${left > 0 && ` in ${left} s`}</button>`}
      ${!again && left > 0 && html`<span class="quiet">Possible again in ${left} s</span>`}
      ${problem.docs && html`<a href=${problem.docs} target="_blank" rel="noreferrer">What this means</a>`}
      ${problem.traceId && html`<span class="quiet">Trace ${problem.traceId}</span>`}
    </p>
  </div>`;
}

/** A screen with nothing on it yet. @param {{title: string, children?: any}} props */
export function Empty({ title, children }) {
  return html`<div class="empty"><h2>${title}</h2><div>${children}</div></div>`;
}

/** Grey lines where something will be. @param {{lines?: number}} props */
export function Skeleton({ lines = 8 }) {
  return html`<div class="skeleton" aria-busy="true" aria-label="Loading">
    ${Array.from({ length: lines }, (_, i) => html`<span key=${i}></span>`)}
  </div>`;
}

/**
 * Shows a dialog over the page for as long as its component is drawn: the keyboard goes to what `first` selects, and comes back afterwards.
 * @param {string} first
 */
export function useModal(first) {
  const ref = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const before = document.activeElement;
    if (ref.current && !ref.current.open) ref.current.showModal();
    /** @type {HTMLElement | null | undefined} */ (ref.current?.querySelector(first))?.focus();
    // A dialog that is taken out of the page before it is closed leaves the keyboard nowhere.
    return () => before instanceof HTMLElement && document.activeElement === document.body && before.focus({ preventScroll: true });
  }, []);
  return ref;
}

/**
 * A dialog over the page. The browser keeps the keyboard inside and closes it with Escape.
 * @param {{title: string, wide?: boolean, onClose: () => void, children?: any}} props
 */
export function Dialog({ title, wide, onClose, children }) {
  // Into what the dialog asks for, not onto the button that closes it.
  const ref = useModal(":scope > :not(header) :is(input, select, textarea, button):not(:disabled)");
  return html`<dialog ref=${ref} class=${wide ? "wide" : ""} aria-label=${title} onCancel=${(/** @type {Event} */ e) => (e.preventDefault(), onClose())} onClose=${onClose}>
    <header>
      <h2>${title}</h2>
      <button type="button" class="plain" aria-label="Close" onClick=${onClose}>✕</button>
    </header>
    ${children}
  </dialog>`;
}

/** A label with its control and what to know about it. @param {{label: string, hint?: string, children?: any}} props */
export function Labelled({ label, hint, children }) {
  return html`<label class="labelled"><span>${label}</span>${children}${hint && html`<small>${hint}</small>`}</label>`;
}

/** A button that copies a text and says so; `label` where what stands on it does not say enough. @param {{text: string, label?: string, children?: any}} props */
export function Copy({ text, label, children }) {
  const [done, set] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      return notify("The browser does not let this page copy");
    }
    set(true);
    notify("Copied");
    setTimeout(() => set(false), 1500);
  };
  return html`<button type="button" aria-label=${done ? undefined : label} onClick=${copy}>${done ? "Copied" : children}</button>`;
}

/** What is typed and not yet stored on the screen that is shown, in words; empty for nothing. Whoever leaves it is asked. */
export const unsaved = { what: "" };

/** Says something in passing, also to screen readers. @param {string} text */
export function notify(text) {
  window.dispatchEvent(new CustomEvent("notify", { detail: text }));
}

/** Where `notify` speaks. */
export function Toasts() {
  const [texts, set] = useState(/** @type {{id: number, text: string}[]} */ ([]));
  useEffect(() => {
    let next = 0;
    const show = (/** @type {Event} */ event) => {
      const id = next++;
      set((all) => [...all, { id, text: /** @type {CustomEvent} */ (event).detail }]);
      setTimeout(() => set((all) => all.filter((each) => each.id !== id)), 4000);
    };
    window.addEventListener("notify", show);
    return () => window.removeEventListener("notify", show);
  }, []);
  return html`<div class="toasts" role="status">${texts.map((t) => html`<p key=${t.id}>${t.text}</p>`)}</div>`;
}

/** The head of a screen, or of a part of it: its title, what is to know, and what can be done. @param {{title: string, note?: any, level?: number, children?: any}} props */
export function Head({ title, note, level = 1, children }) {
  return html`<header class=${level === 1 ? "head" : "head part"}>
    <div class="head-title">${level === 1 ? html`<h1>${title}</h1>` : html`<h2>${title}</h2>`}${note && html`<span class="quiet" aria-live="polite">${note}</span>`}</div>
    <div class="row">${children}</div>
  </header>`;
}

/** @param {string} place @param {string[]} parts @param {Record<string, string>} [query] */
export function link(place, parts, query = {}) {
  const words = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
  return `#/${[place, ...parts].map(encodeURIComponent).join("/")}${words.size ? `?${words}` : ""}`;
}

/**
 * A screen, or a part of one, whose script is fetched when it is shown for the first time.
 * @param {() => Promise<Record<string, any>>} load @param {string} name @param {boolean} [isPart]
 */
export function lazy(load, name, isPart) {
  return function Lazy(/** @type {any} */ props) {
    const found = useLoad(load, []);
    if (isPart && !found.value) return found.problem ? html`<${Problem} problem=${found.problem} again=${found.again} />` : html`<${Skeleton} lines=${3} />`;
    if (found.problem) return html`<${Head} title="Screen" /><${Problem} problem=${found.problem} again=${found.again} />`;
    if (!found.value) return html`<${Head} title="…" /><${Skeleton} />`;
    return html`<${found.value[name]} ...${props} />`;
  };
}
