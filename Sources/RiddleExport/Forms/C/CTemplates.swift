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
}
