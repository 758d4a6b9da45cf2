// Texts are numbered as they come and stay until the table ends; a handle is the number, 32 bits.
//
//   intern("user_id") ──► 2        texts_[2] ──► { address, length } ──► "...user_id..." in a chunk
//
// Good for: keys that serve as an index: a side table is then an array, and a record of three keys is 12 bytes.
// Bad for:  texts that come and go: none ever leaves.
// Complexity: intern one hash and one probe; text() one load; growing O(texts), amortised O(1).
// Bytes:    the text, 16 a text and its vector's reserve, 16 to 32 in the table. Threads: one at a time.
#pragma once

#include "pools/memory/exceptions.hpp"
#include "pools/values/probe_table.hpp"
#include "pools/values/text_hash.hpp"
#include "pools/values/interning.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace poolmark {

// The number of a text, from 0 on, in the order of first mention.
enum class text_id : std::uint32_t {};

namespace detail {

// Characters one after another in chunks that grow to 1 MiB; a text of more has a chunk of its own.
class character_chunks {
public:
    // A copy of the text. Throws std::bad_alloc and changes nothing.
    [[nodiscard]] const char* keep(std::string_view text) {
        if (text.empty()) {
            return "";
        }
        if (text.size() > room_) {
            add_chunk(text.size());
        }
        char* const kept = chunks_.back().get() + used_;
        std::memcpy(kept, text.data(), text.size());
        used_ += text.size();
        room_ -= text.size();
        return kept;
    }

private:
    void add_chunk(std::size_t least) {
        const std::size_t bytes = (std::max)(least, next_bytes_);
        chunks_.push_back(std::unique_ptr<char[]>(new char[bytes]));
        used_ = 0;
        room_ = bytes;
        next_bytes_ = (std::min)(2 * next_bytes_, std::size_t{1} << 20);
    }

    std::vector<std::unique_ptr<char[]>> chunks_;
    std::size_t used_ = 0;
    std::size_t room_ = 0;
    std::size_t next_bytes_ = 4096;
};

} // namespace detail

template <class Hash = detail::text_hash>
class basic_arena_interner {
public:
    using handle = text_id;
    static constexpr description about{"arena_interner", family::pool, "32-bit numbers of texts that all stay"};
    static constexpr interning_traits traits{};

    [[nodiscard]] handle intern(std::string_view text) {
        const std::uint32_t length = detail::checked_length(text);
        const auto hash = static_cast<std::uint32_t>(Hash{}(text) >> 32U);
        const place known = places_.find(hash, length, [&](place at) {
            return detail::same_bytes(texts_[at.number - 1].text, text.data(), text.size());
        });
        return known.number != 0 ? text_id{known.number - 1} : add(text, hash);
    }

    void drop(handle /*held*/) noexcept {}

    [[nodiscard]] std::string_view text(handle held) const noexcept {
        const kept& found = texts_[static_cast<std::size_t>(held)];
        return {found.text, found.length};
    }
    [[nodiscard]] std::size_t size() const noexcept { return texts_.size(); }

private:
    struct kept {
        const char* text;
        std::uint32_t length;
    };
    struct place { // in texts_, counted from 1
        std::uint32_t number = 0;
        [[nodiscard]] friend bool operator==(place, place) = default;
    };

    [[nodiscard, gnu::__noinline__]] handle add(std::string_view text, std::uint32_t hash) {
        if (texts_.size() == (std::numeric_limits<std::uint32_t>::max)() - 1) {
            detail::raise<std::length_error>("poolmark: arena_interner: there are no more 32-bit numbers");
        }
        places_.make_room();
        const auto length = static_cast<std::uint32_t>(text.size());
        const auto number = static_cast<std::uint32_t>(texts_.size());
        texts_.push_back({nullptr, length});
        POOLMARK_TRY {
            texts_.back().text = characters_.keep(text);
        }
        POOLMARK_CATCH(...) {
            texts_.pop_back();
            POOLMARK_RETHROW;
        }
        places_.insert(hash, length, {number + 1});
        return text_id{number};
    }

    std::vector<kept> texts_;
    detail::character_chunks characters_;
    detail::probe_table<place> places_;
};

using arena_interner = basic_arena_interner<>;

static_assert(interning<arena_interner>);

} // namespace poolmark
