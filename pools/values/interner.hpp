// Interned texts of one thread: those that leave the table with their last handle, and those that never do.
//
//   weak_interner      intern: count + 1     drop: count - 1, and at 0 the entry goes      CPython but 3.12.0 to 3.12.6
//   immortal_interner  intern: no count      drop: nothing, ever                           CPython 3.12.0 to 3.12.6
//
// Good for: the keys of a parser, a symbol table, column names: few texts, many mentions.
// Bad for:  texts with as many values as there are records (session ids): weak pays for an entry and its end each
//           time, immortal keeps them all.
// Complexity: intern one hash of the text and one probe; drop O(1), with the last handle an erase. No allocation when
//           the text is known. Bytes: 16 and the text, rounded up to 16, and 21 to 43 in the table; 64 KiB at least.
// Threads:  one at a time (see sharded_interner).
#pragma once

#include "pools/values/interned.hpp"
#include "pools/values/interning.hpp"

#include <cstddef>
#include <string_view>

namespace poolmark {

template <bool Mortal, class Hash = detail::text_hash>
class interner {
public:
    using handle = const interned*;
    static constexpr description about =
        Mortal
            ? description{"weak_interner", family::pool, "one entry a text, gone with its last handle"}
            : description{"immortal_interner", family::singleton, "one entry a text, kept until the table ends"};
    static constexpr interning_traits traits{.mortal = Mortal};

    [[nodiscard]] handle intern(std::string_view text) {
        return table_.intern(text, table_.hash_of(text), Mortal ? 1 : detail::immortal_count);
    }

    // One more handle of the same text.
    [[nodiscard]] handle retain(handle held) noexcept {
        counting::add(*held);
        return held;
    }

    void drop(handle held) noexcept {
        if (counting::take(*held)) {
            table_.erase(held);
        }
    }

    [[nodiscard]] std::string_view text(handle held) const noexcept { return held->text(); }
    [[nodiscard]] std::size_t size() const noexcept { return table_.size(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return table_.bytes(); }

private:
    using counting = detail::plain_counting;

    detail::interned_table<counting, Hash> table_;
};

using weak_interner = interner<true>;
using immortal_interner = interner<false>;

static_assert(interning<weak_interner> && interning<immortal_interner>);

} // namespace poolmark
