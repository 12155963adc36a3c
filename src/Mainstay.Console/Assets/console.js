// Keeps the page up to date, and honest when it cannot. Everything it shows is on the page without it.
const CONTACT_LIMIT_MS = 5000;
const root = document.documentElement;
const contact = document.getElementById("contact");
const pause = document.getElementById("pause");
const asOf = document.getElementById("as-of");

let serverAhead = Number(root.dataset.now) - Date.now();
let heardAt = Date.now();
let paused = false;
let lost = false;

const seconds = (value) => {
  const s = Math.max(0, value);
  if (s < 9.95) return s.toFixed(1) + " s";
  if (s < 120) return s.toFixed(0) + " s";
  if (s < 7200) return Math.floor(s / 60) + " min";
  if (s < 172800) return Math.floor(s / 3600) + " h";
  return Math.floor(s / 86400) + " d";
};

// Ages are counted here, so that they go on when the server has stopped.
const countAges = () => {
  const now = Date.now() + serverAhead;
  for (const time of document.querySelectorAll("time[data-at]")) {
    time.textContent = seconds((now - Number(time.dataset.at)) / 1000) + " ago";
  }
};

const tellContact = () => {
  const silent = !paused && Date.now() - heardAt > CONTACT_LIMIT_MS;
  if (silent !== lost) {
    lost = silent;
    root.toggleAttribute("data-lost", lost);
    const since = new Date(heardAt + serverAhead).toISOString().slice(11, 19);
    contact.textContent = lost ? `No contact with the console since ${since} UTC` : "";
    if (lost) document.title = "? No contact · Mainstay";
  }
};

// Changes a tree into another in place: focus, selection and scroll positions stay where they are.
const morph = (from, to) => {
  if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName) {
    from.replaceWith(to);
    return;
  }
  if (from.nodeType !== Node.ELEMENT_NODE) {
    if (from.data !== to.data) from.data = to.data;
    return;
  }
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name)) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  const wanted = [...to.childNodes];
  while (from.childNodes.length > wanted.length) from.lastChild.remove();
  wanted.forEach((child, index) => {
    if (index < from.childNodes.length) morph(from.childNodes[index], child);
    else from.append(child);
  });
};

const take = (id, html) => {
  heardAt = Date.now();
  if (paused) return;
  const next = document.createElement("template");
  next.innerHTML = html.trim();
  const fresh = next.content.firstElementChild;
  const old = document.getElementById(id);
  if (!fresh || !old) return;
  if (id === "verdict") {
    serverAhead = Number(fresh.dataset.now) - Date.now();
    document.title = fresh.dataset.title + " · Mainstay";
    asOf.textContent = new Date(Number(fresh.dataset.now)).toISOString().replace("T", " ").slice(0, 19) + " UTC";
  }
  morph(old, fresh);
};

const listen = () => {
  const events = new EventSource("/events");
  for (const id of ["verdict", "journeys", "incidents-now", "changes-now", "services", "routers", "nodes", "hops", "freshness"]) {
    events.addEventListener(id, (event) => take(id, event.data));
  }
  // A refused stream (503) is closed for good by the browser; ask again, without haste.
  events.addEventListener("error", () => {
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 10000);
  });
};

pause.hidden = false;
document.getElementById("manual").hidden = true;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.setAttribute("aria-pressed", String(paused));
  root.toggleAttribute("data-paused", paused);
  contact.textContent = paused ? "Paused: the figures stand still" : "";
});

listen();
setInterval(() => { countAges(); tellContact(); }, 500);
