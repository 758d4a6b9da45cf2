// Any way to intern, behind one mutex.
//
//   thread ──┐
//   thread ──┼─► mutex ──► table
//   thread ──┘
//
// Good for: being right with any table; few threads that intern seldom.
// Bad for:  threads that intern much: they take turns (see sharded_interner).
// Complexity: the table's, and a lock. Threads: any, as long as text() of a handle that is held reads nothing that
//           others write: pointer handles yes, numbers that index a growing table no.
#pragma once

#include "pools/values/interning.hpp"
#include "benchmarks/contenders/values/string_sets.hpp"

#include <cstddef>
#include <mutex>
#include <string_view>
#include <type_traits>
#include <utility>

namespace poolmark {

template <interning Table = unordered_string_set>
requires std::is_pointer_v<typename Table::handle>
class locked_interner {
public:
    using handle = typename Table::handle;
    static constexpr description about{"locked_string_set", family::fresh,
                                       "unordered_string_set behind one mutex"};
    static constexpr interning_traits traits{.mortal = Table::traits.mortal, .thread_safe = true};

    [[nodiscard]] handle intern(std::string_view text) {
        const std::lock_guard lock(mutex_);
        return table_.intern(text);
    }
    void drop(handle held) noexcept {
        const std::lock_guard lock(mutex_);
        table_.drop(held);
    }
    [[nodiscard]] std::string_view text(handle held) const noexcept { return table_.text(held); }
    [[nodiscard]] std::size_t size() const noexcept {
        const std::lock_guard lock(mutex_);
        return table_.size();
    }

private:
    mutable std::mutex mutex_;
    Table table_;
};

static_assert(interning<locked_interner<>>);

} // namespace poolmark
