/* riddle.h: the C contract of the Riddle scorer.
 *
 * Turns a query into a routing decision with the weights of one .riddle file. Needs libc and nothing else.
 *
 *   riddle_router *router;
 *   riddle_error error = {.size = sizeof error};
 *   if (riddle_router_create(bytes, length, &router, &error)) { puts(error.message); exit(1); }
 *   riddle_scratch *scratch = riddle_scratch_create(router);
 *   riddle_query query = {.size = sizeof query, .text = text, .text_length = strlen(text)};
 *   riddle_decision decision = {.size = sizeof decision};
 *   riddle_decide(router, scratch, &query, &decision);      // decision.candidate, .margin, .probability
 *
 * Threads   A router never changes: any number of threads may use one at the same time, without a lock. A scratch is
 *           working memory: one call at a time, from any thread. Create and destroy may be called from any thread.
 * Memory    What a create function returns is the caller's until its destroy function; destroy functions accept null.
 *           A scratch keeps what it needs of its router: they may be destroyed in any order. Everything else that is
 *           passed in stays the caller's and is not read or written after the call returns.
 *           Deciding allocates nothing once the scratch has grown to the longest query seen.
 * Strings   UTF-8 with a length; they need no terminating zero and may contain zeros. Text that is not valid UTF-8 is
 *           scored like any other bytes. A null pointer means unknown, or for a text the empty one, whatever its length.
 * Errors    Functions that can fail return a negative code and then have written nothing but the riddle_error.
 *           Bytes that are not a valid weight file, and text of any kind, never trap, hang or exit. The one thing that
 *           ends the process is the end of its memory.
 * Structs   Set .size to sizeof the struct, and everything you do not use to zero, before a call. Later versions only
 *           append fields, and accept the sizes of earlier ones.
 * Results   The same bits for the same bytes in every build, on every thread, under every locale.
 */
#ifndef RIDDLE_H
#define RIDDLE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Version of this contract. It grows when a function or field is added; a program works with every library whose
 * riddle_abi_version() is at least the RIDDLE_ABI_VERSION that it was compiled with.
 * 2: embeddings. 3: batches, step margins, thresholds, mean costs, the model card, riddle_info. */
#define RIDDLE_ABI_VERSION 3

enum {
  RIDDLE_OK = 0,
  RIDDLE_INVALID_ARGUMENT = -1,   /* a null pointer, an index or length out of range, or .size not set */
  RIDDLE_NOT_A_WEIGHT_FILE = -2,  /* another format, or too short or long for one */
  RIDDLE_DAMAGED = -3,            /* wrong length, wrong checksum, or a value that breaks the format */
  RIDDLE_UNSUPPORTED_VERSION = -4,/* a newer or older format, or another featurizer */
  RIDDLE_PROBE_MISMATCH = -5,     /* this build computes other bits than the writer did */
  RIDDLE_BUFFER_TOO_SMALL = -6,   /* nothing was copied */
  RIDDLE_BAD_EMBEDDING = -7,      /* an embedding of another length than the router reads, or not finite */
  RIDDLE_NOT_FOUND = -8           /* no entry of that name; since version 3 */
};

/* What a threshold promises about the quality lost against always asking the dearest candidate. The model card says how
 * much, how sure and about which queries. */
enum {
  RIDDLE_GUARANTEE_NONE = 0,
  RIDDLE_GUARANTEE_MEAN_LOSS = 1,             /* the mean loss stays below a limit, at any number of rows */
  RIDDLE_GUARANTEE_ASYMPTOTIC_MEAN_LOSS = 2,  /* the same, right for a large number of rows */
  RIDDLE_GUARANTEE_LOSS_SHARE = 3             /* the share of queries that lose anything stays below a limit */
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

/* One request. */
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
  uint32_t head;       /* step of the ladder that decided */
  uint32_t reserved;   /* 0 */
  double margin;       /* margin of that step: log-odds, or value gained per unit of price */
  double threshold;    /* margin >= threshold climbs above candidate `head` */
  double probability;  /* calibrated probability that the query must climb */
} riddle_decision;

/* Many requests and where their decisions go. Since version 3.
 * Query i is the bytes text[offsets[i]] ... text[offsets[i + 1] - 1]: offsets has count + 1 entries, none smaller than the
 * one before it and none larger than text_length. That is the layout of an Arrow large_string column. */
typedef struct riddle_batch {
  uint32_t size;             /* in: sizeof(riddle_batch) */
  uint32_t reserved;         /* in: 0 */
  size_t count;              /* number of queries */
  const char *text;
  size_t text_length;
  const uint64_t *offsets;   /* count + 1; not read when count is 0 */
  const int32_t *turns;      /* count, or null: unknown */
  const char *user_tier;     /* of all queries, or null */
  size_t user_tier_length;
  const char *task_type;     /* of all queries, or null */
  size_t task_type_length;
  const char *domain;        /* of all queries, or null */
  size_t domain_length;
  const float *embeddings;   /* count rows of embedding_count, or null */
  size_t embedding_count;
  /* out, each may be null */
  uint32_t *candidates;      /* count */
  double *margins;           /* count */
  double *probabilities;     /* count */
  double *step_margins;      /* count rows of candidate_count - 1 */
} riddle_batch;

/* What a router is. Since version 3. */
typedef struct riddle_info {
  uint32_t size;                /* in: sizeof(riddle_info) */
  uint32_t format_version;      /* of the weight file */
  uint32_t feature_version;     /* of the featurizer that the weights were learned with */
  uint32_t candidate_count;     /* at least 2; there is one step less */
  uint32_t head_count;          /* margins that the model computes; one per step for a ladder */
  uint32_t embedding_count;     /* 0: reads none */
  uint32_t probe_count;         /* stored queries that were replayed when the file was opened */
  uint32_t metadata_count;      /* entries of the model card */
  uint64_t feature_fingerprint; /* equal in two routers exactly if they read the same features */
  uint64_t file_length;         /* bytes of the weight file */
  uint64_t file_checksum;       /* its CRC-64/XZ: names the router in a log */
} riddle_info;

/* RIDDLE_ABI_VERSION of the library. */
int32_t riddle_abi_version(void);

/* Validates `length` bytes of a weight file, replays its probes, and makes a router in *router. The bytes are copied.
 * On failure *router is null and `error`, which may be null, says why. */
int32_t riddle_router_create(const uint8_t *bytes, size_t length, riddle_router **router, riddle_error *error);
void riddle_router_destroy(riddle_router *router);

/* Fills *info. Since version 3. */
int32_t riddle_router_info(const riddle_router *router, riddle_info *info);

/* Number of candidates; at least 2. */
int32_t riddle_router_candidate_count(const riddle_router *router);
/* Copies the name of candidate `index` with a terminating zero; returns its length without it, or a negative code. With a
 * null buffer and capacity 0, just the length (since version 3). */
int32_t riddle_router_candidate_name(const riddle_router *router, int32_t index, char *buffer, size_t capacity);
/* Mean cost of a query to candidate `index` in the training data, in nano-dollars; -1: unknown. Since version 3. */
int32_t riddle_router_candidate_cost(const riddle_router *router, int32_t index, int64_t *nano_dollars);
/* Threshold of step `index` (0 ... candidate_count - 2) and, unless null, its RIDDLE_GUARANTEE_... Since version 3. */
int32_t riddle_router_threshold(const riddle_router *router, int32_t index, double *threshold, int32_t *guarantee);

/* Number of values of the embedding that the router reads; 0 if it reads none. Since version 2. */
int32_t riddle_router_embedding_count(const riddle_router *router);

/* The model card. Both copy a text with a terminating zero and return its length without it, or a negative code; with a
 * null buffer and capacity 0, just the length. Keys are sorted by bytes. Since version 3. */
int32_t riddle_router_metadata_key(const riddle_router *router, int32_t index, char *buffer, size_t capacity);
int32_t riddle_router_metadata(const riddle_router *router, const char *key, size_t key_length, char *buffer,
                               size_t capacity);

/* Working memory for the router's queries; null only for a null router. */
riddle_scratch *riddle_scratch_create(const riddle_router *router);
void riddle_scratch_destroy(riddle_scratch *scratch);

/* Decides one query. `scratch` must have been made for `router`. A router that reads no embedding ignores one. */
int32_t riddle_decide(const riddle_router *router, riddle_scratch *scratch, const riddle_query *query,
                      riddle_decision *decision);

/* Decides batch->count queries and writes the outputs that are not null: the same bits as riddle_decide on each. Everything
 * is checked before the first output is written. To use many threads, give each a scratch and a part of the offsets.
 * Since version 3. */
int32_t riddle_decide_batch(const riddle_router *router, riddle_scratch *scratch, const riddle_batch *batch);

/* Writes the margins of all steps of one query, candidate_count - 1 of them: what a caller cuts with thresholds of its own.
 * Returns their number, or a negative code. Since version 3. */
int32_t riddle_step_margins(const riddle_router *router, riddle_scratch *scratch, const riddle_query *query,
                            double *margins, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
