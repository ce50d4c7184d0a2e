// The pending messages.

import { byId, KeyedList, make, setAttribute, setText } from "/page/elements.js";
import { timeOfDay } from "/page/times.js";

export class Messages {
  #list;
  #act;
  #none = make("p", { class: "empty" }, "No message is pending.");

  constructor({ act }) {
    this.#act = act;
    const list = make("ul", { class: "messages" });
    byId("messages-list").append(list, this.#none);
    this.#list = new KeyedList(list, (row) => this.#create(row), update);
  }

  show({ pending, newest }) {
    this.#none.hidden = pending > 0;
    setText(
      byId("messages-count"),
      pending > newest.length ? `${pending} pending, the newest ${newest.length} shown` : `${pending} pending`,
    );
    this.#list.show(newest, (row) => `${row.number} ${row.instance}`);
  }

  #create({ number, instance }) {
    const text = make("span", { class: "message-text" });
    const details = make("span", { class: "note" });
    const button = make("button", { type: "button", "aria-label": `Acknowledge message ${number}` }, "Acknowledge");
    button.addEventListener("click", () =>
      this.#act("/simulator/messages", { method: "POST", content: { do: "acknowledge", number, ...(instance && { instance }) } }),
    );
    const element = make("li", {}, make("div", {}, text, details), button);
    return { element, text, details, button };
  }
}

function update({ element, text, details, button }, row) {
  setAttribute(element, "data-class", row.class_name);
  setText(text, row.text);
  setText(
    details,
    [row.class_name, row.number, row.instance, row.state, timeOfDay(row.time)].filter(Boolean).join(" · "),
  );
  button.hidden = !row.waits;
}
