// Compare two models, and list the problems on which they differ. Differences are B minus A.
"use strict";
leaderboard.compare = (() => {
  const { data, charts, board, problems, statistics } = leaderboard;
  const { make, percent } = charts;
  const form = document.getElementById("pair");
  const target = document.getElementById("comparison");
  const modelOf = (id) => data.models.find((model) => model.id === id);
  const signed = (share) => `${share < 0 ? "−" : "+"}${percent(Math.abs(share))}`;
  const pText = (p) => (p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(p < 0.1 ? 3 : 2)}`);

  // Problems of a tier that both have outcomes of.
  function pairsOf(a, b, tier, k) {
    const { inside } = board.source();
    const others = problems.of(b, tier, k, inside);
    return [...problems.of(a, tier, k, inside)].filter(([id]) => others.has(id)).map(([id, [n, c]]) => {
      const [m, d] = others.get(id);
      return { id, a: [c, n], b: [d, m], difference: statistics.passAtK(m, d, k) - statistics.passAtK(n, c, k) };
    });
  }

  function compareTier(a, b, tier, k) {
    const [one, two] = [a, b].map((model) => board.source().scores(tier, k)[data.models.indexOf(model)] || null);
    if (!one || !two) return { tier, one, two, pairs: [], result: null };
    const pairs = pairsOf(a, b, tier, k);
    if (pairs.length) return { tier, one, two, pairs, result: statistics.paired(pairs, pairs.every((pair) => pair.a[1] === 1 && pair.b[1] === 1)) };
    // The fourth number is the number of problems; negative if the interval was not computed from the score alone.
    const bare = one[3] > 0 && two[3] > 0;
    return { tier, one, two, pairs, result: statistics.fromNumbers(one, two, [Math.abs(one[3]), Math.abs(two[3])], bare) };
  }

  // ---- drawing

  const row = (name, ...cells) => make("tr", {}, make("th", { scope: "row" }, name), ...cells);
  const { title } = board;
  const head = (...names) => make("thead", {}, make("tr", {}, ...names.map((name) => make("th", { scope: "col" }, name))));
  const inRegion = (label, ...nodes) => make("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": label }, ...nodes);

  function conclusion({ difference, low, high, p }) {
    if (low <= 0 && high >= 0) return "The difference may be noise: the interval contains 0.";
    if (p > 0.05) return "On the edge: the interval does not contain 0, but p is above 0.05.";
    return difference > 0 ? "B is better." : "A is better.";
  }

  function verdict(tier, k, result, paired) {
    if (!result) return make("p", { class: "verdict" }, `There is no pass@${k} of both for ${tier || "problems in no tier"}.`);
    const { difference, low, high, p, n, test } = result;
    const many = n.toLocaleString("en");
    const over = paired ? `over the ${many} problems that both have outcomes of` : `by their scores alone, at ${many} problems: which problems were solved is not known for both, and the interval is usually wider than necessary`;
    return make("p", { class: "verdict" }, make("strong", {}, conclusion(result)),
      ` ${title(tier)} pass@${k}, B minus A: ${signed(difference)} points [${signed(low)}, ${signed(high)}], ${over} (${pText(p)}, ${test}).`);
  }

  function scoreCell(score) {
    const cell = make("td", { class: "nowrap" });
    charts.score(cell, score, 0);
    return cell;
  }

  function scoreTable(a, b, k, tiers) {
    const rows = tiers.filter((one) => one.one || one.two).map(({ tier, one, two, result }) => {
      const difference = result ? `${signed(result.difference)} [${signed(result.low)}, ${signed(result.high)}]` : "–";
      return row(title(tier), scoreCell(one), scoreCell(two), make("td", { class: "nowrap" }, difference), make("td", { class: "nowrap" }, result ? pText(result.p) : "–"));
    });
    return inRegion("Scores of both", make("table", {}, make("caption", {}, `pass@${k}, percent; differences in points`), head("Tier", `A: ${a.title}`, `B: ${b.title}`, "B minus A", "p"), make("tbody", {}, ...rows)));
  }

  function settingsTable(a, b) {
    const [left, right] = [new Map(a.facts), new Map(b.facts)];
    const rows = [...new Set([...left.keys(), ...right.keys()])].map((name) => {
      const [x, y] = [left.get(name) ?? "not stated", right.get(name) ?? "not stated"];
      const differs = x !== y;
      return row(name, make("td", differs ? { class: "differs" } : {}, x), make("td", differs ? { class: "differs" } : {}, y), make("td", {}, differs ? "≠" : "="));
    });
    return inRegion("Settings of both", make("table", { class: "settings" }, make("caption", {}, "Settings"), head("", "A", "B", "same?"), make("tbody", {}, ...rows)));
  }

  function flipList(name, pairs) {
    const items = pairs.map((pair) => {
      const counts = pair.a[1] === 1 && pair.b[1] === 1 ? "" : ` ${pair.a[0]}/${pair.a[1]} → ${pair.b[0]}/${pair.b[1]}`;
      return make("li", {}, make("code", {}, pair.id), counts);
    });
    const list = make("ul", { tabindex: "0", "aria-label": `${name} passes more often` }, ...items);
    return make("div", {}, make("h3", {}, `${name} passes more often: ${pairs.length.toLocaleString("en")}`), items.length ? list : "");
  }

  function flips(pairs) {
    const sorted = pairs.filter((pair) => Math.abs(pair.difference) > statistics.ROUNDING).sort((x, y) => Math.abs(y.difference) - Math.abs(x.difference));
    return make("div", { class: "flips" }, flipList("A", sorted.filter((pair) => pair.difference < 0)), flipList("B", sorted.filter((pair) => pair.difference > 0)));
  }

  async function draw({ a: idA, b: idB, tier, k: chosen, since, until }) {
    form.elements.a.value = idA;
    form.elements.b.value = idB;
    const [a, b, k] = [modelOf(idA), modelOf(idB), Number(chosen)];
    if (!a || !b) return target.replaceChildren();
    if (a === b) return target.replaceChildren(make("p", {}, "A and B are the same model: choose another."));
    if (a.outcomes && b.outcomes) await Promise.all([problems.load(a.id), problems.load(b.id)]);
    const { state } = board;
    if (state.a !== idA || state.b !== idB || state.tier !== tier || state.k !== chosen || state.since !== since || state.until !== until) return undefined; // the choice has changed meanwhile
    const tiers = data.tiers.map((name) => compareTier(a, b, name, k));
    const { pairs, result } = tiers.find((one) => one.tier === tier);
    const parts = [verdict(tier, k, result, pairs.length > 0)];
    if (result) parts.push(charts.difference(result.difference, result.low, result.high));
    parts.push(scoreTable(a, b, k, tiers));
    if (pairs.length) parts.push(flips(pairs));
    parts.push(settingsTable(a, b));
    if (!since && !until) parts.push(make("p", { class: "sub" }, "In the terminal: ", make("code", {}, `apps-plus leaderboard compare ${a.id} ${b.id}`)));
    return target.replaceChildren(...parts);
  }

  for (const select of [form.elements.a, form.elements.b]) {
    select.append(...data.models.map((model) => make("option", { value: model.id }, `${model.title}${model.outcomes ? "" : " (scores only)"}`)));
  }
  form.addEventListener("input", ({ target: { name, value } }) => board.choose({ [name]: value }));
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("swap").addEventListener("click", () => board.choose({ a: board.state.b, b: board.state.a }));
  let last = "";
  board.watch((state) => {
    const now = [state.a, state.b, state.tier, state.k, state.since, state.until].join("\n");
    if (now !== last) { last = now; draw({ ...state }); }
  });
  board.start();
  return { draw };
})();
