// Package riddle decides which queries need the expensive model, with the weights of one .riddle file.
//
//	router, err := riddle.Open("router.riddle")
//	decision, err := router.Decide("How do I reset my password?", nil)
//	fmt.Println(router.Candidates()[decision.Candidate], decision.Probability)
//
// It is linked with libriddle.a in the folder above this one, and needs cgo. A Router may be used by many goroutines at once:
// each call borrows working memory from a pool.
package riddle

/*
#cgo CFLAGS: -I${SRCDIR}/..
#cgo LDFLAGS: ${SRCDIR}/../libriddle.a
#include "riddle.h"

// Structs with pointers into Go memory may not be passed to C; these take the pointers one by one.
static int32_t go_riddle_decide(const riddle_router *router, riddle_scratch *scratch, _GoString_ text, int32_t turn,
                                _GoString_ tier, _GoString_ task, _GoString_ domain, const float *embedding,
                                size_t embedding_count, riddle_decision *decision) {
  riddle_query query = {.size = sizeof query, .turn = turn};
  query.text = _GoStringPtr(text), query.text_length = _GoStringLen(text);
  query.user_tier = _GoStringPtr(tier), query.user_tier_length = _GoStringLen(tier);
  query.task_type = _GoStringPtr(task), query.task_type_length = _GoStringLen(task);
  query.domain = _GoStringPtr(domain), query.domain_length = _GoStringLen(domain);
  query.embedding = embedding, query.embedding_count = embedding_count;
  decision->size = sizeof *decision;
  return riddle_decide(router, scratch, &query, decision);
}
static int32_t go_riddle_decide_batch(const riddle_router *router, riddle_scratch *scratch, const char *text,
                                      size_t text_length, const uint64_t *offsets, size_t count, uint32_t *candidates,
                                      double *margins, double *probabilities) {
  riddle_batch batch = {.size = sizeof batch, .count = count, .text = text, .text_length = text_length,
                        .offsets = offsets, .candidates = candidates, .margins = margins,
                        .probabilities = probabilities};
  return riddle_decide_batch(router, scratch, &batch);
}
static int32_t go_riddle_metadata(const riddle_router *router, _GoString_ key, char *buffer, size_t capacity) {
  return riddle_router_metadata(router, _GoStringPtr(key), _GoStringLen(key), buffer, capacity);
}
*/
import "C"

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"unsafe"
)

// Error says why a call failed: Code is one of riddle.h, the rest is the place in the weight file.
type Error struct {
	Code                     int
	Section, Message         string
	Offset, Expected, Actual uint64
}

func (e *Error) Error() string { return "riddle: " + e.Message }

// Context is what is known about a request beside its text. The zero value knows nothing.
type Context struct {
	Turn                       int32 // from 1; 0 unknown
	UserTier, TaskType, Domain string
	Embedding                  []float32 // nil: unknown
}

// Decision is what the router says about one query.
type Decision struct {
	Candidate   int // index into Candidates; 0 is the cheapest
	Margin      float64
	Threshold   float64 // Margin >= Threshold climbs
	Probability float64 // that the query needs a dearer candidate
}

// Decisions has one entry per query of a batch.
type Decisions struct {
	Candidates             []uint32
	Margins, Probabilities []float64
}

// Router is a router opened from a weight file.
type Router struct {
	pointer    *C.riddle_router
	candidates []string
	scratches  sync.Pool
}

type scratch struct{ pointer *C.riddle_scratch }

// Open reads and validates a weight file.
func Open(path string) (*Router, error) {
	bytes, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	router, err := Decode(bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return router, nil
}

// Decode makes a router from the bytes of a weight file. The memory is freed when the Router is no longer reachable.
func Decode(bytes []byte) (*Router, error) {
	failure := C.riddle_error{size: C.sizeof_riddle_error}
	var first *C.uint8_t
	if len(bytes) > 0 {
		first = (*C.uint8_t)(unsafe.Pointer(&bytes[0]))
	}
	router := &Router{}
	if C.riddle_router_create(first, C.size_t(len(bytes)), &router.pointer, &failure) != C.RIDDLE_OK {
		return nil, &Error{Code: int(failure.code), Section: C.GoString(&failure.section[0]),
			Message: C.GoString(&failure.message[0]), Offset: uint64(failure.offset),
			Expected: uint64(failure.expected), Actual: uint64(failure.actual)}
	}
	runtime.SetFinalizer(router, func(r *Router) { C.riddle_router_destroy(r.pointer) })
	pointer := router.pointer
	router.scratches.New = func() any {
		s := &scratch{C.riddle_scratch_create(pointer)}
		runtime.SetFinalizer(s, func(s *scratch) { C.riddle_scratch_destroy(s.pointer) })
		return s
	}
	for i := C.int32_t(0); i < C.riddle_router_candidate_count(pointer); i++ {
		name := make([]byte, C.riddle_router_candidate_name(pointer, i, nil, 0)+1)
		C.riddle_router_candidate_name(pointer, i, (*C.char)(unsafe.Pointer(&name[0])), C.size_t(len(name)))
		router.candidates = append(router.candidates, string(name[:len(name)-1]))
	}
	return router, nil
}

// Candidates are the names of the ladder, cheapest first.
func (r *Router) Candidates() []string { return r.candidates }

// Decide decides one query. A nil context knows nothing.
func (r *Router) Decide(text string, context *Context) (Decision, error) {
	if context == nil {
		context = &Context{}
	}
	var embedding *C.float
	if len(context.Embedding) > 0 {
		embedding = (*C.float)(unsafe.Pointer(&context.Embedding[0]))
	}
	memory := r.scratches.Get().(*scratch)
	defer r.scratches.Put(memory)
	var d C.riddle_decision
	code := C.go_riddle_decide(r.pointer, memory.pointer, text, C.int32_t(context.Turn), context.UserTier, context.TaskType,
		context.Domain, embedding, C.size_t(len(context.Embedding)), &d)
	runtime.KeepAlive(r)
	if code != C.RIDDLE_OK {
		return Decision{}, refused("riddle_decide", code)
	}
	return Decision{int(d.candidate), float64(d.margin), float64(d.threshold), float64(d.probability)}, nil
}

// DecideBatch decides many queries in one call: query i is text[offsets[i]:offsets[i+1]].
func (r *Router) DecideBatch(text []byte, offsets []uint64) (Decisions, error) {
	if len(offsets) < 2 {
		return Decisions{}, nil
	}
	count := len(offsets) - 1
	out := Decisions{make([]uint32, count), make([]float64, count), make([]float64, count)}
	var first *C.char
	if len(text) > 0 {
		first = (*C.char)(unsafe.Pointer(&text[0]))
	}
	memory := r.scratches.Get().(*scratch)
	defer r.scratches.Put(memory)
	code := C.go_riddle_decide_batch(r.pointer, memory.pointer, first, C.size_t(len(text)),
		(*C.uint64_t)(unsafe.Pointer(&offsets[0])), C.size_t(count), (*C.uint32_t)(unsafe.Pointer(&out.Candidates[0])),
		(*C.double)(unsafe.Pointer(&out.Margins[0])), (*C.double)(unsafe.Pointer(&out.Probabilities[0])))
	runtime.KeepAlive(r)
	if code != C.RIDDLE_OK {
		return Decisions{}, refused("riddle_decide_batch", code)
	}
	return out, nil
}

// Metadata is an entry of the model card, and whether there is one of that name.
func (r *Router) Metadata(key string) (string, bool) {
	defer runtime.KeepAlive(r)
	length := C.go_riddle_metadata(r.pointer, key, nil, 0)
	if length < 0 {
		return "", false
	}
	value := make([]byte, length+1)
	C.go_riddle_metadata(r.pointer, key, (*C.char)(unsafe.Pointer(&value[0])), C.size_t(len(value)))
	return string(value[:length]), true
}

func refused(function string, code C.int32_t) error {
	message := fmt.Sprintf("%s answered %d", function, int(code))
	if code == C.RIDDLE_BAD_EMBEDDING {
		message = "the embedding has another length than the router reads, or a number that is not finite"
	}
	return &Error{Code: int(code), Message: message}
}
