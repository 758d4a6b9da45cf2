// The library in programs that are compiled without exceptions: the same code, in which an error ends the program.
//
//   raise<pool_exhausted>()     throws; with -fno-exceptions it says what() on stderr and aborts
//   POOLMARK_TRY { ... } POOLMARK_CATCH(const std::bad_alloc&) { ... POOLMARK_RETHROW; }
//                               try and catch; with -fno-exceptions only the first block is left
//
// Good for: headers that both kinds of programs include.
// Bad for:  errors that a program without exceptions wants to survive: it asks for null instead (exhausted::null).
// Threads:  any.
#pragma once

#include <utility>

#ifdef __cpp_exceptions
#define POOLMARK_TRY try
#define POOLMARK_CATCH(...) catch (__VA_ARGS__)
#define POOLMARK_RETHROW throw
#else
#include <cstdio>
#include <cstdlib>
#define POOLMARK_TRY if constexpr (true)
#define POOLMARK_CATCH(...) else
#define POOLMARK_RETHROW static_cast<void>(0)
#endif

namespace poolmark::detail {

#ifdef __cpp_exceptions
inline constexpr bool has_exceptions = true;
#else
inline constexpr bool has_exceptions = false;
#endif

template <class Error, class... Arguments>
[[gnu::__noreturn__, gnu::__noinline__, gnu::__cold__]] void raise(Arguments&&... arguments) {
#ifdef __cpp_exceptions
    throw Error(std::forward<Arguments>(arguments)...);
#else
    std::fprintf(stderr, "%s\n", Error(std::forward<Arguments>(arguments)...).what());
    std::abort();
#endif
}

} // namespace poolmark::detail
