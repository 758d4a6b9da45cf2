// Texts as small numbers: equal texts have one number, and a number has its text for as long as the table lives.
//
//   symbol_of("login") ──hash──► slots │ hash, 3 │ - │ hash, 7 │ ... ──► texts [ ..., "login", ... ]
//
// Good for: a few texts that come again and again: field names, event types, host names.
// Bad for:  texts that hardly come twice (session and request numbers): each is kept forever.
// Complexity: symbol_of O(length), amortised; text_of O(1). Bytes: 12 to 24 a text in the slots, the text and 16.
// Threads:  one at a time.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace poolmark {

using symbol = std::uint32_t;

// A table that gives numbers from 0 on, in the order in which texts are first seen.
//
//   symbol_of(text)   the text's number. Throws std::bad_alloc, and has not changed then.
//   text_of(number)   the text, valid as long as the table; the number is one that symbol_of() gave
//   size()            how many texts there are
//   find(text)        optional: the text's number, or one that no text has; nothing is added
template <class S>
concept symbol_table = std::default_initializable<S> && requires(S& table, const S& seen, std::string_view text) {
    { table.symbol_of(text) } -> std::same_as<symbol>;
    { seen.text_of(symbol{}) } -> std::same_as<std::string_view>;
    { seen.size() } -> std::same_as<std::size_t>;
};

namespace detail {

// A hash of short texts: their ends, 8 bytes at a time, and one
// multiplication. Not for texts that somebody chooses so that they collide.
[[nodiscard]] inline std::uint64_t hash_of_text(std::string_view text) noexcept {
    const auto load = [&]<class Word>(std::size_t at, Word word) -> std::uint64_t {
        std::memcpy(&word, text.data() + at, sizeof word);
        return word;
    };
    const std::size_t length = text.size();
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    if (length >= 8) {
        for (std::size_t at = 0; at + 8 < length; at += 8) {
            first = (first ^ load(at, std::uint64_t{})) * 0x9e3779b97f4a7c15U;
            first ^= first >> 32U;
        }
        last = load(length - 8, std::uint64_t{});
    } else if (length >= 4) {
        first = load(0, std::uint32_t{});
        last = load(length - 4, std::uint32_t{});
    } else if (length != 0) {
        first = static_cast<unsigned char>(text[0]) | std::uint64_t{static_cast<unsigned char>(text[length / 2])} << 8U;
        last = static_cast<unsigned char>(text[length - 1]);
    }
    __extension__ using wide = unsigned __int128;
    const wide product = static_cast<wide>(first ^ 0xbf58476d1ce4e5b9U) * (last ^ 0x94d049bb133111ebU ^ length << 56U);
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

} // namespace detail

// Open addressing over the hashes; texts in chunks that never move.
class hashed_symbols {
public:
    hashed_symbols() : slots_(16) {}

    [[nodiscard]] symbol symbol_of(std::string_view text) {
        const std::uint64_t hash = detail::hash_of_text(text);
        const symbol found = find(text, hash);
        return found != none ? found : add(text, hash);
    }

    // The text's number, or none: nothing is added.
    [[nodiscard]] symbol find(std::string_view text) const noexcept {
        return find(text, detail::hash_of_text(text));
    }
    static constexpr symbol none = ~symbol{0};

    [[nodiscard]] std::string_view text_of(symbol number) const noexcept { return texts_[number]; }
    [[nodiscard]] std::size_t size() const noexcept { return texts_.size(); }

private:
    struct slot {
        std::uint64_t hash = 0;
        symbol number_and_one = 0; // 0: empty
    };

    [[nodiscard]] symbol find(std::string_view text, std::uint64_t hash) const noexcept {
        for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
            const slot& here = slots_[at];
            if (here.number_and_one == 0) {
                return none;
            }
            if (here.hash == hash && texts_[here.number_and_one - 1] == text) {
                return here.number_and_one - 1;
            }
        }
    }

    [[nodiscard]] std::size_t mask() const noexcept { return slots_.size() - 1; }

    // All that can throw comes before the first change that shows.
    [[gnu::noinline]] symbol add(std::string_view text, std::uint64_t hash) {
        texts_.reserve(texts_.size() == texts_.capacity() ? 2 * texts_.size() + 16 : 0);
        const std::string_view kept = copy(text);
        if (2 * (texts_.size() + 1) > slots_.size()) {
            grow();
        }
        texts_.push_back(kept);
        const auto number = static_cast<symbol>(texts_.size() - 1);
        put(slots_, {hash, number + 1});
        return number;
    }

    [[nodiscard]] std::string_view copy(std::string_view text) {
        constexpr std::size_t chunk_bytes = 4096;
        if (text.size() > left_) {
            const std::size_t bytes = text.size() > chunk_bytes / 8 ? text.size() : chunk_bytes;
            chunks_.reserve(chunks_.size() == chunks_.capacity() ? 2 * chunks_.size() + 4 : 0);
            chunks_.push_back(std::make_unique<char[]>(bytes));
            if (bytes == text.size()) { // a chunk of its own; the one in use stays that
                text.copy(chunks_.back().get(), bytes);
                return {chunks_.back().get(), bytes};
            }
            free_ = chunks_.back().get();
            left_ = bytes;
        }
        text.copy(free_, text.size());
        const std::string_view kept(free_, text.size());
        free_ += text.size();
        left_ -= text.size();
        return kept;
    }

    void grow() {
        std::vector<slot> wider(2 * slots_.size());
        for (const slot& moved : slots_) {
            if (moved.number_and_one != 0) {
                put(wider, moved);
            }
        }
        slots_.swap(wider);
    }

    static void put(std::vector<slot>& slots, const slot& added) noexcept {
        std::size_t at = added.hash & (slots.size() - 1);
        while (slots[at].number_and_one != 0) {
            at = (at + 1) & (slots.size() - 1);
        }
        slots[at] = added;
    }

    std::vector<slot> slots_; // a power of two, at most half of them taken
    std::vector<std::string_view> texts_;
    std::vector<std::unique_ptr<char[]>> chunks_;
    char* free_ = nullptr;
    std::size_t left_ = 0;
};

static_assert(symbol_table<hashed_symbols>);

} // namespace poolmark
