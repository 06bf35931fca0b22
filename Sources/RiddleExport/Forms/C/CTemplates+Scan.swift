// The C form: the one pass over a text, and what it counts.

extension CTemplates {
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
}
