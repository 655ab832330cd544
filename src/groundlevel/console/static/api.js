// @ts-check
// Talks to the server: the console's own operations with the cookie, everything else with a token that the cookie buys.

/** @typedef {{id: string, name: string, companyId: string, createdAt: string, archived: boolean}} Place */
/** @typedef {{sessionId: string, email: string | null, role: string, unlimited: boolean, places: Place[], version: string, profile: string, double: boolean}} Session */

/** Why something was not done: what the server said, or that it cannot be reached (status 0). */
export class Refused extends Error {
  /** @param {number} status @param {string} message @param {{hint?: string, docs?: string, fieldKey?: string, traceId?: string, wait?: number}} [more] `wait`: seconds until it may be tried again */
  constructor(status, message, more = {}) {
    super(message);
    this.status = status;
    this.hint = more.hint ?? "";
    this.docs = more.docs ?? "";
    this.fieldKey = more.fieldKey ?? "";
    this.traceId = more.traceId ?? "";
    this.wait = more.wait ?? 0;
  }
}

/** Told of what concerns the whole page: "offline", "online" and "signed-out". */
export const events = new EventTarget();
const EARLY = 60_000;
const API_VERSION = "2021-07-28";

/** @type {Map<string, {token: string, until: number, scopes: string[]}>} */
const tokens = new Map();
/** @type {Map<string, Promise<{token: string, until: number, scopes: string[]}>>} */
const buying = new Map();

/** After how many seconds a request may be sent again; the server counts requests by intervals. @param {Headers} headers */
const secondsOf = (headers) => Number(headers.get("retry-after")) || Math.ceil(Number(headers.get("x-ratelimit-interval-milliseconds")) / 1000) || 0;

/** Hears the headers of an answer. @typedef {(headers: Headers) => void} Listener */

/**
 * @param {string} method @param {string} path @param {unknown} body @param {Record<string, string>} headers
 * @param {RequestCredentials} credentials @param {Listener} [listen] @returns {Promise<any>}
 */
// Parameters: what `fetch` is told, one by one.
async function send(method, path, body, headers, credentials, listen) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(path, {
      method,
      credentials,
      cache: "no-store",
      headers: body === undefined ? headers : { ...headers, "Content-Type": body instanceof Blob ? body.type || "text/csv" : "application/json" },
      body: body === undefined || body instanceof Blob ? body : JSON.stringify(body),
    });
  } catch {
    events.dispatchEvent(new Event("offline"));
    throw new Refused(0, "The server cannot be reached", { hint: "Check that it is running; nothing you typed is lost." });
  }
  events.dispatchEvent(new Event("online"));
  if (response.ok) listen?.(response.headers);
  const type = response.headers.get("content-type") ?? "";
  if (response.ok && !/json/.test(type)) return response.blob();
  const text = await response.text();
  if (response.ok && /ndjson/.test(type)) return text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  /** @type {any} */
  let answer = {};
  try {
    answer = text ? JSON.parse(text) : {};
  } catch {
    answer = { message: text.slice(0, 200) };
  }
  if (response.ok) return answer;
  const message = Array.isArray(answer.message) ? answer.message.join("; ") : answer.message || response.statusText;
  throw new Refused(response.status, message, {
    hint: response.headers.get("x-groundlevel-hint") ?? "",
    docs: response.headers.get("x-groundlevel-doc") ?? "",
    fieldKey: answer.fieldKey,
    traceId: answer.traceId,
    wait: response.status === 429 ? secondsOf(response.headers) : 0,
  });
}

/** An operation of the console itself. @param {string} method @param {string} path @param {unknown} [body] */
export async function own(method, path, body) {
  try {
    return await send(method, `/console${path}`, body, { "X-GroundLevel-Console": "1" }, "same-origin");
  } catch (problem) {
    if (problem instanceof Refused && problem.status === 401 && path !== "/session") {
      events.dispatchEvent(new Event("signed-out"));
    }
    throw problem;
  }
}

/** @param {string} place */
async function buy(place) {
  const kept = tokens.get(place);
  if (kept && kept.until > Date.now() + EARLY) return kept;
  let coming = buying.get(place);
  if (!coming) {
    coming = own("POST", "/session/token", { locationId: place })
      .then((bought) => {
        const token = { token: bought.token, until: Date.parse(bought.expiresAt), scopes: bought.scopes };
        tokens.set(place, token);
        return token;
      })
      .finally(() => buying.delete(place));
    buying.set(place, coming);
  }
  return coming;
}

/** Buys the token for a place before anybody asks for it; whoever does ask is told why there is none. @param {string} place */
export function prepare(place) {
  buy(place).catch(() => {});
}

/** Whether the role of whoever is signed in has a scope in a place. @param {string} place @param {string} scope */
export async function may(place, scope) {
  return (await buy(place)).scopes.includes(scope);
}

/**
 * An operation of the API in a place; a token that the server no longer knows is bought again, once.
 * @param {string} place @param {string} method @param {string} path @param {unknown} [body] @returns {Promise<any>}
 */
export const api = (place, method, path, body) => ask(place, { method, path, body });

/**
 * The same, with headers besides and somebody who hears those of the answer.
 * @param {string} place @param {{method: string, path: string, body?: unknown, headers?: Record<string, string>, listen?: Listener}} request @returns {Promise<any>}
 */
export async function ask(place, { method, path, body, headers, listen }) {
  for (let again = false; ; again = true) {
    const { token } = await buy(place);
    try {
      return await send(method, path, body, { Authorization: `Bearer ${token}`, Version: API_VERSION, ...headers }, "omit", listen);
    } catch (problem) {
      const known = !(problem instanceof Refused) || problem.status !== 401 || !problem.docs.endsWith("/token_invalid");
      if (again || known) throw problem;
      tokens.delete(place);
    }
  }
}

/** Sends a file as it is. @param {string} place @param {string} path @param {Blob} file */
export const upload = (place, path, file) => api(place, "POST", path, file);

/** Saves what an operation answers as a file. @param {string} place @param {string} path @param {string} name */
export async function download(place, path, name) {
  const found = await api(place, "GET", path);
  save(found instanceof Blob ? found : new Blob(found.map((/** @type {any} */ line) => `${JSON.stringify(line)}\n`)), name);
}

/** Lets the browser save a file. @param {Blob} content @param {string} name */
export function save(content, name) {
  const anchor = document.createElement("a");
  anchor.href = URL.createObjectURL(content);
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 1000);
}

/** Forgets every token, when somebody signs out. */
export function forget() {
  tokens.clear();
}
