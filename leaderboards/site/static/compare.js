// Two models side by side, and the problems on which they differ. Outcomes of single problems are in data/ID.js, loaded when
// they are asked for. Differences are B minus A.
"use strict";

// How sure a difference is. Paired where both have outcomes: over the problems that both tried, the mean of the differences of
// pass@k (Chen et al. 2021, equation 1) with a normal 95% interval; p from McNemar's exact test where each has one sample a
// problem, else from the sign-flip test's normal approximation. `apps-plus leaderboard compare` resamples instead.
leaderboard.statistics = (() => {
  const Z = 1.959964;

  // 1 - C(n - c, k) / C(n, k), as a product that neither overflows nor cancels.
  function passAtK(n, c, k) {
    if (n - c < k) return 1;
    let none = 1;
    for (let i = n - c + 1; i <= n; i += 1) none *= 1 - k / i;
    return 1 - none;
  }

  // Two-sided p of `a` against `b` where either is as likely: a binomial of a half.
  function mcnemar(a, b) {
    const n = a + b;
    let logTerm = -n * Math.LN2;
    let tail = 0;
    for (let i = 0; i <= Math.min(a, b); i += 1) {
      tail += Math.exp(logTerm);
      logTerm += Math.log(n - i) - Math.log(i + 1);
    }
    return Math.min(1, 2 * tail);
  }

  // Two-sided tail of the normal distribution (Abramowitz and Stegun 7.1.26; wrong by less than 2e-7).
  function normalP(z) {
    const x = Math.abs(z) / Math.SQRT2;
    const t = 1 / (1 + 0.3275911 * x);
    const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    return series * Math.exp(-x * x);
  }

  function paired(pairs, single) {
    const n = pairs.length;
    const differences = pairs.map((pair) => pair.difference);
    const mean = differences.reduce((sum, d) => sum + d, 0) / n;
    const squares = differences.reduce((sum, d) => sum + d * d, 0);
    const spread = Math.sqrt(Math.max(0, squares - n * mean * mean) / Math.max(1, n - 1));
    // Where all agree the spread says nothing: Wilson's bound on the share of problems that might not.
    const w = (Z * Z) / (n + Z * Z);
    const [low, high] = spread < 1e-9 ? [mean - w * (mean + 1), mean + w * (1 - mean)] : [mean - (Z * spread) / Math.sqrt(n), mean + (Z * spread) / Math.sqrt(n)];
    const [a, b] = [differences.filter((d) => d < 0).length, differences.filter((d) => d > 0).length];
    const p = single ? mcnemar(a, b) : squares ? normalP((mean * n) / Math.sqrt(squares)) : 1;
    return { difference: mean, low: Math.max(-1, low), high: Math.min(1, high), p, n, test: single ? "McNemar’s exact test" : "sign-flip test, normal approximation" };
  }

  // From two scores with their intervals, as if they were of different problems.
  function fromNumbers(a, b) {
    const error = Math.hypot(a[2] - a[1], b[2] - b[1]) / (2 * Z);
    const difference = b[0] - a[0];
    return { difference, low: difference - Z * error, high: difference + Z * error, p: error ? normalP(difference / error) : 1, n: null, test: "from the two intervals" };
  }

  return { passAtK, mcnemar, normalP, paired, fromNumbers };
})();

leaderboard.compare = (() => {
  const { data, charts, board, statistics } = leaderboard;
  const { make, percent } = charts;
  const form = document.getElementById("pair");
  const target = document.getElementById("comparison");
  const known = new Map();
  const waiting = new Map();
  const modelOf = (id) => data.models.find((model) => model.id === id);
  const signed = (share) => `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(1)}`;
  const told = (p) => (p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(p < 0.1 ? 3 : 2)}`);

  // ---- outcomes: every data/ID.js calls this

  leaderboard.outcomes = (id, tiers) => known.set(id, new Map(tiers));

  function load(id) {
    if (!waiting.has(id)) {
      waiting.set(id, new Promise((done) => {
        const script = make("script", { src: `data/${encodeURIComponent(id)}.js` });
        script.addEventListener("load", done);
        script.addEventListener("error", () => { waiting.delete(id); done(); });
        document.head.append(script);
      }));
    }
    return waiting.get(id);
  }

  // Problems of a tier that both have tried with k samples or more.
  function pairsOf(a, b, tier, k) {
    const pairs = [];
    for (const [name, problems] of known.get(a.id)) {
      if (tier !== "overall" && tier !== name) continue;
      const others = new Map((known.get(b.id).get(name) ?? []).map(([id, n, c]) => [id, [n, c]]));
      for (const [id, n, c] of problems) {
        const [m, d] = others.get(id) ?? [0, 0];
        if (n < k || m < k) continue;
        pairs.push({ id, a: [c, n], b: [d, m], difference: statistics.passAtK(m, d, k) - statistics.passAtK(n, c, k) });
      }
    }
    return pairs;
  }

  function compareTier(a, b, tier, k, withOutcomes) {
    const scores = data.scores[board.name(tier, k)] ?? [];
    const [one, two] = [a, b].map((model) => scores[data.models.indexOf(model)] || null);
    const pairs = withOutcomes ? pairsOf(a, b, tier, k) : [];
    const single = k === 1 && pairs.every((pair) => pair.a[1] === 1 && pair.b[1] === 1);
    const result = pairs.length ? statistics.paired(pairs, single) : one && two ? statistics.fromNumbers(one, two) : null;
    return { tier, one, two, pairs, result };
  }

  // ---- drawing

  const row = (name, ...cells) => make("tr", {}, make("th", { scope: "row" }, name), ...cells);
  const title = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  const head = (...names) => make("thead", {}, make("tr", {}, ...names.map((name) => make("th", { scope: "col" }, name))));
  const inRegion = (label, ...nodes) => make("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": label }, ...nodes);

  function verdict(tier, k, result, paired) {
    if (!result) return make("p", { class: "verdict", role: "status" }, `There is no pass@${k} of both for ${tier}.`);
    const { difference, low, high, p, n, test } = result;
    const noise = low <= 0 && high >= 0;
    const over = paired ? `over the ${n.toLocaleString("en")} problems that both tried` : "from the two numbers alone: results of single problems are not at hand for both, so nothing else can be compared";
    return make("p", { class: "verdict", role: "status" },
      make("strong", {}, `${noise ? "The difference may be noise." : difference > 0 ? "B is better." : "A is better."}`),
      ` ${title(tier)} pass@${k}, B minus A: ${signed(difference)} points [${signed(low)}, ${signed(high)}], ${over} (${told(p)}, ${test}).`);
  }

  function scoreCell(score) {
    const cell = make("td", { class: "nowrap" });
    charts.score(cell, score, 0);
    return cell;
  }

  function scoreTable(a, b, k, tiers) {
    const rows = tiers.filter((one) => one.one || one.two).map(({ tier, one, two, result }) => {
      const difference = result ? `${signed(result.difference)} [${signed(result.low)}, ${signed(result.high)}]` : "–";
      return row(title(tier), scoreCell(one), scoreCell(two), make("td", { class: "nowrap" }, difference), make("td", { class: "nowrap" }, result ? told(result.p) : "–"));
    });
    return inRegion("Scores of both", make("table", {}, make("caption", {}, `pass@${k}, percent; differences in points`), head("Tier", `A: ${a.title}`, `B: ${b.title}`, "B minus A", "p"), make("tbody", {}, ...rows)));
  }

  function settingsTable(a, b) {
    const [left, right] = [new Map(a.facts), new Map(b.facts)];
    const rows = [...new Set([...left.keys(), ...right.keys()])].map((name) => {
      const [x, y] = [left.get(name) ?? "not said", right.get(name) ?? "not said"];
      const differs = x !== y;
      return row(name, make("td", differs ? { class: "differs" } : {}, x), make("td", differs ? { class: "differs" } : {}, y), make("td", {}, differs ? "≠" : "="));
    });
    return inRegion("Settings of both", make("table", {}, make("caption", {}, "Settings"), head("", "A", "B", "same?"), make("tbody", {}, ...rows)));
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
    const sorted = pairs.filter((pair) => pair.difference).sort((x, y) => Math.abs(y.difference) - Math.abs(x.difference));
    return make("div", { class: "flips" }, flipList("A", sorted.filter((pair) => pair.difference < 0)), flipList("B", sorted.filter((pair) => pair.difference > 0)));
  }

  async function draw({ a: idA, b: idB, tier, k: chosen }) {
    form.elements.a.value = idA;
    form.elements.b.value = idB;
    const [a, b, k] = [modelOf(idA), modelOf(idB), Number(chosen)];
    if (!a || !b) return target.replaceChildren();
    if (a === b) return target.replaceChildren(make("p", {}, "These are one and the same: choose another."));
    if (a.outcomes && b.outcomes) await Promise.all([load(a.id), load(b.id)]);
    const { state } = board;
    if (state.a !== idA || state.b !== idB || state.tier !== tier || state.k !== chosen) return undefined; // chosen anew meanwhile
    const withOutcomes = known.has(a.id) && known.has(b.id);
    const tiers = data.tiers.map((name) => compareTier(a, b, name, k, withOutcomes));
    const { pairs, result } = tiers.find((one) => one.tier === tier);
    const parts = [verdict(tier, k, result, pairs.length > 0)];
    if (result) parts.push(charts.difference(result.difference, result.low, result.high));
    parts.push(scoreTable(a, b, k, tiers));
    if (pairs.length) parts.push(flips(pairs));
    parts.push(settingsTable(a, b), make("p", { class: "sub" }, "In the terminal: ", make("code", {}, `apps-plus leaderboard compare ${a.id} ${b.id}`)));
    return target.replaceChildren(...parts);
  }

  for (const select of [form.elements.a, form.elements.b]) {
    select.append(...data.models.map((model) => make("option", { value: model.id }, `${model.title}${model.outcomes ? "" : " (numbers only)"}`)));
  }
  form.addEventListener("input", ({ target: { name, value } }) => board.choose({ [name]: value }));
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("swap").addEventListener("click", () => board.choose({ a: board.state.b, b: board.state.a }));
  let last = "";
  board.watch((state) => {
    const now = [state.a, state.b, state.tier, state.k].join("\n");
    if (now !== last) { last = now; draw({ ...state }); }
  });
  board.start();
  return { draw };
})();
