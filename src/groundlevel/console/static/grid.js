// @ts-check
// A grid of records: rows of equal height of which only those in sight exist, with the keyboard of a spreadsheet.
import { Component, createRef } from "preact";
import { copyOf, fromTable, pasteOf, rangeOf, sizeOf, toTable } from "./cells.js";
import { draftOf, parse, typeOf } from "./fields.js";
import { GUTTER, Row, leftOf } from "./row.js";
import { count as number, html, notify } from "./ui.js";

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("./sources.js").Item} Item */
/** @typedef {import("./api.js").Refused} Refused */
/** @typedef {import("./cells.js").Cell} Cell */
/** @typedef {{key: string, down: boolean} | null} Sort */
/**
 * @typedef {{label: string, fields: Field[], items: Item[], total: number, sort: Sort, canEdit: boolean, view: string, frozen: number, chosen: Set<string>,
 *   onSort: (sort: Sort) => void, onMore: () => void, onOpen: (item: Item) => void, opened: string, onChoose: (chosen: Set<string>) => void,
 *   onSave: (item: Item, changes: Record<string, any>) => Promise<void>}} Props
 */
/** What was changed at once: of each record the values before. @typedef {{item: Item, before: Record<string, any>}[]} Undo */
/** @typedef {{row: number, column: number, anchor: Cell | null, editing: string | null, first: number, count: number, refused: Record<string, Refused>, saving: Record<string, boolean>}} State */

export const ROW = 36;
const SPARE = 8;
const EARLY = 30;
const UNDONE = 100;
/** Cells that are changed by one paste at most. */
const PASTED = 5000;
/** Records that are saved at the same time. */
const BESIDE = 4;

/** @extends {Component<Props, State>} */
export class Grid extends Component {
  /** @param {Props} props */
  constructor(props) {
    super(props);
    this.scroller = createRef();
    this.editor = createRef();
    this.state = { row: 0, column: 0, anchor: null, editing: null, first: 0, count: 40, refused: {}, saving: {} };
    /** @type {Undo[]} */
    this.undos = [];
    this.lastChosen = 0;
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
      this.undos = [];
      this.setState({ row: 0, anchor: null, editing: null, refused: {}, first: 0 });
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

  /** The cells that are selected: one, or all between it and where the selection began. */
  get range() {
    const { anchor, row, column } = this.state;
    return rangeOf(anchor ?? { row, column }, { row, column });
  }

  /** Chooses a record, or with Shift all from the last one on. @param {number} row @param {boolean} isSpan */
  choose(row, isSpan) {
    const { items, chosen, onChoose } = this.props;
    const next = new Set(chosen);
    const on = !chosen.has(items[row].id);
    const { top, bottom } = rangeOf({ row: isSpan ? this.lastChosen : row, column: 0 }, { row, column: 0 });
    for (const item of items.slice(top, bottom + 1)) {
      if (on) next.add(item.id);
      else next.delete(item.id);
    }
    this.lastChosen = row;
    onChoose(next);
  }

  /** Moves to a cell and into sight; what is between it and the cell before is selected if the selection grows. @param {number} row @param {number} column @param {boolean} [grows] */
  go(row, column, grows) {
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
    const left = leftOf(fields, to.column);
    const own = leftOf(fields, Math.min(this.props.frozen, to.column));
    if (to.column >= this.props.frozen && left - own < place.scrollLeft) place.scrollLeft = left - own;
    const right = left + typeOf(fields[to.column]).width;
    if (right > place.scrollLeft + place.clientWidth) place.scrollLeft = right - place.clientWidth;
    this.wantsFocus = true;
    // The scroll event comes later; the cell has to be there now, to take the focus.
    const anchor = grows ? (this.state.anchor ?? { row: this.state.row, column: this.state.column }) : null;
    this.setState({ ...to, anchor, editing: null, first: Math.max(0, Math.floor(place.scrollTop / ROW) - SPARE) });
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
    this.setState({ row, column, anchor: null, editing: draft });
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
    this.change([{ item, changes: { [field.key]: parse(field, editing, before) } }]);
  }

  /**
   * Saves changes of records, and remembers what was before; a refusal shows in the cells that it is about.
   * @param {{item: Item, changes: Record<string, any>}[]} all @param {boolean} [isUndo]
   */
  async change(all, isUndo) {
    const keys = new Set(all.flatMap(({ item, changes }) => Object.keys(changes).map((name) => `${item.id} ${name}`)));
    const rest = Object.fromEntries(Object.entries(this.state.refused).filter(([key]) => !keys.has(key)));
    this.setState({ refused: rest, saving: Object.fromEntries([...keys].map((key) => [key, true])) });
    /** @type {Undo} */
    const done = [];
    /** @type {Record<string, Refused>} */
    const refused = {};
    let next = 0;
    const work = async () => {
      while (next < all.length) {
        const { item, changes } = all[next++];
        const before = Object.fromEntries(Object.keys(changes).map((name) => [name, item.properties[name] ?? null]));
        try {
          await this.props.onSave(item, changes);
          done.push({ item, before });
        } catch (problem) {
          const about = /** @type {Refused} */ (problem);
          const named = this.props.fields.find((field) => field.fieldKey === about.fieldKey)?.key;
          for (const name of named && named in changes ? [named] : Object.keys(changes)) refused[`${item.id} ${name}`] = about;
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(BESIDE, all.length) }, work));
    if (done.length && !isUndo) this.undos = [...this.undos, done].slice(-UNDONE);
    this.setState((/** @type {State} */ now) => ({ refused: { ...now.refused, ...refused }, saving: {} }));
    if (all.length > 1) notify(`${number(done.length)} records changed${done.length < all.length ? `, ${number(all.length - done.length)} refused` : ""}`);
  }

  /** Takes back what was changed last. */
  undo() {
    const last = this.undos.pop();
    if (!last) return notify("Nothing to undo");
    this.change(last.map(({ item, before }) => ({ item: this.props.items.find((each) => each.id === item.id) ?? item, changes: before })), true);
  }

  /** Empties the selected cells. */
  clear() {
    const { top, bottom, left, right } = this.range;
    const fields = this.props.fields.slice(left, right + 1).filter((field) => this.editable(field));
    const all = this.props.items.slice(top, bottom + 1).map((item) => ({ item, changes: Object.fromEntries(fields.filter((field) => item.properties[field.key] !== undefined).map((field) => [field.key, null])) }));
    const some = all.filter(({ changes }) => Object.keys(changes).length);
    if (some.length) this.change(some);
  }

  onCopy = (/** @type {ClipboardEvent} */ event) => {
    if (this.state.editing !== null || !event.clipboardData) return;
    const { top, bottom, left, right } = this.range;
    const fields = this.props.fields.slice(left, right + 1);
    const rows = this.props.items.slice(top, bottom + 1).map((item) => fields.map((field) => copyOf(field, this.valueOf(item, field))));
    event.preventDefault();
    event.clipboardData.setData("text/plain", toTable(rows));
    notify(sizeOf(this.range) > 1 ? `${number(sizeOf(this.range))} cells copied` : "Copied");
  };

  onPaste = (/** @type {ClipboardEvent} */ event) => {
    const text = event.clipboardData?.getData("text/plain");
    if (this.state.editing !== null || !text) return;
    event.preventDefault();
    if (!this.props.canEdit) return notify("Your role does not let you edit");
    const { items, fields } = this.props;
    const { top, left, bottom, right } = this.range;
    let rows = fromTable(text);
    // One cell fills all that are selected.
    if (rows.length === 1 && rows[0].length === 1) rows = Array.from({ length: bottom - top + 1 }, () => Array(right - left + 1).fill(rows[0][0]));
    if (rows.length * rows[0].length > PASTED) return notify(`At most ${number(PASTED)} cells are pasted at once: import a file instead`);
    const all = rows.slice(0, items.length - top).map((row, offset) => {
      const item = items[top + offset];
      /** @type {Record<string, any>} */
      const changes = {};
      row.slice(0, fields.length - left).forEach((cell, place) => {
        const field = fields[left + place];
        const value = pasteOf(field, cell, item.properties[field.key]);
        if (this.editable(field) && JSON.stringify(value) !== JSON.stringify(item.properties[field.key] ?? null)) changes[field.key] = value;
      });
      return { item, changes };
    });
    const some = all.filter(({ changes }) => Object.keys(changes).length);
    this.setState({ anchor: { row: top, column: left }, row: Math.min(items.length - 1, top + rows.length - 1), column: Math.min(fields.length - 1, left + rows[0].length - 1) });
    this.wantsFocus = true;
    if (some.length) this.change(some);
  };

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
    const grows = event.shiftKey;
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowUp: () => this.go(row - 1, column, grows),
      ArrowDown: () => this.go(row + 1, column, grows),
      ArrowLeft: () => this.go(row, column - 1, grows),
      ArrowRight: () => this.go(row, column + 1, grows),
      PageUp: () => this.go(row - page, column, grows),
      PageDown: () => this.go(row + page, column, grows),
      Home: () => this.go(whole ? 0 : row, 0, grows),
      End: () => this.go(whole ? last[0] : row, last[1], grows),
      Enter: () => (items[row] && !this.editable(fields[column]) ? this.props.onOpen(items[row]) : this.edit(row, column)),
      F2: () => this.edit(row, column),
      " ": () => items[row] && (grows ? this.choose(row, false) : this.props.onOpen(items[row])),
      Delete: () => this.clear(),
      Escape: () => this.setState({ refused: {}, anchor: null }),
    };
    // Nothing to take back: it is for what is around the grid.
    if (event.key === "Escape" && !this.state.anchor && !Object.keys(this.state.refused).length) return;
    if (whole && event.key.toLowerCase() === "z") {
      done();
      this.undo();
    } else if (event.key in keys && (!whole || event.key === "Home" || event.key === "End")) {
      done();
      keys[event.key]();
    } else if (event.key.length === 1 && !whole && !event.altKey) {
      done();
      this.edit(row, column, event.key);
    }
  };

  /** The keyboard may come to a cell by other ways than ours. */
  onFocus = (/** @type {FocusEvent} */ event) => {
    const at = event.target instanceof HTMLElement ? event.target.dataset.cell : undefined;
    if (!at || this.state.editing !== null) return;
    const [row, column] = at.split(",").map(Number);
    if (row !== this.state.row || column !== this.state.column) this.setState({ row, column, anchor: null });
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
    const { label, fields, items, total, sort, onSort, frozen, chosen, onChoose, opened } = this.props;
    const { row, column, editing, first, count, refused, saving } = this.state;
    const columns = [GUTTER, ...fields.map((field) => typeOf(field).width)].map((width) => `${width}px`).join(" ");
    const width = leftOf(fields, fields.length);
    const shown = items.slice(first, first + count + 2 * SPARE);
    const range = this.range;
    const isRange = sizeOf(range) > 1;
    const all = items.length > 0 && items.every((item) => chosen.has(item.id));
    const flip = (/** @type {Field} */ field) => onSort(sort?.key !== field.key ? { key: field.key, down: false } : sort.down ? null : { key: field.key, down: true });
    return html`<div class="grid" ref=${this.scroller} role="grid" aria-label=${label} aria-multiselectable="true" aria-rowcount=${total + 1} aria-colcount=${fields.length + 1}
      onKeyDown=${this.onKey} onScroll=${this.onScroll} onFocusIn=${this.onFocus} onFocusOut=${this.onLeave} onCopy=${this.onCopy} onPaste=${this.onPaste}>
      <div class="grid-head" role="row" aria-rowindex="1" style=${{ gridTemplateColumns: columns, width: `${width}px` }}>
        <div role="columnheader" aria-colindex="1" class="gutter"><input type="checkbox" aria-label="Select all that are shown" checked=${all} onClick=${() => onChoose(new Set(all ? [] : items.map((item) => item.id)))} /></div>
        ${fields.map((field, index) => {
          const mine = sort?.key === field.key;
          return html`<div key=${field.key} role="columnheader" aria-colindex=${index + 2} class=${[typeOf(field).end && "end", index < frozen && "frozen"].filter(Boolean).join(" ")}
            style=${index < frozen ? { left: `${leftOf(fields, index)}px` } : undefined}
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
          const within = isRange && index >= range.top && index <= range.bottom;
          return html`<${Row} key=${item.id} item=${item} fields=${fields} index=${index} top=${index * ROW} columns=${columns} active=${active} frozen=${frozen}
            from=${within ? range.left : -1} to=${within ? range.right : -2} isChosen=${chosen.has(item.id)} isOpen=${item.id === opened}
            editing=${active >= 0 ? editing : null} refused=${refused} saving=${saving} grid=${this} />`;
        })}
      </div>
    </div>`;
  }
}
