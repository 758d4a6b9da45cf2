// create() and destroy() of every pool behind virtual functions, for the few types that these tests construct.
#pragma once

#include "tests/pools/erased_pool.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace poolmark::tests {

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
