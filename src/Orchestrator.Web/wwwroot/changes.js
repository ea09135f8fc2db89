// The filter of a plan's changes and the like: a form that leads to an address does so while one types, and only the results are exchanged.
const patience = 250;
let latest = 0;

const show = async (form, address) => {
  const mine = ++latest;
  const response = await fetch(address, { headers: { Accept: "text/html" } });
  if (mine !== latest || !response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  history.replaceState(null, "", address);
  for (const id of (form.dataset.results ?? "change-results").split(" ")) {
    const part = fresh.getElementById(id);
    if (part) document.getElementById(id)?.replaceWith(document.adoptNode(part));
  }
  document.dispatchEvent(new CustomEvent("arrived"));
};

export const filterChanges = () => {
  document.addEventListener("input", event => {
    const form = event.target.closest("[data-changes-filter]");
    if (!form) return;
    clearTimeout(form.waiting);
    form.waiting = setTimeout(() => {
      const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
      show(form, `${location.pathname}?${query}`);
    }, event.target.type === "search" ? patience : 0);
  });
  document.addEventListener("submit", event => {
    const form = event.target.closest("[data-changes-filter]");
    if (form) event.preventDefault();
  });
};
