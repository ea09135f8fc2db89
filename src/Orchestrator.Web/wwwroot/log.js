// A phase's log. The server sends lines that are encoded and coloured already; here they are numbered and shown.
const maxLines = 20_000;
const largeBlock = 200;
const nearEnd = 40;

class LogView {
  constructor(console) {
    this.address = console.dataset.log;
    this.lines = console.querySelector("[data-log-lines]");
    this.state = console.querySelector("[data-log-state]");
    this.follow = console.querySelector("[data-log-follow]");
    this.earlier = console.querySelector("[data-log-earlier]");
    this.top = console.querySelector("[data-log-top]");
    this.shown = 0;
    this.next = 1;
    this.offset = null;
    this.listen();
    this.connect();
  }

  listen() {
    this.follow.hidden = false;
    this.top.hidden = false;
    this.follow.addEventListener("click", () => this.setFollowing(this.follow.getAttribute("aria-pressed") !== "true"));
    this.top.addEventListener("click", () => { this.setFollowing(false); this.lines.scrollTop = 0; });
    this.earlier.addEventListener("click", () => this.loadEarlier());
    this.lines.addEventListener("scroll", () => {
      const atEnd = this.lines.scrollHeight - this.lines.scrollTop - this.lines.clientHeight < nearEnd;
      if (atEnd !== this.isFollowing()) this.setFollowing(atEnd, false);
    }, { passive: true });
    // Browsers allow few connections to one server: a page in the background gives its own back.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.events?.close();
      else if (!this.isOver) this.connect();
    });
  }

  isFollowing() { return this.follow.getAttribute("aria-pressed") === "true"; }

  setFollowing(following, scroll = true) {
    this.follow.setAttribute("aria-pressed", String(following));
    if (following && scroll) this.toEnd();
  }

  toEnd() { this.lines.scrollTop = this.lines.scrollHeight; }

  connect() {
    this.events?.close();
    const events = new EventSource(this.offset === null ? this.address : `${this.address}?offset=${this.offset}`);
    this.events = events;
    events.addEventListener("open", () => { this.state.textContent = ""; });
    // The browser tries again by itself, unless it was refused.
    events.addEventListener("error", () => {
      this.state.textContent = events.readyState === EventSource.CLOSED ? "cut off: reload the page" : "reconnecting";
    });
    events.addEventListener("begin", event => {
      const { offset, line } = JSON.parse(event.data);
      this.first = { offset, line };
      this.next = line;
      this.offset = offset;
      this.earlier.hidden = offset === 0;
    });
    events.addEventListener("lines", event => {
      const { offset, lines } = JSON.parse(event.data);
      const block = this.block(offset, this.next, lines);
      this.next += lines.length;
      this.offset = Number(event.lastEventId);
      this.lines.append(block);
      if (this.isFollowing()) {
        this.dropOldest();
        this.toEnd();
      }
    });
    events.addEventListener("end", () => {
      events.close();
      this.isOver = true;
      this.state.textContent = this.shown === 0 ? "empty" : "complete";
    });
  }

  block(offset, line, lines) {
    const block = document.createElement("div");
    // The browser does not lay out what is out of sight, if there is much of it.
    block.className = lines.length >= largeBlock ? "log-block log-block-large" : "log-block";
    Object.assign(block.dataset, { offset, line, count: lines.length });
    if (lines.length >= largeBlock) block.style.containIntrinsicBlockSize = `auto ${lines.length * 1.5}em`;
    block.innerHTML = lines.map((html, at) => `<div class="log-line" data-n="${line + at}">${html || " "}</div>`).join("");
    this.shown += lines.length;
    return block;
  }

  // Nobody reads twenty thousand lines at once; what goes can be loaded again.
  dropOldest() {
    while (this.shown > maxLines) {
      const oldest = this.lines.querySelector(".log-block");
      const second = oldest.nextElementSibling;
      if (!second) return;
      this.shown -= Number(oldest.dataset.count);
      oldest.remove();
      this.first = { offset: Number(second.dataset.offset), line: Number(second.dataset.line) };
      this.earlier.hidden = false;
    }
  }

  async loadEarlier() {
    this.earlier.disabled = true;
    try {
      const response = await fetch(`${this.address}/earlier?before=${this.first.offset}`);
      const { offset, lines } = await response.json();
      if (lines.length === 0) return;
      const line = this.first.line - lines.length;
      const height = this.lines.scrollHeight;
      this.setFollowing(false);
      this.earlier.after(this.block(offset, line, lines));
      this.first = { offset, line };
      this.earlier.hidden = offset === 0;
      this.lines.scrollTop += this.lines.scrollHeight - height;
    } catch {
      this.state.textContent = "earlier lines could not be loaded";
    } finally {
      this.earlier.disabled = false;
    }
  }
}

const views = new WeakSet();

export const followLogs = () => {
  for (const console of document.querySelectorAll("[data-log]")) {
    if (views.has(console)) continue;
    views.add(console);
    new LogView(console);
  }
};
