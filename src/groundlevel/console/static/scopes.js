// @ts-check
// What a token allows, or an app may ask for: every scope with what it opens, to be ticked.
import { useState } from "preact/hooks";
import { html } from "./ui.js";

/** The scopes that are ticked, at first all. @param {Record<string, string>} scopes */
export function useScopes(scopes) {
  const [chosen, setChosen] = useState(() => new Set(Object.keys(scopes)));
  const flip = (/** @type {string} */ scope) =>
    setChosen((now) => {
      const next = new Set(now);
      if (!next.delete(scope)) next.add(scope);
      return next;
    });
  return { chosen, flip, choose: (/** @type {string[]} */ names) => setChosen(new Set(names)) };
}

/** @param {{legend: string, scopes: Record<string, string>, chosen: Set<string>, flip: (scope: string) => void}} props */
export function Scopes({ legend, scopes, chosen, flip }) {
  return html`<fieldset class="scopes"><legend>${legend}</legend>${Object.entries(scopes).map(([scope, words]) => html`<label key=${scope}>
    <input type="checkbox" checked=${chosen.has(scope)} onChange=${() => flip(scope)} /><code>${scope}</code><span class="quiet">${words}</span></label>`)}</fieldset>`;
}
