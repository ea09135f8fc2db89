// "3 minutes ago" grows older while the page is open.
const units = [["day", 86400], ["hour", 3600], ["minute", 60]];

const ago = seconds => {
  for (const [name, length] of units) {
    if (seconds >= length * 0.95) {
      const count = Math.max(1, Math.round(seconds / length));
      return `${count} ${name}${count === 1 ? "" : "s"} ago`;
    }
  }
  return "just now";
};

export const refreshTimes = () => {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const text = ago((Date.now() - Date.parse(time.dateTime)) / 1000);
    if (time.textContent !== text) time.textContent = text;
  }
};

setInterval(refreshTimes, 30_000);
