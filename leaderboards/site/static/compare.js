// Compare two models, and list the problems on which they differ. Outcomes of single problems are loaded from data/ID.js on
// demand. Differences are B minus A.
"use strict";

// Uncertainty of a difference, as in `apps-plus leaderboard compare`. If both have outcomes: the mean of the differences of
// pass@k (Chen et al. 2021, equation 1) over the problems that both tried; p from McNemar's exact test if each has one sample
// per problem, else from a sign-flip test. If one has only a score: Newcombe's interval (1998, method 10) and the
// two-proportion z-test. Only the paired interval differs: it is BCa's (Efron 1987) to second order, without resampling.
leaderboard.statistics = (() => {
  const Z = 1.959963984540054;
  const ROUNDING = 1e-9; // far below any difference of scores
  const FLIPS = 20000;

  // 1 - C(n - c, k) / C(n, k), as a product that neither overflows nor cancels.
  function passAtK(n, c, k) {
    if (n - c < k) return 1;
    let none = 1;
    for (let i = n - c + 1; i <= n; i += 1) none *= 1 - k / i;
    return 1 - none;
  }

  // Two-sided p of `a` against `b` if both are equally likely: a binomial test with probability 1/2.
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

  // Two-sided tail of the normal distribution (Abramowitz and Stegun 7.1.26; error below 2e-7).
  function normalP(z) {
    const x = Math.abs(z) / Math.SQRT2;
    const t = 1 / (1 + 0.3275911 * x);
    const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    return series * Math.exp(-x * x);
  }

  // The mean of values with its 95% interval: quantiles of the bootstrap's distribution by Cornish and Fisher's expansion, at the
  // levels of BCa, whose bias and acceleration are both the mean's skewness over 6 to second order.
  function meanInterval(values) {
    const n = values.length;
    const mean = values.reduce((sum, value) => sum + value, 0) / n;
    const moment = (power) => values.reduce((sum, value) => sum + (value - mean) ** power, 0) / n;
    const spread = Math.sqrt(moment(2));
    // Equal values have no spread: use Wilson's bound on the share of problems that may differ.
    const w = (Z * Z) / (n + Z * Z);
    if (spread < ROUNDING) return [mean, mean - w * (mean + 1), mean + w * (1 - mean)];
    const a = moment(3) / spread ** 3 / (6 * Math.sqrt(n));
    const end = (z) => {
      const shifted = a + (a + z) / (1 - a * (a + z));
      return mean + (spread / Math.sqrt(n)) * (shifted + a * (shifted * shifted - 1));
    };
    return [mean, Math.max(-1, Math.min(end(-Z), mean)), Math.min(1, Math.max(end(Z), mean))];
  }

  // Two-sided p if each difference is equally likely with the other sign. Signs are the bits of a fixed xorshift generator.
  function signFlip(differences) {
    const sizes = Float64Array.from(differences.map(Math.abs).filter((size) => size > ROUNDING));
    const observed = Math.abs(differences.reduce((sum, d) => sum + d, 0)) - ROUNDING;
    let state = 20240201;
    let asLarge = 0;
    for (let flip = 0; flip < FLIPS; flip += 1) {
      let total = 0;
      for (let i = 0; i < sizes.length; i += 1) {
        if (i % 32 === 0) { state ^= state << 13; state ^= state >>> 17; state ^= state << 5; }
        total += (state >>> (i % 32)) & 1 ? sizes[i] : -sizes[i];
      }
      if (Math.abs(total) >= observed) asLarge += 1;
    }
    return (1 + asLarge) / (1 + FLIPS);
  }

  function paired(pairs, single) {
    const differences = pairs.map((pair) => pair.difference);
    const [difference, low, high] = meanInterval(differences);
    const [a, b] = [differences.filter((d) => d < -ROUNDING).length, differences.filter((d) => d > ROUNDING).length];
    return { difference, low, high, p: single ? mcnemar(a, b) : signFlip(differences), n: pairs.length, test: single ? "McNemar’s exact test" : "sign-flip test" };
  }

  // Compare two scores by their intervals, as if they were of different problems. `bare`: both intervals were computed from
  // the scores and the numbers of problems `n` and `m` alone.
  function fromNumbers(a, b, [n, m], bare) {
    const difference = b[0] - a[0];
    const low = difference - Math.hypot(b[0] - b[1], a[2] - a[0]);
    const high = difference + Math.hypot(b[2] - b[0], a[0] - a[1]);
    const pooled = (a[0] * n + b[0] * m) / (n + m);
    const error = bare ? Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m)) : Math.hypot(a[2] - a[1], b[2] - b[1]) / (2 * Z);
    return { difference, low: Math.max(-1, low), high: Math.min(1, high), p: error ? normalP(difference / error) : 1, n: Math.min(n, m), test: bare ? "two-proportion z-test" : "z-test from the two intervals" };
  }

  return { ROUNDING, passAtK, mcnemar, normalP, meanInterval, signFlip, paired, fromNumbers };
})();

leaderboard.compare = (() => {
  const { data, charts, board, statistics } = leaderboard;
  const { make, percent } = charts;
  const form = document.getElementById("pair");
  const target = document.getElementById("comparison");
  const known = new Map();
  const waiting = new Map();
  const modelOf = (id) => data.models.find((model) => model.id === id);
  const signed = (share) => `${share < 0 ? "−" : "+"}${percent(Math.abs(share))}`;
  const pText = (p) => (p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(p < 0.1 ? 3 : 2)}`);

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

  // [samples, passed] of each problem of a tier; none where some problem has fewer than k samples.
  function outcomesOf(model, tier, k) {
    const tiers = [...(known.get(model.id) ?? [])].filter(([name]) => tier === "overall" || tier === name);
    const problems = tiers.flatMap(([, its]) => its);
    return new Map(problems.some(([, n]) => n < k) ? [] : problems.map(([id, n, c]) => [id, [n, c]]));
  }

  // Problems of a tier that both have outcomes of.
  function pairsOf(a, b, tier, k) {
    const others = outcomesOf(b, tier, k);
    return [...outcomesOf(a, tier, k)].filter(([id]) => others.has(id)).map(([id, [n, c]]) => {
      const [m, d] = others.get(id);
      return { id, a: [c, n], b: [d, m], difference: statistics.passAtK(m, d, k) - statistics.passAtK(n, c, k) };
    });
  }

  function compareTier(a, b, tier, k) {
    const cut = board.name(tier, k);
    const [one, two] = [a, b].map((model) => (data.scores[cut] ?? [])[data.models.indexOf(model)] || null);
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

  async function draw({ a: idA, b: idB, tier, k: chosen }) {
    form.elements.a.value = idA;
    form.elements.b.value = idB;
    const [a, b, k] = [modelOf(idA), modelOf(idB), Number(chosen)];
    if (!a || !b) return target.replaceChildren();
    if (a === b) return target.replaceChildren(make("p", {}, "A and B are the same model: choose another."));
    if (a.outcomes && b.outcomes) await Promise.all([load(a.id), load(b.id)]);
    const { state } = board;
    if (state.a !== idA || state.b !== idB || state.tier !== tier || state.k !== chosen) return undefined; // the choice has changed meanwhile
    const tiers = data.tiers.map((name) => compareTier(a, b, name, k));
    const { pairs, result } = tiers.find((one) => one.tier === tier);
    const parts = [verdict(tier, k, result, pairs.length > 0)];
    if (result) parts.push(charts.difference(result.difference, result.low, result.high));
    parts.push(scoreTable(a, b, k, tiers));
    if (pairs.length) parts.push(flips(pairs));
    parts.push(settingsTable(a, b), make("p", { class: "sub" }, "In the terminal: ", make("code", {}, `apps-plus leaderboard compare ${a.id} ${b.id}`)));
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
    const now = [state.a, state.b, state.tier, state.k].join("\n");
    if (now !== last) { last = now; draw({ ...state }); }
  });
  board.start();
  return { draw };
})();
