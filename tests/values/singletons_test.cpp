// One object, whoever asks: other files, shared objects that are opened at run time, threads; and nothing that anybody does ends it.
// The other file and the shared object are this one, compiled with POOLMARK_OTHER_FILE and POOLMARK_PLUGIN.
#include "benchmarks/contenders/values/catalog.hpp"
#include "benchmarks/contenders/values/shared_tuple.hpp"

#include <gtest/gtest.h>

#include <dlfcn.h>

#include <array>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

namespace poolmark::tests {

// The addresses that one part of a program has for the singletons, to be compared with those of others.
// In the order of singleton_ways (null for those with no object), then the empty tuple, a boxed 7, and last an object
// that each file has for itself.
inline constexpr std::size_t address_count = type_count<singleton_ways> + 3;
using addresses_of_part = void (*)(const void** to);

[[maybe_unused]] static int not_a_singleton = 0;

inline void note_addresses(const void** to, const void* own) {
    for_each_type(singleton_ways{}, [&]<class Way>(std::type_identity<Way>) {
        auto held = Way::get();
        *to++ = Way::address(held);
        Way::drop(std::move(held));
    });
    *to++ = shared_tuple<int>().identity();
    *to++ = boxed_int_table<>::table.get(12);
    *to = own;
}

void addresses_of_other_file(const void** to);

} // namespace poolmark::tests

#if defined(POOLMARK_PLUGIN)
extern "C" [[gnu::visibility("default")]] void poolmark_plugin_addresses(const void** to);
extern "C" void poolmark_plugin_addresses(const void** to) {
    poolmark::tests::note_addresses(to, &poolmark::tests::not_a_singleton);
}
#elif defined(POOLMARK_OTHER_FILE)
void poolmark::tests::addresses_of_other_file(const void** to) { note_addresses(to, &not_a_singleton); }
#else
namespace poolmark::tests {
namespace {

using addresses = std::array<const void*, address_count>;

[[nodiscard]] addresses of_this_file() {
    addresses own{};
    note_addresses(own.data(), &not_a_singleton);
    return own;
}

void expect_the_same_but_for_the_last(const addresses& one, const addresses& other) {
    for (std::size_t i = 0; i + 1 != address_count; ++i) {
        EXPECT_EQ(one[i], other[i]) << i;
    }
    EXPECT_NE(one.back(), other.back()) << "the control: an object that each file has for itself";
}

TEST(singletons, have_one_address_in_all_files) {
    addresses other{};
    addresses_of_other_file(other.data());
    expect_the_same_but_for_the_last(of_this_file(), other);
}

TEST(singletons, have_one_address_in_a_shared_object_opened_at_run_time) {
    void* const library = ::dlopen(POOLMARK_VALUES_PLUGIN, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library, nullptr) << ::dlerror();
    const auto ask = reinterpret_cast<addresses_of_part>(::dlsym(library, "poolmark_plugin_addresses"));
    ASSERT_NE(ask, nullptr);
    addresses there{};
    ask(there.data());
    expect_the_same_but_for_the_last(of_this_file(), there);
    ::dlclose(library);
}

TEST(singletons, are_made_once_by_threads_that_all_come_first) {
    std::vector<addresses> seen(8);
    {
        std::vector<std::jthread> threads;
        for (addresses& mine : seen) {
            threads.emplace_back([&mine] { mine = of_this_file(); });
        }
    }
    for (const addresses& each : seen) {
        EXPECT_EQ(each, seen.front());
    }
}

TEST(singletons, hold_what_they_were_made_with) {
    for_each_type(singleton_ways{}, []<class Way>(std::type_identity<Way>) {
        SCOPED_TRACE(Way::about.name);
        auto held = Way::get();
        EXPECT_EQ(Way::value(held), nothing_value);
        Way::drop(std::move(held));
    });
}

TEST(singletons, have_the_same_count_after_10_000_000_handles) {
    const std::uint32_t counted = counted_static::count();
    const std::uint32_t immortal = immortal_bit_static::count();
    const shared_ptr_static::handle kept = shared_ptr_static::get();
    const long owners = kept.use_count();
    for (int i = 0; i != 10'000'000; ++i) {
        immortal_bit_static::drop(immortal_bit_static::get());
    }
    for (int i = 0; i != 1'000'000; ++i) {
        counted_static::drop(counted_static::get());
        shared_ptr_static::drop(shared_ptr_static::get());
    }
    EXPECT_EQ(counted_static::count(), counted);
    EXPECT_EQ(immortal_bit_static::count(), immortal);
    EXPECT_EQ(kept.use_count(), owners);
    EXPECT_EQ(immortal, detail::immortal_bit::bit);
}

TEST(singletons, are_not_ended_by_drops_that_have_no_get) {
    detail::immortal_bit count(detail::immortal_bit::bit);
    for (int i = 0; i != 1000; ++i) {
        EXPECT_FALSE(count.release());
    }
    EXPECT_EQ(count.count(), detail::immortal_bit::bit);
    detail::immortal_bit mortal(1);
    mortal.retain();
    EXPECT_FALSE(mortal.release());
    EXPECT_TRUE(mortal.release());
}

TEST(empty_tuple, is_one_object_however_it_came_about) {
    const shared_tuple<int> made;
    const shared_tuple<int> of_nothing{std::span<const int>()};
    shared_tuple<int> full{1, 2, 3};
    const shared_tuple<int> taken = std::move(full);
    shared_tuple<int> assigned{4};
    assigned = shared_tuple<int>();
    const shared_tuple<double> of_other_type;
    for (const void* each :
         {of_nothing.identity(), full.identity(), assigned.identity(), of_other_type.identity()}) {
        EXPECT_EQ(each, made.identity());
    }
    EXPECT_EQ(taken, (shared_tuple<int>{1, 2, 3}));
    EXPECT_NE(taken.identity(), made.identity());
    EXPECT_TRUE(made.items().empty());
}

TEST(empty_tuple, is_not_counted_and_others_are) {
    const shared_tuple<int> empty;
    const std::uint32_t before = empty.count();
    const std::vector<shared_tuple<int>> many(1000, empty);
    EXPECT_EQ(empty.count(), before);
    const shared_tuple<int> full{1};
    const shared_tuple<int> copy = full; // NOLINT(performance-unnecessary-copy-initialization): it is the point
    EXPECT_EQ(full.count(), 2U);
    EXPECT_EQ(copy.identity(), full.identity());
}

} // namespace

} // namespace poolmark::tests
#endif
