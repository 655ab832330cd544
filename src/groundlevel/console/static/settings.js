// @ts-check
// Settings: who is signed in, what the server runs with and where that comes from, and its backups.
import { own, save } from "./api.js";
import { Head, Problem, Skeleton, html, notify, size, useAct, useLoad, when } from "./ui.js";

/** @typedef {import("./api.js").Session} Session */

/** @param {{session: Session, onSignOut: () => void}} props */
export function Settings({ session, onSignOut }) {
  return html`<section class="screen">
    <${Head} title="Settings" note=${`GroundLevel ${session.version}, profile ${session.profile}`} />
    ${session.unlimited && html`<${Server} />`}
    <${Sessions} onSignOut=${onSignOut} />
    <${Keys} />
  </section>`;
}

function Server() {
  const server = useLoad(() => own("GET", "/server"), []);
  const { act, busy, problem } = useAct();
  const backUp = () => act(async () => (await own("POST", "/backups"), notify("Backup made"))).then(server.again);
  const fetchBackup = (/** @type {string} */ name) => act(async () => save(await own("GET", `/backups/${encodeURIComponent(name)}`), name)).then(server.again);
  if (server.problem && !server.value) return html`<${Problem} problem=${server.problem} again=${server.again} />`;
  if (!server.value) return html`<section class="card"><${Skeleton} lines=${4} /></section>`;
  const found = server.value;
  const last = found.backups[0];
  return html`<section class="card"><${Head} level=${2} title="Backup" note=${last ? `last one ${when(last.createdAt)}` : found.backupDirectory ? "none yet" : ""}>
      ${found.backupDirectory && html`<button type="button" class="primary" disabled=${busy} onClick=${backUp}>${busy ? "At work…" : "Back up now"}</button>`}<//>
      ${problem && html`<${Problem} problem=${problem} />`}
      ${!found.backupDirectory && html`<p>This database is not backed up from here: <code>pg_dump</code> does that for PostgreSQL, and a database in memory has no file.</p>`}
      ${found.backups.length > 0 && html`<div class="scroll" tabindex="0" role="region" aria-label="Backups"><table class="table"><thead><tr><th>File</th><th class="end">Size</th><th>Made</th><th><span class="hidden">Actions</span></th></tr></thead>
        <tbody>${found.backups.slice(0, 10).map((/** @type {any} */ each) => html`<tr key=${each.name}><td><code>${each.name}</code></td><td class="end nowrap">${size(each.bytes)}</td><td class="quiet nowrap">${when(each.createdAt)}</td>
          <td class="end"><button type="button" class="small" aria-label=${`Download ${each.name}`} disabled=${busy} onClick=${() => fetchBackup(each.name)}>Download</button></td></tr>`)}</tbody></table></div>`}
      ${found.backupDirectory && html`<p class="quiet">They lie in <code>${found.backupDirectory}</code>, on the disk of the database: keep a copy elsewhere. <code>groundlevel restore FILE</code> puts one in place.</p>`}
    </section>
    <section class="card"><h2>Server</h2><dl class="facts">
      <dt>Version</dt><dd>${found.version}</dd><dt>Database</dt><dd><code>${found.database}</code> (${found.engine})</dd>
      ${found.freeBytes >= 0 && html`<dt>Disk</dt><dd>${size(found.databaseBytes)} used by the database, ${size(found.freeBytes)} free</dd>`}
      <dt>Metrics</dt><dd><a href="/metrics" target="_blank" rel="noreferrer">/metrics</a></dd></dl>
      <details><summary>All settings</summary><div class="scroll" tabindex="0" role="region" aria-label="Settings"><table class="table"><thead><tr><th>Setting</th><th>Value</th><th>From</th></tr></thead>
        <tbody>${found.settings.map((/** @type {any} */ each) => html`<tr key=${each.name}><td><code>${each.name}</code><span class="reason quiet">${each.doc}</span></td><td class="break">${each.value}</td>
          <td class="nowrap">${each.source === "default" ? html`<span class="quiet">default</span>` : html`<code>${each.source}</code>`}</td></tr>`)}</tbody></table></div></details>
    </section>`;
}

/** @param {{onSignOut: () => void}} props */
function Sessions({ onSignOut }) {
  const sessions = useLoad(() => own("GET", "/sessions"), []);
  const { act, problem } = useAct();
  const end = (/** @type {any} */ each) => (each.own ? onSignOut() : act(() => own("DELETE", `/sessions/${each.id}`)).then(sessions.again));
  return html`<section class="card"><h2>Signed in</h2>
    ${problem && html`<${Problem} problem=${problem} />`}
    ${sessions.problem && html`<${Problem} problem=${sessions.problem} again=${sessions.again} />`}
    ${!sessions.value && !sessions.problem && html`<${Skeleton} lines=${3} />`}
    ${sessions.value && html`<div class="scroll" tabindex="0" role="region" aria-label="Sessions"><table class="table">
      <thead><tr><th>Who</th><th>Role</th><th>Browser</th><th>Last seen</th><th><span class="hidden">Actions</span></th></tr></thead>
      <tbody>${sessions.value.sessions.map((/** @type {any} */ each) => html`<tr key=${each.id}>
        <td><strong>${each.email ?? "By a link"}</strong>${each.own && html` <span class="tag tag-1">you</span>`}</td><td>${each.role}</td>
        <td class="quiet clip">${each.agent}</td><td class="quiet nowrap">${when(each.seenAt)}</td>
        <td class="end"><button type="button" class="small" onClick=${() => end(each)}>Sign out</button></td></tr>`)}</tbody></table></div>`}
  </section>`;
}

function Keys() {
  return html`<section class="card"><h2>Keys</h2><dl class="facts">
    <dt><kbd>/</kbd></dt><dd>Search</dd><dt><kbd>n</kbd></dt><dd>New record</dd>
    <dt><kbd>Ctrl</kbd> <kbd>K</kbd></dt><dd>Go to any screen, object, place or record</dd>
    <dt><kbd>g</kbd> <kbd>h</kbd> <kbd>r</kbd> <kbd>s</kbd> <kbd>a</kbd> <kbd>i</kbd> <kbd>q</kbd> <kbd>w</kbd> <kbd>u</kbd> <kbd>b</kbd> <kbd>t</kbd></dt><dd>Go to home, records, schema, associations, import, requests, webhooks, audit, bin, tokens</dd>
    <dt>Arrows, <kbd>Page</kbd>, <kbd>Home</kbd>, <kbd>End</kbd></dt><dd>Move in the grid; with <kbd>Shift</kbd>, select cells</dd>
    <dt><kbd>Enter</kbd>, <kbd>F2</kbd>, letters</dt><dd>Edit a cell; <kbd>Enter</kbd> saves and goes down, <kbd>Tab</kbd> right, <kbd>Esc</kbd> back</dd>
    <dt><kbd>Ctrl</kbd> <kbd>C</kbd>, <kbd>Ctrl</kbd> <kbd>V</kbd></dt><dd>Copy and paste the selected cells, also to and from a spreadsheet</dd>
    <dt><kbd>Space</kbd></dt><dd>Open the record beside its list; <kbd>Esc</kbd> closes it</dd><dt><kbd>Delete</kbd></dt><dd>Clear the selected cells</dd><dt><kbd>Ctrl</kbd> <kbd>Z</kbd></dt><dd>Undo the last change in the grid</dd><dt><kbd>Ctrl</kbd> <kbd>S</kbd></dt><dd>Save the record</dd>
    <dt><kbd>j</kbd>, <kbd>k</kbd></dt><dd>On a record: the next and the previous one of its list</dd>
  </dl></section>`;
}
