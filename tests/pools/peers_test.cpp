// The list of pools: which of them lead, and what brings a missing peer. What is peculiar to the peers: libraries that are opened or shared
// behind a pool's back, and memory that ends.
#include "benchmarks/contenders/peers/peers.hpp"
#include "benchmarks/contenders/storage/catalog.hpp"
#include "tests/pools/cell.hpp"

#include <gtest/gtest.h>

#include <dlfcn.h>

#include <algorithm>
#include <limits>
#include <new>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace poolmark::tests {
namespace {

bool is_here() { return true; }
bool is_gone() { return false; }

TEST(catalog, asks_the_machine_whether_a_library_that_is_opened_at_run_time_is_there) {
    EXPECT_TRUE((description{.name = "linked"}.installed()));
    EXPECT_TRUE((description{.name = "opened", .present = is_here}.installed()));
    EXPECT_FALSE((description{.name = "opened", .present = is_gone}.installed()));
    EXPECT_FALSE((description{.name = "not_built", .available = false, .present = is_here}.installed()));
}

TEST(catalog, has_the_leading_pools_in_a_list_of_their_own) {
    std::vector<std::string_view> expected;
    for_each_type(storage_pools<int>{}, [&]<class P>(std::type_identity<P>) {
        if (P::about.leading) {
            expected.push_back(P::about.name);
        }
    });
    std::vector<std::string_view> leading;
    for_each_type(leading_of<storage_pools<int>>{},
                  [&]<class P>(std::type_identity<P>) { leading.push_back(P::about.name); });
    EXPECT_EQ(leading, expected);
    EXPECT_EQ(leading.front(), "fresh_heap");
    EXPECT_EQ(std::count(leading.begin(), leading.end(), "slab_pool"), 1);
}

TEST(catalog, parts_its_pools_into_those_that_lead_and_the_others) {
    constexpr std::size_t all = type_count<storage_pools<int>>;
    EXPECT_EQ(type_count<leading_of<storage_pools<int>>> + type_count<others_of<storage_pools<int>>>, all);
    EXPECT_GT(type_count<others_of<storage_pools<int>>>, 0u);
}

TEST(catalog, says_which_package_brings_a_missing_peer) {
    for (const description& peer : peers_with_a_package) {
        EXPECT_FALSE(peer.package.empty()) << peer.name;
    }
}

// check.operator()<P>() for each peer that this machine has.
template <class T, class Check>
void for_every_peer(Check&& check) {
    for_each_type(peer_pools<T>{}, [&]<class P>(std::type_identity<P>) {
        if (P::about.installed()) {
            SCOPED_TRACE(P::about.name);
            check.template operator()<P>();
        }
    });
}

template <class P>
std::vector<void*> acquire_many(P& source, std::size_t count) {
    std::vector<void*> out(count);
    std::generate(out.begin(), out.end(), [&] { return source.acquire(); });
    return out;
}

TEST(peers, honour_their_alignment_for_sizes_that_are_no_power_of_two) {
    for_every_peer<cell<48, 16>>([]<class P>() {
        P source(0);
        const std::vector<void*> out = acquire_many(source, 1000);
        EXPECT_EQ(std::count_if(out.begin(), out.end(), [](void* block) { return !is_aligned(block, 16); }), 0);
        for (void* const block : out) {
            source.release(block);
        }
    });
}

TEST(peers, take_an_absurd_hint_or_say_that_there_is_no_memory_for_it) {
    for_every_peer<cell<48>>([]<class P>() {
        try {
            P source(std::numeric_limits<std::size_t>::max());
            source.release(source.acquire());
        } catch (const std::bad_alloc&) {
            P source(0); // nothing is left in a state that would harm the next one
            source.release(source.acquire());
        }
    });
}

TEST(peers, that_are_one_for_the_process_hand_out_what_came_back_to_a_pool_that_has_ended) {
    for_every_peer<cell<56>>([]<class P>() {
        if constexpr (P::traits.process_wide) {
            std::set<void*> before;
            {
                P source(100);
                const std::vector<void*> out = acquire_many(source, 100);
                before.insert(out.begin() + 1, out.end());
                // All but one: the bitmap_allocator never uses a block of its own again that was empty once.
                std::for_each(out.begin() + 1, out.end(), [&](void* block) { source.release(block); });
            }
            P source(100);
            // Not at once: the bitmap_allocator goes on where it stopped, and comes round to them later.
            std::vector<void*> out;
            while (out.size() != 10'000 && (out.empty() || !before.contains(out.back()))) {
                out.push_back(source.acquire());
            }
            EXPECT_TRUE(before.contains(out.back()));
            for (void* const block : out) {
                source.release(block);
            }
        }
    });
}

TEST(peers, of_bounded_memory_say_when_it_is_used_up_and_go_on_afterwards) {
    for_every_peer<cell<8000>>([]<class P>() {
        if constexpr (P::traits.bounded_memory) {
            P source(3);
            std::vector<void*> out;
            EXPECT_THROW(
                for (int i = 0; i != 1'000'000; ++i) { out.push_back(source.acquire()); }, pool_exhausted);
            EXPECT_GE(out.size(), 3u);
            source.release(out.back());
            out.back() = source.acquire();
            const std::size_t first_time = out.size();
            source.reset();
            EXPECT_EQ(acquire_many(source, first_time / 2).size(), first_time / 2) << "all of it came back";
        }
    });
}

#ifdef POOLMARK_HAS_TBBMALLOC
TEST(tbb_fixed_pool, has_room_for_what_was_expected_in_the_most_wasteful_size_class) {
    using just_above_a_class = cell<1040>; // takes 1,792 bytes
    constexpr std::size_t expected = 150'000;
    tbb_fixed_pool<just_above_a_class> source(expected);
    EXPECT_EQ(acquire_many(source, expected).size(), expected);
}
#endif

#ifdef POOLMARK_MIMALLOC
TEST(mimalloc_heap, leaves_the_heap_of_the_process_alone) {
    if (!mimalloc_heap_about.installed()) {
        GTEST_SKIP() << "libmimalloc is gone since the build was configured";
    }
    void* const malloc_before = ::dlsym(RTLD_DEFAULT, "malloc");
    mimalloc_heap<int> source;
    source.release(source.acquire());
    EXPECT_EQ(::dlsym(RTLD_DEFAULT, "malloc"), malloc_before);
    EXPECT_EQ(::dlsym(RTLD_DEFAULT, "mi_malloc"), nullptr) << "opened for all to see";
}
#endif

void expect_refused(const char* path) {
    try {
        static_cast<void>(detail::mimalloc_library::open(path));
        ADD_FAILURE() << path << " was taken for mimalloc";
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string(error.what()).find("apt install libmimalloc-dev"), std::string::npos)
            << error.what();
    }
}

TEST(mimalloc_library, that_is_missing_or_another_one_is_refused_with_the_package_to_install) {
    expect_refused("/no/such/folder/libmimalloc.so.2");
    expect_refused("libc.so.6");
}

} // namespace
} // namespace poolmark::tests
