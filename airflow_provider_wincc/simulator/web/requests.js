// Requests: a curve of the last minute, rates by endpoint, and the newest ones.

import { byId, KeyedList, make, makeSvg, setAttribute, setText } from "/page/elements.js";
import { timeOfDay } from "/page/times.js";

const HEIGHT = 60;
const STEP = 6;
const rate = new Intl.NumberFormat("en", { maximumFractionDigits: 1, minimumFractionDigits: 1 });
const plain = new Intl.NumberFormat("en");

export class Requests {
  #bars = [];
  #curve = makeSvg("svg", { class: "curve", role: "img", preserveAspectRatio: "none" });
  #peak = make("p", { class: "note" });
  #endpoints = new KeyedList(byId("endpoints"), createEndpoint, updateEndpoint);
  #newest = new KeyedList(byId("newest"), createRequest, updateRequest);

  constructor() {
    byId("curve").append(this.#curve, this.#peak);
  }

  show({ curve, clients, endpoints, newest }) {
    this.#draw(curve);
    const perSecond = endpoints.reduce((sum, endpoint) => sum + endpoint.per_second, 0);
    setText(
      byId("requests-count"),
      `${rate.format(perSecond)} per second, ${clients} ${clients === 1 ? "client" : "clients"}`,
    );
    byId("no-requests").hidden = endpoints.length > 0;
    this.#endpoints.show(endpoints, ({ operation }) => operation);
    this.#newest.show(newest, ({ number }) => number);
  }

  #draw(curve) {
    if (this.#bars.length !== curve.length) {
      this.#bars = curve.map((_, place) => makeSvg("rect", { x: place * STEP, width: STEP - 2, rx: 1 }));
      this.#curve.replaceChildren(...this.#bars);
      this.#curve.setAttribute("viewBox", `0 0 ${curve.length * STEP} ${HEIGHT}`);
    }
    const highest = Math.max(...curve);
    for (const [place, count] of curve.entries()) {
      const height = count === 0 ? 1 : Math.max(3, (count / highest) * HEIGHT);
      setAttribute(this.#bars[place], "height", String(height));
      setAttribute(this.#bars[place], "y", String(HEIGHT - height));
    }
    const told = `Last ${curve.length} seconds, at most ${plain.format(highest)} in a second`;
    setText(this.#peak, told);
    setAttribute(this.#curve, "aria-label", `Requests of the ${told.toLowerCase()}`);
  }
}

function createEndpoint({ operation }) {
  const [, method, path] = /^(\S+) (.*)$/s.exec(operation) ?? ["", "", operation];
  const cells = [1, 2, 3].map(() => make("td", { class: "number" }));
  const name = make("th", { scope: "row" }, make("span", { class: "method" }, method), " ", make("code", {}, ...breakable(path)));
  return { element: make("tr", {}, name, ...cells), cells };
}

// A narrow screen breaks a path before a slash, not in the middle of a word.
function breakable(path) {
  return path.split(/(?=\/)/).flatMap((part) => [make("wbr"), part]);
}

function updateEndpoint({ cells }, endpoint) {
  setText(cells[0], rate.format(endpoint.per_second));
  setText(cells[1], plain.format(endpoint.clients));
  setText(cells[2], plain.format(endpoint.total));
}

function createRequest(request) {
  const status = make("td", { class: "number status" });
  const element = make(
    "tr",
    {},
    make("td", { class: "time" }, timeOfDay(request.time)),
    make("td", {}, make("span", { class: "method" }, request.method), " ", make("code", {}, ...breakable(request.path))),
    make("td", {}, request.user || "no login"),
    status,
  );
  return { element, status };
}

function updateRequest({ status }, request) {
  setText(status, request.status === null ? "none" : String(request.status));
  setAttribute(status, "data-level", request.status !== null && request.status < 400 ? "good" : "bad");
}
