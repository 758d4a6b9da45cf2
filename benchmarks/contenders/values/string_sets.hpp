// Sets of strings that serve as tables of interned texts, and one of them behind a lock.
#pragma once

#include "pools/values/interning.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace poolmark {

// What one writes with the standard library: a set of strings, and a map of weak pointers.
//
//   unordered_string_set   insert ──► const std::string*            texts stay for good
//   weak_ptr_interner      lock   ──► shared_ptr<const std::string>  the last owner's deleter takes the text out
//
// Good for: being there. The second one's handles look after themselves.
// Bad for:  rates: a known text of 16 bytes and more is copied to the heap only to be found; each shared handle is
//           two words, and each text four allocations.
// Complexity: a hash, a division, a walk of the bucket. Bytes: a node, a string, its characters, a bucket.
// Threads:  one at a time.
class unordered_string_set {
public:
    using handle = const std::string*; // elements of a node-based set stay where they are
    static constexpr description about{"unordered_string_set", family::fresh,
                                       "a std::unordered_set of strings, and pointers to its elements"};
    static constexpr interning_traits traits{};

    [[nodiscard]] handle intern(std::string_view text) {
        static_cast<void>(detail::checked_length(text));
        return &*texts_.insert(std::string(text)).first;
    }
    void drop(handle /*held*/) noexcept {}
    [[nodiscard]] std::string_view text(handle held) const noexcept { return *held; }
    [[nodiscard]] std::size_t size() const noexcept { return texts_.size(); }

private:
    std::unordered_set<std::string> texts_;
};

class weak_ptr_interner {
public:
    using handle = std::shared_ptr<const std::string>;
    static constexpr description about{"weak_ptr_interner", family::fresh,
                                       "a std::unordered_map of weak_ptrs to strings with a deleter"};
    static constexpr interning_traits traits{.mortal = true};

    [[nodiscard]] handle intern(std::string_view text) {
        static_cast<void>(detail::checked_length(text));
        if (const auto known = texts_.find(text); known != texts_.end()) {
            return known->second.lock();
        }
        auto made = std::make_unique<const std::string>(text);
        const auto [place, added] = texts_.emplace(std::string_view(*made), std::weak_ptr<const std::string>{});
        try {
            handle held(made.get(), [this](const std::string* gone) {
                texts_.erase(std::string_view(*gone));
                delete gone;
            });
            static_cast<void>(made.release());
            place->second = held;
            return held;
        } catch (...) { // shared_ptr's constructor has called the deleter, which has done it all
            static_cast<void>(made.release());
            throw;
        }
    }
    void drop(const handle& /*ends by itself*/) noexcept {}
    [[nodiscard]] std::string_view text(const handle& held) const noexcept { return *held; }
    [[nodiscard]] std::size_t size() const noexcept { return texts_.size(); }

private:
    std::unordered_map<std::string_view, std::weak_ptr<const std::string>> texts_;
};

static_assert(interning<unordered_string_set> && interning<weak_ptr_interner>);

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
