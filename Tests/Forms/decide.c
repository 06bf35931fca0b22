/* Decides the requests of standard input with an exported C file; FORM names it, NAME is its name.
 *
 * A request: turn (int32), three context values (length byte, bytes), number of embedding values (uint32, 0 for an unknown
 * one) and the floats, length of the text (uint32) and the text; all in the machine's byte order. Prints candidate, step
 * and the bits of margin, threshold and probability. Contexts of nothing but zeros are passed as NULL. */
#include FORM
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOIN3(a, b, c) a##b##c
#define WITH(name, what) JOIN3(riddle_, name, what)

static int take(void *target, size_t size) { return size == 0 || fread(target, size, 1, stdin) == 1; }

static void print_bits(double value) {
  uint64_t bits;
  memcpy(&bits, &value, 8);
  printf(" %08lx%08lx", (unsigned long)(bits >> 32), (unsigned long)(bits & 0xffffffffu));
}

int main(void) {
  static WITH(NAME, _state) state;
  static char values[3][256];
  static float embedding[65536];
  int32_t turn;
  while (take(&turn, 4)) {
    WITH(NAME, _context) context = {turn, values[0], values[1], values[2], NULL};
    WITH(NAME, _decision) decision;
    uint32_t count, length;
    char *text;
    for (int i = 0; i < 3; i++) {
      unsigned char size;
      if (!take(&size, 1) || !take(values[i], size)) return 1;
      values[i][size] = 0;
    }
    if (!take(&count, 4) || count > 65536 || !take(embedding, 4 * (size_t)count)) return 1;
    if (count > 0) context.embedding = embedding;
    if (!take(&length, 4)) return 1;
    text = malloc(length == 0 ? 1 : length); /* its end is where reading beyond it is noticed by a sanitizer */
    if (text == NULL || !take(text, length)) return 1;
    int is_bare = turn == 0 && count == 0 && !values[0][0] && !values[1][0] && !values[2][0];
    WITH(NAME, _decide)(text, length, is_bare ? NULL : &context, &state, &decision);
    free(text);
    printf("%d %d", decision.candidate, decision.step);
    print_bits(decision.margin);
    print_bits(decision.threshold);
    print_bits(decision.probability);
    printf(" %s\n", WITH(NAME, _candidates)[decision.candidate]);
  }
  return 0;
}
