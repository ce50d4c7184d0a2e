import { Drawing, limited, shownNumber } from "/page/drawing.js";
import { makeSvg, setAttribute, setText } from "/page/elements.js";

const TOP = 30;
const HEIGHT = 108;

export class Tank extends Drawing {
  #liquid;
  #setpoint;
  #valve;
  #pipe;
  #level;

  constructor(name) {
    const liquid = makeSvg("rect", { class: "liquid", x: 43, y: TOP, width: 74, height: HEIGHT, rx: 7 });
    const setpoint = makeSvg(
      "g",
      { class: "setpoint" },
      makeSvg("path", { class: "height", d: "M43 0H117" }),
      makeSvg("path", { class: "mark", d: "M132 -6L122 0L132 6Z" }),
    );
    const valve = makeSvg("path", { class: "valve", d: "M14 8V20L30 8V20Z" });
    const pipe = makeSvg("path", { class: "pipe", d: "M2 14H14M30 14H64V27" });
    const level = makeSvg("text", { class: "reading", x: 80, y: 92 });
    const scale = [0, 25, 50, 75, 100].map((percent) => {
      const y = TOP + HEIGHT * (1 - percent / 100);
      return makeSvg("path", { class: "scale", d: `M${percent % 50 === 0 ? 31 : 34} ${y}H38` });
    });
    const shell = makeSvg("rect", { class: "shell", x: 40, y: TOP - 3, width: 80, height: HEIGHT + 6, rx: 10 });
    super(name, "tank", [pipe, valve, makeSvg("g", { class: "clip" }, liquid), shell, ...scale, setpoint, level]);
    this.#liquid = liquid;
    this.#setpoint = setpoint;
    this.#valve = valve;
    this.#pipe = pipe;
    this.#level = level;
  }

  draw(read) {
    const level = read("Level");
    const setpoint = read("Setpoint");
    const isOpen = read("ValveOpen") === "true";
    const share = limited(Number(level) || 0, 0, 100) / 100;
    this.#liquid.style.transform = `scaleY(${share})`;
    this.#setpoint.style.transform = `translateY(${TOP + HEIGHT * (1 - limited(Number(setpoint) || 0, 0, 100) / 100)}px)`;
    setAttribute(this.#valve, "data-on", String(isOpen));
    setAttribute(this.#pipe, "data-on", String(isOpen));
    setText(this.#level, `${shownNumber(level)} %`);
    this.fact("Level", `${shownNumber(level)} %`);
    this.fact("Set-point", `${shownNumber(setpoint)} %`);
    this.fact("Inflow", `${shownNumber(read("Inflow"))} l/s`);
    this.fact("Valve", isOpen ? "open" : "closed");
  }
}
