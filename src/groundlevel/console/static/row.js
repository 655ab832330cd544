// @ts-check
// One row of the grid.
import { Component } from "preact";
import { Editor, show, typeOf } from "./fields.js";
import { html } from "./ui.js";

/** @typedef {import("./fields.js").Field} Field */

/** The width of the column in which records are chosen. */
export const GUTTER = 40;

/** Where a column begins that stays in sight. @param {Field[]} fields @param {number} column */
export const leftOf = (fields, column) => fields.slice(0, column).reduce((sum, field) => sum + typeOf(field).width, GUTTER);

/** One row, which is drawn again only when something of it changes. @extends {Component<any, {}>} */
export class Row extends Component {
  /** @param {any} next */
  shouldComponentUpdate(next) {
    const now = this.props;
    return ["item", "fields", "top", "active", "editing", "refused", "columns", "saving", "from", "to", "isChosen", "isOpen", "frozen"].some((name) => next[name] !== now[name]);
  }

  render() {
    const { item, fields, top, index, active, editing, refused, columns, grid, saving, from, to, isChosen, isOpen, frozen } = this.props;
    return html`<div class=${["grid-row", isChosen && "chosen", isOpen && "opened"].filter(Boolean).join(" ")} role="row" aria-current=${isOpen ? "true" : undefined} aria-rowindex=${index + 2} aria-selected=${isChosen} style=${{ transform: `translateY(${top}px)`, gridTemplateColumns: columns }}>
      <div class="cell gutter" role="gridcell" aria-colindex="1"><input type="checkbox" tabindex="-1" aria-label=${`Select row ${index + 1}`} checked=${isChosen} onClick=${(/** @type {MouseEvent} */ event) => grid.choose(index, event.shiftKey)} /></div>
      ${fields.map((/** @type {Field} */ field, /** @type {number} */ column) => {
        const key = `${item.id} ${field.key}`;
        const problem = refused[key];
        const isEdited = active === column && editing !== null;
        const isSelected = column >= from && column <= to;
        const classes = ["cell", typeOf(field).end && "end", column === 0 && "first", column < frozen && "frozen", problem && "refused", isSelected && "selected", saving[key] && "saving"];
        return html`<div
          key=${field.key}
          role="gridcell"
          aria-colindex=${column + 2}
          aria-readonly=${!grid.editable(field)}
          aria-selected=${isSelected || active === column}
          aria-invalid=${problem ? "true" : undefined}
          class=${classes.filter(Boolean).join(" ")}
          style=${column < frozen ? { left: `${leftOf(fields, column)}px` } : undefined}
          tabindex=${active === column ? 0 : -1}
          data-cell=${`${index},${column}`}
          onMouseDown=${(/** @type {MouseEvent} */ event) => event.shiftKey && event.preventDefault()}
          onClick=${(/** @type {MouseEvent} */ event) => grid.go(index, column, event.shiftKey)}
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
