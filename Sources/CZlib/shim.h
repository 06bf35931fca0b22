#pragma once
#include <zlib.h>

// inflateInit2 is a macro, which Swift does not import. 15 + 16: gzip container only.
static inline int riddle_gzip_open(z_streamp stream) { return inflateInit2(stream, 15 + 16); }
