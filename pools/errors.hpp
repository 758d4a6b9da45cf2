// The errors of the pools: one type for each thing that can go wrong, so that a caller can tell them apart.
#pragma once

#include <array>
#include <cstdio>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

// POOLMARK_EXPORT: what a program and its shared objects should share, also where they are compiled with
// -fvisibility=hidden. It can only offer: a program that is linked without -rdynamic offers nothing to its plugins. So what
// must be shared does not rest on this (see memory/process.hpp).
#define POOLMARK_EXPORT __attribute__((__visibility__("default")))

namespace poolmark {

// Every slot of a pool with a fixed capacity is out. A bad_alloc, so that generic code which survives a failed
// allocation survives this one as well. The pool is unharmed: release a block and the next acquire() works.
class POOLMARK_EXPORT pool_exhausted : public std::bad_alloc {
public:
    [[nodiscard]] const char* what() const noexcept override {
        return "poolmark: pool exhausted: every slot of its fixed capacity is in use";
    }
};

// A pool was used against its contract, and noticed. The pool is unharmed: nothing was released, every other object
// stays as it was. `pool` is the name of the strategy, `address` what was passed (null where there is no address).
class POOLMARK_EXPORT pool_misuse : public std::logic_error {
public:
    pool_misuse(std::string_view pool, const void* address, std::string_view what);
    [[nodiscard]] std::string_view pool() const noexcept { return pool_; }
    [[nodiscard]] const void* address() const noexcept { return address_; }

private:
    std::string_view pool_; // a strategy's name, which lives as long as the program
    const void* address_;
};

// A block was released that is not out. Where a pool can tell why, it throws one of the four below.
class POOLMARK_EXPORT not_in_use : public pool_misuse {
public:
    explicit not_in_use(std::string_view pool, const void* address = nullptr,
                        std::string_view what = "released a block that is not in use in this pool")
        : pool_misuse(pool, address, what) {}
};

class POOLMARK_EXPORT double_release : public not_in_use { // a slot of this pool that is free already
public:
    double_release(std::string_view pool, const void* address)
        : not_in_use(pool, address, "released a block that was released before") {}
};

class POOLMARK_EXPORT foreign_pointer : public not_in_use { // no pool of this kind knows it
public:
    foreign_pointer(std::string_view pool, const void* address)
        : not_in_use(pool, address, "released a pointer that this pool never handed out") {}
};

class POOLMARK_EXPORT other_pools_pointer : public not_in_use { // a slot of another pool of the same type
public:
    other_pools_pointer(std::string_view pool, const void* address)
        : not_in_use(pool, address, "released a block that belongs to another pool of this type") {}
};

class POOLMARK_EXPORT interior_pointer : public not_in_use { // inside one of this pool's slabs, but at no slot's beginning
public:
    interior_pointer(std::string_view pool, const void* address)
        : not_in_use(pool, address, "released a pointer into the middle of a block") {}
};

// A pool that belongs to one thread was used by another.
class POOLMARK_EXPORT wrong_thread : public pool_misuse {
public:
    wrong_thread(std::string_view pool, const void* address)
        : pool_misuse(pool, address, "used by a thread that is not the pool's owner") {}
};

// A block was written to while it was free; found when it was about to be handed out again.
class POOLMARK_EXPORT use_after_release : public pool_misuse {
public:
    use_after_release(std::string_view pool, const void* address)
        : pool_misuse(pool, address, "a block was written to after its release") {}
};

// A handle whose object is gone, or that never was one of this container's.
class POOLMARK_EXPORT stale_handle : public pool_misuse {
public:
    explicit stale_handle(std::string_view pool)
        : pool_misuse(pool, nullptr, "used a handle whose object is not there any more") {}
};

// An object was asked for a field that its record does not have. The object is unchanged.
class POOLMARK_EXPORT unknown_field : public std::out_of_range {
public:
    explicit unknown_field(std::string_view name)
        : std::out_of_range("poolmark: no field called '" + std::string(name) + "' in this record") {}
};

inline pool_misuse::pool_misuse(std::string_view pool, const void* address, std::string_view what)
    : std::logic_error([&] {
          std::string text = "poolmark: " + std::string(pool) + ": " + std::string(what);
          if (address != nullptr) {
              std::array<char, 32> digits{};
              std::snprintf(digits.data(), digits.size(), " (%p)", address);
              text += digits.data();
          }
          return text;
      }()),
      pool_(pool), address_(address) {}

} // namespace poolmark
