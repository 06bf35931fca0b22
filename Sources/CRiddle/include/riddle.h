/* riddle.h: the C contract of the Riddle scorer.
 *
 * Turns a query into a routing decision with the weights of one .riddle file. Needs libc and nothing else.
 *
 * Threads   A router is immutable and may be shared by any number of threads. A scratch belongs to one thread
 *           at a time.
 * Memory    riddle_decide allocates nothing once its scratch has grown to the longest query seen.
 * Errors    Functions that can fail return RIDDLE_OK or a negative code; details go to the optional riddle_error.
 *           Bytes that are not a valid weight file, and text that is not valid UTF-8, never trap.
 * Structs   Set .size to sizeof the struct before a call. Later versions only append fields.
 */
#ifndef RIDDLE_H
#define RIDDLE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Version of this contract. It grows when a function or field is added. */
#define RIDDLE_ABI_VERSION 2

enum {
  RIDDLE_OK = 0,
  RIDDLE_INVALID_ARGUMENT = -1,   /* a null pointer or a struct of the wrong size */
  RIDDLE_NOT_A_WEIGHT_FILE = -2,  /* another format, or too short or long for one */
  RIDDLE_DAMAGED = -3,            /* wrong length, wrong checksum, or a value that breaks the format */
  RIDDLE_UNSUPPORTED_VERSION = -4,/* a newer or older format, or another featurizer */
  RIDDLE_PROBE_MISMATCH = -5,     /* this build computes other bits than the writer did */
  RIDDLE_BUFFER_TOO_SMALL = -6,
  RIDDLE_BAD_EMBEDDING = -7       /* an embedding of another length than the router reads, or not finite */
};

typedef struct riddle_router riddle_router;
typedef struct riddle_scratch riddle_scratch;

/* Why a call failed. */
typedef struct riddle_error {
  uint32_t size;       /* in: sizeof(riddle_error) */
  int32_t code;        /* the returned code */
  uint64_t offset;     /* byte offset in the weight file, or 0 */
  uint64_t expected;   /* what the file states: length, checksum or version; or 0 */
  uint64_t actual;     /* what was found; or 0 */
  char section[8];     /* section at fault, for example "MODL"; empty if none */
  char message[96];    /* one English sentence, zero-terminated */
} riddle_error;

/* One request. Strings are UTF-8 with a length and need no terminating zero; a null pointer means unknown. */
typedef struct riddle_query {
  uint32_t size;       /* in: sizeof(riddle_query) */
  int32_t turn;        /* position in the conversation from 1; 0 unknown */
  const char *text;
  size_t text_length;
  const char *user_tier;
  size_t user_tier_length;
  const char *task_type;
  size_t task_type_length;
  const char *domain;
  size_t domain_length;
  /* Since version 2. A caller of version 1 sets .size to the end of domain_length and has no embedding. */
  const float *embedding;   /* null: unknown, read as that of an average query */
  size_t embedding_count;   /* riddle_router_embedding_count(router), or any if that is 0 */
} riddle_query;

/* What the router says. */
typedef struct riddle_decision {
  uint32_t size;       /* in: sizeof(riddle_decision) */
  uint32_t candidate;  /* index of the chosen candidate; 0 is the cheapest */
  uint32_t head;       /* head that decided */
  uint32_t reserved;   /* 0 */
  double margin;       /* log-odds of that head */
  double threshold;    /* margin >= threshold climbs above candidate `head` */
  double probability;  /* calibrated probability that the query must climb */
} riddle_decision;

/* RIDDLE_ABI_VERSION of the library. */
int32_t riddle_abi_version(void);

/* Validates `length` bytes of a weight file, replays its probes, and makes a router. The bytes are copied. */
int32_t riddle_router_create(const uint8_t *bytes, size_t length, riddle_router **router, riddle_error *error);
void riddle_router_destroy(riddle_router *router);

/* Number of candidates; at least 2. */
int32_t riddle_router_candidate_count(const riddle_router *router);
/* Copies the name of candidate `index` with a terminating zero; returns its length without it, or a negative code. */
int32_t riddle_router_candidate_name(const riddle_router *router, int32_t index, char *buffer, size_t capacity);

/* Number of values of the embedding that the router reads; 0 if it reads none. Since version 2. */
int32_t riddle_router_embedding_count(const riddle_router *router);

/* Working memory for the router's queries: one per thread. */
riddle_scratch *riddle_scratch_create(const riddle_router *router);
void riddle_scratch_destroy(riddle_scratch *scratch);

/* Decides one query. `scratch` must have been made for `router`. A router that reads no embedding ignores one. */
int32_t riddle_decide(const riddle_router *router, riddle_scratch *scratch, const riddle_query *query,
                      riddle_decision *decision);

#ifdef __cplusplus
}
#endif

#endif
