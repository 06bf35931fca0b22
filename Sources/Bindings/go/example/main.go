// Decides queries from Go.
//
//	go build -o example ./example
//	./example router.riddle "How do I reset my password?"
//	./example router.riddle < queries.netstrings
//
// Prints the bits of each margin and the candidate. Without queries as arguments it reads netstrings, LENGTH:BYTES, one
// after the other, because a query may contain newlines and zeros; it decides them one by one and as one batch.
package main

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"os"

	"riddle"
)

func main() {
	if len(os.Args) < 2 {
		fail(64, "usage: example ROUTER.riddle [QUERY ...]")
	}
	router, err := riddle.Open(os.Args[1])
	if err != nil {
		fail(1, err)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	decide := func(text string) float64 {
		decision, err := router.Decide(text, nil)
		if err != nil {
			fail(1, err)
		}
		fmt.Fprintf(out, "%016x %s\n", math.Float64bits(decision.Margin), router.Candidates()[decision.Candidate])
		return decision.Margin
	}
	for _, text := range os.Args[2:] {
		decide(text)
	}
	if len(os.Args) > 2 {
		return
	}
	text, offsets := readNetstrings(bufio.NewReader(os.Stdin))
	batch, err := router.DecideBatch(text, offsets)
	if err != nil {
		fail(1, err)
	}
	for i := 0; i+1 < len(offsets); i++ {
		margin := decide(string(text[offsets[i]:offsets[i+1]]))
		if math.Float64bits(margin) != math.Float64bits(batch.Margins[i]) {
			fail(70, fmt.Sprintf("query %d: the batch has another margin", i+1))
		}
	}
}

func readNetstrings(in *bufio.Reader) (text []byte, offsets []uint64) {
	offsets = []uint64{0}
	for {
		var length int
		if _, err := fmt.Fscanf(in, "%d:", &length); err == io.EOF {
			return
		} else if err != nil || length < 0 {
			fail(65, "not a netstring: expected LENGTH:BYTES,")
		}
		text = append(text, make([]byte, length+1)...)
		if _, err := io.ReadFull(in, text[offsets[len(offsets)-1]:]); err != nil || text[len(text)-1] != ',' {
			fail(65, "a netstring is cut off")
		}
		text = text[:len(text)-1]
		offsets = append(offsets, uint64(len(text)))
	}
}

func fail(code int, message any) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(code)
}
