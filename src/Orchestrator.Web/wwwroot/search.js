// Search from every page: Ctrl-K goes to the field, results come while one types, arrows walk through them.
const patience = 150;

export const offerSearch = () => {
  const form = document.querySelector("[data-search]");
  if (!form) return;
  const field = form.querySelector("[data-search-field]");
  const panel = form.querySelector("[data-search-panel]");
  const links = () => [...panel.querySelectorAll("a")];
  const close = () => { panel.hidden = true; };
  form.querySelector("kbd").hidden = false;
  let waiting = 0;
  let latest = 0;

  const find = async () => {
    const mine = ++latest;
    const text = field.value.trim();
    if (text === "") return close();
    const response = await fetch(`${form.action}?q=${encodeURIComponent(text)}`, { headers: { Accept: "text/html" } });
    if (mine !== latest || !response.ok) return;
    const results = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("search-results");
    if (!results) return;
    results.removeAttribute("id");
    panel.replaceChildren(document.adoptNode(results));
    panel.hidden = false;
  };

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(find, patience);
  });
  document.addEventListener("keydown", event => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      field.focus();
      field.select();
    }
  });
  form.addEventListener("keydown", event => {
    if (event.key === "Escape") {
      close();
      field.focus();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const all = links();
    if (panel.hidden || all.length === 0) return;
    event.preventDefault();
    const at = all.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    if (at < 0) field.focus();
    else all[Math.min(at, all.length - 1)].focus();
  });
  form.addEventListener("focusout", event => { if (!form.contains(event.relatedTarget)) close(); });
};
