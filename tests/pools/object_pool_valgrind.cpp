// Runs under valgrind, with object_pool's level full: clean where it is used well; with an argument, one misuse that
// valgrind must report.
#include "pools/object_pool.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace {

struct object {
    std::uint64_t words[3];
};
using full_pool = poolmark::object_pool<object, poolmark::pool_options{.checks = poolmark::check::full}>;
using heap_pool =
    poolmark::object_pool<object, poolmark::pool_options{.checks = poolmark::check::full, .source = poolmark::slab_source::heap}>;

template <class Pool>
std::uint64_t use_well() {
    std::uint64_t sum = 0;
    Pool first;
    std::vector<object*> many(5000);
    first.acquire_n(many);
    for (std::size_t i = 0; i != many.size(); ++i) {
        std::construct_at(many[i], object{{i, i, i}});
    }
    Pool pool(std::move(first));
    for (std::size_t i = 0; i != many.size(); ++i) {
        i % 100 != 0 ? pool.destroy(many[i]) : void();
    }
    pool.trim();
    first = std::move(pool);
    for (int i = 0; i != 1000; ++i) {
        static_cast<void>(first.create(object{{1, 2, 3}}));
    }
    first.for_each_live([&sum](const object& each) { sum += each.words[1]; });
    first.reset();
    object* const last = first.create(object{{4, 5, 6}});
    sum += last->words[0];
    first.destroy(last);
    first.reserve(20'000);
    first.prefault();
    first.trim();
    return sum;
}

void misuse(std::string_view what) {
    full_pool pool;
    object* const block = pool.create(object{{1, 2, 3}});
    volatile std::uint64_t* const word = block->words;
    if (what == "uninitialised") {
        volatile std::uint64_t* const fresh = static_cast<object*>(pool.acquire())->words;
        std::puts(fresh[1] == 7 ? "seven" : "not seven");
    } else if (what == "neighbour") { // a slot that was never out
        std::printf("%d\n", static_cast<int>(word[3] != 0));
    } else {
        full_pool moved(std::move(pool));
        moved.destroy(block);
        if (what == "reset") {
            static_cast<void>(moved.create(object{{1, 2, 3}}));
            moved.reset();
        }
        const std::uint64_t seen = word[1];
        if (what == "write") {
            word[1] = seen + 1;
        }
    }
    pool.reset();
}

} // namespace

int main(int count, char** arguments) {
    if (count > 1) {
        poolmark::set_leak_handler([](const poolmark::leak_report&) noexcept {});
        misuse(arguments[1]);
        return 0;
    }
    std::printf("%d\n", static_cast<int>(use_well<full_pool>() + use_well<heap_pool>()));
    return 0;
}
