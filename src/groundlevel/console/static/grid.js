// @ts-check
// A grid of records: rows of equal height of which only those in sight exist, with the keyboard of a spreadsheet.
import { Component, createRef } from "preact";
import { Editor, draftOf, parse, show, textOf, typeOf } from "./fields.js";
import { html, notify } from "./ui.js";

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./sources.js").Item} Item */
/** @typedef {import("./api.js").Refused} Refused */
/** @typedef {{key: string, down: boolean} | null} Sort */
/**
 * @typedef {{label: string, fields: Field[], items: Item[], total: number, sort: Sort, canEdit: boolean, view: string,
 *   onSort: (sort: Sort) => void, onMore: () => void, onOpen: (item: Item) => void,
 *   onSave: (item: Item, field: Field, value: any) => Promise<void>}} Props
 */
/** @typedef {{row: number, column: number, editing: string | null, first: number, count: number, refused: Record<string, Refused>, saving: string}} State */

export const ROW = 36;
const SPARE = 8;
const EARLY = 30;

/** One row, which is drawn again only when something of it changes. @extends {Component<any, {}>} */
class Row extends Component {
  /** @param {any} next */
  shouldComponentUpdate(next) {
    const now = this.props;
    return ["item", "fields", "top", "active", "editing", "refused", "columns", "saving"].some((name) => next[name] !== now[name]);
  }

  render() {
    const { item, fields, top, index, active, editing, refused, columns, grid, saving } = this.props;
    return html`<div class="grid-row" role="row" aria-rowindex=${index + 2} style=${{ transform: `translateY(${top}px)`, gridTemplateColumns: columns }}>
      ${fields.map((/** @type {Field} */ field, /** @type {number} */ column) => {
        const problem = refused[`${item.id} ${field.key}`];
        const isEdited = active === column && editing !== null;
        const classes = ["cell", typeOf(field).end && "end", column === 0 && "first", problem && "refused", saving === `${item.id} ${field.key}` && "saving"];
        return html`<div
          key=${field.key}
          role="gridcell"
          aria-colindex=${column + 1}
          aria-readonly=${!grid.editable(field)}
          aria-invalid=${problem ? "true" : undefined}
          class=${classes.filter(Boolean).join(" ")}
          tabindex=${active === column ? 0 : -1}
          data-cell=${`${index},${column}`}
          onClick=${() => grid.go(index, column)}
          onDblClick=${() => grid.edit(index, column)}
        >
          ${isEdited
            ? html`<${Editor} compact field=${field} label=${field.name} draft=${editing} onDraft=${grid.onDraft} inputRef=${grid.editor} />`
            : show(field, grid.valueOf(item, field))}
          ${column === 0 && !isEdited && html`<button type="button" tabindex="-1" class="open" aria-label="Open" onClick=${() => grid.props.onOpen(item)}>Open</button>`}
          ${problem && html`<div class="cell-problem" role="alert">
            <strong>${problem.message}</strong>${problem.hint && html`<span>${problem.hint}</span>`}
            ${problem.docs && html`<a href=${problem.docs} target="_blank" rel="noreferrer">What this means</a>`}
          </div>`}
        </div>`;
      })}
    </div>`;
  }
}

/** @extends {Component<Props, State>} */
export class Grid extends Component {
  /** @param {Props} props */
  constructor(props) {
    super(props);
    this.scroller = createRef();
    this.editor = createRef();
    this.state = { row: 0, column: 0, editing: null, first: 0, count: 40, refused: {}, saving: "" };
    this.wantsFocus = false;
    this.wantsEditor = false;
    /** Whether what is in the editor was sent; the state follows only with the next drawing. */
    this.saved = false;
  }

  componentDidMount() {
    this.measure = () => this.setState({ count: Math.ceil((this.scroller.current?.clientHeight ?? 800) / ROW) });
    this.observer = new ResizeObserver(this.measure);
    this.observer.observe(this.scroller.current);
    this.measure();
  }

  componentWillUnmount() {
    this.observer?.disconnect();
  }

  /** @param {Props} before */
  componentDidUpdate(before) {
    if (before.view !== this.props.view) {
      this.scroller.current.scrollTop = 0;
      this.setState({ row: 0, editing: null, refused: {}, first: 0 });
    }
    if (before.items !== this.props.items) this.onScroll();
    if (this.wantsEditor && this.editor.current) {
      this.wantsEditor = false;
      this.editor.current.focus();
      if (this.selectAll) this.editor.current.select?.();
    } else if (this.wantsFocus) {
      this.wantsFocus = false;
      this.cell()?.focus({ preventScroll: true });
    }
  }

  cell() {
    return this.scroller.current.querySelector(`[data-cell="${this.state.row},${this.state.column}"]`);
  }

  /** @param {Item} item @param {Field} field */
  valueOf(item, field) {
    if (field.dataType !== "TEXTBOX_LIST") return item.properties[field.key];
    return field.options?.map((option) => item.properties[`${field.key}.${option.key}`]).filter(Boolean).join(", ");
  }

  /** @param {Field} field */
  editable(field) {
    return this.props.canEdit && !field.readOnly && typeOf(field).input !== "none";
  }

  /** Moves to a cell and into sight. @param {number} row @param {number} column */
  go(row, column) {
    const { items, fields } = this.props;
    const to = { row: Math.max(0, Math.min(items.length - 1, row)), column: Math.max(0, Math.min(fields.length - 1, column)) };
    if (this.state.editing !== null && !this.saved) {
      if (to.row === this.state.row && to.column === this.state.column) return;
      this.save();
    }
    this.saved = false;
    const place = this.scroller.current;
    const [top, bottom] = [to.row * ROW, (to.row + 1) * ROW];
    const room = place.clientHeight - ROW;
    if (top < place.scrollTop) place.scrollTop = top;
    else if (bottom > place.scrollTop + room) place.scrollTop = bottom - room;
    const left = fields.slice(0, to.column).reduce((sum, field) => sum + typeOf(field).width, 0);
    const own = to.column === 0 ? 0 : typeOf(fields[0]).width;
    if (to.column && left - own < place.scrollLeft) place.scrollLeft = left - own;
    const right = left + typeOf(fields[to.column]).width;
    if (right > place.scrollLeft + place.clientWidth) place.scrollLeft = right - place.clientWidth;
    this.wantsFocus = true;
    // The scroll event comes later; the cell has to be there now, to take the focus.
    this.setState({ ...to, editing: null, first: Math.max(0, Math.floor(place.scrollTop / ROW) - SPARE) });
    if (to.row >= items.length - EARLY) this.props.onMore();
  }

  /** Begins to edit, with what was typed or with what is there. @param {number} row @param {number} column @param {string} [typed] */
  edit(row, column, typed) {
    const field = this.props.fields[column];
    const item = this.props.items[row];
    if (!item) return;
    if (!this.editable(field)) return notify(this.props.canEdit ? `${field.name} is edited on the record's own page` : "Your role does not let you edit");
    this.saved = false;
    this.wantsEditor = true;
    this.selectAll = typed === undefined;
    const draft = typed !== undefined && typeOf(field).input !== "choice" ? typed : draftOf(field, this.valueOf(item, field));
    this.setState({ row, column, editing: draft });
  }

  onDraft = (/** @type {string} */ draft) => this.setState({ editing: draft });

  /** Sends what was typed, if it is something else than before. */
  save() {
    const { row, column, editing } = this.state;
    const [item, field] = [this.props.items[row], this.props.fields[column]];
    if (editing === null || !item || this.saved) return;
    this.saved = true;
    this.setState({ editing: null });
    const before = this.valueOf(item, field);
    if (editing === draftOf(field, before)) return;
    this.send(item, field, parse(field, editing, before));
  }

  /** @param {Item} item @param {Field} field @param {any} value */
  send(item, field, value) {
    const key = `${item.id} ${field.key}`;
    const others = Object.fromEntries(Object.entries(this.state.refused).filter(([name]) => name !== key));
    this.setState({ refused: others, saving: key });
    this.props.onSave(item, field, value).then(
      () => this.setState((/** @type {State} */ now) => ({ saving: now.saving === key ? "" : now.saving })),
      (problem) => this.setState((/** @type {State} */ now) => ({ refused: { ...now.refused, [key]: problem }, saving: "" })),
    );
  }

  onKey = (/** @type {KeyboardEvent} */ event) => {
    const { row, column, editing } = this.state;
    const { items, fields } = this.props;
    const last = [items.length - 1, fields.length - 1];
    const page = Math.max(1, this.state.count - 2);
    const whole = event.ctrlKey || event.metaKey;
    const done = () => (event.preventDefault(), event.stopPropagation());
    if (editing !== null) {
      if (event.key === "Escape") {
        done();
        this.wantsFocus = true;
        this.setState({ editing: null });
      } else if (event.key === "Enter") {
        done();
        this.save();
        this.go(row + 1, column);
      } else if (event.key === "Tab") {
        done();
        this.save();
        this.go(row, column + (event.shiftKey ? -1 : 1));
      }
      return;
    }
    if (!(event.target instanceof HTMLElement) || event.target.closest("[role=columnheader], .cell-problem a")) return;
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowUp: () => this.go(row - 1, column),
      ArrowDown: () => this.go(row + 1, column),
      ArrowLeft: () => this.go(row, column - 1),
      ArrowRight: () => this.go(row, column + 1),
      PageUp: () => this.go(row - page, column),
      PageDown: () => this.go(row + page, column),
      Home: () => this.go(whole ? 0 : row, 0),
      End: () => this.go(whole ? last[0] : row, last[1]),
      Enter: () => this.edit(row, column),
      F2: () => this.edit(row, column),
      " ": () => items[row] && this.props.onOpen(items[row]),
      Delete: () => items[row] && this.editable(fields[column]) && this.send(items[row], fields[column], null),
      Escape: () => this.setState({ refused: {} }),
    };
    if (whole && event.key === "c") {
      const value = items[row] ? textOf(fields[column], this.valueOf(items[row], fields[column])) : "";
      navigator.clipboard?.writeText(value).then(() => notify("Copied"), () => notify("The browser does not let this page copy"));
    } else if (event.key in keys && (!whole || event.key === "Home" || event.key === "End")) {
      done();
      keys[event.key]();
    } else if (event.key.length === 1 && !whole && !event.altKey) {
      done();
      this.edit(row, column, event.key);
    }
  };

  onScroll = () => {
    const first = Math.max(0, Math.floor(this.scroller.current.scrollTop / ROW) - SPARE);
    if (Math.abs(first - this.state.first) >= SPARE / 2 || first === 0) this.setState({ first });
    if (first + this.state.count >= this.props.items.length - EARLY) this.props.onMore();
  };

  /** What leaves an editor by the mouse is saved, as by Enter. */
  onLeave = (/** @type {FocusEvent} */ event) => {
    if (this.state.editing !== null && !this.scroller.current.contains(event.relatedTarget)) this.save();
  };

  render() {
    const { label, fields, items, total, sort, onSort } = this.props;
    const { row, column, editing, first, count, refused, saving } = this.state;
    const columns = fields.map((field) => `${typeOf(field).width}px`).join(" ");
    const width = fields.reduce((sum, field) => sum + typeOf(field).width, 0);
    const shown = items.slice(first, first + count + 2 * SPARE);
    const flip = (/** @type {Field} */ field) => onSort(sort?.key !== field.key ? { key: field.key, down: false } : sort.down ? null : { key: field.key, down: true });
    return html`<div class="grid" ref=${this.scroller} role="grid" aria-label=${label} aria-rowcount=${total + 1} aria-colcount=${fields.length}
      onKeyDown=${this.onKey} onScroll=${this.onScroll} onFocusOut=${this.onLeave}>
      <div class="grid-head" role="row" aria-rowindex="1" style=${{ gridTemplateColumns: columns, width: `${width}px` }}>
        ${fields.map((field, index) => {
          const mine = sort?.key === field.key;
          return html`<div key=${field.key} role="columnheader" aria-colindex=${index + 1} class=${[typeOf(field).end && "end", index === 0 && "first"].filter(Boolean).join(" ")}
            aria-sort=${mine ? (sort.down ? "descending" : "ascending") : typeOf(field).sortable ? "none" : undefined}>
            ${typeOf(field).sortable
              ? html`<button type="button" onClick=${() => flip(field)}>${field.name}<span aria-hidden="true">${mine ? (sort.down ? " ↓" : " ↑") : ""}</span></button>`
              : html`<span>${field.name}</span>`}
          </div>`;
        })}
      </div>
      <div class="grid-body" role="rowgroup" style=${{ height: `${items.length * ROW}px`, width: `${width}px` }}>
        ${shown.map((item, offset) => {
          const index = first + offset;
          const active = index === row ? column : -1;
          return html`<${Row} key=${item.id} item=${item} fields=${fields} index=${index} top=${index * ROW} columns=${columns} active=${active}
            editing=${active >= 0 ? editing : null} refused=${refused} saving=${saving} grid=${this} />`;
        })}
      </div>
    </div>`;
  }
}
