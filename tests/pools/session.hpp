// What the tests of recycler recycle: an object that owns a buffer, counts its lives and fails on demand.
#pragma once

#include "pools/recycler.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace poolmark::tests {

struct session {
    static inline int made = 0;
    static inline int alive = 0;
    static inline int fails_in = -1; // so many constructions succeed; negative: all

    session() {
        if (fails_in == 0) {
            throw std::runtime_error("no more sessions");
        }
        fails_in -= fails_in > 0;
        ++made;
        ++alive;
    }
    session(const session&) = delete;
    session& operator=(const session&) = delete;
    ~session() { --alive; }

    std::string buffer;
};

struct keep_up_to_1000_bytes {
    bool operator()(session& object) const {
        if (object.buffer == "poison") {
            throw std::runtime_error("cannot be reset");
        }
        object.buffer.clear();
        return object.buffer.capacity() <= 1000;
    }
};

using sessions = recycler<session, keep_up_to_1000_bytes>;
using checked_sessions =
    recycler<session, keep_up_to_1000_bytes, slab_pool<session>, default_made, put_check::on>;

class recycling : public testing::Test {
protected:
    void SetUp() override { session::made = session::alive = 0, session::fails_in = -1; }
    void TearDown() override { EXPECT_EQ(session::alive, 0) << "each object made is destroyed once"; }
};

// `count` objects out at once, and back.
template <class Recycler>
void burst(Recycler& from, std::size_t count) {
    std::vector<session*> out;
    for (std::size_t i = 0; i != count; ++i) {
        out.push_back(from.get());
    }
    EXPECT_EQ(std::set<session*>(out.begin(), out.end()).size(), count);
    for (session* const object : out) {
        from.put(object);
    }
}

} // namespace poolmark::tests
