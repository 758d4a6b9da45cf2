// A text with the count of its handles, and the table of all such texts that the pointer interners share.
//
//   handle ──► [ count | length | hash | generation | t e x t ]        16 bytes and the text, in one slot
//                 ▲
//   table  ──► slot ─┘   the table's own pointer is not counted: the last drop takes the entry out
//
// That is how CPython keeps its interned strings: no weak references, but a dictionary whose references are left out
// of the count, and a destructor that removes the entry. A count that reaches 2^31 stays: the text is immortal.
#pragma once

#include "pools/memory/word_ref.hpp"
#include "pools/values/probe_table.hpp"
#include "pools/values/text_hash.hpp"
#include "pools/values/text_store.hpp"
#include "pools/values/interning.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace poolmark {

namespace detail {
struct plain_counting;
struct atomic_counting;
template <class Counting, class Hash>
class interned_table;
} // namespace detail

// An interned text. Only an interner makes one; its address is its identity.
class interned {
public:
    interned(const interned&) = delete;
    interned& operator=(const interned&) = delete;
    ~interned() = default;

    [[nodiscard]] std::string_view text() const noexcept {
        return {reinterpret_cast<const char*>(this + 1), length_};
    }
    // Which entry of its table this is, counted from 1 and wrapping after 2^32 - 1: a text that has gone and come back
    // has another one, though its address may be the same.
    [[nodiscard]] std::uint32_t generation() const noexcept { return generation_; }
    [[nodiscard]] std::uint32_t hash() const noexcept { return hash_; }

private:
    template <class Counting, class Hash>
    friend class detail::interned_table;
    friend struct detail::plain_counting;
    friend struct detail::atomic_counting;

    interned(std::uint32_t count, std::uint32_t length, std::uint32_t hash, std::uint32_t generation) noexcept
        : count_(count), length_(length), hash_(hash), generation_(generation) {}

    mutable std::uint32_t count_;
    std::uint32_t length_;
    std::uint32_t hash_;
    std::uint32_t generation_;
};

static_assert(sizeof(interned) == 16);

namespace detail {

inline constexpr std::uint32_t immortal_count = std::uint32_t{1} << 31;

// How handles are counted: by one thread, or by any.
struct plain_counting {
    [[nodiscard]] static std::uint32_t count(const interned& of) noexcept { return of.count_; }
    static void add(const interned& to) noexcept { to.count_ += to.count_ < immortal_count; }
    // True when it was the last one.
    [[nodiscard]] static bool take(const interned& from) noexcept {
        return from.count_ < immortal_count && --from.count_ == 0;
    }
};
struct atomic_counting {
    [[nodiscard]] static std::uint32_t count(const interned& of) noexcept {
        return counter(of).load(std::memory_order_relaxed);
    }
    static void add(const interned& to) noexcept {
        if (count(to) <
            immortal_count) { // several threads at the bound may pass it by a few: it stays all the same
            counter(to).fetch_add(1, std::memory_order_relaxed);
        }
    }
    [[nodiscard]] static bool take(const interned& from) noexcept {
        return count(from) < immortal_count && counter(from).fetch_sub(1, std::memory_order_acq_rel) == 1;
    }
    // Takes one that is not the last; false, and nothing done, when it may be.
    [[nodiscard]] static bool take_unless_last(const interned& from) noexcept {
        std::uint32_t now = count(from);
        while (now > 1 && now < immortal_count) {
            if (counter(from).compare_exchange_weak(now, now - 1, std::memory_order_release,
                                                    std::memory_order_relaxed)) {
                return true;
            }
        }
        return now >= immortal_count;
    }

private:
    [[nodiscard]] static detail::word_ref counter(const interned& of) noexcept {
        return detail::word_ref(of.count_);
    }
};

// The texts and where they are found. Hash: a callable from std::string_view to std::uint64_t.
template <class Counting, class Hash>
class interned_table {
public:
    interned_table() = default;
    interned_table(const interned_table&) = delete;
    interned_table& operator=(const interned_table&) = delete;
    ~interned_table() {
        if (heap_entries_ != 0) {
            entries_.for_each([this](interned* each) { give_back_large(each); });
        }
    }

    [[nodiscard]] static std::uint32_t hash_of(std::string_view text) noexcept {
        return static_cast<std::uint32_t>(Hash{}(text) >> 32U);
    }

    // One more handle of `text`; the first one of a new entry starts at `first_count`.
    [[nodiscard]] const interned* intern(std::string_view text, std::uint32_t hash, std::uint32_t first_count) {
        const std::uint32_t length = checked_length(text);
        interned* const known = entries_.find(hash, length, [text](const interned* entry) {
            return same_bytes(reinterpret_cast<const char*>(entry + 1), text.data(), text.size());
        });
        if (known != nullptr) [[likely]] {
            Counting::add(*known);
            return known;
        }
        return add(text, hash, first_count);
    }

    void erase(const interned* gone) noexcept {
        auto* const entry = const_cast<interned*>(gone);
        entries_.erase(entry->hash_, entry);
        const std::size_t bytes = bytes_of(entry->length_);
        heap_entries_ -= bytes > store::largest_slot;
        store_.release(entry, bytes);
    }

    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    // What it holds, texts above 496 bytes aside.
    [[nodiscard]] std::size_t bytes() const noexcept { return entries_.bytes() + store_.bytes(); }

private:
    using store = text_store<>;

    [[nodiscard]] static std::size_t bytes_of(std::size_t length) noexcept { return sizeof(interned) + length; }

    [[nodiscard, gnu::__noinline__]] const interned* add(std::string_view text, std::uint32_t hash,
                                                     std::uint32_t count) {
        entries_.make_room();
        void* const storage = store_.acquire(bytes_of(text.size()));
        const auto length = static_cast<std::uint32_t>(text.size());
        auto* const made = ::new (storage) interned(count, length, hash, ++generation_);
        if (length != 0) { // the view of no text may have no address
            std::memcpy(static_cast<std::byte*>(storage) + sizeof(interned), text.data(), length);
        }
        heap_entries_ += bytes_of(length) > store::largest_slot;
        entries_.insert(hash, length, made);
        return made;
    }

    void give_back_large(interned* entry) noexcept {
        if (bytes_of(entry->length_) > store::largest_slot) {
            store_.release(entry, bytes_of(entry->length_));
        }
    }

    store store_;
    probe_table<interned*> entries_;
    std::size_t heap_entries_ = 0;
    std::uint32_t generation_ = 0;
};

} // namespace detail
} // namespace poolmark
