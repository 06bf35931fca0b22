/* Decides queries from C.
 *
 *   cc -O2 -I LIBRARY example.c LIBRARY/libriddle.a -o example
 *   ./example router.riddle "How do I reset my password?"
 *   ./example router.riddle < queries.netstrings
 *
 * Prints the bits of each margin and the candidate. Without queries as arguments it reads netstrings, LENGTH:BYTES, one
 * after the other, because a query may contain newlines and zeros. A weight file that is refused says why and exits with 1. */
#include "riddle.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned char *read_file(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  unsigned char *bytes = NULL;
  size_t capacity = 0, count = 0, got = 0;
  do {
    capacity = capacity ? capacity * 2 : 65536;
    bytes = realloc(bytes, capacity);
    if (!bytes) abort();
    got = fread(bytes + count, 1, capacity - count, file);
    count += got;
  } while (count == capacity);
  fclose(file);
  *length = count;
  return bytes;
}

static int decide(const riddle_router *router, riddle_scratch *scratch, const char *text, size_t length) {
  riddle_query query = {.size = sizeof query, .text = text, .text_length = length};
  riddle_decision decision = {.size = sizeof decision};
  char name[256];
  if (riddle_decide(router, scratch, &query, &decision) != RIDDLE_OK ||
      riddle_router_candidate_name(router, (int32_t)decision.candidate, name, sizeof name) < 0) {
    return 1;
  }
  unsigned long long bits;
  memcpy(&bits, &decision.margin, sizeof bits);
  printf("%016llx %s\n", bits, name);
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s ROUTER.riddle [QUERY ...]\n", argv[0]);
    return 64;
  }
  if (riddle_abi_version() < RIDDLE_ABI_VERSION) {
    fprintf(stderr, "the library is older than the header\n");
    return 1;
  }
  size_t length = 0;
  unsigned char *bytes = read_file(argv[1], &length);
  if (!bytes) {
    perror(argv[1]);
    return 66;
  }
  riddle_router *router = NULL;
  riddle_error error = {.size = sizeof error};
  int32_t code = riddle_router_create(bytes, length, &router, &error);
  free(bytes);
  if (code != RIDDLE_OK) {
    fprintf(stderr, "%s: %s (code %d, section '%s', offset %llu, expected %llu, found %llu)\n", argv[1],
            error.message, (int)error.code, error.section, (unsigned long long)error.offset,
            (unsigned long long)error.expected, (unsigned long long)error.actual);
    return 1;
  }
  riddle_scratch *scratch = riddle_scratch_create(router);
  int status = 0;
  for (int i = 2; i < argc && !status; i++) status = decide(router, scratch, argv[i], strlen(argv[i]));
  char *text = NULL;
  while (argc == 2 && !status && scanf("%zu", &length) == 1) {
    text = realloc(text, length + 1);
    if (!text) abort();
    if (getchar() != ':' || fread(text, 1, length, stdin) != length || getchar() != ',') {
      fprintf(stderr, "not a whole netstring\n");
      status = 65;
    } else {
      status = decide(router, scratch, text, length);
    }
  }
  free(text);
  riddle_scratch_destroy(scratch);
  riddle_router_destroy(router);
  return status;
}
