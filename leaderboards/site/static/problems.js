// Outcomes of single problems: loaded from data/ID.js when they are asked for.
"use strict";
leaderboard.problems = (() => {
  const known = new Map();
  const waiting = new Map();

  // Every data/ID.js calls this: by tier, [problem, samples, passed samples, day of the contest if it has one].
  leaderboard.outcomes = (id, tiers) => known.set(id, tiers);

  // Load the outcomes of a model; a file that cannot be read leaves them unknown.
  function load(id) {
    if (!waiting.has(id)) {
      waiting.set(id, new Promise((done) => {
        const script = leaderboard.charts.make("script", { src: `data/${encodeURIComponent(id)}.js` });
        script.addEventListener("load", done);
        script.addEventListener("error", () => { waiting.delete(id); done(); });
        document.head.append(script);
      }));
    }
    return waiting.get(id);
  }

  // [samples, passed] of each problem of a tier on the days that `inside` takes; none where some problem has fewer than k samples.
  function of(model, tier, k, inside) {
    const tiers = (known.get(model.id) ?? []).filter(([name]) => tier === "overall" || tier === name);
    const problems = tiers.flatMap(([, its]) => its).filter(([, , , day]) => inside(day));
    return new Map(problems.some(([, n]) => n < k) ? [] : problems.map(([id, n, c]) => [id, [n, c]]));
  }

  return { load, of, isKnown: (model) => known.has(model.id) };
})();
