// Production units: their orders, each with its timeline and how often it was started.

import { byId, KeyedList, make, setAttribute, setText } from "/page/elements.js";
import { timeOfDay } from "/page/times.js";

const times = (count) => (count === 0 ? "not started" : count === 1 ? "started once" : `started ${count} times`);

export class Orders {
  #units;

  constructor({ act }) {
    const place = make("div", { class: "units" });
    byId("orders-list").append(place);
    this.#units = new KeyedList(place, ({ name }) => new Unit(name, act), (unit, content) => unit.show(content));
  }

  show(units) {
    this.#units.show(units, ({ name }) => name);
  }
}

const ACTIONS = { hold: "Hold", unhold: "Go on", stop: "Stop", abort: "Abort" };
const POSSIBLE = {
  allowed: ["stop", "abort"],
  running: ["hold", "stop", "abort"],
  interrupted: ["unhold", "stop", "abort"],
  stored: ["abort"],
};

class Unit {
  #facts = make("p", { class: "note" });
  #none = make("p", { class: "empty" }, "No order yet.");
  #buttons = new Map();
  #orders;
  #events;
  #eventDetails;

  constructor(name, act) {
    const row = make("div", { class: "buttons" });
    for (const [action, label] of Object.entries(ACTIONS)) {
      const button = make("button", { type: "button", "aria-label": `${label} the order of ${name}` }, label);
      button.addEventListener("click", () =>
        act(`/simulator/units/${encodeURIComponent(name)}`, { method: "POST", content: { do: action } }),
      );
      this.#buttons.set(action, button);
      row.append(button);
    }
    const orders = make("ul", { class: "order-list" });
    const events = make("ol", { class: "timeline" });
    this.#eventDetails = make("details", {}, make("summary", {}, "What else happened"), events);
    this.element = make(
      "article",
      {},
      make("div", { class: "panel-head" }, make("h3", {}, name), row),
      this.#facts,
      orders,
      this.#none,
      this.#eventDetails,
    );
    this.#orders = new KeyedList(orders, () => new Order(), (order, content) => order.show(content));
    this.#events = new KeyedList(events, createEvent, updateEvent);
  }

  show({ state, profile, starts, orders, events }) {
    setText(
      this.#facts,
      `${state === "none" ? "Holds no order" : `Order is ${state}`} · profile ${profile} · ` +
        `${starts} ${starts === 1 ? "start" : "starts"} in all`,
    );
    for (const [action, button] of this.#buttons) {
      button.disabled = !(POSSIBLE[state] ?? []).includes(action);
    }
    this.#none.hidden = orders.length > 0;
    this.#orders.show(orders, ({ id }) => id);
    this.#eventDetails.hidden = events.length === 0;
    this.#events.show(events, ({ at, event }) => `${at} ${event}`);
  }
}

class Order {
  #id = make("h4", {});
  #starts = make("span", { class: "badge" });
  #events;

  constructor() {
    const timeline = make("ol", { class: "timeline" });
    this.element = make("li", { class: "order" }, make("div", { class: "panel-head" }, this.#id, this.#starts), timeline);
    this.#events = new KeyedList(timeline, createEvent, updateEvent);
  }

  show({ id, starts, events }) {
    setText(this.#id, `Order ${id}`);
    setText(this.#starts, times(starts));
    setAttribute(this.#starts, "data-level", starts > 1 ? "bad" : starts === 1 ? "good" : "none");
    this.#events.show(events, ({ at, event }) => `${at} ${event}`);
  }
}

function createEvent() {
  const what = make("span", { class: "event" });
  const when = make("time", {});
  return { element: make("li", {}, what, " ", when), what, when };
}

function updateEvent({ element, what, when }, { at, event, detail }) {
  setAttribute(element, "data-event", event);
  setText(what, detail ? `${event}, ${detail}` : event);
  setText(when, timeOfDay(at));
  setAttribute(when, "datetime", at);
}
