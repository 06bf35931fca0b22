/// The parts of the C form that are the same for every router. They follow `Featurizer+Plain.swift` line by line, with the
/// hashes of eight bytes at a time that `Featurizer+Fast.swift` has.
enum CTemplates {
  /// Before everything: floating-point arithmetic as the scorer has it.
  static let arithmetic = #"""
    #include <float.h>
    #include <math.h>
    #include <string.h>

    #if FLT_EVAL_METHOD != 0
    #error "margins need float and double arithmetic without excess precision: compile with SSE2 or for a 64-bit target"
    #endif
    /* Fused multiplication and addition would change the last bit of margins. */
    #if defined(__clang__)
    #pragma STDC FP_CONTRACT OFF
    #elif defined(__GNUC__) && (defined(__FMA__) || defined(__aarch64__))
    #pragma GCC optimize("fp-contract=off")
    #endif

    #if defined(__GNUC__)
    #define ALWAYS static inline __attribute__((always_inline))
    #else
    #define ALWAYS static inline
    #endif

    """#

  /// splitmix64's finaliser, and the hash of a context value.
  static let stableHash = #"""
    static uint64_t hash_of_value(const char *value) {
      uint64_t state = 0xcbf29ce484222325u;
      if (value == NULL || *value == 0) return 0;
      for (; *value != 0; value++) {
        unsigned char byte = (unsigned char)*value;
        state = (state ^ (byte >= 65 && byte <= 90 ? byte | 32u : byte)) * 0x100000001b3u;
      }
      state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9u;
      state = (state ^ (state >> 27)) * 0x94d049bb133111ebu;
      return state ^ (state >> 31);
    }

    """#

  /// Adding up the weights of keys.
  static let keys = #"""
    /* Sums of a block of hashed n-grams: whole numbers of UNIT for every head, and the number of keys. */
    typedef struct { int64_t sums[HEADS]; int64_t count; } key_block;

    ALWAYS void add_key(key_block *block, uint64_t key) {
      const int32_t *weights = table + (key >> 1) * HEADS;
      int64_t sign = -(int64_t)(key & 1);
      for (int head = 0; head < HEADS; head++) block->sums[head] += (weights[head] ^ sign) - sign;
    }

    """#

  /// Distinct word keys.
  static let wordKeys = #"""
    ALWAYS void insert_word(STATE *state, key_block *block, uint64_t key) {
      uint64_t bit = (uint64_t)1 << (key & 63);
      uint64_t *seen = state->seen + (key >> 6);
      if (*seen & bit) return;
      *seen |= bit;
      state->keys[block->count & (KEPT_KEYS - 1)] = (uint32_t)key;
      block->count++;
      add_key(block, key);
    }

    static void forget_words(STATE *state, int64_t count) {
      if (count > KEPT_KEYS) {
        memset(state->seen, 0, sizeof state->seen);
      } else {
        for (int64_t i = 0; i < count; i++) state->seen[state->keys[i] >> 6] = 0;
      }
    }

    """#

  /// Character n-grams: a window of eight lowered bytes moves over the text.
  static let windows = #"""
    ALWAYS void read_window(STATE *state, key_block *block, uint64_t window, int longest) {
      uint64_t product = (window & mask(SHORTEST)) * multipliers[SHORTEST];
      uint8_t *stamp = state->stamps + (product >> (64 - STAMP_BITS));
      if (*stamp == state->stamp) return;
      *stamp = state->stamp;
      for (int length = SHORTEST; length <= longest; length++) {
        add_key(block, ((window & mask(length)) * multipliers[length]) >> (63 - BITS));
        block->count++;
      }
    }

    static void read_windows(const unsigned char *text, int64_t n, STATE *state, key_block *block) {
      uint64_t window = 0;
      int64_t position = 0;
      state->stamp++;
      if (state->stamp == 0) {
        memset(state->stamps, 0, sizeof state->stamps);
        state->stamp = 1;
      }
      for (int64_t i = 0; i < n; i++) {
        unsigned char byte = text[i];
        byte |= (unsigned char)((unsigned char)(byte - 65) < 26) << 5;
        window = window >> 8 | (uint64_t)byte << 56;
        if (i >= 7) {
          read_window(state, block, window, LONGEST);
          position++;
        }
      }
      window = n < 8 ? (n == 0 ? 0 : window >> (8 * (8 - n))) : window >> 8;
      for (; position + SHORTEST <= n; position++) {
        read_window(state, block, window, n - position < LONGEST ? (int)(n - position) : LONGEST);
        window >>= 8;
      }
    }

    """#

  /// Everything that is counted in one pass over the bytes.
  static let counts = #"""
    typedef struct {
      int64_t bytes, scalars, lines, sentences, words, word_letters, longest_word, long_words, capitalised, all_caps,
          short_words, digits, upper, letters, punctuation, spaces, non_ascii, wide_scalars, numbers, longest_number,
          question_marks, exclamations, commas, brackets, colons, quotes, math_marks, code_marks, latex_marks,
          table_marks, fences, blanks, list_items, option_lines, links, currency, first_line, last_line, longest_line;
      int ends_with_question, ends_in_capitals;
      int32_t groups[GROUPS + 1], marks[MARKS + 1];
      /* The shape of lists. */
      int64_t emphasised, how_many, percent_signs, math_symbols, distinct_words, stem_words, items, item_words,
          longest_item, item_bytes, squared_item_bytes, items_with_digits, repeated_item_words, closing_items,
          item_start, words_in_item, digits_at_start;
      int is_in_item;
      unsigned previous_mark;
      uint64_t seen[64], seen_in_items[64];
    } counts;

    static void begin_item(counts *s, int64_t start, int64_t words) {
      if (s->items == 0) s->stem_words = words;
      s->items++;
      s->is_in_item = 1;
      s->item_start = start;
      s->words_in_item = 0;
      s->digits_at_start = s->digits;
    }

    static void end_line(counts *s, int64_t end) {
      int64_t length = end - s->item_start;
      if (!s->is_in_item) return;
      s->is_in_item = 0;
      s->item_words += s->words_in_item;
      if (s->words_in_item > s->longest_item) s->longest_item = s->words_in_item;
      s->item_bytes += length;
      s->squared_item_bytes += length * length;
      if (s->digits > s->digits_at_start) s->items_with_digits++;
    }

    ALWAYS void add_word(counts *s, uint64_t spread, unsigned mark) {
      unsigned slot = (unsigned)(spread >> 58);
      uint64_t bit = (uint64_t)1 << ((spread >> 52) & 63);
      s->distinct_words += (s->seen[slot] & bit) == 0;
      s->seen[slot] |= bit;
      s->marks[mark]++;
      s->how_many += mark == MANY && s->previous_mark == HOW;
      s->previous_mark = mark;
      if (!s->is_in_item) return;
      if (s->words_in_item == 0 && mark == QUANTIFIER) s->closing_items++;
      s->words_in_item++;
      s->repeated_item_words += (s->seen_in_items[slot] & bit) != 0;
      s->seen_in_items[slot] |= bit;
    }

    /* A byte that is neither white space nor part of a word. */
    static void count_mark(
        counts *s, const unsigned char *text, int64_t n, int64_t i, int64_t line_start, uint32_t bits) {
      unsigned char byte = text[i];
      s->punctuation += (bits & PUNCTUATION) != 0;
      if (bits & SENTENCE_END) {
        int is_last = i + 1 == n;
        if (is_last || text[i + 1] <= 32) s->sentences++;
        if (byte == 63) {
          s->question_marks++;
          if (is_last) s->ends_with_question = 1;
        } else if (byte == 33) {
          s->exclamations++;
        }
      }
      s->math_marks += (bits & MATH_MARK) != 0;
      s->code_marks += (bits & CODE_MARK) != 0;
      s->latex_marks += (bits & LATEX_MARK) != 0;
      s->brackets += (bits & BRACKET) != 0;
      s->quotes += (bits & QUOTE) != 0;
      s->table_marks += (bits & TABLE_MARK) != 0;
      s->colons += (bits & COLON) != 0;
      switch (byte) {
      case 44: s->commas++; break;
      case 36: s->currency++; break;
      case 37: s->currency++; s->percent_signs++; break;
      case 64: s->links++; break;
      case 47: if (i + 2 < n && i > 0 && text[i + 1] == 47 && text[i - 1] == 58) s->links++; break;
      case 96: if (i >= 2 && text[i - 1] == 96 && text[i - 2] == 96) s->fences++; break;
      case 95: if (i >= 1 && text[i - 1] == 95) s->blanks++; break;
      case 45: case 42:
        if (i == line_start) {
          s->list_items++;
          begin_item(s, i, s->words);
        }
        break;
      default: break;
      }
    }

    ALWAYS uint64_t add_eight(uint64_t state, uint64_t eight) {
      uint64_t product = (state ^ eight) * HASH_FIRST;
      return product ^ (product >> 29);
    }

    /* Reads the word at *at, moves *at behind it and returns its hash. */
    ALWAYS uint64_t read_word(counts *s, const unsigned char *text, int64_t n, int64_t *at) {
      int64_t start = *at, i = start, upper = 0, digits = 0, continuations = 0, run = 0, length;
      uint64_t state = HASH_START, eight = 0;
      int starts_upper = (classes[text[start]] & UPPER) != 0;
      while (i < n) {
        unsigned char byte = text[i];
        uint32_t bits = classes[byte];
        if (!(bits & WORD_PART)) break;
        upper += (bits & UPPER) != 0;
        if (bits & RARE) {
          if (bits & DIGIT) {
            digits++;
            if (++run == 1) s->numbers++;
            if (run > s->longest_number) s->longest_number = run;
          } else {
            run = 0;
            if (byte >= 0x80) {
              s->non_ascii++;
              continuations += (bits & CONTINUATION) != 0;
              if (bits & WIDE) {
                s->wide_scalars++;
                if (byte == 0xe2 && i + 1 < n && text[i + 1] >= 0x86 && text[i + 1] <= 0x8b) s->math_symbols++;
              }
            } else {
              s->quotes++;
            }
          }
        } else {
          run = 0;
        }
        eight |= (uint64_t)(byte | (bits & UPPER ? 32u : 0u)) << (8 * ((i - start) & 7));
        if (((i - start) & 7) == 7) {
          state = add_eight(state, eight);
          eight = 0;
        }
        i++;
      }
      if (eight != 0) state = add_eight(state, eight);
      length = i - start - continuations;
      s->scalars -= continuations;
      s->words++;
      s->digits += digits;
      s->upper += upper;
      s->letters += length - digits;
      if (digits < length) {
        s->word_letters += length;
        if (length > s->longest_word) s->longest_word = length;
        s->long_words += length >= 8;
        s->short_words += length <= 3;
      }
      s->capitalised += starts_upper;
      s->ends_in_capitals = upper >= 2 && upper == length;
      s->all_caps += s->ends_in_capitals;
      *at = i;
      return state;
    }

    /* The slot of a word, whose lowest bytes are its group and mark. */
    ALWAYS uint64_t known_word(uint64_t hash) {
      const uint64_t *slots = words + (((hash >> 16) * WORD_MULTIPLIER) >> (64 - WORD_BUCKET_BITS)) * 4;
      uint64_t found = UNKNOWN_WORD;
      for (int i = 0; i < 4; i++) found = (slots[i] ^ hash) >> 16 == 0 ? slots[i] : found;
      return found;
    }

    """#

  /// The pass itself; `INSERT` hashes words where the router does.
  static let scan = #"""
    static void scan(const unsigned char *text, int64_t n, counts *s, STATE *state, key_block *block) {
      int64_t i = 0, line_start = 0;
      int is_first_line = 1;
      uint64_t previous = 0;
      s->lines = 1;
      s->previous_mark = MARKS;
      (void)state; (void)block; (void)previous;
      while (i < n) {
        uint32_t bits = classes[text[i]];
        if ((bits & WORD_PART) && text[i] != 39) {
          int64_t start = i;
          uint64_t word = read_word(s, text, n, &i);
          uint64_t spread = word * HASH_SECOND;
          uint64_t known = known_word(word);
          unsigned group = (unsigned)(known >> 8) & 255;
          s->groups[group]++;
          s->emphasised += s->ends_in_capitals && (group == NEGATIONS || group == SUPERLATIVES);
          if (start == line_start && i - start <= 2 && i < n && (text[i] == 46 || text[i] == 41)) {
            if (text[start] >= 48 && text[start] <= 57) s->list_items++; else s->option_lines++;
            begin_item(s, start, s->words - 1);
          } else {
            add_word(s, spread, (unsigned)known & 255);
          }
          INSERT
          continue;
        }
        if (bits & SPACE) {
          s->spaces++;
          if (text[i] == 9) s->table_marks++;
          if (text[i] == 10) {
            int64_t length = i - line_start;
            s->lines++;
            end_line(s, i);
            if (length > s->longest_line) s->longest_line = length;
            if (is_first_line) {
              s->first_line = length;
              is_first_line = 0;
            }
            line_start = i + 1;
          }
        } else {
          count_mark(s, text, n, i, line_start, bits);
        }
        i++;
      }
      end_line(s, n);
      s->bytes = n;
      s->scalars += n;
      s->last_line = n - line_start;
      if (s->last_line > s->longest_line) s->longest_line = s->last_line;
      if (is_first_line) s->first_line = s->last_line;
    }

    """#

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
