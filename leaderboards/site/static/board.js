// The board's table: choice of tier and k, sorting, filters. All numbers are in the page's JSON.
// The choices are kept in the address after "#", so that a link shows the same view.
"use strict";
leaderboard.board = (() => {
  const { data, charts } = leaderboard;
  const { whole } = leaderboard.window;
  const { models } = data;
  const table = document.getElementById("board");
  const form = document.getElementById("controls");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const headers = [...table.tHead.rows[0].cells];
  const tierHeaders = headers.filter((header) => header.dataset.sort.startsWith("tier"));
  const STATUSES = ["reproduced", "self_reported", "reported"];
  const DESCENDING_FIRST = /^(score|tier|released|size|solved)/;
  const DEFAULTS = { tier: data.main[0], k: String(data.main[1]), q: "", group: "", status: "", band: "", unrank: data.unrank ? "1" : "", since: "", until: "", sort: "rank", dir: "ascending", a: "", b: "" };
  const state = { ...DEFAULTS };
  const watchers = [];
  let source = whole; // scores and ranks: of all problems, or of the window

  // ---- choices

  const name = (tier, k) => `${k} ${tier}`;
  const scores = (tier = state.tier) => source.scores(tier, Number(state.k));
  const ranks = () => source.ranks(state.tier, Number(state.k), Boolean(state.unrank));
  const otherTiers = () => data.tiers.filter((tier) => tier !== state.tier);

  function fits(model) {
    const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    return words.every((word) => model.find.includes(word))
      && (!state.group || model.group === state.group)
      && (!state.status || model.status === state.status)
      && (!state.band || String(model.band) === state.band);
  }

  // Sort key of a column: a number, a text, or null for "unknown", which comes last in both directions.
  function keyOf(column) {
    if (column === "rank") { const all = ranks(); return (i) => (all[i] ? all[i][0] : null); }
    if (column === "score") { const all = scores(); return (i) => (all[i] ? all[i][0] : null); }
    if (column.startsWith("tier")) { const all = scores(otherTiers()[column.slice(4)]); return (i) => (all[i] ? all[i][0] : null); }
    if (column === "size") return (i) => models[i].parameters || null;
    if (column === "group") return (i) => (models[i].group ? data.groups.indexOf(models[i].group) : null);
    if (column === "status") return (i) => STATUSES.indexOf(models[i].status);
    return (i) => models[i][column] || null;
  }

  function order() {
    const key = keyOf(state.sort);
    const sign = state.dir === "descending" ? -1 : 1;
    const value = scores();
    const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
    return models.map((_, i) => i).sort((i, j) => {
      const [x, y] = [key(i), key(j)];
      if (x === null || y === null) { if (x !== y) return x === null ? 1 : -1; }
      else {
        const difference = typeof x === "string" ? collator.compare(x, y) : x - y;
        if (difference) return sign * difference;
      }
      return (value[j] ? value[j][0] : -1) - (value[i] ? value[i][0] : -1) || i - j;
    });
  }

  // ---- drawing

  // Draw what is chosen. The outcomes of a window are loaded first; where the choice has changed meanwhile, the later call draws.
  async function draw() {
    const { since, until } = state;
    if (source.since !== since || source.until !== until) {
      if (since || until) {
        tellWindow("Loading the outcomes of the problems …");
        const found = await leaderboard.window.of(since, until);
        if (state.since !== since || state.until !== until) return;
        source = found;
      } else source = whole;
      tellWindow(source.note);
    }
    drawAll();
  }

  // Show a note on the window. What is known of all problems only is hidden while there is a window.
  function tellWindow(text) {
    const note = document.getElementById("window");
    if (!note) return;
    note.textContent = text;
    note.hidden = !text;
    document.body.classList.toggle("windowed", Boolean(text));
  }

  function drawAll() {
    const shown = new Set([...models.keys()].filter((i) => fits(models[i]) && source.has(i)));
    drawHeaders();
    drawRows(shown);
    body.append(...order().map((i) => rows[i]));
    charts.scatter(scores(), shown);
    const plotted = document.getElementById("plotted");
    const cut = `${title(state.tier)}, pass@${state.k}${state.since || state.until ? `, ${state.since}..${state.until}` : ""}`;
    if (plotted) plotted.textContent = cut;
    document.getElementById("shown-cut").textContent = cut;
    for (const block of document.querySelectorAll(".notes")) block.hidden = source !== whole || block.dataset.tier !== state.tier || block.dataset.k !== state.k;
    const notes = document.getElementById("notes");
    if (notes) notes.parentElement.hidden = !document.querySelector(".notes:not([hidden])");
    document.getElementById("shown").textContent = `${shown.size.toLocaleString("en")} of ${models.length.toLocaleString("en")} models`;
    document.getElementById("nothing").hidden = shown.size > 0;
    for (const watcher of watchers) watcher(state);
  }

  const title = (tier) => (tier ? tier.charAt(0).toUpperCase() + tier.slice(1) : "(no tier)");

  function drawHeaders() {
    const top = charts.axisTop(Math.max(0, ...scores().map((one) => (one ? one[2] : 0))));
    const main = headers.find((header) => header.dataset.sort === "score");
    main.querySelector(".name").textContent = `${title(state.tier)} pass@${state.k}`;
    main.querySelector(".axis-end").textContent = `bars to ${Math.round(top * 100)}%`;
    otherTiers().forEach((tier, i) => { tierHeaders[i].querySelector(".name").textContent = title(tier); });
    for (const header of headers) {
      if (header.dataset.sort === state.sort) header.setAttribute("aria-sort", state.dir);
      else header.removeAttribute("aria-sort");
    }
  }

  function drawRows(shown) {
    const [value, rank, others] = [scores(), ranks(), otherTiers().map((tier) => scores(tier))];
    const top = charts.axisTop(Math.max(0, ...value.map((one) => (one ? one[2] : 0))));
    rows.forEach((row, i) => {
      row.hidden = !shown.has(i);
      row.classList.toggle("unranked", !rank[i]);
      const range = rank[i] ? [...new Set(rank[i].slice(1))].join("–") : "–";
      row.querySelector(".rank").textContent = range;
      charts.score(row.querySelector(".score"), value[i], top);
      row.querySelectorAll(".tier").forEach((cell, j) => charts.score(cell, others[j][i], 0));
    });
  }

  // ---- the address

  function readAddress() {
    const given = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
    Object.assign(state, DEFAULTS);
    for (const key of Object.keys(DEFAULTS)) if (given.has(key) && allowed(key, given.get(key))) state[key] = given.get(key);
    if (!data.scores[name(state.tier, state.k)]) Object.assign(state, { tier: DEFAULTS.tier, k: DEFAULTS.k });
    for (const [key, value] of Object.entries(state)) {
      const field = form.elements[key];
      if (!field) continue;
      if (field.type === "checkbox") field.checked = Boolean(value);
      else field.value = value;
    }
  }

  // Whether a text is a day of the calendar, as 2024-08-31: a browser complains of others.
  function isDay(text) {
    const milliseconds = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : NaN;
    return Number.isFinite(milliseconds) && new Date(milliseconds).toISOString().startsWith(text);
  }

  function allowed(key, value) {
    if (key === "since" || key === "until") return Boolean(form.elements[key]) && isDay(value);
    if (key === "sort") return headers.some((header) => header.dataset.sort === value);
    if (key === "dir") return value === "ascending" || value === "descending";
    if (key === "a" || key === "b") return models.some((model) => model.id === value);
    const field = form.elements[key];
    return !field || !field.options || [...field.options].some((option) => option.value === value);
  }

  function writeAddress() {
    const chosen = Object.entries(state).filter(([key, value]) => value !== DEFAULTS[key]);
    const hash = new URLSearchParams(chosen).toString();
    history.replaceState(null, "", hash ? `#${hash}` : location.href.split("#")[0]);
  }

  // ---- actions of the reader

  function choose(changes) {
    Object.assign(state, changes);
    if (!data.scores[name(state.tier, state.k)]) state.k = String(data.ks.find((k) => data.scores[name(state.tier, k)]));
    if (form.elements.k) form.elements.k.value = state.k;
    writeAddress();
    draw();
  }

  function sortBy(column) {
    const first = DESCENDING_FIRST.test(column) ? "descending" : "ascending";
    const other = first === "ascending" ? "descending" : "ascending";
    choose({ sort: column, dir: state.sort === column && state.dir === first ? other : first });
  }

  for (const header of headers) {
    const button = charts.make("button", { type: "button" });
    const label = header.querySelector(".name");
    if (label) { label.replaceWith(button); button.append(label); } else { button.append(...header.childNodes); header.append(button); }
    button.addEventListener("click", () => sortBy(header.dataset.sort));
  }
  form.addEventListener("input", ({ target }) => {
    choose({ [target.name]: target.type === "checkbox" ? (target.checked ? "1" : "") : target.value });
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  const reset = () => { const { a, b } = state; choose({ ...DEFAULTS, a, b }); readAddress(); };
  form.addEventListener("reset", (event) => { event.preventDefault(); reset(); });
  document.getElementById("all").addEventListener("click", reset);
  addEventListener("hashchange", () => { if (location.hash.includes("=") || !location.hash) { readAddress(); draw(); } });

  return {
    state, choose, title,
    source: () => source,
    start() { readAddress(); draw(); },
    watch(watcher) { watchers.push(watcher); },
  };
})();
