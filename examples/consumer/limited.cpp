// A pool that stops at its capacity, and the three ways to hear of it.
#include "pools/errors.hpp"
#include "pools/object_pool.hpp"

#include <cstdio>
#include <deque>

using poolmark::exhausted;
using poolmark::pool_options;

struct session {
    int user;
};

namespace {

void refuse() {
    poolmark::object_pool<session, pool_options{.capacity = 2, .when_exhausted = exhausted::null}> sessions;
    for (int user = 1; user <= 3; ++user) {
        std::printf("user %d: %s\n", user, sessions.create(user) != nullptr ? "welcome" : "come back later");
    }
}

void report() {
    poolmark::object_pool<session, pool_options{.capacity = 2, .when_exhausted = exhausted::throw_error}> sessions;
    session* const first = sessions.create(1);
    static_cast<void>(sessions.create(2));
    try {
        static_cast<void>(sessions.create(3));
    } catch (const poolmark::pool_exhausted& full) { // a std::bad_alloc; the pool is as it was
        std::printf("%s\n", full.what());
    }
    sessions.destroy(first);
    std::printf("after a release: user %d\n", sessions.create(3)->user);
}

void make_room() {
    poolmark::object_pool<session, pool_options{.capacity = 2, .when_exhausted = exhausted::callback}> sessions;
    std::deque<session*> oldest_first;
    sessions.on_exhausted([&] {
        std::printf("user %d has to go\n", oldest_first.front()->user);
        sessions.destroy(oldest_first.front());
        oldest_first.pop_front();
        return true; // there is room now: try again
    });
    for (int user = 1; user <= 4; ++user) {
        oldest_first.push_back(sessions.create(user));
    }
}

} // namespace

int main() {
    refuse();
    report();
    make_room();
}

// Prints:
//   user 1: welcome
//   user 2: welcome
//   user 3: come back later
//   poolmark: pool exhausted: every slot of its fixed capacity is in use
//   after a release: user 3
//   user 1 has to go
//   user 2 has to go
