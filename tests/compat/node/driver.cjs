// Runs the official Node SDK for tests: every line of standard input is an array of requests, all begun at once, and is
// answered by a line with an array of their outcomes. What is asked and what is expected stands in the tests.
"use strict";

const { createInterface } = require("node:readline");
const { HighLevel } = require("@gohighlevel/api-client");

const [baseUrl, configuration] = JSON.parse(process.argv[2]);
HighLevel.BASE_URL = baseUrl; // the only thing that a client has to change
const client = new HighLevel(configuration);

// What the body parsers of Express leave for a middleware: express.json() with and without `verify`, and express.raw().
const PARSED = {
  captured: (bytes) => ({ rawBody: bytes, body: JSON.parse(bytes) }),
  raw: (bytes) => ({ body: bytes }),
  parsed: (bytes) => ({ body: JSON.parse(bytes) }),
};

async function receive({ headers, body, parser }) {
  const request = { method: "POST", url: "/", headers, ...PARSED[parser](Buffer.from(body, "utf8")) };
  await new Promise((resolve, reject) => {
    client.webhooks.subscribe()(request, {}, (error) => (error ? reject(error) : resolve()));
  });
  return {
    isSignatureValid: request.isSignatureValid,
    skippedSignatureVerification: request.skippedSignatureVerification,
    installTokenError: request.installTokenError?.message,
  };
}

async function call({ method, given }) {
  const names = method.split(".");
  const called = names.pop();
  return names.reduce((owner, name) => owner[name], client)[called](...given);
}

async function outcome(request) {
  try {
    return { result: (await (request.parser ? receive(request) : call(request))) ?? null };
  } catch (error) {
    const { message, statusCode, rateLimit } = error;
    return { error: { name: error.constructor.name, message, statusCode, rateLimit } };
  }
}

(async () => {
  for await (const line of createInterface({ input: process.stdin })) {
    const outcomes = await Promise.all(JSON.parse(line).map(outcome));
    process.stdout.write(`${JSON.stringify(outcomes)}\n`);
  }
})();
