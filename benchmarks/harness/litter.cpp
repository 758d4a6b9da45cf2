#include "benchmarks/harness/litter.hpp"

#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/options.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/table.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <new>

namespace poolmark::benchmarks {
namespace {

constexpr std::uint64_t fewest_blocks = 10'000;             // a workload with one live object has a heap around it as well
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30U;
constexpr std::size_t steps_an_octave = 8;                  // sizes are told apart as heaps with size classes do

[[noreturn]] void refuse(std::string_view text) {
    throw bad_option("--litter wants BLOCKS;BYTES:COUNT,BYTES:COUNT as --sizes prints it, not '" + std::string(text) + "'");
}

std::uint64_t take_number(std::string_view& from, char until, std::string_view whole) {
    std::uint64_t value = 0;
    const auto [end, failure] = std::from_chars(from.data(), from.data() + from.size(), value);
    from.remove_prefix(static_cast<std::size_t>(end - from.data()));
    if (failure != std::errc{} || (until != 0 && !from.starts_with(until)) || value == 0) {
        refuse(whole);
    }
    from.remove_prefix(until != 0 ? 1 : 0);
    return value;
}

} // namespace

asked_sizes_of_a_cell parse_sizes(std::string_view text) {
    asked_sizes_of_a_cell found;
    std::string_view left = text;
    found.blocks = take_number(left, ';', text);
    while (true) {
        const std::uint64_t bytes = take_number(left, ':', text);
        found.sizes.push_back({bytes, take_number(left, 0, text)});
        if (left.empty()) {
            return found;
        }
        if (!left.starts_with(',')) {
            refuse(text);
        }
        left.remove_prefix(1);
    }
}

double occupancy_of(std::string_view word) {
    constexpr std::string_view littered = "littered";
    if (word == "aged") {
        return 0;
    }
    unsigned percent = 0;
    const std::string_view digits = word.starts_with(littered) ? word.substr(littered.size()) : std::string_view();
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), percent);
    if (digits.empty() || failure != std::errc{} || end != digits.data() + digits.size() || percent > 100) {
        throw bad_option("heap=" + std::string(word) + " is unknown: use aged, or littered0 to littered100");
    }
    return percent / 100.0;
}

void litter(const asked_sizes_of_a_cell& like, double occupancy, std::uint64_t seed) {
    table<std::uint64_t> until(like.sizes.size()); // running sums, to draw a size by
    std::uint64_t all = 0;
    double bytes = 0;
    for (std::size_t i = 0; i != until.size(); ++i) {
        all += like.sizes[i].count;
        bytes += static_cast<double>(like.sizes[i].count) * static_cast<double>(like.sizes[i].bytes);
        until[i] = all;
    }
    const double mean = bytes / static_cast<double>(all);
    const auto room = static_cast<std::uint64_t>(static_cast<double>(most_bytes) / mean);
    table<void*> blocks(std::min(std::max(like.blocks, fewest_blocks), std::max<std::uint64_t>(room, 1)));
    random_source chance(seed);
    for (void*& block : blocks) {
        const auto drawn = std::ranges::upper_bound(until, chance.below(all));
        block = std::malloc(like.sizes[static_cast<std::size_t>(drawn - until.begin())].bytes);
        escape(block);
        if (block == nullptr) {
            throw std::bad_alloc();
        }
        *static_cast<std::uint64_t*>(block) = 0; // as whoever asked for it would have written to it
    }
    const auto freed = static_cast<std::size_t>(static_cast<double>(blocks.size()) * (1 - occupancy));
    const table<std::uint32_t> order = shuffled_indices(blocks.size(), seed + 1);
    for (std::size_t i = 0; i != freed; ++i) {
        std::free(blocks[order[i]]);
    }
}

int print_sizes(const cell& which) {
    auto* const begin = reinterpret_cast<void (*)()>(::dlsym(RTLD_DEFAULT, "poolmark_sizes_begin"));
    using teller = void (*)(void*, std::size_t, std::uint64_t);
    auto* const end = reinterpret_cast<std::uint64_t (*)(teller, void*)>(::dlsym(RTLD_DEFAULT, "poolmark_sizes_end"));
    if (begin == nullptr || end == nullptr) {
        throw bad_option("--sizes needs the counter: put LD_PRELOAD=libpoolmark_sizes.so before the command");
    }
    begin();
    const std::unique_ptr<subject> made = which.make();
    static_cast<void>(made->verify());
    asked_sizes_of_a_cell found;
    found.sizes.reserve(std::size_t{1} << 17U); // no call is counted from here on, and none is in the middle of the loop
    found.blocks = end([](void* to, std::size_t bytes, std::uint64_t count) {
        static_cast<asked_sizes_of_a_cell*>(to)->sizes.push_back({bytes, count});
    }, &found);
    if (found.blocks == 0) {
        throw bad_option(which.text() + " asks its heap for nothing, so there is nothing to litter it with");
    }
    std::vector<asked_sizes_of_a_cell::entry> classes;
    for (const auto& each : found.sizes) { // ascending
        const std::size_t step = std::max<std::size_t>(16, std::bit_floor(each.bytes) / steps_an_octave);
        const std::size_t bytes = (each.bytes + step - 1) / step * step;
        if (classes.empty() || classes.back().bytes != bytes) {
            classes.push_back({bytes, 0});
        }
        classes.back().count += each.count;
    }
    std::printf("%llu", static_cast<unsigned long long>(found.blocks));
    for (char before = ';'; const auto& each : classes) {
        std::printf("%c%zu:%llu", before, each.bytes, static_cast<unsigned long long>(each.count));
        before = ',';
    }
    std::printf("\n");
    return 0;
}

} // namespace poolmark::benchmarks
