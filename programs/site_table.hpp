// What is counted of each call site while a recording is read.
#pragma once

#include "programs/events.hpp"

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

namespace poolmark::programs {

inline constexpr std::uint32_t none_32 = ~std::uint32_t{0};

struct site_counts {
    std::uint64_t caller = 0;
    std::uint64_t made = 0, bytes = 0, freed = 0, by_other = 0, newest = 0, oldest = 0, together = 0;
    std::uint64_t live = 0, peak = 0, live_bytes = 0, peak_bytes = 0;
    double life_ticks = 0, life_events = 0;
    std::int64_t saved_live = 0, saved_at_peak = 0; // bytes of glibc's chunks beyond those of a pool's slots
    std::uint64_t min_bytes = ~std::uint64_t{0}, max_bytes = 0;
    std::uint64_t strict = 0, small = 0;             // more strictly aligned than 16; of 512 bytes or less
    std::uint64_t deaths = 0;                        // since the last birth
    std::map<std::uint64_t, std::uint64_t> sizes;
    std::map<std::uint8_t, std::uint64_t> operations;
    std::map<std::uint32_t, std::uint64_t> stacks;
    std::vector<std::uint32_t> curve; // live objects over the recording
    std::uint32_t first = none_32, last = none_32; // of the live objects, oldest and newest
    std::uint32_t thread = none_32;
    bool several_threads = false;
};

class site_table {
public:
    explicit site_table(std::uint64_t expected_events) : expected_(expected_events + 1) {}

    // The number of a stack, made when it is new; its first frame is the site.
    std::uint32_t stack(const std::vector<std::uint64_t>& frames);
    void take(const event& now, std::uint32_t stack, std::uint32_t thread);
    void print(double ns_per_tick, std::uint64_t lost) const;

    std::uint32_t threads = 0;

private:
    struct object {
        std::uint64_t born_ticks, born_event;
        std::uint64_t bytes;
        std::uint32_t site, thread, older, newer;
    };
    struct known_stack {
        std::vector<std::uint64_t> frames;
        std::uint32_t site;
    };
    static constexpr std::size_t points = 120; // of a curve

    void begin(const event& now, std::uint32_t stack, std::uint32_t thread);
    void end(const event& now, std::uint32_t thread);
    void look();

    std::uint64_t expected_, events_ = 0, unknown_frees_ = 0, duplicates_ = 0;
    std::uint64_t live_bytes_ = 0, peak_bytes_ = 0, seen_peak_ = 0, next_look_ = 0, handed_over_ = 0;
    std::unordered_map<std::uint64_t, std::uint32_t> live_; // address to object
    std::vector<object> objects_;
    std::vector<std::uint32_t> free_objects_;
    std::vector<known_stack> stacks_{{{}, 0}};
    std::map<std::vector<std::uint64_t>, std::uint32_t> numbers_;
    std::unordered_map<std::uint64_t, std::uint32_t> site_numbers_;
    std::vector<site_counts> sites_{1}; // the first: calls whose stack was not recorded
    std::vector<std::uint64_t> total_curve_;
};

} // namespace poolmark::programs
