import { Drawing, limited, shownNumber } from "/page/drawing.js";
import { makeSvg, setAttribute, setText } from "/page/elements.js";

const BOXES = [0, 1, 2, 3];
const DISTANCE = 40;

export class Line extends Drawing {
  #belt;
  #count;
  #pace;

  constructor(name) {
    const belt = makeSvg(
      "g",
      { class: "boxes" },
      ...BOXES.map((place) => makeSvg("rect", { x: place * DISTANCE - 28, y: 76, width: 22, height: 20, rx: 2 })),
    );
    const rollers = [20, 50, 80, 110, 140].map((x) => makeSvg("circle", { class: "roller", cx: x, cy: 108, r: 6 }));
    const frame = makeSvg("rect", { class: "shell", x: 8, y: 98, width: 144, height: 20, rx: 10 });
    const legs = makeSvg("path", { class: "shell", d: "M30 118V140M130 118V140" });
    const plate = makeSvg("rect", { class: "counter", x: 32, y: 20, width: 96, height: 34, rx: 6 });
    const count = makeSvg("text", { class: "reading", x: 80, y: 44 });
    super(name, "line", [belt, frame, ...rollers, legs, plate, count]);
    this.#belt = belt;
    this.#count = count;
  }

  draw(read) {
    const isRunning = read("Running") === "true";
    const count = shownNumber(read("Count"));
    const speed = Number(read("Speed")) || 0;
    this.#move(isRunning ? speed : 0);
    setAttribute(this.element, "data-state", isRunning ? "running" : "stopped");
    setText(this.#count, count);
    this.fact("Counter", `${count} pieces`);
    this.fact("Speed", `${shownNumber(read("Speed"))} /min`);
    this.fact("State", isRunning ? "running" : "stopped");
  }

  // One box passes for each piece, up to four in a second; a new length of the animation would make it jump.
  #move(perMinute) {
    const seconds = perMinute < 1 ? 0 : Math.round(limited(60 / perMinute, 0.25, 8) * 20) / 20;
    if (seconds !== this.#pace) {
      this.#pace = seconds;
      setAttribute(this.#belt, "data-on", String(seconds > 0));
      this.#belt.style.animationDuration = `${Math.max(seconds, 0.25)}s`;
    }
  }
}
