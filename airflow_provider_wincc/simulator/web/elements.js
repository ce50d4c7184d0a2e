// Elements of the page. Texts come from the plant and from anybody who may write a tag: they are put in as text nodes
// and attributes only, never as markup.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

export function make(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

export function makeSvg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// Writing the same text again would make the browser lay the row out again.
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) {
    element.setAttribute(name, value);
  }
}

// Keeps one element for each key, in the order of the items, so that focus and selection stay where they are.
export class KeyedList {
  #parent;
  #create;
  #update;
  #entries = new Map();

  constructor(parent, create, update) {
    this.#parent = parent;
    this.#create = create;
    this.#update = update;
  }

  show(items, keyOf) {
    const shown = new Map();
    let place = this.#parent.firstElementChild;
    for (const item of items) {
      const key = keyOf(item);
      const entry = this.#entries.get(key) ?? this.#create(item);
      shown.set(key, entry);
      this.#update(entry, item);
      if (entry.element === place) {
        place = place.nextElementSibling;
      } else {
        this.#parent.insertBefore(entry.element, place);
      }
    }
    for (const [key, entry] of this.#entries) {
      if (!shown.has(key)) {
        entry.element.remove();
      }
    }
    this.#entries = shown;
  }
}
