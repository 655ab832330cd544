// The module for suites in Node, run by node:test from test_node.py; GROUNDLEVEL is the command, as JSON.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { Double, DoubleError, startDouble } from "../../src/groundlevel/testing/node/groundlevel.mjs";

const RECORDS = "/objects/custom_objects.pet/records";
const command = JSON.parse(process.env.GROUNDLEVEL ?? "");
/** @type {Double} */
let double;

before(async () => {
  double = await startDouble({ command, profile: "spec" });
});
after(() => double.stop());
beforeEach(() => double.reset());

const create = (name = "Zorro") =>
  double.api("POST", RECORDS, { locationId: double.location, properties: { name, species: "dog" } });

async function names(at = double) {
  const found = await at.api("POST", `${RECORDS}/search`, { locationId: at.location, page: 1, pageLimit: 100 });
  return found.records.map((/** @type {any} */ record) => record.properties.name);
}

test("a reset takes back what was made", async () => {
  const seeded = await names();
  await create();
  await double.reset();
  assert.deepEqual(await names(), seeded);
});

test("checkpoints", async () => {
  await create("One");
  await double.checkpoint("a/b");
  await create("Two");
  assert.deepEqual((await double.changes("a/b")).map((change) => [change.op, change.kind]), [["create", "record"]]);
  assert.equal((await double.changes()).length, 2);
  await double.restore("a/b");
  assert.ok((await names()).includes("One"));
  assert.ok(!(await names()).includes("Two"));
});

test("the variables for the program under test", async () => {
  const env = await double.env();
  assert.equal(env.GHL_BASE_URL, double.url);
  assert.match(env.WEBHOOK_PUBLIC_KEY, /BEGIN PUBLIC KEY/);
});

test("the next request fails", async () => {
  await double.failNext("POST /objects/*/records", { status: 429, retryAfter: 2 });
  await assert.rejects(create(), (error) => error instanceof DoubleError && error.status === 429);
  await create();
  await double.failNext({ method: "POST" }, 500);
  await assert.rejects(create(), { status: 500 });
});

test("an answer is lost after the commit", async () => {
  await double.failNext(`POST ${RECORDS}`, { drop: "after-commit" });
  await assert.rejects(create("Lost"));
  assert.ok((await names()).includes("Lost"));
});

test("scenarios can be used and cleared", async () => {
  await double.use("rate-limited");
  await double.clearFaults();
  for (let number = 0; number < 10; number += 1) await create(`Pet ${number}`);
});

test("the clock", async () => {
  await double.clock.freeze();
  await double.clock.set("2031-01-01T00:00:00Z");
  await double.clock.advance("25h");
  assert.equal(await double.clock.now(), "2031-01-02T01:00:00.000Z");
});

test("requests can be looked at and waited for", async () => {
  const waiting = double.waitForRequests(`POST ${RECORDS}`);
  await create();
  assert.equal((await waiting)[0].status, 201);
  assert.equal((await double.requests({ refused: true })).length, 0);
  await double.assertNoRefusals();
  await assert.rejects(double.api("GET", "/objects/custom_objects.none"), { status: 422 });
  await assert.rejects(double.assertNoRefusals(), /requests were refused:\n {2}GET \/objects\/custom_objects.none/);
  await assert.rejects(double.waitForRequests("DELETE", { timeout: 0 }), /did not come within 0 s/);
});

test("webhooks arrive in an inbox", async () => {
  const inbox = double.inbox();
  await double.api("POST", "/x/webhooks", { locationId: double.location, url: inbox.url, events: ["RecordCreate"] });
  await create();
  await double.settle();
  const [message] = await inbox.waitFor("RecordCreate");
  assert.equal(message.signature, "valid");
  await assert.rejects(inbox.waitFor("RecordDelete", { timeout: 0 }), /there came: RecordCreate/);
});

test("a world of its own", async () => {
  const world = await double.world();
  await create();
  assert.ok(!(await names(world)).includes("Zorro"));
});

test("a seed, as YAML and as an object", async () => {
  const other = new Double(double.url, { token: double.token, location: double.location });
  const [first] = await other.seed("locations:\n  - name: From YAML\n");
  assert.deepEqual([other.location, other.token], [first.locationId, first.token]);
  const [second] = await other.seed({ locations: [{ name: "From an object" }] });
  assert.equal(other.location, second.locationId);
  assert.notEqual(other.location, first.locationId);
  assert.deepEqual(await other.seed({ locations: [{ name: "From an object" }] }), []);
});

test("an app that is installed", async () => {
  const app = await double.app({ scopes: ["objects/schema.readonly"] });
  const headers = { ...double.headers, Authorization: `Bearer ${app.accessToken}` };
  const answer = await fetch(`${double.url}/objects/?locationId=${double.location}`, { headers });
  assert.equal(answer.status, 200);
});

test("another profile until the next reset", async () => {
  await double.profile({ profile: "live" });
  assert.equal((await double.control("GET", "")).profile, "live");
  await double.reset();
  assert.equal((await double.control("GET", "")).profile, "spec");
});

test("what cannot be done is said with a hint", async () => {
  await assert.rejects(double.restore("nowhere"), (error) => {
    return error instanceof DoubleError && error.status === 404 && /last as long/.test(error.hint);
  });
  await assert.rejects(new Double("http://127.0.0.1:9").reset());
});

test("the settings of another server are not its own", async () => {
  process.env.GROUNDLEVEL_PROFILE = "wrong";
  const other = await startDouble({ command, seed: "none" });
  assert.equal((await other.control("GET", "")).profile, "spec");
  await other.stop();
});

test("a double that cannot start says why", async () => {
  await assert.rejects(startDouble({ command, profile: "wrong" }), /expected spec or live/);
});
