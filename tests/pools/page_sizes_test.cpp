// Pools on systems whose pages are larger than this one's: what sysconf, mmap, munmap, madvise and mincore say there. They are
// ours in this program, and behave as the system's do until a test asks for other pages, in a process of its own.
//
//   madvise, munmap   refuse an address that is no page's beginning, and act on whole pages, past the length that is given
//   mincore           a byte for each large page
//
// qemu-user tells a program of pages that are larger than its own kernel's, and then does as that kernel does. So programs that
// run there bring this part with them (POOLMARK_ONLY_THE_SYSTEM), and end where they ask for what would be refused.
#include "pools/memory/sanitizers.hpp"

// Sanitizers have these functions for themselves.
#if !defined(POOLMARK_HAS_ASAN) && !defined(POOLMARK_HAS_TSAN)

#include "pools/arena.hpp"
#include "pools/bitmap_pool.hpp"
#include "pools/bounded_free_list.hpp"
#include "pools/buffer_pool.hpp"
#include "pools/cpu_pool.hpp"
#include "pools/local_pool.hpp"
#include "pools/locked_pool.hpp"
#include "pools/object_pool.hpp"
#include "pools/recycling_arena.hpp"
#include "pools/size_class_pool.hpp"
#include "pools/slab_pool.hpp"
#include "pools/slot_map.hpp"
#include "pools/stack_pool.hpp"

#include <gtest/gtest.h>

#include <dlfcn.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace poolmark::tests::other_pages {
namespace {

std::size_t page = 0; // of the system that is played; 0: as it is
int refused = 0;
#ifdef POOLMARK_EMULATOR
constexpr std::size_t here = 4096; // of the kernel, whatever the emulator says
#else
const std::size_t here = ::getauxval(AT_PAGESZ);
#endif

std::size_t page_now() { return page != 0 ? page : ::getauxval(AT_PAGESZ); }
std::size_t whole(std::size_t bytes) { return (bytes + page_now() - 1) / page_now() * page_now(); }
bool begins_a_page(void* address) {
    const bool does = reinterpret_cast<std::uintptr_t>(address) % page_now() == 0;
    if (!does && page == 0) {
        std::fprintf(stderr, "%p does not begin a page of %zu bytes\n", address, page_now());
        std::abort();
    }
    refused += does ? 0 : 1;
    errno = does ? errno : EINVAL;
    return does;
}
std::byte* map(std::size_t bytes, int protection, int flags) {
    return reinterpret_cast<std::byte*>(::syscall(SYS_mmap, nullptr, bytes, protection, flags, -1, 0)); // NOLINT
}

extern "C" {
long sysconf(int name) noexcept {
    static const auto real = reinterpret_cast<long (*)(int)>(::dlsym(RTLD_NEXT, "sysconf"));
    return name == _SC_PAGESIZE ? static_cast<long>(page_now()) : real(name);
}
void* mmap(void* at, std::size_t bytes, int protection, int flags, int file, off_t offset) noexcept {
    if (at != nullptr || file >= 0 || page == 0) {
        return reinterpret_cast<void*>(::syscall(SYS_mmap, at, bytes, protection, flags, file, offset)); // NOLINT
    }
    std::byte* const found = map(whole(bytes) + page, protection, flags);
    if (found == MAP_FAILED) { // NOLINT
        return found;
    }
    const std::size_t before = whole(reinterpret_cast<std::uintptr_t>(found)) - reinterpret_cast<std::uintptr_t>(found);
    if (before != 0) {
        ::syscall(SYS_munmap, found, before);
    }
    if (before != page) {
        ::syscall(SYS_munmap, found + before + whole(bytes), page - before);
    }
    return found + before;
}
int munmap(void* at, std::size_t bytes) noexcept {
    return begins_a_page(at) ? static_cast<int>(::syscall(SYS_munmap, at, whole(bytes))) : -1;
}
int madvise(void* at, std::size_t bytes, int advice) noexcept {
#ifdef POOLMARK_EMULATOR
    if (advice == 23) { // MADV_POPULATE_WRITE: qemu says that it did, and did not. So say kernels before Linux 5.14.
        errno = EINVAL;
        return -1;
    }
#endif
    return begins_a_page(at) ? static_cast<int>(::syscall(SYS_madvise, at, whole(bytes), advice)) : -1;
}
int mincore(void* at, std::size_t bytes, unsigned char* pages) noexcept {
    const std::size_t large = page_now();
    if (!begins_a_page(at) || large == here) {
        return large == here ? static_cast<int>(::syscall(SYS_mincore, at, bytes, pages)) : -1;
    }
    for (std::size_t done = 0; done < bytes; done += large) {
        unsigned char small[16]{};
        if (::syscall(SYS_mincore, static_cast<std::byte*>(at) + done, large, small) != 0) {
            return -1;
        }
        *pages++ = *std::max_element(small, small + large / here) & 1U;
    }
    return 0;
}
#ifdef POOLMARK_EMULATOR
// Whoever begins a program of this processor anew needs the emulator for it.
int execv(const char* program, char* const* arguments) noexcept {
    std::vector<const char*> words{"sh", "-c", "exec " POOLMARK_EMULATOR " \"$0\" \"$@\"", program};
    for (++arguments; *arguments != nullptr; ++arguments) {
        words.push_back(*arguments);
    }
    words.push_back(nullptr);
    return static_cast<int>(::syscall(SYS_execve, "/bin/sh", words.data(), environ));
}
#endif
}

#ifndef POOLMARK_ONLY_THE_SYSTEM

struct block {
    std::uint64_t words[125]; // no divisor of a page
};

block filled(std::size_t mark) {
    block one;
    std::memset(&one, static_cast<int>(mark % 251 + 1), sizeof one);
    return one;
}
bool is(const block& in, std::size_t mark) {
    const block wanted = filled(mark);
    return std::memcmp(&in, &wanted, sizeof in) == 0;
}

// Objects in groups with gaps of many pages between them, trim(), again, and an end: none changes under its owner.
template <class P>
bool keeps_what_is_out() {
    bool well = true;
    for (const std::size_t expected : {0U, 500U}) {
        P pool(expected);
        std::vector<block*> all(4000);
        const auto make = [&](std::size_t i) {
            all[i] = poolmark::create(pool, filled(i));
        };
        for (std::size_t i = 0; i != all.size(); ++i) {
            make(i);
        }
        for (const std::size_t kept : {60U, 7U, 190U}) {
            const auto is_kept = [=](std::size_t i) { return i % 200 < kept; };
            for (std::size_t i = 0; i != all.size(); ++i) {
                is_kept(i) ? void() : pool.release(all[i]);
            }
            if constexpr (requires { pool.trim(); }) {
                well &= pool.trim() < (std::size_t{1} << 30);
            }
            for (std::size_t i = 0; i != all.size(); ++i) {
                well &= !is_kept(i) || is(*all[i], i);
            }
            for (std::size_t i = 0; i != all.size(); ++i) {
                is_kept(i) ? void() : make(i);
            }
            for (std::size_t i = 0; i != all.size(); ++i) {
                well &= is(*all[i], i);
            }
        }
        for (block* const each : all) {
            pool.release(each);
        }
    }
    if (!well) {
        std::fprintf(stderr, "%s\n", P::about.name.data());
    }
    return well;
}

bool keeps_buffers_and_handles() {
    basic_buffer_pool<warm_source> buffers(100'000);
    size_class_pool<page_source> classes;
    slot_map<block> map;
    std::byte* const kept = buffers.take();
    std::fill(kept, kept + 100'000, std::byte{7});
    auto* const sized = static_cast<std::byte*>(classes.acquire(100'000));
    std::fill(sized, sized + 100'000, std::byte{8});
    const auto handle = map.create(block{{9}});
    for (int i = 0; i != 20; ++i) {
        buffers.give(buffers.take());
        buffers.trim();
        classes.release(classes.acquire(40'000U + 1000U * static_cast<unsigned>(i)), 40'000U + 1000U * static_cast<unsigned>(i));
        map.destroy(map.create());
    }
    return std::count(kept, kept + 100'000, std::byte{7}) == 100'000 && map.get(handle).words[0] == 9 &&
           std::count(sized, sized + 100'000, std::byte{8}) == 100'000;
}

class page_sizes_death_test : public testing::TestWithParam<std::size_t> {};

TEST_P(page_sizes_death_test, change_nothing_for_objects_that_are_out) {
    if (GetParam() < page_now()) {
        GTEST_SKIP() << "pages are larger here already";
    }
    GTEST_FLAG_SET(death_test_style, "threadsafe"); // begins anew, so that nobody has asked for the page's size yet
    const auto all = [] {
        page = GetParam();
        refused = 0;
        using fast = object_pool<block, pool_options{.checks = check::fast}>;
        using full = object_pool<block, pool_options{.checks = check::full}>;
        using pages = object_pool<block, pool_options{.huge = huge_pages::never, .source = slab_source::pages}>;
        const bool well = page_size() == page && keeps_what_is_out<object_pool<block>>() && keeps_what_is_out<fast>() &&
                          keeps_what_is_out<full>() && keeps_what_is_out<pages>() && keeps_what_is_out<slab_pool<block>>() &&
                          keeps_what_is_out<stack_pool<block>>() && keeps_what_is_out<bitmap_pool<block>>() &&
                          keeps_what_is_out<bitmap_pool<block, warm_source>>() && keeps_what_is_out<recycling_arena<block>>() &&
                          keeps_what_is_out<local_pool<block>>() && keeps_what_is_out<local_pool<block, page_source>>() &&
                          keeps_what_is_out<cpu_pool<block>>() && keeps_what_is_out<locked_pool<object_pool<block>>>() &&
                          keeps_what_is_out<bounded_free_list<block>>() && keeps_what_is_out<arena<block>>() &&
                          keeps_buffers_and_handles();
        static_cast<void>(trim_slab_cache());
        std::_Exit(well && refused == 0 ? 0 : 1);
    };
    EXPECT_EXIT(all(), testing::ExitedWithCode(0), "");
}

#ifdef POOLMARK_EMULATOR
TEST(page_sizes, are_what_the_emulator_was_asked_for) {
    const char* const asked = std::getenv("QEMU_PAGESIZE");
    ASSERT_NE(asked, nullptr) << "test presets say it";
    EXPECT_EQ(std::strtoul(asked, nullptr, 10), ::sysconf(_SC_PAGESIZE))
        << "from version 9 on, qemu-user has the pages of its own kernel and no others";
}
#endif

INSTANTIATE_TEST_SUITE_P(of, page_sizes_death_test, testing::Values(std::size_t{16'384}, std::size_t{65'536}),
                         [](const auto& given) { return std::to_string(given.param); });

#endif
} // namespace
} // namespace poolmark::tests::other_pages

#endif
