// @ts-check
// The first set-up: whoever has the link that the server printed makes the first operator, or brings a backup.
import { useEffect, useState } from "preact/hooks";
import { own } from "./api.js";
import { Labelled, Problem, html, typed, useAct } from "./ui.js";

/** @typedef {import("./api.js").Session} Session */

/** @param {{code: string, onDone: (session: Session) => void}} props */
export function SetUp({ code, onDone }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [file, setFile] = useState(/** @type {File | null} */ (null));
  const [restored, setRestored] = useState(false);
  const { act, busy, problem } = useAct();
  useEffect(() => {
    document.title = "Set up · GroundLevel";
  }, []);
  const submit = (/** @type {Event} */ event, /** @type {() => Promise<void>} */ work) => {
    event.preventDefault();
    return act(work);
  };
  const differs = again !== "" && again !== password;
  if (restored) {
    return html`<main class="sign-in"><h1>The backup is sound</h1><div class="card"><p>It takes the place of the database when the server starts the next time. Stop the server and start it again; what is there now stays beside it.</p></div></main>`;
  }
  return html`<main class="sign-in">
    <h1>Set up GroundLevel</h1>
    ${problem && html`<${Problem} problem=${problem} />`}
    <form class="card form" onSubmit=${(/** @type {Event} */ e) => submit(e, async () => onDone(await own("POST", "/setup", { link: code, email, password })))}><h2>The first operator</h2>
      <p class="quiet">An owner of everything, who can make others later.</p>
      <${Labelled} label="E-mail"><input type="email" required autocomplete="username" value=${email} onInput=${(/** @type {Event} */ e) => setEmail(typed(e))} /><//>
      <${Labelled} label="Password" hint="At least 12 characters."><input type="password" required minlength="12" autocomplete="new-password" value=${password} onInput=${(/** @type {Event} */ e) => setPassword(typed(e))} /><//>
      <${Labelled} label="The password again" hint=${differs ? "The two are not the same." : ""}><input type="password" required autocomplete="new-password" value=${again} onInput=${(/** @type {Event} */ e) => setAgain(typed(e))} /><//>
      <footer><button type="submit" class="primary" disabled=${busy || differs}>Set up</button></footer>
    </form>
    <form class="card form" onSubmit=${(/** @type {Event} */ e) => submit(e, async () => (await own("POST", `/setup/restore?link=${encodeURIComponent(code)}`, file), setRestored(true)))}><h2>Restore a backup instead</h2>
      <${Labelled} label="A file that groundlevel backup wrote"><input type="file" required accept=".gz,.tgz" onChange=${(/** @type {Event} */ e) => setFile(/** @type {HTMLInputElement} */ (e.currentTarget).files?.[0] ?? null)} /><//>
      <footer><button type="submit" disabled=${busy || !file}>${busy && file ? "Examining…" : "Restore"}</button></footer>
    </form>
    <p><button type="button" class="plain" disabled=${busy} onClick=${() => act(async () => onDone(await own("POST", "/session", { link: code })))}>Go on without a password</button></p>
  </main>`;
}
