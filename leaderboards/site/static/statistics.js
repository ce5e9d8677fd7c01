// pass@k of a problem, intervals of scores, and the uncertainty of differences. Pure functions.
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
  // `least` is the least value that is possible; the greatest is 1.
  function meanInterval(values, least = -1) {
    const n = values.length;
    const mean = values.reduce((sum, value) => sum + value, 0) / n;
    const moment = (power) => values.reduce((sum, value) => sum + (value - mean) ** power, 0) / n;
    const spread = Math.sqrt(moment(2));
    // Equal values have no spread: use Wilson's bound on the share of problems that may differ.
    const w = (Z * Z) / (n + Z * Z);
    if (spread < ROUNDING) return [mean, mean - w * (mean - least), mean + w * (1 - mean)];
    const a = moment(3) / spread ** 3 / (6 * Math.sqrt(n));
    const end = (z) => {
      const shifted = a + (a + z) / (1 - a * (a + z));
      return mean + (spread / Math.sqrt(n)) * (shifted + a * (shifted * shifted - 1));
    };
    return [mean, Math.max(least, Math.min(end(-Z), mean)), Math.min(1, Math.max(end(Z), mean))];
  }

  // Wilson's interval for a proportion (1927), with the proportion before it.
  function wilson(passed, n) {
    const [share, spread] = [passed / n, (Z * Z) / n];
    const middle = (share + spread / 2) / (1 + spread);
    const half = (Z / (1 + spread)) * Math.sqrt((share * (1 - share)) / n + spread / (4 * n));
    return [share, passed === 0 ? 0 : Math.max(0, middle - half), passed === n ? 1 : Math.min(1, middle + half)];
  }

  // pass@k over problems, [samples, passed] of each: value, low, high.
  function scoreInterval(counts, k) {
    if (k === 1 && counts.every(([n]) => n === 1)) return wilson(counts.filter(([, c]) => c).length, counts.length);
    const [mean, ...ends] = meanInterval(counts.map(([n, c]) => passAtK(n, c, k)), 0);
    return [Number(mean.toFixed(12)), ...ends]; // without the noise of the sum, which would decide how a tie is rounded
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

  return { ROUNDING, passAtK, scoreInterval, mcnemar, normalP, meanInterval, signFlip, paired, fromNumbers };
})();
