// @ts-check
// The console: signs in, reads from the address which screen is asked for, and draws it beside the navigation.
import { render } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { events, forget, own, prepare } from "./api.js";
import { forgetChoices } from "./choices.js";
import { Home } from "./home.js";
import { Records } from "./records.js";
import { loadObjects } from "./sources.js";
import { Dialog, Labelled, Problem, Skeleton, Toasts, asRefused, html, isTyping, lazy, link, typed, unsaved, useLoad } from "./ui.js";

/** @typedef {import("./api.js").Session} Session */
/** @typedef {import("./api.js").Refused} Refused */

const Record = lazy(() => import("./record.js"), "Record");
const Places = lazy(() => import("./places.js"), "Places");
const Settings = lazy(() => import("./settings.js"), "Settings");
const Operators = lazy(() => import("./operators.js"), "Operators");
const DoubleScreen = lazy(() => import("./double.js"), "DoubleScreen");
const Apps = lazy(() => import("./apps.js"), "Apps");
const SetUp = lazy(() => import("./setup.js"), "SetUp");
const Tokens = lazy(() => import("./tokens.js"), "Tokens");
const Objects = lazy(() => import("./objects.js"), "Objects");
const ObjectSchema = lazy(() => import("./schema.js"), "ObjectSchema");
const Associations = lazy(() => import("./associations.js"), "Associations");
const Imports = lazy(() => import("./imports.js"), "Imports");
const OneImport = lazy(() => import("./imports.js"), "OneImport");
const Audit = lazy(() => import("./history.js"), "Audit");
const Bin = lazy(() => import("./history.js"), "Bin");
const Requests = lazy(() => import("./requests.js"), "Requests");
const Webhooks = lazy(() => import("./webhooks.js"), "Webhooks");
const Palette = lazy(() => import("./palette.js"), "Palette", true);

/** The screens of a place besides home and records: title, key after `g` (`r` goes to the records of the first object), and whether the navigation shows it to everybody. */
const SCREENS = /** @type {Record<string, {title: string, key: string, owner?: boolean}>} */ ({
  schema: { title: "Schema", key: "s" },
  associations: { title: "Associations", key: "a" },
  import: { title: "Import", key: "i" },
  requests: { title: "Requests", key: "q" },
  webhooks: { title: "Webhooks", key: "w" },
  audit: { title: "Audit", key: "u" },
  bin: { title: "Bin", key: "b" },
  tokens: { title: "Tokens", key: "t", owner: true },
});
/** The screens of the server, whether they are for owners of everything alone, and whether only a test double has them. */
const OF_THE_SERVER = /** @type {Record<string, {title: string, unlimited?: boolean, double?: boolean}>} */ ({
  places: { title: "Places" },
  operators: { title: "Operators", unlimited: true },
  apps: { title: "Apps", unlimited: true },
  double: { title: "Test double", unlimited: true, double: true },
  settings: { title: "Settings" },
});

/** The screens of the server that somebody sees. @param {Session} session */
const serverScreens = (session) => Object.entries(OF_THE_SERVER).filter(([, each]) => (!each.unlimited || session.unlimited) && (!each.double || session.double));

function readHash() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  return { parts: path.split("/").filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query ?? "") };
}

/** @param {string} hash @param {boolean} [replace] */
function go(hash, replace) {
  if (hash === location.hash) return;
  if (!replace) {
    location.hash = hash;
    return;
  }
  history.replaceState(null, "", hash);
  window.dispatchEvent(new Event("hashchange"));
}

function App() {
  const [session, setSession] = useState(/** @type {Session | null} */ (null));
  const [problem, setProblem] = useState(/** @type {Refused | null} */ (null));
  const [checked, setChecked] = useState(false);
  const [offline, setOffline] = useState(false);
  const [expired, setExpired] = useState(false);
  const [setUp, setSetUp] = useState(() => /^#setup=(.+)$/.exec(location.hash)?.[1] ?? "");
  const load = useCallback(async () => {
    if (/^#setup=/.test(location.hash)) history.replaceState(null, "", location.pathname);
    const code = /^#link=(.+)$/.exec(location.hash)?.[1];
    try {
      if (code) {
        history.replaceState(null, "", location.pathname);
        setSession(await own("POST", "/session", { link: code }));
      } else {
        const [place] = readHash().parts;
        // The address names the place mostly: its token comes with the session, not after it.
        if (place && !(place in OF_THE_SERVER)) prepare(place);
        setSession(await own("GET", "/session"));
      }
      setProblem(null);
      setExpired(false);
    } catch (found) {
      const refused = asRefused(found);
      setProblem(refused.status === 401 && !code ? null : refused);
    }
    setChecked(true);
  }, []);
  useEffect(() => {
    load();
    const on = (/** @type {string} */ name, /** @type {() => void} */ act) => events.addEventListener(name, act);
    on("offline", () => setOffline(true));
    on("online", () => setOffline(false));
    on("signed-out", () => setExpired(true));
    const again = () => location.hash.startsWith("#link=") && load();
    window.addEventListener("hashchange", again);
    return () => window.removeEventListener("hashchange", again);
  }, []);
  const signOut = async () => {
    await own("DELETE", "/session").catch(() => {});
    forget();
    forgetChoices();
    setSession(null);
  };
  if (!checked) return html`<main class="sign-in"><${Skeleton} lines=${3} /></main>`;
  const start = (/** @type {Session} */ next) => (setSetUp(""), setExpired(false), setSession(next));
  return html`
    ${offline && html`<div class="banner" role="alert">The server cannot be reached. What you typed is kept. <button type="button" onClick=${load}>Try again</button></div>`}
    ${session ? html`<${Shell} session=${session} reload=${load} signOut=${signOut} />` : setUp ? html`<${SetUp} code=${setUp} onDone=${start} />` : html`<${SignIn} problem=${problem} onDone=${start} />`}
    ${session && expired && html`<div class="overlay"><${SignIn} problem=${null} title="Sign in again" onDone=${(/** @type {Session} */ next) => (setSession(next), setExpired(false))} /></div>`}
    <${Toasts} />`;
}

/** @param {{problem: Refused | null, title?: string, onDone: (session: Session) => void}} props */
function SignIn({ problem, title, onDone }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [refused, setRefused] = useState(problem);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      onDone(await own("POST", "/session", { email, password }));
    } catch (found) {
      setRefused(asRefused(found));
    }
  };
  useEffect(() => {
    document.title = "Sign in · GroundLevel";
  }, []);
  return html`<main class="sign-in">
    <h1><${Mark} />${title ?? "GroundLevel"}</h1>
    ${(refused ?? problem) && html`<${Problem} problem=${refused ?? problem} />`}
    <section class="card"><h2>On the server's machine</h2><p>Run this, and open the link that it prints. It signs in once.</p><pre tabindex="0">groundlevel console</pre></section>
    <form class="card form" onSubmit=${submit}><h2>As an operator</h2>
      <${Labelled} label="E-mail"><input type="email" required autocomplete="username" value=${email} onInput=${(/** @type {Event} */ e) => setEmail(typed(e))} /><//>
      <${Labelled} label="Password"><input type="password" required autocomplete="current-password" value=${password} onInput=${(/** @type {Event} */ e) => setPassword(typed(e))} /><//>
      <footer><button type="submit" class="primary">Sign in</button></footer>
    </form>
  </main>`;
}

function Mark() {
  return html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" /><path d="M8 21h16M8 16h16M8 11h9" /></svg>`;
}

/** @param {{session: Session, reload: () => Promise<void>, signOut: () => void}} props */
function Shell({ session, reload, signOut }) {
  const [{ parts, query }, setRoute] = useState(readHash);
  const [open, setOpen] = useState(false);
  const [jumping, setJumping] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const waits = useRef(0);
  const shown = useRef(location.hash);
  const follow = () => {
    shown.current = location.hash;
    setRoute(readHash());
    setOpen(false);
  };
  const leave = () => {
    unsaved.what = "";
    setLeaving(false);
    follow();
  };
  const stay = () => {
    history.replaceState(null, "", shown.current);
    setLeaving(false);
  };
  useEffect(() => {
    const changed = () => (unsaved.what && location.hash !== shown.current ? setLeaving(true) : follow());
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  useEffect(() => {
    if (!location.hash && session.places.length === 1) go(link(session.places[0].id, []), true);
  }, []);
  const [place, screen, ...rest] = parts[0] in OF_THE_SERVER ? [undefined, ...parts] : parts;
  const known = session.places.find((each) => each.id === place);
  const objects = useLoad(async () => (known ? loadObjects(known.id) : []), [known?.id]);
  const label = objects.value?.find((object) => object.key === rest[0])?.labels.plural ?? rest[0];
  const title = screen === "o" ? label : screen === "schema" && label ? `${label} schema` : known ? (SCREENS[screen ?? ""]?.title ?? "Home") : (OF_THE_SERVER[screen ?? ""]?.title ?? "Places");
  useEffect(() => {
    document.title = [title, known?.name, "GroundLevel"].filter(Boolean).join(" · ");
  }, [title, known?.name]);
  // Records: those of the object that the screen is about, else of the first one.
  const first = objects.value?.some((object) => object.key === rest[0]) ? rest[0] : (objects.value?.find((object) => !object.standard) ?? objects.value?.[0])?.key;
  useEffect(() => {
    /** @type {Record<string, string>} */
    const ways = { h: "", r: first ? `o/${first}` : "", ...Object.fromEntries(Object.entries(SCREENS).map(([path, each]) => [each.key, path])) };
    const key = (/** @type {KeyboardEvent} */ event) => {
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        if (!document.querySelector("dialog[open]:not(.palette)")) setJumping((now) => !now);
        return;
      }
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      if (event.target instanceof HTMLElement && event.target.closest("[role=grid]")) return;
      if (event.key === "?") go("#/settings");
      else if (event.key === "g") waits.current = Date.now() + 1000;
      else if (known && waits.current > Date.now() && event.key in ways) {
        event.preventDefault();
        waits.current = 0;
        go(link(known.id, ways[event.key].split("/").filter(Boolean)));
      }
    };
    window.addEventListener("keydown", key);
    return () => window.removeEventListener("keydown", key);
  }, [known?.id, first]);
  const item = (/** @type {string} */ text, /** @type {string} */ to, /** @type {boolean} */ current) =>
    html`<li key=${to}><a href=${to} aria-current=${current ? "page" : undefined}>${text}</a></li>`;
  const screens = useMemo(() => {
    const mine = (/** @type {string} */ name, /** @type {string} */ to, /** @type {string} */ note) => ({ group: "Screens", name, note, to });
    const ofPlace = known ? [mine("Home", link(known.id, []), known.name), ...Object.entries(SCREENS).filter(([, each]) => !each.owner || session.role === "owner").map(([path, each]) => mine(each.title, link(known.id, [path]), known.name))] : [];
    return [...ofPlace, ...serverScreens(session).map(([path, each]) => mine(each.title, `#/${path}`, "Server"))];
  }, [known?.id, known?.name, session]);
  const custom = objects.value?.filter((object) => !object.standard) ?? [];
  const standard = objects.value?.filter((object) => object.standard) ?? [];
  return html`<div class=${open ? "shell open" : "shell"}>
    <a class="skip" href="#main" onClick=${(/** @type {Event} */ e) => (e.preventDefault(), document.getElementById("main")?.focus())}>To the content</a>
    <nav class="side" aria-label="Console">
      <a class="brand" href="#/places"><${Mark} />GroundLevel</a>
      <button type="button" class="menu" aria-expanded=${open} onClick=${() => setOpen(!open)}>Menu</button>
      <div class="side-lists">
        <button type="button" class="jump" aria-keyshortcuts="Control+K" onClick=${() => (setOpen(false), setJumping(true))}><span>Go to…</span><kbd>Ctrl K</kbd></button>
        ${known && html`<a class="place" href="#/places" title="Change the place"><span>${known.name}</span><small>Change</small></a>
          <ul>${item("Home", link(known.id, []), !screen)}</ul>
          <h2>Records</h2><ul>${[...custom, ...standard].map((object) => html`<li key=${object.key}><a href=${link(known.id, ["o", object.key])} aria-current=${screen === "o" && rest[0] === object.key ? "page" : undefined}>${object.labels.plural}</a></li>`)}</ul>
          <h2>Build</h2><ul>${Object.entries(SCREENS).map(([path, each]) => (!each.owner || session.role === "owner") && html`<li key=${path}><a href=${link(known.id, [path])} aria-current=${screen === path ? "page" : undefined}>${each.title}</a></li>`)}</ul>`}
        <h2>Server</h2><ul>${serverScreens(session).map(([path, each]) => item(each.title, `#/${path}`, !known && (screen ?? "places") === path))}<li><a href="/docs" target="_blank" rel="noreferrer">Reference ↗</a></li></ul>
        <p class="who"><span class="clip">${session.email ?? "Signed in by a link"}</span><button type="button" class="plain" onClick=${signOut}>Sign out</button></p>
      </div>
    </nav>
    <main id="main" tabindex="-1">${draw()}</main>
    ${jumping && html`<${Palette} session=${session} place=${known?.id} objects=${objects.value ?? []} screens=${screens} go=${go} onClose=${() => setJumping(false)} />`}
    ${leaving && html`<${Dialog} title="Leave without saving?" onClose=${stay}><p>There ${/^1 /.test(unsaved.what) ? "is" : "are"} ${unsaved.what} on this screen.</p>
      <footer><button type="button" class="danger left" onClick=${leave}>Leave</button><button type="button" class="primary" onClick=${stay}>Stay</button></footer><//>`}
  </div>`;

  function draw() {
    if (!known && screen === "settings") return html`<${Settings} session=${session} onSignOut=${signOut} />`;
    if (!known && screen === "operators" && session.unlimited) return html`<${Operators} session=${session} onSignOut=${signOut} />`;
    if (!known && screen === "apps" && session.unlimited) return html`<${Apps} session=${session} />`;
    if (!known && screen === "double" && session.unlimited && session.double) return html`<${DoubleScreen} onChange=${reload} />`;
    if (!known) return html`<${Places} session=${session} onChange=${reload} go=${go} />`;
    const at = { place: known.id, go };
    if (screen === "o" && rest[1]) return html`<${Record} key=${`${known.id} ${rest[1]}`} ...${at} objectKey=${rest[0]} id=${rest[1]} query=${query} />`;
    if (screen === "o" && rest[0]) return html`<${Records} key=${`${known.id} ${rest[0]}`} ...${at} objectKey=${rest[0]} query=${query} />`;
    if (screen === "schema" && rest[0]) return html`<${ObjectSchema} key=${rest[0]} ...${at} name=${known.name} objectKey=${rest[0]} onChange=${objects.again} />`;
    if (screen === "schema") return html`<${Objects} ...${at} onChange=${objects.again} />`;
    if (screen === "associations") return html`<${Associations} key=${known.id} place=${known.id} />`;
    if (screen === "import" && rest[0]) return html`<${OneImport} key=${rest[0]} ...${at} id=${rest[0]} onChange=${objects.again} />`;
    if (screen === "import") return html`<${Imports} key=${known.id} ...${at} />`;
    if (screen === "requests") return html`<${Requests} ...${at} unlimited=${session.unlimited} query=${query} hash=${(/** @type {Record<string, string>} */ more) => link(known?.id ?? "", ["requests"], more)} />`;
    if (screen === "audit") return html`<${Audit} key=${known.id} ...${at} query=${query} />`;
    if (screen === "bin") return html`<${Bin} key=${known.id} ...${at} query=${query} />`;
    if (screen === "webhooks") return html`<${Webhooks} key=${known.id} ...${at} query=${query} />`;
    if (screen === "tokens") return html`<${Tokens} place=${known.id} />`;
    return html`<${Home} key=${known.id} place=${known.id} session=${session} objects=${objects} />`;
  }
}

const root = document.getElementById("app");
if (root) render(html`<${App} />`, root);
