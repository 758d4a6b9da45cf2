// Macros that headers define which people include before ours, by where they come from. Each expands to what breaks a
// header that uses the word.
#pragma once

#define POOLMARK_CLASH @ // no token of C++

// Qt
#define slots POOLMARK_CLASH
#define signals POOLMARK_CLASH
#define emit POOLMARK_CLASH
#define foreach(variable, container) POOLMARK_CLASH
#define forever POOLMARK_CLASH
// windows.h and what it includes, as they are found in ports and in MinGW's
#define min(a, b) POOLMARK_CLASH
#define max(a, b) POOLMARK_CLASH
#define near POOLMARK_CLASH
#define far POOLMARK_CLASH
#define small POOLMARK_CLASH
#define hyper POOLMARK_CLASH
#define interface POOLMARK_CLASH
#define cdecl POOLMARK_CLASH
#define pascal POOLMARK_CLASH
#define IN POOLMARK_CLASH
#define OUT POOLMARK_CLASH
#define OPTIONAL POOLMARK_CLASH
#define CONST POOLMARK_CLASH
#define VOID POOLMARK_CLASH
#define ERROR POOLMARK_CLASH
#define DELETE POOLMARK_CLASH
#define STRICT POOLMARK_CLASH
#define TRANSPARENT POOLMARK_CLASH
#define OPAQUE POOLMARK_CLASH
#define ABSOLUTE POOLMARK_CLASH
#define RELATIVE POOLMARK_CLASH
#define IGNORE POOLMARK_CLASH
#define INFINITE POOLMARK_CLASH
#define DIFFERENCE POOLMARK_CLASH
#define GetObject POOLMARK_CLASH
#define Yield POOLMARK_CLASH
// X11
#define None POOLMARK_CLASH
#define Bool POOLMARK_CLASH
#define Status POOLMARK_CLASH
#define Success POOLMARK_CLASH
#define Always POOLMARK_CLASH
#define True POOLMARK_CLASH
#define False POOLMARK_CLASH
#define Above POOLMARK_CLASH
#define Below POOLMARK_CLASH
#define Complex POOLMARK_CLASH
#define Convex POOLMARK_CLASH
#define Unsorted POOLMARK_CLASH
#define CursorShape POOLMARK_CLASH
#define CurrentTime POOLMARK_CLASH
#define GrayScale POOLMARK_CLASH
#define Expose POOLMARK_CLASH
#define KeyPress POOLMARK_CLASH
#define FocusIn POOLMARK_CLASH
// complex.h, sys/sysmacros.h, math.h, curses, ctype.h of other systems
#define I POOLMARK_CLASH
#define complex POOLMARK_CLASH
#define imaginary POOLMARK_CLASH
#define major(device) POOLMARK_CLASH
#define minor(device) POOLMARK_CLASH
#define makedev(a, b) POOLMARK_CLASH
#define DOMAIN POOLMARK_CLASH
#define OVERFLOW POOLMARK_CLASH
#define UNDERFLOW POOLMARK_CLASH
#define OK POOLMARK_CLASH
#define ERR POOLMARK_CLASH
#define timeout(delay) POOLMARK_CLASH
#define unix POOLMARK_CLASH
#define linux POOLMARK_CLASH
#define noreturn POOLMARK_CLASH // stdnoreturn.h
// Checks, logs and kernels
#define check(condition) POOLMARK_CLASH
#define verify(condition) POOLMARK_CLASH
#define require(condition) POOLMARK_CLASH
#define CHECK(condition) POOLMARK_CLASH
#define ASSERT(condition) POOLMARK_CLASH
#define DEBUG POOLMARK_CLASH
#define INFO POOLMARK_CLASH
#define WARNING POOLMARK_CLASH
#define FATAL POOLMARK_CLASH
#define likely(condition) POOLMARK_CLASH
#define unlikely(condition) POOLMARK_CLASH
#define noinline POOLMARK_CLASH
#define always_inline POOLMARK_CLASH
#define cold POOLMARK_CLASH
#define nil POOLMARK_CLASH
#define YES POOLMARK_CLASH
#define NO POOLMARK_CLASH
#define TRUE POOLMARK_CLASH
#define FALSE POOLMARK_CLASH
#define PI POOLMARK_CLASH
#define N_(text) POOLMARK_CLASH
#define T_ POOLMARK_CLASH
#define p_type POOLMARK_CLASH // resolv.h, which calls it __p_type: after link.h, the member has its own name still
// Heaps that are put in by name
#define malloc(bytes) POOLMARK_CLASH
#define calloc(count, bytes) POOLMARK_CLASH
#define realloc(block, bytes) POOLMARK_CLASH
#define free(block) POOLMARK_CLASH
