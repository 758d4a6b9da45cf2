// Free blocks in a list through their first words, at most Limit of them, with their number.
//
//   counted_list    head ──► [ next | ... ] ──► [ next | ... ] ──► null          the block kept last comes first
//   counted_queue   first ──► [ next | ... ] ──► [ next | ... ] ◄── last         the block kept last comes last
//
// Good for: free lists with a bound. Bad for: blocks smaller than a pointer.
// Complexity: O(1). Bytes: none a block. Threads: one at a time.
#pragma once

#include "pools/memory/poison.hpp"

#include <cstddef>
#include <memory>

namespace poolmark::detail {

template <std::size_t Limit>
class counted_list {
public:
    [[nodiscard]] void* take(std::size_t bytes) noexcept { // null when there is none
        link* const taken = head_;
        if (taken != nullptr) [[likely]] {
            unpoison(taken, bytes);
            head_ = taken->next;
            --count_;
        }
        return taken;
    }

    [[nodiscard]] bool keep(void* block, std::size_t bytes) noexcept { // false when there are Limit already
        if (count_ == Limit) [[unlikely]] {
            return false;
        }
        head_ = std::construct_at(static_cast<link*>(block), link{head_});
        ++count_;
        poison(block, bytes);
        return true;
    }

    [[nodiscard]] std::size_t count() const noexcept { return count_; }

private:
    struct link {
        link* next;
    };
    link* head_ = nullptr;
    std::size_t count_ = 0;
};

// The same in the other order: the block released first comes back first, cold.
template <std::size_t Limit>
class counted_queue {
public:
    [[nodiscard]] void* take(std::size_t bytes) noexcept {
        link* const taken = first_;
        if (taken != nullptr) [[likely]] {
            unpoison(taken, bytes);
            first_ = taken->next;
            --count_;
        }
        return taken;
    }

    [[nodiscard]] bool keep(void* block, std::size_t bytes) noexcept {
        if (count_ == Limit) [[unlikely]] {
            return false;
        }
        link* const added = std::construct_at(static_cast<link*>(block), link{nullptr});
        if (first_ == nullptr) {
            first_ = added;
        } else {
            unpoison(last_, sizeof(link));
            last_->next = added;
            poison(last_, sizeof(link));
        }
        last_ = added;
        ++count_;
        poison(block, bytes);
        return true;
    }

    [[nodiscard]] std::size_t count() const noexcept { return count_; }

private:
    struct link {
        link* next;
    };
    link* first_ = nullptr;
    link* last_ = nullptr;
    std::size_t count_ = 0;
};

} // namespace poolmark::detail
