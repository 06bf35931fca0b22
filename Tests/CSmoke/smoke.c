/* Scores lines of text with a weight file through riddle.h, and nothing else.
 *
 *   smoke ROUTER.riddle < queries.txt
 *
 * Prints one line per query: the bits of the margin, the candidate's name. A damaged file prints why to standard
 * error and exits with 1. Lines may have any length and any bytes but a newline. */
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
    got = fread(bytes + count, 1, capacity - count, file);
    count += got;
  } while (count == capacity);
  fclose(file);
  *length = count;
  return bytes;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s ROUTER.riddle < queries.txt\n", argv[0]);
    return 64;
  }
  if (riddle_abi_version() != RIDDLE_ABI_VERSION) {
    fprintf(stderr, "library and header differ in version\n");
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
  if (riddle_router_create(bytes, length, &router, &error) != RIDDLE_OK) {
    fprintf(stderr, "%s: %s (code %d, section '%s', offset %llu, expected %llu, found %llu)\n", argv[1],
            error.message, (int)error.code, error.section, (unsigned long long)error.offset,
            (unsigned long long)error.expected, (unsigned long long)error.actual);
    free(bytes);
    return 1;
  }
  free(bytes);
  riddle_scratch *scratch = riddle_scratch_create(router);
  char *line = NULL;
  size_t capacity = 0;
  ssize_t count;
  int status = 0;
  while ((count = getline(&line, &capacity, stdin)) >= 0) {
    if (count > 0 && line[count - 1] == '\n') count--;
    riddle_query query = {.size = sizeof query, .text = line, .text_length = (size_t)count};
    riddle_decision decision = {.size = sizeof decision};
    char name[256];
    if (riddle_decide(router, scratch, &query, &decision) != RIDDLE_OK ||
        riddle_router_candidate_name(router, (int32_t)decision.candidate, name, sizeof name) < 0) {
      status = 1;
      break;
    }
    unsigned long long bits;
    memcpy(&bits, &decision.margin, sizeof bits);
    printf("%016llx %s\n", bits, name);
  }
  free(line);
  riddle_scratch_destroy(scratch);
  riddle_router_destroy(router);
  return status;
}
