// The errors of the pools: one type for each thing that can go wrong, so that a caller can tell them apart.
#pragma once

#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

namespace poolmark {

// Every slot of a pool with a fixed capacity is out. A bad_alloc, so that generic code which survives a failed
// allocation survives this one as well. The pool is unharmed: release a block and the next acquire() works.
class pool_exhausted : public std::bad_alloc {
public:
    [[nodiscard]] const char* what() const noexcept override {
        return "poolmark: pool exhausted: every slot of its fixed capacity is in use";
    }
};

// A block was released that is not out: never acquired from this pool, or released before. The pool is unharmed.
class not_in_use : public std::logic_error {
public:
    not_in_use() : std::logic_error("poolmark: released a block that is not in use in this pool") {}
};

// An object was asked for a field that its record does not have. The object is unchanged.
class unknown_field : public std::out_of_range {
public:
    explicit unknown_field(std::string_view name)
        : std::out_of_range("poolmark: no field called '" + std::string(name) + "' in this record") {}
};

} // namespace poolmark
