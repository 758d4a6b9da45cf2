// boost::flyweight: a value class whose equal values share one object, found in a hash table of the process.
//
//   flyweight<std::string>("user_id") ──► handle ──► [ "user_id" | references ]     gone with its last handle
//
// Good for: values of any type that should share, with no table in sight: the handle is all there is.
// Bad for:  texts that are not std::strings yet: one is made for every lookup. Its hash mixes byte by byte.
// Complexity: intern a hash and a walk of the bucket; copy and drop a count. Bytes: a node and a string. One table for
//           the whole process, whatever the object of this class.
// Threads:  one at a time: no_locking, the peer of tables with no lock of their own.
#pragma once

#include "benchmarks/contenders/packages.hpp"
#include "pools/values/interning.hpp"

#ifdef POOLMARK_HAS_BOOST
#include <boost/flyweight.hpp>
#include <boost/flyweight/no_locking.hpp>

#include <string>
#include <string_view>
#endif

namespace poolmark {

inline constexpr description boost_flyweight_about{"boost_flyweight", family::peer,
                                                   "boost::flyweight of strings, no_locking, counted",
                                                   "libboost-dev", has_boost};

#ifdef POOLMARK_HAS_BOOST

class boost_flyweight {
public:
    static constexpr const description& about = boost_flyweight_about;
    static constexpr interning_traits traits{.mortal = true};

    using handle = boost::flyweights::flyweight<std::string, boost::flyweights::tag<boost_flyweight>,
                                                boost::flyweights::no_locking>;

    [[nodiscard]] handle intern(std::string_view text) {
        static_cast<void>(detail::checked_length(text));
        // A string that is used again: making one for each lookup would be our cost, not the peer's.
        text_.assign(text);
        ++held_;
        return handle(text_);
    }
    void drop(const handle& /*ends by itself*/) noexcept { --held_; }
    [[nodiscard]] std::string_view text(const handle& held) const noexcept { return held.get(); }
    // The library does not tell how many texts there are; this is how many handles this object has out.
    [[nodiscard]] std::size_t size() const noexcept { return held_; }

private:
    std::string text_;
    std::size_t held_ = 0;
};

static_assert(interning<boost_flyweight>);

#endif

} // namespace poolmark
