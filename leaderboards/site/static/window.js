// Scores and ranks: of all problems, as the page has them, or of those whose contests are in a window of days, as
// `apps-plus leaderboard show --since --until` makes them. These are computed here, from the outcomes of the problems.
"use strict";
leaderboard.window = (() => {
  const { data, problems, statistics } = leaderboard;
  const { models } = data;
  const [MOST, FEWEST, DRAWS] = [2000, 400, 2e8]; // replicates at most and at least; values drawn in all, in between
  const SAME = 1e-9; // scores that differ by less are equal
  const TAIL = 0.025; // of the replicates, beyond either end of a range of ranks
  const NAMED = 8; // models that a note names at most
  const cutOf = (tier, k) => `${k} ${tier}`;

  const whole = {
    since: "", until: "", note: "",
    inside: () => true,
    has: () => true,
    scores: (tier, k) => data.scores[cutOf(tier, k)] ?? [],
    ranks: (tier, k, unrank) => ((unrank && data.cleanRanks[cutOf(tier, k)]) || data.ranks[cutOf(tier, k)]) ?? [],
  };

  // Load the outcomes, and return what `whole` has, for the problems of a window. Either day may be empty: no limit.
  async function of(since, until) {
    await Promise.all(models.filter((model) => model.dated).map((model) => problems.load(model.id)));
    const inside = (day) => Boolean(day) && (!since || day >= since) && (!until || day <= until);
    const reasons = models.map((model) => whyNot(model, inside));
    const has = (i) => !reasons[i];
    const outcomes = remembered((tier, k) => models.map((model, i) => (has(i) && whole.scores(tier, k)[i] ? problems.of(model, tier, k, inside) : new Map())));
    const scores = remembered((tier, k) => outcomes(tier, k).map((its) => (its.size ? [...statistics.scoreInterval([...its.values()], k), -its.size] : 0)));
    const ranks = remembered((tier, k, unrank) => rank(outcomes(tier, k), scores(tier, k), k, unrank));
    return { since, until, inside, has, scores, ranks, note: noteOf(since, until, reasons, outcomes) };
  }

  function remembered(compute) {
    const found = new Map();
    return (...key) => {
      const name = JSON.stringify(key.map(String));
      if (!found.has(name)) found.set(name, compute(...key));
      return found.get(name);
    };
  }

  function whyNot(model, inside) {
    if (!model.outcomes) return "it is not known which problems they solve";
    if (!model.dated) return "the days of their problems are not known";
    if (!problems.isKnown(model)) return "their outcomes cannot be read (the folder data/ belongs to the site)";
    return problems.of(model, "overall", 0, inside).size ? "" : "none of their problems is in the window";
  }

  function noteOf(since, until, reasons, outcomes) {
    if (since && until && since > until) return `${since} is after ${until}: no problem is between them.`;
    const [tier, k] = data.main;
    const sizes = outcomes(tier, k).map((its) => its.size);
    const many = Math.max(0, ...sizes);
    const days = [since && `from ${since}`, until && `to ${until}`].filter(Boolean).join(" ");
    const notes = [`${many.toLocaleString("en")} problems, with contests ${days}. Ranks are among the models shown here.`];
    const named = (isMeant) => {
      const names = models.filter((_, i) => isMeant(i)).map((model) => model.title);
      return (names.length > NAMED ? [...names.slice(0, NAMED - 1), `${names.length - NAMED + 1} more`] : names).join(", ");
    };
    const others = named((i) => sizes[i] && sizes[i] !== usualSize(sizes));
    if (others) notes.push(`Not ranked, being of fewer or more problems than most: ${others}.`);
    for (const reason of new Set(reasons.filter(Boolean))) notes.push(`Left out, ${reason}: ${named((i) => reasons[i] === reason)}.`);
    return notes.join(" ");
  }

  // ---- ranks, as leaderboards/ranking.py computes them: [rank, best, worst] of each model; 0 if it is not ranked

  function rank(outcomes, scores, k, unrank) {
    const total = usualSize(outcomes.map((its) => its.size));
    const rows = [...models.keys()].filter((i) => outcomes[i].size && outcomes[i].size === total && !(unrank && models[i].contaminated));
    if (!rows.length) return models.map(() => 0);
    const draws = replicates(rows, outcomes, scores, k);
    const [best, worst] = [0, 1].map(() => rows.map(() => new Uint32Array(rows.length)));
    for (const drawn of draws) places(drawn).forEach(([first, last], row) => { best[row][first - 1] += 1; worst[row][last - 1] += 1; });
    const own = places(rows.map((i) => scores[i][0]));
    const beyond = Math.floor(draws.length * TAIL);
    const found = models.map(() => 0);
    rows.forEach((i, row) => {
      const [first, last] = own[row];
      found[i] = [first, Math.min(first, at(best[row], beyond)), Math.max(last, at(worst[row], draws.length - 1 - beyond))];
    });
    return found;
  }

  // Scores over problems drawn with replacement, the same ones for every row: a list for each replicate.
  function replicates(rows, outcomes, scores, k) {
    const place = new Map();
    const usual = mostCommon(rows.map((i) => models[i].tests).filter(Boolean), () => false);
    const columns = rows.map((i) => {
      // Problems under other tests are other problems.
      const prefix = models[i].tests && models[i].tests !== usual ? `${models[i].tests} ` : " ";
      return [...outcomes[i]].map(([id, [n, c]]) => {
        const key = prefix + id;
        if (!place.has(key)) place.set(key, place.size);
        return [place.get(key), statistics.passAtK(n, c, k)];
      });
    });
    const random = generator();
    const count = Math.min(MOST, Math.max(FEWEST, Math.floor(DRAWS / (rows.length * place.size))));
    const columnsAsArrays = columns.map((column) => [Uint32Array.from(column, ([at]) => at), Float64Array.from(column, ([, value]) => value)]);
    const same = columnsAsArrays.map(([, values]) => values.every((value) => Math.abs(value - values[0]) < SAME));
    return Array.from({ length: count }, () => {
      const times = new Uint32Array(place.size);
      for (let i = 0; i < place.size; i += 1) times[Math.floor(random() * place.size)] += 1;
      return columnsAsArrays.map(([at, values], row) => {
        const mean = scores[rows[row]][0];
        if (same[row]) return around(mean, values.length, random);
        let [sum, weight] = [0, 0];
        for (let i = 0; i < at.length; i += 1) { sum += times[at[i]] * values[i]; weight += times[at[i]]; }
        return weight ? sum / weight : mean;
      });
    });
  }

  // A score near a value that all n problems share: by Jeffreys a share Beta(1/2, n + 1/2) of all problems may have another one.
  // The beta is made from a squared normal and a chi-square of 2n + 1 degrees, by Wilson and Hilferty's approximation.
  function around(value, n, random) {
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const degrees = 2 * n + 1;
    const square = normal() ** 2;
    const spread = 2 / (9 * degrees);
    const others = square / (square + degrees * Math.max(0, 1 - spread + normal() * Math.sqrt(spread)) ** 3);
    const up = value <= 0 || (value < 1 && random() < 0.5);
    return up ? value + others * (1 - value) : value - others * value;
  }

  // Best and worst rank of each score; the two differ where scores are equal.
  function places(drawn) {
    const order = [...drawn.keys()].sort((i, j) => drawn[j] - drawn[i]);
    const found = [];
    for (let start = 0, end = 0; start < order.length; start = end) {
      for (end = start + 1; end < order.length && drawn[order[end - 1]] - drawn[order[end]] <= SAME;) end += 1;
      for (const row of order.slice(start, end)) found[row] = [start + 1, end];
    }
    return found;
  }

  // The rank at a place of the sorted ranks, from how often there is each.
  function at(counts, place) {
    let before = 0;
    return counts.findIndex((count) => { before += count; return before > place; }) + 1;
  }

  // The number of problems of most models; those with another number are not ranked.
  function usualSize(sizes) {
    return mostCommon(sizes.filter(Boolean), (x, y) => x > y);
  }

  function mostCommon(values, isBetter) {
    const counts = new Map();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    return [...counts.keys()].reduce((best, value) => (best === undefined || counts.get(value) > counts.get(best) || (counts.get(value) === counts.get(best) && isBetter(value, best)) ? value : best), undefined);
  }

  // Random numbers in [0, 1), always the same ones (mulberry32).
  function generator() {
    let state = 20240201;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
  }

  return { whole, of };
})();
