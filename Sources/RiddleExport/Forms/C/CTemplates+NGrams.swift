// The C form: keys of hashed n-grams, of words and of characters.

extension CTemplates {
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
}
