// Whether a sanitizer is part of this build: POOLMARK_HAS_ASAN, POOLMARK_HAS_TSAN and POOLMARK_HAS_MSAN. GCC says it by a
// macro of its own, Clang by an answer; MemorySanitizer is Clang's alone.
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define POOLMARK_HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POOLMARK_HAS_ASAN 1
#endif
#endif

#if defined(__SANITIZE_THREAD__)
#define POOLMARK_HAS_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define POOLMARK_HAS_TSAN 1
#endif
#endif

#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#define POOLMARK_HAS_MSAN 1
#endif
#endif
