#include "benchmarks/harness/witness.hpp"

#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/ceilings.hpp"
#include "benchmarks/harness/team.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <new>

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t largest_last_cache = std::size_t{32} << 20U;
constexpr std::size_t pages_touched = 8;
constexpr std::uint32_t exchanges = 64;
constexpr std::int64_t longest_exchange_ns = 100'000;
constexpr std::uint32_t given_up = 1;

std::size_t page_bytes() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

cache_sizes plausible_caches() {
    cache_sizes caches = described_caches();
    caches.first = std::max<std::size_t>(caches.first, std::size_t{32} << 10U);
    caches.second = std::max<std::size_t>(caches.second, std::size_t{512} << 10U);
    caches.third = std::clamp(caches.third, 4 * caches.second, std::max(4 * caches.second, largest_last_cache));
    return caches;
}

// Larger than the level below, so that a walk has to go to this one.
std::size_t buffer_bytes_of(memory_level level) {
    const cache_sizes caches = plausible_caches();
    switch (level) {
    case memory_level::l2: return std::bit_ceil(2 * caches.first);
    case memory_level::l3: return std::bit_ceil(4 * caches.second);
    case memory_level::dram: return 2 * std::bit_ceil(caches.third);
    case memory_level::first: break;
    }
    return 0;
}

std::uint64_t steps_of(memory_level level) {
    return level == memory_level::l2 ? 256 : level == memory_level::l3 ? 128 : 64;
}

} // namespace

memory_level level_of(std::size_t working_set_bytes, std::size_t in_turn) noexcept {
    const cache_sizes caches = plausible_caches();
    if (working_set_bytes <= caches.second) {
        return working_set_bytes <= caches.first ? memory_level::first : memory_level::l2;
    }
    const std::size_t share = caches.third / std::max<std::size_t>(1, in_turn);
    const std::size_t walked = in_turn > 1 ? buffer_bytes_of(memory_level::l3) : 0;
    return walked <= share && working_set_bytes <= share - walked ? memory_level::l3 : memory_level::dram;
}

const char* name_of(memory_level level) noexcept {
    constexpr const char* names[] = {"", "l2", "l3", "dram"};
    return names[static_cast<std::size_t>(level)];
}

witness::witness(std::size_t working_set_bytes, std::size_t in_turn) : level_(level_of(working_set_bytes, in_turn)) {
    const std::size_t bytes = buffer_bytes_of(level_);
    if (bytes != 0) {
        buffer_.resize(bytes / sizeof(std::uint64_t)); // zeros, written: every page is there and is its own
    }
    void* const mapped =
        ::mmap(nullptr, pages_touched * page_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) {
        throw std::bad_alloc();
    }
    static_cast<void>(::madvise(mapped, pages_touched * page_bytes(), MADV_NOHUGEPAGE));
    pages_ = static_cast<char*>(mapped);
    if (cpus() > 1) {
        other_ = std::jthread([this] { serve(); });
    }
}

witness::~witness() {
    ending_ = true;
    asked_.fetch_add(1, std::memory_order_release);
    asked_.notify_all();
    ::munmap(pages_, pages_touched * page_bytes());
}

std::size_t witness::buffer_bytes() const noexcept { return buffer_.size() * sizeof(std::uint64_t); }

witness_reading witness::read(bool faults) {
    const core_reading core = read_core();
    witness_reading found{.core = core.core, .chain = core.chain};
    if (!buffer_.empty()) {
        found.memory = walk();
    }
    if (faults) {
        found.fault = touch_pages();
    }
    if (other_.joinable()) {
        double other = 0;
        found.line = exchange_line(other);
        found.core = std::max(found.core, other); // the more shared of the two decides
    }
    return found;
}

// Each step needs what the step before it read. The places follow from the number of the step, so nothing has to be laid
// out beforehand: what is read is always zero, which the compiler does not know.
double witness::walk() {
    if (level_ == memory_level::l2) { // a rival has had it meanwhile; in order, so that this is quick
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < buffer_.size(); i += 8) {
            sum += buffer_[i];
        }
        asm volatile("" ::"r"(sum));
    }
    constexpr std::uint64_t words_a_line = 8, half_a_page = 256;
    const std::uint64_t lines = buffer_.size() / words_a_line, steps = steps_of(level_);
    const auto steps_from = [&](std::uint64_t at, std::uint64_t aside) {
        for (std::uint64_t left = steps; left != 0; --left) {
            at = at * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U +
                 buffer_[(((at >> 33U) & (lines - 1)) * words_a_line) ^ aside];
        }
        return at;
    };
    // The same pages, other lines: threads that die and processes that sleep take the translations away, and are no neighbours.
    const std::uint64_t walked = steps_from(at_, half_a_page);
    asm volatile("" ::"r"(walked));
    return detail::ns_per_turn(steps, [&] { at_ = steps_from(at_, 0); });
}

double witness::touch_pages() {
    const std::size_t page = page_bytes();
    static_cast<void>(::madvise(pages_, pages_touched * page, MADV_DONTNEED));
    return detail::ns_per_turn(pages_touched, [&] {
        for (std::size_t i = 0; i < pages_touched; ++i) {
            static_cast<volatile char*>(pages_)[i * page] = 1;
        }
    });
}

// The line goes to and fro; odd is the other's turn. Where the
// other does not run, there is no reading: nobody waits for it.
double witness::exchange_line(double& core_of_other) {
    line_.store(0, std::memory_order_relaxed);
    asked_.fetch_add(1, std::memory_order_release);
    asked_.notify_all();
    line_.wait(0, std::memory_order_acquire); // asleep, while the other reads its own core: that may be the other half of this
    core_of_other = other_core_;
    const std::int64_t deadline = detail::monotonic_ns() + longest_exchange_ns;
    bool late = false;
    const double ns = detail::ns_per_turn(exchanges, [&] {
        for (std::uint32_t i = 0; i < exchanges && !late; ++i) {
            const std::uint32_t mine = 2 * i + 3;
            line_.store(mine, std::memory_order_release);
            while (line_.load(std::memory_order_acquire) != mine + 1 && !late) {
                late = detail::monotonic_ns() > deadline;
            }
        }
    });
    if (late) {
        line_.store(given_up, std::memory_order_release);
        return 0;
    }
    return ns;
}

void witness::serve() {
    place_thread(1);
    for (std::uint32_t seen = 0;;) {
        asked_.wait(seen, std::memory_order_acquire);
        seen = asked_.load(std::memory_order_acquire);
        if (ending_) {
            return;
        }
        static_cast<void>(read_core()); // just woken: its clock rate and its code are not there yet
        other_core_ = read_core().core;
        line_.store(2, std::memory_order_release);
        line_.notify_one();
        for (std::uint32_t i = 0; i < exchanges; ++i) {
            const std::uint32_t theirs = 2 * i + 3;
            std::uint32_t now = 0;
            spin_until([&] {
                now = line_.load(std::memory_order_acquire);
                return now == theirs || asked_.load(std::memory_order_acquire) != seen || now == given_up;
            });
            if (now != theirs || !line_.compare_exchange_strong(now, theirs + 1)) {
                break; // given up, or even asked anew already
            }
        }
    }
}

} // namespace poolmark::benchmarks
