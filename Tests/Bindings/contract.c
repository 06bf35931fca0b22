/* Holds the library against promises of riddle.h that no other language can look at.
 *
 *   contract ROUTER.riddle < queries.netstrings
 *
 * Prints the bits of every margin and the candidate, as the examples do, after it has seen that
 *   - 1, 8 and 64 threads with a scratch each, and one batch, give the same bits;
 *   - deciding allocates nothing once a scratch has seen the longest query (malloc and its like are counted);
 *   - callers of versions 1 and 2, compiled against their smaller structs, get the same bits;
 *   - a scratch may outlive its router, and nonsense is refused. */
#include "riddle.h"
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Linked with --wrap for each of these. */
static atomic_long allocations;
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
int __real_posix_memalign(void **memory, size_t alignment, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size) { allocations++; return __real_malloc(size); }
void *__wrap_calloc(size_t count, size_t size) { allocations++; return __real_calloc(count, size); }
void *__wrap_realloc(void *memory, size_t size) { allocations++; return __real_realloc(memory, size); }
int __wrap_posix_memalign(void **m, size_t a, size_t size) { allocations++; return __real_posix_memalign(m, a, size); }
void *__wrap_aligned_alloc(size_t a, size_t size) { allocations++; return __real_aligned_alloc(a, size); }

#define REQUIRE(what) \
  do { if (!(what)) { fprintf(stderr, "contract: line %d: %s\n", __LINE__, #what); exit(1); } } while (0)

static riddle_router *router;
static char *text;
static uint64_t *offsets;
static size_t count;
static riddle_decision *first;  /* one per query, by one thread */

static void *read_all(FILE *file, size_t *length) {
  char *bytes = NULL;
  size_t capacity = 0, got;
  *length = 0;
  REQUIRE(file);
  do {
    capacity = capacity ? capacity * 2 : 1 << 20;
    REQUIRE((bytes = realloc(bytes, capacity)));
    got = fread(bytes + *length, 1, capacity - *length, file);
    *length += got;
  } while (*length == capacity);
  return bytes;
}

static void decide(riddle_scratch *scratch, size_t i, riddle_decision *decision) {
  riddle_query query = {.size = sizeof query, .text = text + offsets[i], .text_length = offsets[i + 1] - offsets[i]};
  *decision = (riddle_decision){.size = sizeof *decision};
  REQUIRE(riddle_decide(router, scratch, &query, decision) == RIDDLE_OK);
}

/* One of `n` threads: decides every query, beginning at its own place, and compares. */
static void *work(void *argument) {
  size_t start = (size_t)argument;
  riddle_scratch *scratch = riddle_scratch_create(router);
  for (size_t k = 0; k < count; k++) {
    size_t i = (start + k) % count;
    if (offsets[i + 1] - offsets[i] > 100000 && start != i && start != 0) continue;  /* each large one by few threads */
    riddle_decision decision;
    decide(scratch, i, &decision);
    REQUIRE(memcmp(&decision, &first[i], sizeof decision) == 0);
  }
  riddle_scratch_destroy(scratch);
  return NULL;
}

static void threads(size_t n) {
  pthread_t ids[64];
  for (size_t t = 0; t < n; t++) REQUIRE(pthread_create(&ids[t], NULL, work, (void *)(t * count / n)) == 0);
  for (size_t t = 0; t < n; t++) pthread_join(ids[t], NULL);
}

static void batches(riddle_scratch *scratch) {
  uint32_t *candidates = calloc(count, sizeof *candidates);
  size_t steps = (size_t)riddle_router_candidate_count(router) - 1;
  double *margins = calloc(count, sizeof *margins), *probabilities = calloc(count, sizeof *probabilities);
  double *all = calloc(count * steps, sizeof *all), one[64];
  riddle_batch batch = {.size = sizeof batch, .count = count, .text = text, .text_length = offsets[count],
                        .offsets = offsets, .candidates = candidates, .margins = margins,
                        .probabilities = probabilities, .step_margins = all};
  long before = allocations;
  REQUIRE(riddle_decide_batch(router, scratch, &batch) == RIDDLE_OK);
  REQUIRE(allocations == before);
  for (size_t i = 0; i < count; i++) {
    REQUIRE(candidates[i] == first[i].candidate);
    REQUIRE(memcmp(&margins[i], &first[i].margin, sizeof(double)) == 0);
    REQUIRE(memcmp(&probabilities[i], &first[i].probability, sizeof(double)) == 0);
    REQUIRE(memcmp(&all[i * steps + first[i].head], &margins[i], sizeof(double)) == 0);
  }
  riddle_query query = {.size = sizeof query, .text = text, .text_length = offsets[1]};
  REQUIRE(riddle_step_margins(router, scratch, &query, one, 64) == (int32_t)steps);
  REQUIRE(memcmp(one, all, steps * sizeof(double)) == 0);
  REQUIRE(riddle_step_margins(router, scratch, &query, one, steps - 1) == RIDDLE_BUFFER_TOO_SMALL);

  /* Nonsense is refused before anything is written. */
  memset(margins, 0x55, count * sizeof *margins);
  uint64_t kept = offsets[count / 2];
  offsets[count / 2] = offsets[count] + 1;
  REQUIRE(riddle_decide_batch(router, scratch, &batch) == RIDDLE_INVALID_ARGUMENT);
  offsets[count / 2] = kept;
  batch.text_length -= 1;
  REQUIRE(riddle_decide_batch(router, scratch, &batch) == RIDDLE_INVALID_ARGUMENT);
  batch.text_length += 1;
  batch.size -= 1;
  REQUIRE(riddle_decide_batch(router, scratch, &batch) == RIDDLE_INVALID_ARGUMENT);
  batch.size += 1, batch.count = SIZE_MAX;
  REQUIRE(riddle_decide_batch(router, scratch, &batch) == RIDDLE_INVALID_ARGUMENT);
  batch.count = count, batch.text = NULL;
  REQUIRE(riddle_decide_batch(router, scratch, &batch) == RIDDLE_INVALID_ARGUMENT);
  for (size_t i = 0; i < count; i++) REQUIRE(((unsigned char *)&margins[i])[0] == 0x55);
  batch = (riddle_batch){.size = sizeof batch};
  REQUIRE(riddle_decide_batch(router, scratch, &batch) == RIDDLE_OK);
  free(candidates), free(margins), free(probabilities), free(all);
}

/* The structs of versions 1 and 2, as those callers were compiled. */
static void older_callers(riddle_scratch *scratch) {
  struct query_1 {
    uint32_t size;
    int32_t turn;
    const char *text;
    size_t text_length;
    const char *tier;
    size_t tier_length;
    const char *task;
    size_t task_length;
    const char *domain;
    size_t domain_length;
    unsigned char not_ours[32];
  } one = {.size = offsetof(struct query_1, not_ours), .text = text, .text_length = offsets[1]};
  memset(one.not_ours, 0xff, sizeof one.not_ours);
  struct query_2 {
    struct query_1 one;
  } two;
  two.one = one;
  two.one.size = sizeof(riddle_query);
  memset(two.one.not_ours, 0, sizeof two.one.not_ours);
  riddle_decision decision = {.size = sizeof decision};
  REQUIRE(riddle_decide(router, scratch, (riddle_query *)&one, &decision) == RIDDLE_OK);
  REQUIRE(memcmp(&decision.margin, &first[0].margin, sizeof(double)) == 0);
  decision.margin = 0;
  REQUIRE(riddle_decide(router, scratch, (riddle_query *)&two, &decision) == RIDDLE_OK);
  REQUIRE(memcmp(&decision.margin, &first[0].margin, sizeof(double)) == 0);
  one.size -= 1;
  REQUIRE(riddle_decide(router, scratch, (riddle_query *)&one, &decision) == RIDDLE_INVALID_ARGUMENT);
}

static void what_it_is(void) {
  riddle_info info = {.size = sizeof info};
  REQUIRE(riddle_router_info(router, &info) == RIDDLE_OK);
  REQUIRE((int32_t)info.candidate_count == riddle_router_candidate_count(router));
  char key[512], value[65536];
  for (int32_t i = 0; i < (int32_t)info.metadata_count; i++) {
    int32_t length = riddle_router_metadata_key(router, i, key, sizeof key);
    REQUIRE(length > 0 && length == (int32_t)strlen(key));
    int32_t size = riddle_router_metadata(router, key, (size_t)length, NULL, 0);
    REQUIRE(size >= 0 && riddle_router_metadata(router, key, (size_t)length, value, (size_t)size) == RIDDLE_BUFFER_TOO_SMALL);
    REQUIRE(riddle_router_metadata(router, key, (size_t)length, value, sizeof value) == size);
  }
  REQUIRE(riddle_router_metadata(router, "no such key", 11, value, sizeof value) == RIDDLE_NOT_FOUND);
  REQUIRE(riddle_router_metadata_key(router, (int32_t)info.metadata_count, key, sizeof key) == RIDDLE_INVALID_ARGUMENT);
  for (int32_t i = 0; i + 1 < (int32_t)info.candidate_count; i++) {
    double threshold;
    int32_t guarantee = -1;
    REQUIRE(riddle_router_threshold(router, i, &threshold, &guarantee) == RIDDLE_OK);
    REQUIRE(isfinite(threshold) && guarantee >= 0 && guarantee <= RIDDLE_GUARANTEE_LOSS_SHARE);
  }
  for (int32_t i = 0; i < (int32_t)info.candidate_count; i++) {
    int64_t cost = -2;
    REQUIRE(riddle_router_candidate_cost(router, i, &cost) == RIDDLE_OK && cost >= -1);
  }
}

int main(int argc, char **argv) {
  setlocale(LC_ALL, "");
  if (getenv("EXPECT_COMMA")) REQUIRE(strcmp(localeconv()->decimal_point, ",") == 0);
  REQUIRE(argc == 2 && riddle_abi_version() == RIDDLE_ABI_VERSION);
  size_t length, input_length;
  uint8_t *bytes = read_all(fopen(argv[1], "rb"), &length);
  riddle_error error = {.size = sizeof error};
  if (riddle_router_create(bytes, length, &router, &error) != RIDDLE_OK) {
    fprintf(stderr, "%s: %s\n", argv[1], error.message);
    return 1;
  }
  char *input = read_all(stdin, &input_length);
  text = malloc(input_length + 1);
  offsets = calloc(input_length / 3 + 2, sizeof *offsets);  /* the shortest netstring has three bytes */
  for (char *at = input; at < input + input_length;) {
    char *colon;
    size_t size = strtoul(at, &colon, 10);
    REQUIRE(colon > at && *colon == ':' && size < (size_t)(input + input_length - colon) && colon[1 + size] == ',');
    memcpy(text + offsets[count], colon + 1, size);
    offsets[count + 1] = offsets[count] + size;
    count++;
    at = colon + 2 + size;
  }
  first = calloc(count, sizeof *first);
  long before_scratch = allocations;
  riddle_scratch *scratch = riddle_scratch_create(router);
#ifndef DOES_NOT_COUNT
  REQUIRE(allocations > before_scratch);  /* the library's are counted, too */
#else
  (void)before_scratch;
#endif
  for (size_t i = 0; i < count; i++) decide(scratch, i, &first[i]);
  long before = allocations;
  for (size_t i = 0; i < count; i++) {
    riddle_decision again;
    decide(scratch, i, &again);
    REQUIRE(memcmp(&again, &first[i], sizeof again) == 0);
  }
  REQUIRE(allocations == before);
  batches(scratch);
  older_callers(scratch);
  what_it_is();
  threads(1), threads(8), threads(64);
  for (size_t i = 0; i < count; i++) {
    unsigned long long bits;
    char name[256];
    memcpy(&bits, &first[i].margin, sizeof bits);
    REQUIRE(riddle_router_candidate_name(router, (int32_t)first[i].candidate, name, sizeof name) >= 0);
    printf("%016llx %s\n", bits, name);
  }
  /* In either order, and with another router that reads the same features. */
  riddle_router *other = NULL;
  REQUIRE(riddle_router_create(bytes, length, &other, NULL) == RIDDLE_OK);
  riddle_router_destroy(router);
  router = other;
  riddle_decision again;
  decide(scratch, 0, &again);
  REQUIRE(memcmp(&again, &first[0], sizeof again) == 0);
  riddle_router_destroy(other);
  riddle_scratch_destroy(scratch);
  riddle_router_destroy(NULL), riddle_scratch_destroy(NULL);
  free(bytes), free(input), free(text), free(offsets), free(first);
  return 0;
}
