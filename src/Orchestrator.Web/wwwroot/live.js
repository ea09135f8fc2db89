// A page that shows runs says where their changes are announced. On each, the page fetches itself and replaces the parts that differ.
let source = null;
let address = null;
let version = null;

const say = (state, text) => {
  const place = document.querySelector("[data-live-state]");
  if (!place) return;
  place.hidden = text === "";
  place.className = `live-state live-${state}`;
  place.textContent = text;
};

const keepInput = (old, fresh) => {
  for (const field of old.querySelectorAll("[data-keep-input] :is(input, textarea):not([type=hidden])")) {
    const same = fresh.querySelector(`#${CSS.escape(field.id)}`);
    if (same) same.value = field.value;
  }
};

const replace = (old, fresh) => {
  const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
  const open = [...old.querySelectorAll("details")].map(details => details.open);
  const freshDetails = [...fresh.querySelectorAll("details")];
  if (open.length === freshDetails.length) freshDetails.forEach((details, at) => { details.open = open[at]; });
  keepInput(old, fresh);
  old.replaceWith(fresh);
  if (focused) document.getElementById(focused)?.focus();
};

// Forms carry a token that differs each time; it says nothing about the page.
const essence = element => {
  const copy = element.cloneNode(true);
  copy.querySelectorAll("input[type=hidden], time, [data-live-state]").forEach(part => part.remove());
  copy.querySelectorAll("[hidden]").forEach(part => part.removeAttribute("hidden"));
  copy.querySelectorAll("details").forEach(part => part.removeAttribute("open"));
  return copy.innerHTML;
};

const refresh = async arrive => {
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (response.redirected || !response.ok) {
    location.reload();
    return;
  }
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  document.title = fresh.title;
  const icon = fresh.querySelector("[data-live-icon]");
  if (icon) document.querySelector("[data-live-icon]")?.setAttribute("href", icon.getAttribute("href"));
  for (const part of fresh.querySelectorAll("[data-live]")) {
    const old = document.querySelector(`[data-live="${part.dataset.live}"]`);
    if (old && essence(old) !== essence(part)) replace(old, document.adoptNode(part));
  }
  for (const part of fresh.querySelectorAll("[data-live-once]")) {
    const old = document.querySelector(`[data-live-once="${part.dataset.liveOnce}"]`);
    if (old && old.childElementCount === 0 && part.childElementCount > 0) old.replaceWith(document.adoptNode(part));
  }
  const root = fresh.querySelector("[data-events]");
  arrive();
  subscribe(root?.dataset.events, root?.dataset.version, arrive);
};

// One refresh at a time; what arrives meanwhile is one more.
let refreshing = null;
let again = false;
const refreshSoon = arrive => {
  if (refreshing) {
    again = true;
    return;
  }
  refreshing = refresh(arrive).catch(() => say("away", "reconnecting")).finally(() => {
    refreshing = null;
    if (again) {
      again = false;
      refreshSoon(arrive);
    }
  });
};

const subscribe = (next, shown, arrive, anew = false) => {
  if (!next || (next === address && source && source.readyState !== EventSource.CLOSED)) return;
  source?.close();
  if (next === address && shown === version && !anew) return;
  [address, version] = [next, shown];
  source = new EventSource(`${next}?version=${encodeURIComponent(shown ?? "")}`);
  source.addEventListener("open", () => say("on", "live"));
  source.addEventListener("error", () => say("away", source.readyState === EventSource.CLOSED ? "cut off: reload the page" : "reconnecting"));
  source.addEventListener("changed", event => {
    version = event.data;
    refreshSoon(arrive);
  });
  source.addEventListener("end", () => {
    source.close();
    say("over", "");
  });
};

export const followRuns = arrive => {
  const root = document.querySelector("[data-events]");
  if (!root || root.dataset.over) return;
  // A browser keeps few connections to one server: a list that nobody looks at gives its own back. A run's title tells its state also then.
  if ("whileSeen" in root.dataset) {
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) {
        source?.close();
      } else {
        subscribe(address ?? root.dataset.events, version ?? root.dataset.version, arrive, true);
      }
    });
    if (document.hidden) return;
  }
  subscribe(root.dataset.events, root.dataset.version, arrive);
};
