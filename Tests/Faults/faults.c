/* Damages weight files in every way that can be listed, hands them to the C library, and counts what comes back.
 *
 *   faults [--share K/N] [--flips-every STEP] [--edits-every STEP] FILE...
 *
 * For each file: every single bit flipped; every shorter length; bytes appended; and, with the checksum made right
 * again, counts and floats of every kind written over every byte (or every STEP-th such case, where a file is too large). The first three must be refused without exception.
 * Behind a right checksum a file may be another valid router; it must not crash, hang, or give a margin or probability
 * that is no number. Each kind of damage runs in a child with little address space; a child that dies or makes no
 * progress for five seconds is counted, and the next begins behind the place.
 *
 * Exit status 0 when nothing was accepted that must be refused, nothing crashed or hung, and no child's resident set
 * passed 50 MB.
 */
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "riddle.h"

/* AddressSanitizer keeps terabytes of address space and a shadow of what is used: no limit then. */
#if defined(__SANITIZE_ADDRESS__)
#define HAS_LIMITS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_LIMITS 0
#endif
#endif
#ifndef HAS_LIMITS
#define HAS_LIMITS 1
#endif

enum { MOST_RESIDENT_KB = 50 * 1024, ADDRESS_SPACE = 512 << 20, STALL_SECONDS = 5 };

/* Shared between a child and its parent. */
struct progress {
  volatile uint64_t next; /* first case that was not begun */
  uint64_t refused, same, other, hollow;
};

static const char *const texts[] = {"How do I reset my password?",
                                    "Explain why the queue grows although every worker is idle.",
                                    "", "\xff\xfe broken \xc3", "SELECT 3.14 FROM t; x^2 \\frac{1}{2}"};
enum { TEXTS = sizeof texts / sizeof *texts };

static uint64_t table[256];

static void make_table(void) {
  for (unsigned value = 0; value < 256; value++) {
    uint64_t r = value;
    for (int bit = 0; bit < 8; bit++) r = r & 1 ? (r >> 1) ^ 0xc96c5795d7870f42u : r >> 1;
    table[value] = r;
  }
}

static void seal(uint8_t *file, size_t length) {
  uint64_t state = ~(uint64_t)0;
  for (size_t i = 0; i < length - 8; i++) state = table[(uint8_t)state ^ file[i]] ^ (state >> 8);
  state = ~state;
  memcpy(file + length - 8, &state, 8);
}

/* Decides every text; 0 when a margin or probability is no number, or a candidate does not exist. */
static int score(const riddle_router *router, riddle_decision *decisions) {
  riddle_scratch *scratch = riddle_scratch_create(router);
  int sound = scratch != NULL;
  for (int i = 0; i < TEXTS && sound; i++) {
    riddle_query query = {.size = sizeof query, .text = texts[i], .text_length = strlen(texts[i]), .turn = 2};
    decisions[i].size = sizeof *decisions;
    sound = riddle_decide(router, scratch, &query, &decisions[i]) == RIDDLE_OK && !isnan(decisions[i].margin) &&
            decisions[i].probability >= 0 && decisions[i].probability <= 1 &&
            (int32_t)decisions[i].candidate < riddle_router_candidate_count(router);
  }
  riddle_scratch_destroy(scratch);
  return sound;
}

static void attempt(const uint8_t *bytes, size_t length, const riddle_decision *expected, struct progress *p) {
  riddle_router *router = NULL;
  riddle_error error = {.size = sizeof error};
  if (riddle_router_create(bytes, length, &router, &error) != RIDDLE_OK) {
    p->refused++;
    if (router != NULL || error.code >= 0 || error.message[0] == 0) abort(); /* a refusal without its reason */
    return;
  }
  riddle_decision found[TEXTS];
  if (!score(router, found)) {
    p->hollow++;
  } else {
    int same = 1;
    for (int i = 0; i < TEXTS; i++)
      same &= memcmp(&found[i].margin, &expected[i].margin, 8) == 0 && found[i].candidate == expected[i].candidate;
    if (same) p->same++; else p->other++;
  }
  riddle_router_destroy(router);
}

/* Values that break readers: counts, products that overflow, and what is no number. */
static const uint64_t wide[] = {0, 1, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0x2000000000000001,
                                0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000, 0x7fefffffffffffff};
static const uint32_t narrow[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x00100000, 0x7f800000,
                                  0xff800000, 0x7fc00000, 0x7f7fffff};
static const uint16_t halves[] = {0x7fff, 0xffff, 0x7c00, 0x7e00};
enum { WIDE = 10, NARROW = 10, HALVES = 4, BYTES = 3, EDITS = WIDE + NARROW + HALVES + BYTES };

enum kind { FLIPS, LENGTHS, APPENDED, SEALED, KINDS };
static const char *const kind_names[] = {"bit flips", "shorter lengths", "appended bytes", "sealed edits"};

static uint64_t case_count(enum kind kind, size_t length) {
  switch (kind) {
  case FLIPS: return (uint64_t)length * 8;
  case LENGTHS: return length;
  case APPENDED: return 3 * 64;
  default: return (uint64_t)(length - 16) * EDITS;
  }
}

/* Runs one case on `copy`, which equals the original before and after. It has room for twice the length. */
static void run_case(enum kind kind, uint64_t number, uint8_t *copy, const uint8_t *original, size_t length,
                     const riddle_decision *expected, struct progress *p) {
  switch (kind) {
  case FLIPS:
    copy[number / 8] ^= (uint8_t)(1u << number % 8);
    attempt(copy, length, expected, p);
    copy[number / 8] = original[number / 8];
    break;
  case LENGTHS:
    attempt(copy, (size_t)number, expected, p);
    break;
  case APPENDED: {
    size_t more = (size_t)(number / 3) + 1;
    if (number % 3 == 2) {
      memcpy(copy + length, original, more < length ? more : length);
    } else {
      memset(copy + length, number % 3 ? 0xff : 0, more);
    }
    attempt(copy, length + more, expected, p);
    break;
  }
  default: {
    size_t place = 8 + (size_t)(number / EDITS);
    unsigned edit = (unsigned)(number % EDITS);
    uint8_t bytes[8];
    size_t size;
    if (edit < WIDE) {
      size = 8;
      memcpy(bytes, &wide[edit], 8);
    } else if (edit < WIDE + NARROW) {
      size = 4;
      memcpy(bytes, &narrow[edit - WIDE], 4);
    } else if (edit < WIDE + NARROW + HALVES) {
      size = 2;
      memcpy(bytes, &halves[edit - WIDE - NARROW], 2);
    } else {
      static const uint8_t single[BYTES] = {0x00, 0x7f, 0xff};
      size = 1;
      bytes[0] = single[edit - WIDE - NARROW - HALVES];
    }
    if (place + size > length - 8 || memcmp(original + place, bytes, size) == 0) break;
    memcpy(copy + place, bytes, size);
    seal(copy, length);
    attempt(copy, length, expected, p);
    memcpy(copy + place, original + place, size);
    memcpy(copy + length - 8, original + length - 8, 8);
  }
  }
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int count, char **arguments) {
  uint64_t part = 0, parts = 1, flips_step = 1, edits_step = 1;
  int first = 1;
  while (first + 1 < count && strncmp(arguments[first], "--", 2) == 0) {
    const char *value = arguments[first + 1];
    if (strcmp(arguments[first], "--share") == 0 && sscanf(value, "%" SCNu64 "/%" SCNu64, &part, &parts) == 2 &&
        part < parts) {
    } else if (strcmp(arguments[first], "--flips-every") == 0 && sscanf(value, "%" SCNu64, &flips_step) == 1 &&
               flips_step > 0) {
    } else if (strcmp(arguments[first], "--edits-every") == 0 && sscanf(value, "%" SCNu64, &edits_step) == 1 &&
               edits_step > 0) {
    } else {
      break;
    }
    first += 2;
  }
  if (first >= count || strncmp(arguments[first], "--", 2) == 0) {
    fprintf(stderr, "usage: faults [--share K/N] [--flips-every STEP] [--edits-every STEP] FILE...\n");
    return 64;
  }
  make_table();
  struct progress *p = mmap(NULL, sizeof *p, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return 74;
  int failed = 0;
  for (int index = first; index < count; index++) {
    FILE *file = fopen(arguments[index], "rb");
    uint8_t *original = file ? malloc(64 << 20) : NULL;
    size_t length = original ? fread(original, 1, 64 << 20, file) : 0;
    if (file) fclose(file);
    riddle_router *router = NULL;
    riddle_error error = {.size = sizeof error};
    riddle_decision expected[TEXTS];
    if (length < 40 || riddle_router_create(original, length, &router, &error) != RIDDLE_OK ||
        !score(router, expected)) {
      fprintf(stderr, "%s: not a weight file that this library reads: %s\n", arguments[index], error.message);
      return 66;
    }
    riddle_router_destroy(router);
    uint8_t *copy = malloc(2 * length + 64);
    if (!copy) return 74;
    for (int kind = 0; kind < KINDS; kind++) {
      uint64_t cases = case_count(kind, length), crashes = 0, hangs = 0;
      double start = now();
      memset(p, 0, sizeof *p);
      p->next = part;
      while (p->next < cases) {
        pid_t child = fork();
        if (child < 0) return 74;
        if (child == 0) {
          struct rlimit limit = {ADDRESS_SPACE, ADDRESS_SPACE};
          if (HAS_LIMITS) setrlimit(RLIMIT_AS, &limit);
          limit.rlim_cur = limit.rlim_max = 0;
          setrlimit(RLIMIT_CORE, &limit);
          memcpy(copy, original, length);
          uint64_t stride = parts * (kind == FLIPS ? flips_step : kind == SEALED ? edits_step : 1);
          for (uint64_t number = p->next; number < cases; number += stride) {
            p->next = number + stride;
            run_case(kind, number, copy, original, length, expected, p);
          }
          _exit(0);
        }
        uint64_t seen = p->next;
        double moved = now();
        int status = 0;
        for (;;) {
          if (waitpid(child, &status, WNOHANG) == child) break;
          usleep(2000);
          if (p->next != seen) {
            seen = p->next;
            moved = now();
          } else if (now() - moved > STALL_SECONDS) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            hangs++;
            fprintf(stderr, "%s: %s: hangs before case %" PRIu64 "\n", arguments[index], kind_names[kind], p->next);
            status = -1;
            break;
          }
        }
        if (status > 0) {
          crashes++;
          fprintf(stderr, "%s: %s: status %d before case %" PRIu64 "\n", arguments[index], kind_names[kind], status,
                  p->next);
        }
      }
      uint64_t accepted = p->same + p->other + p->hollow;
      uint64_t tried = p->refused + accepted + crashes + hangs;
      int wrong = crashes || hangs || p->hollow || tried == 0 || (kind != SEALED && accepted);
      printf("%-28s %-16s %9" PRIu64 " tried %9" PRIu64 " refused %7" PRIu64 " accepted %3" PRIu64 " no number %3" PRIu64
             " crashed %3" PRIu64 " hung  %5.1f s%s\n",
             arguments[index] + (strlen(arguments[index]) > 28 ? strlen(arguments[index]) - 28 : 0), kind_names[kind],
             tried, p->refused, accepted, p->hollow, crashes, hangs, now() - start, wrong ? "  WRONG" : "");
      fflush(stdout);
      failed |= wrong;
    }
    free(copy);
    free(original);
  }
  struct rusage usage;
  getrusage(RUSAGE_CHILDREN, &usage);
  printf("largest resident set of a child: %.1f MB\n", (double)usage.ru_maxrss / 1024);
  return failed || (HAS_LIMITS && usage.ru_maxrss >= MOST_RESIDENT_KB);
}
