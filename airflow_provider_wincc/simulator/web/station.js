// The station as the page talks to it.

const PATIENCE = 8000;
const BETWEEN_LOOKS = 500;
const LONGEST_PAUSE = 5000;

export class Refused extends Error {}

export async function ask(path, { method = "GET", content } = {}) {
  const answer = await fetch(path, {
    method,
    cache: "no-store",
    credentials: "omit",
    headers: content === undefined ? {} : { "Content-Type": "application/json" },
    body: content === undefined ? undefined : JSON.stringify(content),
    signal: AbortSignal.timeout(PATIENCE),
  });
  const text = await answer.text();
  if (!answer.ok) {
    const problem = problemIn(text) ?? `the station answered ${answer.status}`;
    throw answer.status === 403 ? new Refused(problem) : new Error(problem);
  }
  return text === "" ? null : JSON.parse(text);
}

function problemIn(text) {
  try {
    return JSON.parse(text).error;
  } catch {
    return undefined;
  }
}

// Looks at the station again and again, as long as the page can be seen, and asks for what has changed only.
export class Watch {
  #mark = "";
  #failures = 0;
  #show;
  #tell;
  #wake = () => {};

  constructor({ show, tell }) {
    this.#show = show;
    this.#tell = tell;
    document.addEventListener("visibilitychange", () => this.#wake());
  }

  async run() {
    for (;;) {
      if (!document.hidden && !(await this.#look())) {
        return;
      }
      await this.#pause();
    }
  }

  // Looks at once, so that somebody who has switched something sees it.
  lookNow() {
    this.#wake();
  }

  async #look() {
    let changes;
    try {
      changes = await ask(`/simulator/live?since=${encodeURIComponent(this.#mark)}`);
    } catch (problem) {
      if (problem instanceof Refused) {
        this.#tell("refused", problem.message);
        return false;
      }
      this.#failures += 1;
      // One look alone may meet a connection that was just cut on purpose.
      if (this.#failures > 1) {
        this.#tell("lost", "No answer from the station; trying again");
      }
      return true;
    }
    this.#failures = 0;
    this.#mark = changes.mark;
    this.#tell("live", "Live");
    this.#show(changes);
    return true;
  }

  #pause() {
    const milliseconds = Math.min(BETWEEN_LOOKS * 2 ** this.#failures, LONGEST_PAUSE);
    return new Promise((resolve) => {
      const timer = document.hidden ? undefined : setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
