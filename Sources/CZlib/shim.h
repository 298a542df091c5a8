/* zlib without its file functions, and so without system headers that could disagree with the Glibc module's. */
#ifndef Z_SOLO
#define Z_SOLO 1
#endif
#include <zlib.h>
