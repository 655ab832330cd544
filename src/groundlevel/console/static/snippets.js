// @ts-check
// How a program would send a request: as a line for a shell, in Python and in JavaScript.
import { Copy, html } from "./ui.js";

/** A request without its token, which no text that is copied holds. @typedef {{method: string, target: string, body?: string}} Sent */

const VERSION = "2021-07-28";

/** @param {string} text */
const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** @param {Sent} sent */
export function asCurl({ method, target, body }) {
  const parts = [
    `curl -X ${method} ${quote(location.origin + target)}`,
    `-H "Authorization: Bearer $GHL_API_KEY"`,
    `-H 'Version: ${VERSION}'`,
    ...(body ? ["-H 'Content-Type: application/json'", `-d ${quote(body)}`] : []),
  ];
  return parts.join(" \\\n  ");
}

/** @param {Sent} sent */
export function asPython({ method, target, body }) {
  const lines = [
    "import os",
    "",
    "import httpx",
    "",
    "answer = httpx.request(",
    `    ${JSON.stringify(method)},`,
    `    ${JSON.stringify(location.origin + target)},`,
    "    headers={",
    `        "Authorization": f"Bearer {os.environ['GHL_API_KEY']}",`,
    `        "Version": "${VERSION}",`,
    ...(body ? ['        "Content-Type": "application/json",'] : []),
    "    },",
    ...(body ? [`    content=${JSON.stringify(body)}.encode(),`] : []),
    ")",
    "print(answer.status_code, answer.text)",
    "",
  ];
  return lines.join("\n");
}

/** A body as JavaScript writes it: as an object where that sends the same again, but for blanks. @param {string} body */
function literal(body) {
  try {
    const value = JSON.parse(body);
    const dense = body.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, text) => text ?? "");
    if (JSON.stringify(value) === dense) return `JSON.stringify(${JSON.stringify(value, null, 2).replaceAll("\n", "\n  ")})`;
  } catch {
    // It is no JSON, and stays the text that it is.
  }
  return JSON.stringify(body);
}

/** @param {Sent} sent */
export function asJavaScript({ method, target, body }) {
  const lines = [
    `const answer = await fetch(${JSON.stringify(location.origin + target)}, {`,
    `  method: ${JSON.stringify(method)},`,
    "  headers: {",
    "    Authorization: `Bearer ${process.env.GHL_API_KEY}`,",
    `    Version: "${VERSION}",`,
    ...(body ? ['    "Content-Type": "application/json",'] : []),
    "  },",
    ...(body ? [`  body: ${literal(body)},`] : []),
    "});",
    "console.log(answer.status, await answer.text());",
    "",
  ];
  return lines.join("\n");
}

/** Three buttons that copy a request. @param {{sent: Sent}} props */
export function CopyRequest({ sent }) {
  return html`<span class="joined" role="group" aria-label="Copy as"><span class="joined-name" aria-hidden="true">Copy as</span>
    <${Copy} text=${asCurl(sent)} label="Copy as curl">curl<//><${Copy} text=${asPython(sent)} label="Copy as Python">Python<//><${Copy} text=${asJavaScript(sent)} label="Copy as JS">JS<//></span>`;
}
