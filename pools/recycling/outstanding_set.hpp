// Which objects a recycler has made, and which of them are out: what its checked mode asks at each put().
//
//   ledger   address ──► out | idle          came_back(p): out becomes idle, anything else is an error
//
// Good for: tests, and finding the owner that gives an object back twice.
// Bad for:  timing: each get() and put() looks into a hash table.
// Complexity: O(1). Bytes: a hash node an object, from the heap. Threads: one at a time.
#pragma once

#include "pools/memory/exceptions.hpp"
#include "pools/errors.hpp"

#include <string_view>
#include <unordered_map>

namespace poolmark::detail {

class outstanding_set {
public:
    void add(const void* object) { is_out_.emplace(object, false); } // as it was when it throws
    void remove(const void* object) noexcept { is_out_.erase(object); }
    void went_out(const void* object) noexcept { is_out_.find(object)->second = true; }

    // Throws double_release for an object that is idle, foreign_pointer for one that is not there (any more).
    void came_back(std::string_view pool, const void* object) {
        const auto found = is_out_.find(object);
        if (found == is_out_.end()) {
            detail::raise<foreign_pointer>(pool, object);
        }
        if (!found->second) {
            detail::raise<double_release>(pool, object);
        }
        found->second = false;
    }

private:
    std::unordered_map<const void*, bool> is_out_;
};

// The unchecked mode: nothing is noted, nothing noticed.
struct no_ledger {
    void add(const void* /*object*/) noexcept {}
    void remove(const void* /*object*/) noexcept {}
    void went_out(const void* /*object*/) noexcept {}
    void came_back(std::string_view /*pool*/, const void* /*object*/) noexcept {}
};

} // namespace poolmark::detail
