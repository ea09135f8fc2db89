// A phase's log. The server sends lines that are encoded and coloured already. They stand in blocks; only blocks near the window hold
// lines, the others are as high as they were or will be about, so that two hundred thousand lines scroll as twenty do.
const blockLines = 500;
const nearEnd = 40;
const margin = "1500px 0px";

class LogView {
  constructor(console) {
    this.console = console;
    this.address = console.dataset.log;
    this.phase = console.dataset.phase;
    this.lines = console.querySelector("[data-log-lines]");
    this.state = console.querySelector("[data-log-state]");
    this.follow = console.querySelector("[data-log-follow]");
    this.blocks = [];
    this.next = 1;
    this.offset = null;
    this.query = "";
    this.hits = [];
    this.lineHeight = parseFloat(getComputedStyle(this.lines).lineHeight) || 19;
    this.observer = new IntersectionObserver(entries => entries.forEach(entry => this.see(entry)), { root: this.lines, rootMargin: margin });
    this.listen();
    this.connect();
  }

  part(name) { return this.console.querySelector(`[data-log-${name}]`); }

  listen() {
    for (const name of ["follow", "top", "wrap", "full", "search"]) this.part(name).hidden = false;
    this.follow.addEventListener("click", () => this.setFollowing(!this.isFollowing()));
    this.part("top").addEventListener("click", () => { this.setFollowing(false); this.lines.scrollTop = 0; });
    this.part("wrap").addEventListener("click", event => this.toggle(event.currentTarget, this.lines, "console-nowrap", true));
    this.part("full").addEventListener("click", event => this.toggle(event.currentTarget, this.console, "console-full", false));
    this.console.addEventListener("keydown", event => {
      if (event.key === "Escape" && this.console.classList.contains("console-full")) this.part("full").click();
    });
    const search = this.part("search");
    search.addEventListener("submit", event => { event.preventDefault(); this.find(1); });
    this.part("previous").addEventListener("click", () => this.find(-1));
    this.lines.addEventListener("scroll", () => {
      const atEnd = this.lines.scrollHeight - this.lines.scrollTop - this.lines.clientHeight < nearEnd;
      if (atEnd !== this.isFollowing()) this.setFollowing(atEnd, false);
    }, { passive: true });
    window.addEventListener("hashchange", () => this.goToHash());
    // Browsers allow few connections to one server: a page in the background gives its own back.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.events?.close();
      else if (!this.isOver) this.connect();
    });
  }

  toggle(button, element, name, isInverse) {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    element.classList.toggle(name, on !== isInverse);
    if (this.isFollowing()) this.toEnd();
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
      const { offset, line, marks } = JSON.parse(event.data);
      this.next = line;
      this.offset = offset;
      marks.forEach(([at, first], index) => {
        const [end, next] = marks[index + 1] ?? [offset, line];
        this.add({ line: first, count: next - first, offset: at, end });
      });
      this.goToHash();
    });
    events.addEventListener("lines", event => this.take(JSON.parse(event.data), Number(event.lastEventId)));
    events.addEventListener("end", () => {
      events.close();
      this.isOver = true;
      this.state.textContent = this.next === 1 ? "empty" : "complete";
      this.goToHash();
    });
  }

  take({ offset, lines }, end) {
    for (let at = 0; at < lines.length;) {
      let block = this.blocks.at(-1);
      const some = lines.slice(at, at + blockLines);
      // The offsets within an event are not known: its lines stay together, in one block or several that are never let go.
      if (!block?.isLive || block.count + some.length > blockLines) block = this.add({ line: this.next, count: 0, offset, end, isLive: true, isKept: lines.length > blockLines });
      block.end = end;
      block.count += some.length;
      block.isKept ||= lines.length > blockLines;
      const piece = document.createElement("div");
      piece.innerHTML = this.html(some, this.next);
      block.element.append(...piece.children);
      block.isFull = true;
      this.next += some.length;
      at += some.length;
      this.mark(block);
    }
    this.offset = end;
    if (this.isFollowing()) this.toEnd();
  }

  add(block) {
    block.element = document.createElement("div");
    block.element.className = "log-block";
    block.isFull = false;
    if (!block.isLive) block.element.style.height = `${block.count * this.lineHeight}px`;
    block.element.block = block;
    this.blocks.push(block);
    this.lines.append(block.element);
    this.observer.observe(block.element);
    return block;
  }

  html(lines, first) {
    return lines.map((html, at) => `<div class="log-line" data-n="${first + at}"><a class="log-n" href="#${this.phase}-L${first + at}" tabindex="-1" aria-hidden="true"></a>${html || " "}</div>`).join("");
  }

  see(entry) {
    const block = entry.target.block;
    block.isNear = entry.isIntersecting;
    if (entry.isIntersecting) this.fill(block);
    else if (block.isFull && !block.isKept && block !== this.blocks.at(-1)) this.empty(block);
  }

  empty(block) {
    block.element.style.height = `${block.element.offsetHeight}px`;
    block.element.replaceChildren();
    block.isFull = false;
  }

  fill(block) {
    if (block.isFull) return Promise.resolve();
    block.filling ??= fetch(`${this.address}/stretch?from=${block.offset}&to=${block.end}`)
      .then(response => response.json())
      .then(({ lines }) => {
        if (block.isFull) return;
        block.element.innerHTML = this.html(lines, block.line);
        block.element.style.height = "";
        block.isFull = true;
        this.mark(block);
      })
      .catch(() => { this.state.textContent = "some lines could not be loaded"; })
      .finally(() => { block.filling = null; });
    return block.filling;
  }

  async goTo(number) {
    const block = this.blocks.find(some => number >= some.line && number < some.line + some.count);
    if (!block) return false;
    this.setFollowing(false);
    // Where it is about, then exactly: what is filled on the way changes heights.
    block.element.scrollIntoView({ block: "center" });
    await this.fill(block);
    const line = block.element.querySelector(`[data-n="${number}"]`);
    this.lines.querySelector(".log-target")?.classList.remove("log-target");
    line?.classList.add("log-target");
    line?.scrollIntoView({ block: "center" });
    requestAnimationFrame(() => line?.scrollIntoView({ block: "center" }));
    return Boolean(line);
  }

  async goToHash() {
    const [, phase, number] = /^#(plan|apply)-L(\d+)$/.exec(location.hash) ?? [];
    if (phase !== this.phase || location.hash === this.gone) return;
    if (await this.goTo(Number(number))) this.gone = location.hash;
  }

  async find(step) {
    const query = this.part("search").querySelector("input").value;
    if (query !== this.query) {
      this.query = query;
      const response = query ? await fetch(`${this.address}/search?q=${encodeURIComponent(query)}`) : null;
      const { hits, more } = response?.ok ? await response.json() : { hits: [], more: false };
      Object.assign(this, { hits, more, hit: step > 0 ? -1 : 0 });
      this.blocks.forEach(block => this.mark(block));
    }
    const said = this.part("hits");
    if (this.hits.length === 0) {
      said.textContent = query ? "none" : "";
      return;
    }
    this.hit = (this.hit + step + this.hits.length) % this.hits.length;
    said.textContent = `${this.hit + 1} of ${this.hits.length}${this.more ? "+" : ""}`;
    await this.goTo(this.hits[this.hit]);
  }

  // Marks what was searched for, without touching the lines.
  mark(block) {
    if (!globalThis.Highlight || (!this.query && !this.highlight)) return;
    if (!this.highlight) {
      this.highlight = CSS.highlights.get("log-search") ?? new Highlight();
      CSS.highlights.set("log-search", this.highlight);
    }
    block.ranges?.forEach(range => this.highlight.delete(range));
    block.ranges = [];
    const wanted = this.query.toLowerCase();
    if (!wanted || !block.isFull) return;
    const texts = document.createTreeWalker(block.element, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode.data.toLowerCase();
      for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
        const range = new Range();
        range.setStart(texts.currentNode, at);
        range.setEnd(texts.currentNode, at + wanted.length);
        this.highlight.add(range);
        block.ranges.push(range);
      }
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
