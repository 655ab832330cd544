// @ts-check
/**
 * A test double of the platform for suites in Node: `startDouble` starts one, and everything else steers it.
 *
 * It needs nothing but Node 18 or newer and the command `groundlevel`, and works with vitest, jest and node:test alike.
 * Print it into your project with `groundlevel testing node > groundlevel.mjs`.
 */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const API_VERSION = "2021-07-28";
const USUAL_SECONDS = 10;

/** The control plane refused, or the API did; `status` and `hint` say more. */
export class DoubleError extends Error {
  /**
   * @param {string} message
   * @param {{ status?: number, hint?: string }} [more]
   */
  constructor(message, { status = 0, hint = "" } = {}) {
    super(hint ? `${message} (${hint})` : message);
    this.name = "DoubleError";
    this.status = status;
    this.hint = hint;
  }
}

/**
 * Starts a double on a free port. It ends with `stop`, or when this process does.
 *
 * `settings` are the flags of `groundlevel double`: `{ profile: "live", seed: "pets.json" }`.
 *
 * @param {{ command?: string | string[] } & Record<string, unknown>} [settings]
 * @returns {Promise<Double>}
 */
export async function startDouble({ command = "groundlevel", ...settings } = {}) {
  const [program, ...words] = [command].flat();
  const flags = Object.entries(settings).map(
    ([name, value]) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}=${value}`,
  );
  const child = spawn(program, [...words, "double", "--json", "--port=0", "--until-stdin-ends", ...flags], {
    stdio: ["pipe", "pipe", "inherit"],
    // Without the settings of another server.
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GROUNDLEVEL_"))),
    // An interrupt from the keyboard reaches the suite, which may still ask something, and not the double.
    detached: true,
  });
  const line = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (status) => reject(new DoubleError(`the double did not start: it ended with ${status}`)));
    createInterface({ input: child.stdout }).once("line", resolve);
  });
  child.removeAllListeners("exit");
  const said = JSON.parse(line);
  if (!said.url) {
    throw new DoubleError(`the double did not start: ${said.error}`, { hint: said.hint });
  }
  // A suite that forgets to stop it ends all the same, and takes it along.
  child.unref();
  const unreferenced = /** @type {any[]} */ ([child.stdin, child.stdout]);
  for (const stream of unreferenced) stream.unref();
  const double = new Double(said.url, { token: said.token, location: said.locationId });
  double.stop = () =>
    new Promise((resolve) => {
      child.ref();
      child.once("exit", () => resolve(undefined));
      child.stdin.end();
    });
  return double;
}

/** A running double, and a location in it with a token. */
export class Double {
  /**
   * @param {string} url
   * @param {{ token?: string, location?: string, key?: string }} [more] `key` is the control key of another machine's
   */
  constructor(url, { token = "", location = "", key = "" } = {}) {
    this.url = url.replace(/\/$/, "");
    this.token = token;
    this.location = location;
    this.key = key;
    this.clock = new Clock(this);
    /** @type {() => Promise<unknown>} */
    this.stop = async () => undefined;
  }

  /** What a request to the API has to send. */
  get headers() {
    return { Authorization: `Bearer ${this.token}`, Version: API_VERSION };
  }

  /**
   * What the control plane answers; `path` is below /control.
   *
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<any>}
   */
  async control(method, path, body) {
    /** @type {Record<string, string>} */
    const key = this.key ? { "X-GroundLevel-Control-Key": this.key } : {};
    return ask(`${this.url}/control${path}`, method, body, { Version: API_VERSION, ...key });
  }

  /**
   * What the API answers, for preparing a test.
   *
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<any>}
   */
  async api(method, path, body) {
    return ask(this.url + path, method, body, this.headers);
  }

  /** The variables that `groundlevel env` prints, for the program under test. */
  async env() {
    const { webhookKeys } = await this.control("GET", "");
    return {
      GHL_BASE_URL: this.url,
      GHL_API_KEY: this.token,
      GHL_LOCATION_ID: this.location,
      GHL_API_VERSION: API_VERSION,
      WEBHOOK_SIGNATURE_PUBLIC_KEY: webhookKeys.ed25519,
      WEBHOOK_PUBLIC_KEY: webhookKeys.rsa,
    };
  }

  /**
   * Makes everything as it was when the double started, or at a checkpoint, or `empty`.
   *
   * @param {string} [to]
   * @param {{ keep?: string[] }} [more]
   */
  async reset(to = "seed", { keep = [] } = {}) {
    await this.control("POST", "/reset", { to, keep });
  }

  /** @param {string} name */
  async checkpoint(name) {
    await this.control("PUT", `/checkpoints/${encodeURIComponent(name)}`);
  }

  /** @param {string} name of a checkpoint: what is stored becomes as it was then */
  async restore(name) {
    await this.control("POST", `/checkpoints/${encodeURIComponent(name)}/restore`);
  }

  /**
   * Everything that has changed since a checkpoint, in order; since the start if none is named.
   *
   * @param {string} [name]
   * @returns {Promise<any[]>}
   */
  async changes(name = "seed") {
    return (await this.control("GET", `/checkpoints/${encodeURIComponent(name)}/changes`)).changes;
  }

  /**
   * Adds what a seed describes: the id and a token of each location that was made, of which the first becomes this
   * double's `location` and `token`.
   *
   * @param {string | Record<string, unknown>} seed the text of a seed file, or its content
   * @returns {Promise<{ locationId: string, token: string }[]>}
   */
  async seed(seed) {
    const { worlds } = await this.control("POST", "/seed", seed);
    if (worlds.length) [this.location, this.token] = [worlds[0].locationId, worlds[0].token];
    return worlds;
  }

  /**
   * The same double with a new location of its own, for tests that run at once.
   *
   * @param {string | Record<string, unknown>} [seed] what is in it, as `seed` takes it; the double's own if left out
   */
  async world(seed) {
    const made = await this.control("POST", "/worlds", { seed: seed ?? null });
    return new Double(this.url, { token: made.token, location: made.locationId, key: this.key });
  }

  /**
   * A new app that is installed in this location, as it is once a user has approved.
   *
   * @param {{ name?: string, scopes?: string[], redirectUris?: string[] }} [wanted]
   * @returns {Promise<{ clientId: string, clientSecret: string, accessToken: string, refreshToken: string, code: string }>}
   */
  async app(wanted = {}) {
    return this.control("POST", "/apps", { locationId: this.location, ...wanted });
  }

  /**
   * Adds a rule and returns its id: `fail("POST /objects/**", { status: 429, retryAfter: 2 })`.
   *
   * @param {string | Record<string, unknown>} match
   * @param {Record<string, unknown>} then
   * @returns {Promise<string>}
   */
  async fail(match, then) {
    const added = await this.control("POST", "/faults", { match: matchOf(match), then });
    return added.faults[0].id;
  }

  /**
   * Adds a rule for the next thing that matches.
   *
   * @param {string | Record<string, unknown>} match
   * @param {Record<string, unknown> | number} then a number is a status
   */
  async failNext(match, then) {
    return this.fail({ ...matchOf(match), times: 1 }, typeof then === "number" ? { status: then } : then);
  }

  /** @param {string} scenario such as `lost-answers`, whose rules are added */
  async use(scenario) {
    await this.control("POST", "/faults", { use: scenario });
  }

  /** Removes all rules. */
  async clearFaults() {
    await this.control("DELETE", "/faults");
  }

  /** @param {{ profile?: string, limits?: string, searchLag?: string, relationLag?: string }} changes until the next reset */
  async profile(changes) {
    await this.control("PUT", "/profile", changes);
  }

  /**
   * The last requests, the newest first.
   *
   * @param {{ operation?: string, method?: string, path?: string, status?: number, refused?: boolean }} [wanted]
   * @returns {Promise<any[]>}
   */
  async requests(wanted = {}) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(wanted)) {
      if (value !== undefined) query.set(name, String(value));
    }
    return (await this.control("GET", `/requests?${query}`)).requests;
  }

  /**
   * The requests, once there are so many. Throws when it takes too long.
   *
   * @param {string | Record<string, unknown>} match
   * @param {{ count?: number, timeout?: number }} [more] `timeout` in seconds
   * @returns {Promise<any[]>}
   */
  async waitForRequests(match, { count = 1, timeout = USUAL_SECONDS } = {}) {
    const answer = await this.control("POST", "/requests/wait", { match: matchOf(match), count, timeout });
    if (!answer.complete) {
      throw new DoubleError(`${count} requests did not come within ${timeout} s; ${answer.requests.length} did`);
    }
    return answer.requests;
  }

  /** @param {string} [name] of a receiver of webhooks */
  inbox(name = "test") {
    return new Inbox(this, name);
  }

  /** Returns when nothing is left to happen by itself. Throws when it takes too long. */
  async settle(timeout = USUAL_SECONDS) {
    const answer = await this.control("POST", "/settle", { timeout });
    if (!answer.settled) {
      throw new DoubleError(`after ${timeout} s there is left: ${JSON.stringify(answer.left)}`);
    }
  }

  /** Throws with every refusal that no fault has made, and what to change. */
  async assertNoRefusals() {
    const refused = (await this.requests({ refused: true })).filter((each) => !each.fault).reverse();
    if (refused.length) {
      const lines = refused.map((each) => `  ${each.method} ${each.path} -> ${each.status} ${each.reason} ${each.hint}`);
      throw new DoubleError(`requests were refused:\n${lines.join("\n")}`);
    }
  }
}

/** The clock of a double. */
export class Clock {
  /** @param {Double} double */
  constructor(double) {
    this.double = double;
  }

  /** What it shows, as ISO 8601. */
  async now() {
    return (await this.double.control("GET", "/clock")).now;
  }

  /** @param {string} duration such as `25h`, `90s` or `1h30m` */
  async advance(duration) {
    await this.double.control("PUT", "/clock", { advance: duration });
  }

  /** @param {string | number} now ISO 8601 with a time zone, or epoch milliseconds */
  async set(now) {
    await this.double.control("PUT", "/clock", { now });
  }

  /** Stops it, or lets it go on. */
  async freeze(frozen = true) {
    await this.double.control("PUT", "/clock", { frozen });
  }
}

/** Where webhooks can be sent to, and looked at. */
export class Inbox {
  /**
   * @param {Double} double
   * @param {string} name
   */
  constructor(double, name) {
    this.double = double;
    this.path = `/inbox/${encodeURIComponent(name)}`;
    /** The URL for a webhook. */
    this.url = `${double.url}/control${this.path}`;
  }

  /**
   * What has arrived, the oldest first.
   *
   * @returns {Promise<any[]>}
   */
  async messages() {
    return (await this.double.control("GET", `${this.path}/messages`)).messages;
  }

  /**
   * What has arrived, once that is so much. Throws when it takes too long.
   *
   * @param {string | null} [event]
   * @param {{ count?: number, timeout?: number }} [more] `timeout` in seconds
   * @returns {Promise<any[]>}
   */
  async waitFor(event = null, { count = 1, timeout = USUAL_SECONDS } = {}) {
    const answer = await this.double.control("POST", `${this.path}/wait`, { event, count, timeout });
    if (!answer.complete) {
      const came = (await this.messages()).map((message) => message.event || "?").join(", ") || "nothing";
      throw new DoubleError(`${count} webhooks did not arrive within ${timeout} s; there came: ${came}`);
    }
    return answer.messages;
  }
}

/**
 * @param {string | Record<string, unknown>} match a text such as `POST /objects/**`, or the members of a rule
 * @returns {Record<string, unknown>}
 */
function matchOf(match) {
  if (typeof match !== "string") return match;
  const [first, path] = match.split(" ");
  if (path) return { method: first, path };
  return first.startsWith("/") ? { path: first } : first ? { method: first } : {};
}

/**
 * @param {string} url
 * @param {string} method
 * @param {unknown} body
 * @param {Record<string, string>} headers
 */
async function ask(url, method, body, headers) {
  const answer = await fetch(url, {
    method,
    headers: { "Content-Type": "application/json", ...headers },
    body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) {
    let message = text;
    try {
      message = [JSON.parse(text).message].flat().join("; ");
    } catch {
      // What is no JSON is shown as it came.
    }
    const hint = answer.headers.get("x-groundlevel-hint") ?? "";
    throw new DoubleError(`${method} ${new URL(url).pathname}: ${answer.status} ${message}`, { status: answer.status, hint });
  }
  return text ? JSON.parse(text) : undefined;
}
