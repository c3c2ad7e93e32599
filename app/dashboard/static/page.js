// What htmx has no words for: times that grow older, menus that close, and a page that rests while nobody looks.
(() => {
  "use strict";
  const shown = Date.now();
  const served = Date.parse(document.body.dataset.now);
  const units = [[86400, "d"], [3600, "h"], [60, "min"]];

  function ago(then) {
    const seconds = Math.round((served + Date.now() - shown - then) / 1000);
    const length = Math.abs(seconds);
    const unit = units.find(([size]) => length >= 2 * size);
    const text = unit ? `${Math.floor(length / unit[0])} ${unit[1]}` : `${length} s`;
    return seconds >= 0 ? `${text} ago` : `in ${text}`;
  }

  function tellAges() {
    for (const age of document.querySelectorAll("time > .ago")) {
      age.textContent = ago(Date.parse(age.parentElement.dateTime));
    }
  }

  function closeMenus(except) {
    for (const menu of document.querySelectorAll("[data-menu][open]")) {
      if (menu !== except) menu.open = false;
    }
  }

  // A browser has few connections to one host: a page that nobody has looked at for a while gives its own back.
  let source, leaving;
  htmx.createEventSource = (url) => (source = new EventSource(url));

  function rest() {
    window.clearTimeout(leaving);
    if (document.hidden) {
      leaving = window.setTimeout(() => source?.close(), 30000);
    } else if (source?.readyState === EventSource.CLOSED) {
      htmx.ajax("GET", location.pathname + location.search, { target: "#live", select: "#live", swap: "outerHTML" });
    }
  }

  window.setInterval(tellAges, 5000);
  document.addEventListener("visibilitychange", rest);
  document.addEventListener("click", (event) => closeMenus(event.target.closest("[data-menu]")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.activeElement?.closest("[data-menu][open]");
    closeMenus();
    menu?.querySelector("summary").focus();
  });
})();
