import { followLogs } from "./log.js";
import { filterChanges } from "./changes.js";
import { followRuns } from "./live.js";
import { offerPasskeys } from "./passkeys.js";
import { offerSearch } from "./search.js";
import { refreshTimes } from "./times.js";

const toggle = document.querySelector("[data-theme-toggle]");
if (toggle) {
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    const root = document.documentElement;
    root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.bsTheme); } catch { /* It lasts until the next page, then. */ }
  });
}

const showCopyButtons = () => document.querySelectorAll("[data-copy][hidden]").forEach(button => { button.hidden = !navigator.clipboard; });
document.addEventListener("click", async event => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.classList.add("copied");
  setTimeout(() => button.classList.remove("copied"), 1500);
});

const arrive = () => {
  showCopyButtons();
  refreshTimes();
  followLogs();
};
arrive();
// On a phone the current part may lie beyond the edge.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - (tab.parentElement.clientWidth - tab.offsetWidth) / 2;
}
document.addEventListener("arrived", arrive);
filterChanges();
offerSearch();
offerPasskeys();
followRuns(arrive);
