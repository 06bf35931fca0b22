/// The parts of the C form that come behind the features: sums, calibration, the decision.
enum CModelTemplates {
  /// The dense sum, in the scorer's eight partial sums.
  static let denseSum = #"""
    ALWAYS double dense_sum(const float *x, int head) {
      const float *w = dense_weights + head * DENSE;
      double s[8] = {0};
      int j = 0;
      for (; j + 8 <= DENSE; j += 8) {
        for (int k = 0; k < 8; k++) s[k] += (double)x[j + k] * (double)w[j + k];
      }
      for (int k = 0; j + k < DENSE; k++) s[k] += (double)x[j + k] * (double)w[j + k];
      return ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]));
    }

    """#

  /// The walk through one tree after the other.
  static let treeSum = #"""
    ALWAYS uint32_t step(const float *x, uint32_t at) {
      const node *n = nodes + at;
      return x[n->feature] <= n->threshold ? n->left : n->right;
    }

    static double tree_sum(const float *x, int head) {
      int tree = first_tree[head], end = first_tree[head + 1];
      double sum = bases[head];
      FOUR
      for (; tree < end; tree++) {
        uint32_t at = roots[tree];
        for (uint32_t i = 0; i < depths[tree]; i++) at = step(x, at);
        sum += (double)values[at];
      }
      return sum;
    }

    """#

  /// Four trees at a time, whose steps do not wait for each other.
  static let fourTrees = #"""
    for (; tree + 4 <= end; tree += 4) {
        uint32_t a = roots[tree], b = roots[tree + 1], c = roots[tree + 2], d = roots[tree + 3], depth = 0;
        for (int i = 0; i < 4; i++) depth = depths[tree + i] > depth ? depths[tree + i] : depth;
        for (uint32_t i = 0; i < depth; i++) {
          a = step(x, a);
          b = step(x, b);
          c = step(x, c);
          d = step(x, d);
        }
        sum += (double)values[a];
        sum += (double)values[b];
        sum += (double)values[c];
        sum += (double)values[d];
      }
    """#

  /// e^x and the logistic function, the scorer's own.
  static let exponential = #"""
    static double power_of_two(int64_t k) {
      uint64_t bits = (uint64_t)(k + 1023) << 52;
      double value;
      memcpy(&value, &bits, 8);
      return value;
    }

    static double exponential(double x) {
      double scaled, count, r, p;
      int64_t k, half;
      if (x != x) return x;
      if (x > 709.782712893384) return HUGE_VAL;
      if (x < -745.2) return 0;
      scaled = x * 1.4426950408889634;
      k = (int64_t)(scaled >= 0 ? scaled + 0.5 : scaled - 0.5);
      count = (double)k;
      r = (x - count * 0.693147180369123816490) - count * 1.90821492927058770002e-10;
      p = 1.6059043836821613e-10;
      p = p * r + 2.08767569878681e-09;
      p = p * r + 2.505210838544172e-08;
      p = p * r + 2.755731922398589e-07;
      p = p * r + 2.7557319223985893e-06;
      p = p * r + 2.48015873015873e-05;
      p = p * r + 1.984126984126984e-04;
      p = p * r + 1.388888888888889e-03;
      p = p * r + 8.333333333333333e-03;
      p = p * r + 4.1666666666666664e-02;
      p = p * r + 1.6666666666666666e-01;
      p = p * r + 0.5;
      p = p * r + 1;
      p = p * r + 1;
      half = k / 2;
      return p * power_of_two(half) * power_of_two(k - half);
    }

    """#

  static let logistic = #"""
    static double logistic(double x) {
      double e = exponential(x < 0 ? x : -x);
      return (x < 0 ? e : 1) / (1 + e);
    }

    """#

  static let isotonic = #"""
    /* Linear between knots, flat outside. */
    static double interpolated(double margin, const double *x, const double *p, int last) {
      int low = 0, high = last;
      if (!(margin > x[0])) return p[0];
      if (margin >= x[last]) return p[last];
      while (high - low > 1) {
        int middle = (low + high) / 2;
        if (x[middle] <= margin) low = middle; else high = middle;
      }
      return p[low] + (margin - x[low]) / (x[high] - x[low]) * (p[high] - p[low]);
    }

    """#

  static let softmax = #"""
    static void write_probabilities(const double *margins, double *p) {
      double largest = -HUGE_VAL, sum = 0;
      for (int head = 0; head < HEADS; head++) {
        p[head] = is_scaled[head] ? slopes[head] * margins[head] + offsets[head] : margins[head];
        if (p[head] > largest) largest = p[head];
      }
      for (int head = 0; head < HEADS; head++) {
        p[head] = exponential(p[head] - largest);
        sum += p[head];
      }
      for (int head = 0; head < HEADS; head++) p[head] /= sum;
    }

    """#

  static let independent = #"""
    static void write_probabilities(const double *margins, double *p) {
      for (int head = 0; head < HEADS; head++) p[head] = probability(head, margins[head]);
    }

    """#

  /// Margins of the ladder's steps from the values of the candidates.
  static let steps = #"""
    static void write_steps(const double *margins, double *steps) {
      double p[HEADS], value[CANDIDATES];
      write_probabilities(margins, p);
      for (int c = 0; c < CANDIDATES; c++) {
        value[c] = 0;
        for (int head = 0; head < HEADS; head++) value[c] += p[head] * worth[c * HEADS + head];
      }
      for (int k = 0; k + 1 < CANDIDATES; k++) {
        steps[k] = -HUGE_VAL;
        for (int j = k + 1; j < CANDIDATES; j++) {
          double offer = (value[j] - value[k]) / (prices[j] - prices[k]);
          if (offer > steps[k]) steps[k] = offer;
        }
      }
    }

    """#

  static let ladderDecision = #"""
      for (head = 0;; head++) {
        decision->margin = margin(&features, head);
        if (!(decision->margin >= thresholds[head]) || head == CANDIDATES - 2) break;
      }
      decision->probability = probability(head, decision->margin);
    """#

  static let valuesDecision = #"""
      {
        double margins[HEADS], steps[CANDIDATES - 1], share;
        for (head = 0; head < HEADS; head++) margins[head] = margin(&features, head);
        write_steps(margins, steps);
        for (head = 0; steps[head] >= thresholds[head] && head < CANDIDATES - 2; head++) {}
        decision->margin = steps[head];
        share = (1 + steps[head]) / 2;
        decision->probability = share < 0 ? 0 : share > 1 ? 1 : share;
      }
    """#

  /// Margin bits and candidate of every line of standard input.
  static let program = #"""
    #include <stdio.h>

    int main(void) {
      static char line[1 << 24];
      static STATE state;
      size_t length = 0;
      int byte;
      do {
        byte = getchar();
        if (byte != EOF && byte != '\n') {
          if (length == sizeof line) return 1;
          line[length++] = (char)byte;
        } else if (byte == '\n' || length > 0) {
          DECISION decision;
          uint64_t bits;
          if (length > 0 && line[length - 1] == '\r') length--;
          DECIDE(line, length, NULL, &state, &decision);
          memcpy(&bits, &decision.margin, 8);
          printf("%08lx%08lx %s\n", (unsigned long)(bits >> 32), (unsigned long)(bits & 0xffffffffu),
                 NAMES[decision.candidate]);
          length = 0;
        }
      } while (byte != EOF);
      return 0;
    }
    """#
}
