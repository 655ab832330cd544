// @ts-check
// What was asked of the server lately: a live list, and of each request why it was refused and how to send it again.
import { useEffect, useRef, useState } from "preact/hooks";
import { api, own } from "./api.js";
import { CopyRequest } from "./snippets.js";
import { Empty, Head, Problem, Skeleton, asRefused, count, html, isTyping, statusClass, typed } from "./ui.js";

/** @typedef {import("./api.js").Refused} Refused */
/**
 * @typedef {{number: number, time: string, traceId: string, operation: string, method: string, path: string, query: string, status: number,
 *   milliseconds: number, locationId: string, client: string, caller: {source: string, sourceId: string, tokenId: string} | null,
 *   reason: string, hint: string, docs: string, body: string, answer: string, cut: boolean}} Logged
 */

const EVERY_MS = 1500;
const KEPT = 500;

/** @param {{place: string, unlimited: boolean, query: URLSearchParams, go: (hash: string, replace?: boolean) => void, hash: (query: Record<string, string>) => string}} props */
export function Requests({ place, unlimited, query, go, hash }) {
  const [rows, setRows] = useState(/** @type {Logged[] | null} */ (null));
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const [paused, setPaused] = useState(false);
  const [dropped, setDropped] = useState(0);
  const latest = useRef(0);
  const refused = query.get("refused") === "true";
  const everybody = query.get("console") === "true";
  const chosen = Number(query.get("n"));
  const text = query.get("q") ?? "";
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => {
    const key = (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      box.current?.focus();
    };
    window.addEventListener("keydown", key);
    return () => window.removeEventListener("keydown", key);
  }, []);

  useEffect(() => {
    latest.current = 0;
    setRows(null);
    let over = false;
    /** @type {ReturnType<typeof setTimeout>} */
    let timer;
    const tick = async () => {
      try {
        const asked = `after=${latest.current}&limit=${latest.current ? 500 : 200}${refused ? "&refused=true" : ""}${everybody ? "" : "&console=false"}`;
        const found = unlimited ? await own("GET", `/requests?${asked}`) : await api(place, "GET", `/x/requests?${asked}`);
        if (over) return;
        if (found.latest < latest.current) setRows([]);
        latest.current = found.latest;
        setDropped(Math.max(0, found.oldest - 1));
        setRows((before) => [...found.requests, ...(before ?? [])].slice(0, KEPT));
        setProblem(null);
      } catch (reason) {
        if (over) return;
        setProblem(asRefused(reason));
      }
      if (!paused) timer = setTimeout(tick, EVERY_MS);
    };
    tick();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [place, unlimited, refused, everybody, paused]);

  const turn = (/** @type {Record<string, string>} */ members) => go(hash({ refused: refused ? "true" : "", console: everybody ? "true" : "", q: text, ...members }), true);
  const open = (/** @type {number} */ n) => turn({ n: n ? String(n) : "" });
  const flip = (/** @type {string} */ name, /** @type {boolean} */ on) => turn({ [name]: on ? "true" : "" });
  const words = text.toLowerCase();
  const found = rows?.filter((row) => !words || [row.path, row.query, row.reason, row.client, row.traceId, row.operation, String(row.status)].some((each) => each.toLowerCase().includes(words))) ?? null;
  const shown = rows?.find((row) => row.number === chosen);
  return html`<section class="screen fill">
    <${Head} title="Requests" note=${found ? `${count(found.length)} shown${dropped ? `, ${count(dropped)} older ones dropped` : ""}` : ""}>
      <input ref=${box} class="search" type="search" aria-label="Search requests" placeholder="Path, reason, client, trace" value=${text} onInput=${(/** @type {Event} */ e) => turn({ q: typed(e) })} />
      <label class="check"><input type="checkbox" checked=${refused} onChange=${() => flip("refused", !refused)} />Refused only</label>
      <label class="check"><input type="checkbox" checked=${everybody} onChange=${() => flip("console", !everybody)} />From the console too</label>
      <button type="button" aria-pressed=${paused} onClick=${() => setPaused(!paused)}>${paused ? "Resume" : "Pause"}</button>
    <//>
    ${problem && html`<${Problem} problem=${problem} />`}
    ${rows === null && !problem && html`<${Skeleton} />`}
    ${rows?.length === 0 &&
    html`<${Empty} title=${refused ? "No request was refused" : "No request yet"}><p>Whatever programs ask of this server shows up here at once.</p><p class="row center"><${CopyRequest} sent=${{ method: "GET", target: `/objects/?locationId=${place}` }} /></p><//>`}
    ${rows !== null && rows.length > 0 && found?.length === 0 && html`<${Empty} title="Nothing matches"><button type="button" onClick=${() => turn({ q: "" })}>Clear search</button><//>`}
    ${found !== null && found.length > 0 &&
    html`<div class=${shown ? "split open" : "split"}>
      <div class="scroll" tabindex="0" role="region" aria-label="Requests"><table class="table requests">
        <thead><tr><th>Status</th><th>Request</th><th>Client</th><th class="end">ms</th><th>Time</th></tr></thead>
        <tbody>${found.map((row) => html`<${Line} key=${row.number} row=${row} chosen=${row.number === chosen} onOpen=${open} />`)}</tbody>
      </table></div>
      ${shown && html`<${Detail} row=${shown} onClose=${() => open(0)} />`}
    </div>`}
  </section>`;
}

/** @param {{row: Logged, chosen: boolean, onOpen: (n: number) => void}} props */
function Line({ row, chosen, onOpen }) {
  return html`<tr class=${chosen ? "chosen" : ""} onClick=${() => onOpen(row.number)}>
    <td><span class=${statusClass(row.status)}>${row.status}</span></td>
    <td class="grow"><button type="button" class="plain cell-button" onClick=${() => onOpen(row.number)}><b>${row.method}</b><code>${row.path}</code></button>
      ${row.reason && html`<span class="reason">${row.reason}</span>`}</td>
    <td class="quiet clip">${row.client || "–"}</td>
    <td class="end">${row.milliseconds.toFixed(1)}</td>
    <td class="quiet nowrap">${new Date(row.time).toLocaleTimeString("en-GB")}</td>
  </tr>`;
}

/** @param {{row: Logged, onClose: () => void}} props */
function Detail({ row, onClose }) {
  return html`<aside class="detail" aria-label="Request">
    <header class="row"><span class=${statusClass(row.status)}>${row.status}</span><h2><b>${row.method}</b> <code>${row.path}</code></h2>
      <button type="button" class="plain" aria-label="Close" onClick=${onClose}>✕</button></header>
    ${row.reason &&
    html`<div class="problem"><strong>${row.reason}</strong>${row.hint && html`<p>${row.hint}</p>`}
      ${row.docs && html`<p><a href=${row.docs} target="_blank" rel="noreferrer">What this means</a></p>`}</div>`}
    <p class="row"><${CopyRequest} sent=${{ method: row.method, target: row.path + (row.query ? `?${row.query}` : ""), body: row.body }} /></p>
    <dl class="facts">
      <dt>Operation</dt><dd>${row.operation || "none"}</dd>
      ${row.query && html`<dt>Query</dt><dd><code>${decode(row.query)}</code></dd>`}
      <dt>Client</dt><dd>${row.client || "–"}</dd>
      <dt>Caller</dt><dd>${row.caller ? html`${row.caller.source} <code>${row.caller.sourceId}</code>` : "no known token"}</dd>
      <dt>Trace</dt><dd><code>${row.traceId}</code></dd>
    </dl>
    ${row.body && html`<h3>Body</h3><pre tabindex="0">${pretty(row.body)}</pre>`}
    ${row.answer && html`<h3>Answer</h3><pre tabindex="0">${pretty(row.answer)}</pre>`}
    ${row.cut && html`<p class="quiet">Only the beginning is kept.</p>`}
  </aside>`;
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @param {string} text */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
