// @ts-check
// The records of an object: search, filters, sort, and the grid in which they are read and changed.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { may } from "./api.js";
import { loadChoices } from "./choices.js";
import { ColumnsDialog, ViewsDialog, arrange, choiceOf, keepChoice } from "./columns.js";
import { operatorsOf, typeOf } from "./fields.js";
import { Grid } from "./grid.js";
import { keepList } from "./neighbours.js";
import { CopyRequest } from "./snippets.js";
import { createRecord, loadSchema, requestTo, searchOf, searchRecords, updateRecord } from "./sources.js";
import { Dialog, Empty, Head, Labelled, Problem, Skeleton, asRefused, count, html, lazy, link, notify, useLoad } from "./ui.js";

const BulkBar = lazy(() => import("./bulk.js"), "BulkBar", true);
const Record = lazy(() => import("./record.js"), "Record", true);
const NewRecord = lazy(() => import("./record.js"), "NewRecord", true);

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./sources.js").Item} Item */
/** @typedef {import("./sources.js").Filter} Filter */
/** @typedef {import("./api.js").Refused} Refused */

/** @param {{place: string, objectKey: string, query: URLSearchParams, go: (hash: string, replace?: boolean) => void}} props */
export function Records({ place, objectKey, query: address, go }) {
  // The address names the list, and the record that is open beside it.
  const opened = address.get("open") ?? "";
  const query = useMemo(() => new URLSearchParams([...address].filter(([name]) => name !== "open")), [address.toString()]);
  const schema = useLoad(() => loadSchema(place, objectKey), [place, objectKey]);
  const rights = useLoad(() => may(place, objectKey === "contact" ? "contacts.write" : objectKey === "opportunity" ? "opportunities.write" : "objects/record.write"), [place, objectKey]);
  const [text, setText] = useState(query.get("q") ?? "");
  const [found, setFound] = useState(/** @type {{items: Item[], total: number, view: string, problem?: Refused} | null} */ (null));
  const [dialog, setDialog] = useState("");
  const choices = useLoad(() => loadChoices(place), [place]);
  const [chosenNow, setChosenNow] = useState(/** @type {import("./columns.js").Choice | null} */ (null));
  const choice = useMemo(() => chosenNow ?? choiceOf(choices.value ?? {}, objectKey), [chosenNow, choices.value, objectKey]);
  const [chosen, setChosen] = useState(/** @type {Set<string>} */ (new Set()));
  const [everything, setEverything] = useState(false);
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  const { query: searched, filters, sort } = useMemo(() => searchOf(query), [query]);
  const view = `${place}/${objectKey}?${query}`;
  const current = useRef(view);
  current.current = view;
  const loading = useRef("");
  const fields = schema.value?.object.key === objectKey ? schema.value.fields : undefined;
  const shown = useMemo(() => arrange(fields ?? [], choice), [fields, choice]);
  const chooseNone = () => (setChosen(new Set()), setEverything(false));
  useEffect(chooseNone, [view]);

  const change = (/** @type {Record<string, string>} */ members, replace = false) => {
    const all = { q: searched, f: filters.length ? JSON.stringify(filters) : "", s: query.get("s") ?? "", open: opened, ...members };
    go(link(place, ["o", objectKey], all), replace);
  };
  useEffect(() => {
    if (text === searched) return undefined;
    const soon = setTimeout(() => change({ q: text }, true), 150);
    return () => clearTimeout(soon);
  }, [text, view]);
  useEffect(() => {
    if (document.activeElement !== box.current) setText(searched);
  }, [searched]);

  const load = (/** @type {any[] | undefined} */ after) => {
    if (!fields) return;
    const turn = `${view} ${JSON.stringify(after)}`;
    if (loading.current === turn) return;
    loading.current = turn;
    searchRecords(place, objectKey, fields, { query: searched, filters, sort, after })
      .then(({ items, total }) => {
        if (current.current !== view) return;
        setFound((before) => ({ items: after && before?.view === view ? [...before.items, ...items] : items, total, view }));
      })
      .catch((problem) => current.current === view && setFound((before) => ({ items: before?.view === view ? before.items : [], total: before?.total ?? 0, view, problem: asRefused(problem) })))
      .finally(() => loading.current === turn && (loading.current = ""));
  };
  useEffect(() => load(undefined), [view, fields]);
  const more = () => {
    if (!found || found.view !== view || found.problem || found.items.length >= found.total) return;
    load(found.items[found.items.length - 1]?.after);
  };
  useEffect(() => {
    const key = (/** @type {KeyboardEvent} */ event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
      if (event.key === "/") {
        event.preventDefault();
        box.current?.focus();
      } else if (event.key === "n" && !target.closest("[role=grid]") && rights.value) {
        event.preventDefault();
        setDialog("new");
      }
    };
    window.addEventListener("keydown", key);
    return () => window.removeEventListener("keydown", key);
  }, [rights.value]);

  // The address of a record names the list that it was opened from, so that the way on and the way back stay in it.
  const open = (/** @type {string} */ id, isNew = false) => {
    const shown = found?.view === view && !isNew ? found : { items: [], total: 0 };
    keepList(place, objectKey, query.toString(), shown);
    const words = Object.fromEntries(query);
    go(isNew ? link(place, ["o", objectKey, id], words) : link(place, ["o", objectKey], { ...words, open: id }));
  };
  const panel = useRef(/** @type {HTMLElement | null} */ (null));
  const lastOpened = useRef("");
  const [edition, setEdition] = useState(0);
  useEffect(() => {
    const before = lastOpened.current;
    lastOpened.current = opened;
    const isInPanel = panel.current?.contains(document.activeElement);
    if (opened && !isInPanel) panel.current?.focus({ preventScroll: true });
    if (opened || !before) return;
    const row = found?.items.findIndex((item) => item.id === before) ?? -1;
    const cell = document.querySelector(`[data-cell="${row},0"]`) ?? document.querySelector("[data-cell][tabindex='0']");
    /** @type {HTMLElement | null} */ (cell)?.focus({ preventScroll: true });
  }, [opened]);
  /** What the panel has read or stored is what the list shows. @param {Item} item */
  const showStored = (item) => setFound((now) => now && { ...now, items: now.items.map((each) => (each.id === item.id ? { ...each, properties: item.properties, raw: item.raw } : each)) });
  const dropDeleted = (/** @type {string} */ id) => setFound((now) => now && { ...now, items: now.items.filter((each) => each.id !== id), total: now.total - 1 });
  const save = async (/** @type {Item} */ item, /** @type {Record<string, any>} */ changes) => {
    const stored = await updateRecord(place, objectKey, item.id, changes);
    showStored({ ...stored, id: item.id });
    if (item.id === opened) setEdition((now) => now + 1);
  };
  const create = async (/** @type {Record<string, any>} */ properties) => {
    const made = await createRecord(place, objectKey, properties);
    setDialog("");
    notify(`${object?.labels.singular ?? "Record"} created`);
    open(made.id, true);
  };

  if (schema.problem && !schema.value) return html`<${Head} title="Records" /><${Problem} problem=${schema.problem} again=${schema.again} />`;
  if (!fields || !schema.value || !choices.value) return html`<${Head} title="…" /><${Skeleton} />`;
  const { object } = schema.value;
  const canEdit = rights.value === true;
  const plural = object.labels.plural;
  const isNarrowed = Boolean(searched || filters.length);
  const note = found && !found.problem ? (found.items.length < found.total ? `${count(found.items.length)} of ${count(found.total)}` : count(found.total)) : "";
  return html`<section class=${opened ? "screen fill opened" : "screen fill"}>
    <${Head} title=${plural} note=${note}>
      <input ref=${box} class="search" type="search" aria-label=${`Search ${plural}`} placeholder="Search  ( / )" value=${text}
        onInput=${(/** @type {InputEvent} */ e) => setText(/** @type {HTMLInputElement} */ (e.currentTarget).value)} />
      <button type="button" onClick=${() => setDialog("filter")}>Filter</button>
      <button type="button" onClick=${() => setDialog("columns")}>Columns</button>
      <button type="button" onClick=${() => setDialog("views")}>Views</button>
      <a class="button wide-only" href=${link(place, ["schema", objectKey])}>Schema</a>
      ${canEdit && html`<button type="button" class="primary" onClick=${() => setDialog("new")}>New ${object.labels.singular.toLowerCase()}</button>`}
    <//>
    ${filters.length > 0 &&
    html`<div class="chips" role="list" aria-label="Filters">
      ${filters.map((filter, index) => {
        const field = fields.find((each) => each.key === filter.key);
        const word = field ? operatorsOf(field).find(([name]) => name === filter.operator)?.[1] : filter.operator;
        const value = field?.options?.find((option) => option.key === filter.value)?.label ?? filter.value;
        const without = filters.filter((_, other) => other !== index);
        return html`<span class="chip" role="listitem" key=${index}>${field?.name ?? filter.key} ${word ?? filter.operator} <b>${value}</b>
          <button type="button" aria-label=${`Remove the filter on ${field?.name ?? filter.key}`} onClick=${() => change({ f: without.length ? JSON.stringify(without) : "" })}>✕</button></span>`;
      })}
      <button type="button" class="plain" onClick=${() => change({ f: "" })}>Clear all</button>
    </div>`}
    ${found && chosen.size > 0 && html`<${BulkBar} place=${place} object=${object} fields=${fields} shown=${shown} canEdit=${canEdit} search=${{ query: searched, filters, sort }}
      chosen=${{ items: found.items.filter((item) => chosen.has(item.id)), everything, total: found.total }}
      onEverything=${() => (setChosen(new Set(found.items.map((item) => item.id))), setEverything(true))} onClear=${chooseNone} onChanged=${(/** @type {boolean} */ isPartly) => (isPartly || chooseNone(), load(undefined))} />`}
    ${found?.problem && html`<${Problem} problem=${found.problem} again=${() => (setFound(null), load(undefined))} />`}
    <div class=${opened ? "split open" : "split"}>
    ${!found || found.view.split("?")[0] !== view.split("?")[0]
      ? html`<${Skeleton} lines=${14} />`
      : found.items.length || found.problem
        ? html`<${Grid} label=${plural} fields=${shown} items=${found.items} total=${found.total} sort=${sort} canEdit=${canEdit} view=${found.view} frozen=${choice.frozen} chosen=${chosen}
            onChoose=${(/** @type {Set<string>} */ next) => (setChosen(next), setEverything(false))}
            onSort=${(/** @type {any} */ by) => change({ s: by ? (by.down ? "-" : "") + by.key : "" })} onMore=${more}
            opened=${opened} onOpen=${(/** @type {Item} */ item) => open(item.id)} onSave=${save} />`
        : isNarrowed
          ? html`<${Empty} title="Nothing matches"><p>No ${object.labels.singular.toLowerCase()} fits what you search for.</p>
              <button type="button" onClick=${() => (setText(""), change({ q: "", f: "" }))}>Clear search and filters</button><//>`
          : html`<${Empty} title=${`No ${plural.toLowerCase()} yet`}><p>Create the first one here, or send it from a program.</p>
              <p class="row center">${canEdit && html`<button type="button" class="primary" onClick=${() => setDialog("new")}>New ${object.labels.singular.toLowerCase()}</button>`}<${CopyRequest} sent=${requestTo.create(place, objectKey, {})} /></p><//>`}
    ${opened && html`<aside class="detail" aria-label=${object.labels.singular} tabindex="-1" ref=${panel}><${Record} key=${opened} panel place=${place} objectKey=${objectKey} id=${opened} query=${query} go=${go} edition=${edition} onStored=${showStored} onDeleted=${dropDeleted} /></aside>`}
    </div>
    ${dialog === "filter" && html`<${FilterDialog} fields=${fields} onClose=${() => setDialog("")}
      onAdd=${(/** @type {Filter} */ filter) => (setDialog(""), change({ f: JSON.stringify([...filters, filter]) }))} />`}
    ${dialog === "columns" && html`<${ColumnsDialog} fields=${fields} choice=${choice} onClose=${() => setDialog("")} onChange=${(/** @type {any} */ next) => (setChosenNow(next), keepChoice(place, objectKey, next))} />`}
    ${dialog === "views" && html`<${ViewsDialog} place=${place} objectKey=${objectKey} query=${query.toString()} onClose=${() => setDialog("")}
      onOpen=${(/** @type {string} */ words) => (setDialog(""), setText(new URLSearchParams(words).get("q") ?? ""), go(link(place, ["o", objectKey], Object.fromEntries(new URLSearchParams(words)))))} />`}
    ${dialog === "new" && html`<${NewRecord} place=${place} object=${object} fields=${fields} onClose=${() => setDialog("")} onCreate=${create} />`}
  </section>`;
}

/** @param {{fields: Field[], onAdd: (filter: Filter) => void, onClose: () => void}} props */
function FilterDialog({ fields, onAdd, onClose }) {
  const [key, setKey] = useState(fields[0].key);
  const field = fields.find((each) => each.key === key) ?? fields[0];
  const operators = operatorsOf(field);
  const [operator, setOperator] = useState(operators[0][0]);
  const [value, setValue] = useState("");
  const chosen = operators.some(([name]) => name === operator) ? operator : operators[0][0];
  const bare = chosen.endsWith("exists");
  const pick = (/** @type {Event} */ e) => (setKey(/** @type {HTMLSelectElement} */ (e.currentTarget).value), setValue(""));
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    onAdd({ key, operator: chosen, value: bare ? "" : value });
  };
  return html`<${Dialog} title="Filter" onClose=${onClose}>
    <form class="form" onSubmit=${submit}>
      <${Labelled} label="Field"><select value=${key} onChange=${pick}>${fields.map((each) => html`<option key=${each.key} value=${each.key}>${each.name}</option>`)}</select><//>
      <${Labelled} label="Condition"><select value=${chosen} onChange=${(/** @type {Event} */ e) => setOperator(/** @type {HTMLSelectElement} */ (e.currentTarget).value)}>
        ${operators.map(([name, word]) => html`<option key=${name} value=${name}>${word}</option>`)}</select><//>
      ${!bare &&
      html`<${Labelled} label="Value">${field.options
        ? html`<select required value=${value} onChange=${(/** @type {Event} */ e) => setValue(/** @type {HTMLSelectElement} */ (e.currentTarget).value)}>
            <option value="">–</option>${field.options.map((option) => html`<option key=${option.key} value=${option.key}>${option.label}</option>`)}</select>`
        : html`<input required type=${typeOf(field).input === "date" ? "date" : "text"} value=${value} onInput=${(/** @type {InputEvent} */ e) => setValue(/** @type {HTMLInputElement} */ (e.currentTarget).value)} />`}<//>`}
      <footer><button type="button" onClick=${onClose}>Cancel</button><button type="submit" class="primary">Add filter</button></footer>
    </form>
  <//>`;
}
