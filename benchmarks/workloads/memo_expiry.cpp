// memo_expiry — entries that are over after an hour, none of which is over yet.
//
// Question:  what does it cost that entries could end?
// Models:    resolved addresses, prices, tokens: nearly all of what is asked for is still good.
// Favours:   lazy checks: the clock and a comparison; on a miss, who keeps no list of what is due.
// Ignores:   what the dead hold until they are found, and a clock that is late by some milliseconds.
#include "benchmarks/harness/memo_subjects.hpp"

#include <chrono>
#include <string_view>

namespace poolmark::benchmarks {
namespace {

using plain = lru_intrusive<memo_number, memo_number>;
using below = lru_intrusive<memo_number, timed<memo_number>>;

template <class Expiring>
struct for_an_hour : Expiring {
    explicit for_an_hour(std::size_t capacity) : Expiring(std::chrono::hours(1), capacity) {}
};

template <class C>
std::unique_ptr<subject> make_expiry(const parameters& where) {
    if (where.word("operation") == "hit") {
        return std::make_unique<hits_subject<local_memo<C>>>(where);
    }
    return std::make_unique<evictions_subject<local_memo<C>>>(where);
}

std::vector<point> points_of_memo_expiry() {
    std::vector<point> points;
    for (const char* const operation : {"hit", "evict"}) {
        for (const std::int64_t capacity : {1000, 100'000}) {
            points.push_back({.where = {{"operation", operation}, {"capacity", capacity}},
                              .from = capacity == 1000 ? preset::quick : preset::full,
                              .every_allocator_from = preset::full,
                              .memory = capacity == 1000 && std::string_view(operation) == "evict"});
        }
    }
    return points;
}

const registration registered{{
    .name = "memo_expiry",
    .question = "What does it cost that entries could end?",
    .operation = "a hit, or a miss that forgets another entry",
    .models = "resolved addresses, prices, tokens: nearly all of what is asked for is still good",
    .favours = "lazy checks: the clock and a comparison",
    .ignores = "what the dead hold until they are found",
    .from = preset::full,
    .strategies = {{.about = plain::about, .make = &make_expiry<plain>},
                   {.about = lazy_expiring_about, .make = &make_expiry<for_an_hour<lazy_expiring<below>>>},
                   {.about = coarse_expiring_about, .make = &make_expiry<for_an_hour<lazy_expiring<below, coarse_now>>>},
                   {.about = heap_expiring_about, .make = &make_expiry<for_an_hour<heap_expiring<below>>>},
                   {.about = wheel_expiring_about, .make = &make_expiry<for_an_hour<wheel_expiring<below>>>}},
    .points = points_of_memo_expiry(),
}};

} // namespace
} // namespace poolmark::benchmarks
