/* 64 threads on one router: each with a scratch of its own, some opening and closing routers of their own meanwhile.
 * Every margin must have the bits that one thread alone computes. Built with ThreadSanitizer by sanitize.sh.
 *
 *   threads ROUTER QUERIES [race]
 *
 * With `race` all threads use one scratch, which the contract forbids: a sanitizer that works must complain.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "riddle.h"

enum { THREADS = 64, ROUNDS = 4, MOST = 4096 };

static uint8_t *file;
static size_t file_length;
static char *queries[MOST];
static double margins[MOST];
static uint32_t candidates[MOST];
static int query_count;
static riddle_router *shared;
static riddle_scratch *forbidden;

static int decide(const riddle_router *router, riddle_scratch *scratch, int i, riddle_decision *decision) {
  riddle_query query = {.size = sizeof query, .text = queries[i], .text_length = strlen(queries[i]), .turn = i % 5};
  decision->size = sizeof *decision;
  return riddle_decide(router, scratch, &query, decision);
}

static void *work(void *argument) {
  intptr_t number = (intptr_t)argument;
  intptr_t differences = 0;
  for (int round = 0; round < ROUNDS; round++) {
    riddle_router *own = NULL;
    /* Every fourth thread opens the bytes that all share, and releases its router before the others are done. */
    if (number % 4 == 0 && riddle_router_create(file, file_length, &own, NULL) != RIDDLE_OK) return (void *)-1;
    const riddle_router *router = own ? own : shared;
    riddle_scratch *scratch = forbidden ? forbidden : riddle_scratch_create(router);
    for (int k = 0; k < query_count; k++) {
      int i = (k + (int)number * 17) % query_count;
      riddle_decision decision;
      if (decide(router, scratch, i, &decision) != RIDDLE_OK || memcmp(&decision.margin, &margins[i], 8) != 0 ||
          decision.candidate != candidates[i])
        differences++;
    }
    char name[64];
    if (riddle_router_candidate_name(router, 0, name, sizeof name) < 0) differences++;
    if (!forbidden) riddle_scratch_destroy(scratch);
    riddle_router_destroy(own);
  }
  return (void *)differences;
}

int main(int count, char **arguments) {
  if (count != 3 && count != 4) return 64;
  FILE *router = fopen(arguments[1], "rb"), *lines = fopen(arguments[2], "rb");
  if (!router || !lines) return 66;
  file = malloc(64 << 20);
  file_length = fread(file, 1, 64 << 20, router);
  char line[65536];
  while (query_count < 200 && fgets(line, sizeof line, lines)) queries[query_count++] = strdup(line);
  if (riddle_router_create(file, file_length, &shared, NULL) != RIDDLE_OK) return 65;
  riddle_scratch *scratch = riddle_scratch_create(shared);
  for (int i = 0; i < query_count; i++) {
    riddle_decision decision;
    if (decide(shared, scratch, i, &decision) != RIDDLE_OK) return 70;
    margins[i] = decision.margin;
    candidates[i] = decision.candidate;
  }
  if (count == 4) {
    forbidden = scratch;
  } else {
    riddle_scratch_destroy(scratch);
  }
  pthread_t threads[THREADS];
  for (intptr_t i = 0; i < THREADS; i++)
    if (pthread_create(&threads[i], NULL, work, (void *)i) != 0) return 71;
  intptr_t differences = 0;
  for (int i = 0; i < THREADS; i++) {
    void *result;
    pthread_join(threads[i], &result);
    differences += (intptr_t)result != 0;
  }
  riddle_router_destroy(shared);
  printf("%d threads x %d decisions: %ld threads saw another margin\n", THREADS, ROUNDS * query_count, (long)differences);
  return differences != 0;
}
