// The options of a recycler: when an object is worth keeping, how
// one is made, how many may be idle, whether misuse is looked for.
//
//   recycler<request, clear_buffers>                            Reset: bool(request&)
//   recycler<request, clear_buffers, fresh_heap<request>>       Storage: any pool of requests
//   recycler<request, clear_buffers, slab_pool<request>, open>  Make: request()
#pragma once

#include "pools/description.hpp"

#include <cstddef>
#include <limits>

namespace poolmark {

// The Reset that keeps whatever comes back, as it is.
struct keep_as_it_is {
    template <class T>
    [[nodiscard]] constexpr bool operator()(const T& /*object*/) const noexcept {
        return true;
    }
};

// The Make that default-initialises. Any other is called without arguments and returns a T.
struct default_made {};

enum class put_check : bool {
    off, // giving back what is not out is undefined
    on   // put() and discard() throw double_release or foreign_pointer, and change nothing
};

struct recycler_limits {
    std::size_t min_idle = 0; // made by the constructor; trim() leaves as many
    std::size_t max_idle = (std::numeric_limits<std::size_t>::max)();
    std::size_t expected_objects = 0; // what Storage is given: a hint, or its capacity where that is fixed
};

inline constexpr description recycler_about{"recycler", family::free_list,
                                            "objects that stay constructed, on a stack beside them"};

} // namespace poolmark
