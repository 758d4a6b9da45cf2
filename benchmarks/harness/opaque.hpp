// A pool whose acquire and release are calls, whatever the compiler would make of them.
//
// A pool in headers is inlined into the loop that is timed; one in a shared library never is. What the first
// gains is partly the call that it saves, and a program that calls through an interface or a library does not
// save it. With `call=opaque` a point asks everybody to pay for the call.
#pragma once

#include "benchmarks/harness/barrier.hpp"
#include "pools/pool.hpp"

#include <cstddef>

namespace poolmark::benchmarks {

template <pool Pool>
class opaque_calls {
public:
    using value_type = typename Pool::value_type;
    static constexpr description about = Pool::about;
    static constexpr pool_traits traits = Pool::traits;

    explicit opaque_calls(std::size_t expected_objects) : pool_(expected_objects) {}

    POOLMARK_OPAQUE [[nodiscard]] void* acquire() {
        void* block = pool_.acquire();
        escape(block);
        return block;
    }
    POOLMARK_OPAQUE void release(void* block) {
        pool_.release(block);
        barrier();
    }
    void reset() noexcept requires resettable_pool<Pool> { pool_.reset(); }

private:
    Pool pool_;
};

} // namespace poolmark::benchmarks
