// Every pool of the catalog behind virtual functions, so that a check is compiled once and not once for each
// pool, size and alignment. What is expanded for each of those is `erased` (in kinds.cpp), and nothing else;
// create() and destroy() are as well, for the few types that these tests construct.
//
//   catalog ──► erased<slab_pool<cell<64, 8>>> ──► pool_kind ──► for_every_pool({64, 8}, check)
#pragma once

#include "pools/pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace poolmark::tests {

class erased_pool {
public:
    erased_pool() = default;
    erased_pool(const erased_pool&) = delete;
    erased_pool& operator=(const erased_pool&) = delete;
    virtual ~erased_pool() = default;

    [[nodiscard]] virtual void* acquire() = 0;
    virtual void release(void* block) = 0;
    virtual void reset() noexcept = 0;                                 // where the kind is resettable
    [[nodiscard]] virtual std::size_t slab_bytes() const noexcept = 0; // 0 where the pool does not tell
};

// What is kept in a pool. The pairs that take part stand in kinds.cpp.
struct shape {
    std::size_t bytes = 0;
    std::size_t alignment = 1;

    [[nodiscard]] bool operator==(const shape&) const = default;
};

// The shape in which behaviour is tested that depends on neither size nor alignment.
inline constexpr shape usual{64, 8};

// One pool of the catalog at one shape.
struct pool_kind {
    const description* about = nullptr;
    pool_traits traits;
    shape of;
    bool resettable = false;
    std::unique_ptr<erased_pool> (*make)(std::size_t expected_objects) = nullptr;
};

// The catalog, and our own pools on the heap besides, at every shape that they promise to honour.
[[nodiscard]] const std::vector<pool_kind>& every_kind();
void add_kinds_well_aligned(std::vector<pool_kind>& kinds); // of it: compiled apart, since that takes long
// Those at the usual shape; tests of threads are built with nothing else.
[[nodiscard]] const std::vector<pool_kind>& usual_kinds();
// Our own growing pools at the usual shape, over rationed_source.
[[nodiscard]] const std::vector<pool_kind>& kinds_on_rations();

// So many objects as a test wants out at once, or as many as the pool is fit for: all that it can hold, and few
// where each release() looks at all the others.
[[nodiscard]] inline std::size_t objects_for(const pool_traits& traits, std::size_t wanted) {
    return std::min({wanted, traits.max_objects, traits.linear_release ? std::size_t{2000} : wanted});
}

// A pool for so many objects. One that grows is not told, and so has to.
[[nodiscard]] inline std::unique_ptr<erased_pool> make_unprepared(const pool_kind& kind, std::size_t objects) {
    return kind.make(kind.traits.fixed_capacity ? objects : 0);
}

// Puts a pool's name into what a failure prints.
class pool_trace {
public:
    pool_trace(const description& about, const pool_traits& traits, const std::string& more = {})
        : trace_(__FILE__, __LINE__,
                 std::string(about.name) + (traits.memory == backing::heap    ? " on the heap"
                                            : traits.memory == backing::pages ? " on pages"
                                                                              : " inside itself") +
                     more) {}

private:
    testing::ScopedTrace trace_;
};

using pool_check = std::function<void(const pool_kind&)>;
void for_each_kind(const std::vector<pool_kind>& kinds, const pool_check& check);
// Those of one shape.
void for_every_pool(shape of, const pool_check& check);

inline void expect_none(std::size_t violations, const char* what) { EXPECT_EQ(violations, 0u) << what; }

[[nodiscard]] inline std::vector<void*> acquire_all(erased_pool& source, std::size_t objects) {
    std::vector<void*> out(objects);
    std::generate(out.begin(), out.end(), [&] { return source.acquire(); });
    return out;
}

inline void release_all(erased_pool& source, const std::vector<void*>& out) {
    for (void* const block : out) {
        source.release(block);
    }
}

inline void expect_all_different(std::vector<void*> blocks) {
    std::sort(blocks.begin(), blocks.end());
    EXPECT_EQ(std::adjacent_find(blocks.begin(), blocks.end()), blocks.end()) << "one block was handed out twice";
}

// Writes over all of its storage, and then fails when told to.
struct scribbler {
    struct orders {
        bool fails;
        std::uint64_t value;
    };
    std::uint64_t words[6];

    explicit scribbler(orders given) {
        for (std::uint64_t& word : words) {
            word = given.value;
        }
        if (given.fails) {
            throw std::runtime_error("told to");
        }
    }
};

template <class T, class Argument>
class erased_objects {
public:
    erased_objects() = default;
    erased_objects(const erased_objects&) = delete;
    erased_objects& operator=(const erased_objects&) = delete;
    virtual ~erased_objects() = default;

    [[nodiscard]] virtual T* create(Argument with) = 0;
    virtual void destroy(T* object) = 0;
};

using scribblers = erased_objects<scribbler, scribbler::orders>; // a constructor that throws
using strings = erased_objects<std::string, std::string>;        // one that does not; objects that own memory

template <class Objects>
struct object_kind {
    const description* about = nullptr;
    pool_traits traits;
    std::unique_ptr<Objects> (*make)(std::size_t expected_objects) = nullptr;
};

[[nodiscard]] const std::vector<object_kind<scribblers>>& kinds_of_scribblers();
[[nodiscard]] const std::vector<object_kind<strings>>& kinds_of_strings();

// check(kind) for each, with its name in what a failure prints.
template <class Objects>
void for_each_kind(const std::vector<object_kind<Objects>>& kinds, void (*check)(const object_kind<Objects>&)) {
    ASSERT_FALSE(kinds.empty());
    for (const object_kind<Objects>& kind : kinds) {
        if (kind.about->installed()) {
            const pool_trace trace(*kind.about, kind.traits);
            check(kind);
        }
    }
}

} // namespace poolmark::tests
