// The C form: from counts to dense columns.

extension CTemplates {
  /// ln(1 + n).
  static let logarithm = #"""
    static double natural_log(double x) {
      uint64_t bits;
      int64_t exponent;
      double mantissa, s, z, sum;
      memcpy(&bits, &x, 8);
      exponent = (int64_t)((bits >> 52) & 0x7ff) - 1023;
      bits = (bits & 0x000fffffffffffffu) | 0x3ff0000000000000u;
      memcpy(&mantissa, &bits, 8);
      if (mantissa > 1.4142135623730951) {
        mantissa *= 0.5;
        exponent++;
      }
      s = (mantissa - 1) / (mantissa + 1);
      z = s * s;
      sum = 1.0 / 17;
      sum = sum * z + 1.0 / 15;
      sum = sum * z + 1.0 / 13;
      sum = sum * z + 1.0 / 11;
      sum = sum * z + 1.0 / 9;
      sum = sum * z + 1.0 / 7;
      sum = sum * z + 1.0 / 5;
      sum = sum * z + 1.0 / 3;
      sum = sum * z + 1;
      return (double)exponent * 0.6931471805599453 + 2 * s * sum;
    }

    ALWAYS float log_one_plus(int64_t n) {
      return n < 1024 ? logarithms[n] : (float)natural_log((double)(n + 1));
    }

    """#

  /// The text statistics in column order.
  static let statistics = #"""
    static float item_spread(const counts *s) {
      double mean, variance, x, y;
      uint64_t bits;
      if (s->items < 2) return 0;
      mean = (double)s->item_bytes / (double)s->items;
      variance = (double)s->squared_item_bytes / (double)s->items - mean * mean;
      if (variance <= 0) return 0;
      x = mean * mean / variance;
      if (!(x > 1)) x = 1;
      memcpy(&bits, &x, 8);
      bits = 0x5fe6eb50c7b537a9u - (bits >> 1);
      memcpy(&y, &bits, 8);
      for (int i = 0; i < 5; i++) y *= 1.5 - 0.5 * x * y * y;
      return (float)y;
    }

    static int64_t at_least_one(int64_t n) { return n > 1 ? n : 1; }

    static float *write_statistics(const counts *s, float *out) {
      float per_scalar = 1.0f / (float)at_least_one(s->scalars);
      float per_byte = 1.0f / (float)at_least_one(s->bytes);
      float per_word = 1.0f / (float)at_least_one(s->words);
      float per_item = 1.0f / (float)at_least_one(s->items);
      float number_share = (float)s->numbers * per_word;
      *out++ = log_one_plus(s->scalars);
      *out++ = log_one_plus(s->words);
      *out++ = log_one_plus(s->lines);
      *out++ = log_one_plus(s->sentences);
      *out++ = (float)s->word_letters * per_word * 0.1f;
      *out++ = log_one_plus(s->longest_word);
      *out++ = (float)s->long_words * per_word;
      *out++ = (float)s->short_words * per_word;
      *out++ = (float)s->capitalised * per_word;
      *out++ = log_one_plus(s->all_caps);
      *out++ = (float)s->digits * per_byte;
      *out++ = (float)s->upper * per_byte;
      *out++ = (float)s->letters * per_byte;
      *out++ = (float)s->punctuation * per_byte;
      *out++ = (float)s->spaces * per_byte;
      *out++ = (float)s->non_ascii * per_byte;
      *out++ = (float)s->wide_scalars * per_scalar;
      *out++ = log_one_plus(s->numbers);
      *out++ = log_one_plus(s->longest_number);
      *out++ = log_one_plus(s->question_marks);
      *out++ = log_one_plus(s->exclamations);
      *out++ = log_one_plus(s->commas);
      *out++ = log_one_plus(s->brackets);
      *out++ = log_one_plus(s->colons);
      *out++ = log_one_plus(s->quotes);
      *out++ = log_one_plus(s->math_marks);
      *out++ = log_one_plus(s->code_marks);
      *out++ = log_one_plus(s->latex_marks);
      *out++ = log_one_plus(s->table_marks);
      *out++ = log_one_plus(s->fences);
      *out++ = log_one_plus(s->blanks);
      *out++ = log_one_plus(s->list_items);
      *out++ = log_one_plus(s->option_lines);
      *out++ = log_one_plus(s->links);
      *out++ = log_one_plus(s->currency);
      *out++ = log_one_plus(s->first_line);
      *out++ = log_one_plus(s->last_line);
      *out++ = log_one_plus(s->longest_line);
      *out++ = s->ends_with_question ? 1.0f : 0.0f;
      for (int group = 0; group < GROUPS - 1; group++) *out++ = log_one_plus(s->groups[group]);
      *out++ = (float)s->groups[GROUPS - 1] * per_word;
      for (int mark = 0; mark < MARKS; mark++) *out++ = log_one_plus(s->marks[mark]);
      *out++ = log_one_plus(s->emphasised);
      *out++ = log_one_plus(s->how_many);
      *out++ = log_one_plus(s->percent_signs);
      *out++ = log_one_plus(s->math_symbols);
      *out++ = (float)s->distinct_words * per_word;
      *out++ = log_one_plus(s->words / at_least_one(s->sentences));
      *out++ = number_share < 1 ? number_share : 1.0f;
      *out++ = log_one_plus(s->items == 0 ? s->words : s->stem_words);
      *out++ = log_one_plus(s->item_words / at_least_one(s->items));
      *out++ = log_one_plus(s->longest_item);
      *out++ = item_spread(s);
      *out++ = (float)s->items_with_digits * per_item;
      *out++ = (float)s->repeated_item_words / (float)at_least_one(s->item_words);
      *out++ = (float)s->closing_items * per_item;
      return out;
    }

    """#
}
