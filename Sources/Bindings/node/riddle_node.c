/* The Node addon under riddle.js: riddle.h through Node-API, which keeps its shape over versions of Node.
 *
 *   cc -O2 -shared -fPIC -I /usr/include/node -I LIBRARY riddle_node.c LIBRARY/libriddle.a -o riddle.node
 *
 * The arguments were checked by riddle.js; a byte array is a Uint8Array. */
#include "riddle.h"
#include <node_api.h>
#include <stdlib.h>

#define CHECK(call) \
  do { if ((call) != napi_ok) { napi_throw_error(env, NULL, "riddle: unexpected argument"); return NULL; } } while (0)

/* A router and the memory of the one thread that runs this JavaScript. */
typedef struct handle {
  riddle_router *router;
  riddle_scratch *scratch;
} handle;

static void destroy(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  handle *h = data;
  riddle_scratch_destroy(h->scratch);
  riddle_router_destroy(h->router);
  free(h);
}

/* The memory of a typed array; null when it is null or undefined. */
static int numbers(napi_env env, napi_value value, void **data, size_t *length) {
  napi_valuetype type;
  *data = NULL, *length = 0;
  if (napi_typeof(env, value, &type) != napi_ok) return 0;
  if (type == napi_undefined || type == napi_null) return 1;
  return napi_get_typedarray_info(env, value, NULL, length, data, NULL, NULL) == napi_ok;
}

static napi_value refused(napi_env env, int32_t code) {
  napi_throw_error(env, NULL, code == RIDDLE_BAD_EMBEDDING
                                  ? "riddle: the embedding has another length than the router reads, or is not finite"
                                  : "riddle: invalid argument");
  return NULL;
}

/* open(bytes) -> handle */
static napi_value open_router(napi_env env, napi_callback_info info) {
  napi_value argument, result;
  size_t count = 1, length;
  void *bytes;
  CHECK(napi_get_cb_info(env, info, &count, &argument, NULL, NULL));
  if (!numbers(env, argument, &bytes, &length)) return refused(env, RIDDLE_INVALID_ARGUMENT);
  riddle_error error = {.size = sizeof error};
  handle *h = calloc(1, sizeof *h);
  if (!h) abort();
  if (riddle_router_create(bytes, length, &h->router, &error) != RIDDLE_OK) {
    free(h);
    napi_throw_error(env, NULL, error.message);
    return NULL;
  }
  h->scratch = riddle_scratch_create(h->router);
  CHECK(napi_create_external(env, h, destroy, NULL, &result));
  return result;
}

/* candidates(handle) -> names */
static napi_value candidates(napi_env env, napi_callback_info info) {
  napi_value argument, list, name;
  size_t count = 1;
  handle *h;
  CHECK(napi_get_cb_info(env, info, &count, &argument, NULL, NULL));
  CHECK(napi_get_value_external(env, argument, (void **)&h));
  CHECK(napi_create_array(env, &list));
  for (int32_t i = 0; i < riddle_router_candidate_count(h->router); i++) {
    int32_t length = riddle_router_candidate_name(h->router, i, NULL, 0);
    char *buffer = malloc((size_t)length + 1);
    if (!buffer) abort();
    riddle_router_candidate_name(h->router, i, buffer, (size_t)length + 1);
    napi_status status = napi_create_string_utf8(env, buffer, (size_t)length, &name);
    free(buffer);
    CHECK(status);
    CHECK(napi_set_element(env, list, (uint32_t)i, name));
  }
  return list;
}

/* decide(handle, text, turn, userTier, taskType, domain, embedding, out): out = [candidate, margin, threshold, probability] */
static napi_value decide(napi_env env, napi_callback_info info) {
  napi_value a[8];
  size_t count = 8, outputs;
  handle *h;
  riddle_query query = {.size = sizeof query};
  riddle_decision decision = {.size = sizeof decision};
  double *out;
  CHECK(napi_get_cb_info(env, info, &count, a, NULL, NULL));
  CHECK(napi_get_value_external(env, a[0], (void **)&h));
  CHECK(napi_get_value_int32(env, a[2], &query.turn));
  if (!numbers(env, a[1], (void **)&query.text, &query.text_length) ||
      !numbers(env, a[3], (void **)&query.user_tier, &query.user_tier_length) ||
      !numbers(env, a[4], (void **)&query.task_type, &query.task_type_length) ||
      !numbers(env, a[5], (void **)&query.domain, &query.domain_length) ||
      !numbers(env, a[6], (void **)&query.embedding, &query.embedding_count) ||
      !numbers(env, a[7], (void **)&out, &outputs) || outputs < 4) {
    return refused(env, RIDDLE_INVALID_ARGUMENT);
  }
  int32_t code = riddle_decide(h->router, h->scratch, &query, &decision);
  if (code != RIDDLE_OK) return refused(env, code);
  out[0] = decision.candidate, out[1] = decision.margin, out[2] = decision.threshold, out[3] = decision.probability;
  return NULL;
}

/* decideBatch(handle, text, offsets, candidates, margins, probabilities): arrays of count + 1 and count entries */
static napi_value decide_batch(napi_env env, napi_callback_info info) {
  napi_value a[6];
  size_t count = 6, offsets, lengths[3];
  handle *h;
  riddle_batch batch = {.size = sizeof batch};
  CHECK(napi_get_cb_info(env, info, &count, a, NULL, NULL));
  CHECK(napi_get_value_external(env, a[0], (void **)&h));
  if (!numbers(env, a[1], (void **)&batch.text, &batch.text_length) ||
      !numbers(env, a[2], (void **)&batch.offsets, &offsets) ||
      !numbers(env, a[3], (void **)&batch.candidates, &lengths[0]) ||
      !numbers(env, a[4], (void **)&batch.margins, &lengths[1]) ||
      !numbers(env, a[5], (void **)&batch.probabilities, &lengths[2])) {
    return refused(env, RIDDLE_INVALID_ARGUMENT);
  }
  batch.count = offsets ? offsets - 1 : 0;
  for (int i = 0; i < 3; i++) {
    if (lengths[i] != batch.count) return refused(env, RIDDLE_INVALID_ARGUMENT);
  }
  int32_t code = riddle_decide_batch(h->router, h->scratch, &batch);
  return code == RIDDLE_OK ? NULL : refused(env, code);
}

NAPI_MODULE_INIT() {
  const struct { const char *name; napi_callback function; } functions[] = {
      {"open", open_router}, {"candidates", candidates}, {"decide", decide}, {"decideBatch", decide_batch}};
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    napi_value function;
    CHECK(napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].function, NULL, &function));
    CHECK(napi_set_named_property(env, exports, functions[i].name, function));
  }
  return exports;
}
