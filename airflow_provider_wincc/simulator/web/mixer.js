import { Drawing, limited, shownNumber } from "/page/drawing.js";
import { makeSvg, setAttribute, setText } from "/page/elements.js";

const FULL = { FILLING: 0.8, MIXING: 0.8, DRAINING: 0.06, IDLE: 0.06 };

export class Mixer extends Drawing {
  #liquid;
  #blades;
  #state;
  #spin;

  constructor(name) {
    const liquid = makeSvg("path", { class: "liquid slow", d: "M43 40H117V118A20 20 0 0 1 97 138H63A20 20 0 0 1 43 118Z" });
    const shell = makeSvg("path", { class: "shell", d: "M40 30V118A23 23 0 0 0 63 141H97A23 23 0 0 0 120 118V30Z" });
    const motor = makeSvg("rect", { class: "motor", x: 68, y: 6, width: 24, height: 18, rx: 3 });
    const shaft = makeSvg("path", { class: "shaft", d: "M80 24V114" });
    const blades = makeSvg("path", { class: "blades", d: "M80 114L58 108V120L80 114L102 108V120Z" });
    const state = makeSvg("text", { class: "reading", x: 80, y: 74 });
    super(name, "mixer", [makeSvg("g", { class: "clip" }, liquid), shell, motor, shaft, blades, state]);
    this.#liquid = liquid;
    this.#blades = blades;
    this.#state = state;
  }

  draw(read) {
    const state = read("State");
    const speed = Number(read("Speed")) || 0;
    this.#liquid.style.transform = `scaleY(${FULL[state] ?? 0.06})`;
    this.#turn(speed);
    setAttribute(this.element, "data-state", state);
    setText(this.#state, state);
    this.fact("State", state);
    this.fact("Speed", `${shownNumber(read("Speed"))} /min`);
    this.fact("Cycles", shownNumber(read("Cycles")));
    this.#order(read);
  }

  // Faster than three turns in a second only flickers. A new length of the animation would make it jump.
  #turn(speed) {
    const seconds = speed < 1 ? 0 : Math.round(limited(240 / speed, 0.33, 6) * 4) / 4;
    if (seconds !== this.#spin) {
      this.#spin = seconds;
      setAttribute(this.#blades, "data-on", String(seconds > 0));
      this.#blades.style.animationDuration = `${Math.max(seconds, 0.33)}s`;
    }
  }

  #order(read) {
    const order = read("Order.CurrentId");
    if (order === undefined) {
      return;
    }
    const planned = read("Order.CurrentQuantity");
    const done = shownNumber(read("Order.ActualQuantity"));
    this.fact("Order", order === "" ? "none" : planned === undefined ? order : `${order}, ${done} of ${shownNumber(planned)}`);
  }
}
