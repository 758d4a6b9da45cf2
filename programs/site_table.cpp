#include "programs/site_table.hpp"

#include <algorithm>
#include <cstdio>

namespace poolmark::programs {
namespace {

// What glibc takes for a request, and what a slot of a pool would.
std::int64_t saved_bytes(std::uint64_t bytes) {
    const std::uint64_t chunk = std::max<std::uint64_t>(32, (bytes + 8 + 15) & ~std::uint64_t{15});
    return bytes > 512 ? 0 : static_cast<std::int64_t>(chunk - std::max<std::uint64_t>(8, (bytes + 7) & ~std::uint64_t{7}));
}

template <class Map, class Print>
void list(const char* name, const Map& values, std::size_t most, Print one) {
    std::vector<std::pair<std::uint64_t, typename Map::key_type>> order;
    for (const auto& [key, count] : values) {
        order.emplace_back(count, key);
    }
    std::sort(order.rbegin(), order.rend());
    std::printf(", \"%s\": [", name);
    for (std::size_t i = 0; i < std::min(most, order.size()); ++i) {
        std::printf("%s", i == 0 ? "" : ", ");
        one(order[i].second, order[i].first);
    }
    std::printf("]");
}

} // namespace

std::uint32_t site_table::stack(const std::vector<std::uint64_t>& frames) {
    const auto [place, fresh] = numbers_.try_emplace(frames, static_cast<std::uint32_t>(stacks_.size()));
    if (fresh) {
        const auto [site, first] = site_numbers_.try_emplace(frames.front(), static_cast<std::uint32_t>(sites_.size()));
        if (first) {
            sites_.emplace_back().caller = frames.front();
        }
        stacks_.push_back({frames, site->second});
    }
    return place->second;
}

void site_table::take(const event& now, std::uint32_t stack, std::uint32_t thread) {
    if (++events_ >= next_look_) {
        look();
        next_look_ = expected_ * total_curve_.size() / points;
    }
    if (allocates(now.how)) {
        begin(now, stack, thread);
    } else {
        end(now, thread);
    }
}

void site_table::look() {
    total_curve_.push_back(live_bytes_);
    const bool peak = live_bytes_ > seen_peak_;
    seen_peak_ = std::max(seen_peak_, live_bytes_);
    for (site_counts& site : sites_) {
        site.curve.resize(total_curve_.size());
        site.curve.back() = static_cast<std::uint32_t>(site.live);
        site.saved_at_peak = peak ? site.saved_live : site.saved_at_peak;
    }
}

void site_table::begin(const event& now, std::uint32_t stack, std::uint32_t thread) {
    const std::uint32_t number = stacks_[stack].site;
    site_counts& site = sites_[number];
    ++site.made;
    site.bytes += now.bytes;
    site.min_bytes = std::min(site.min_bytes, now.bytes);
    site.max_bytes = std::max(site.max_bytes, now.bytes);
    site.strict += now.align_log2 > 4;
    site.small += now.bytes <= 512;
    ++site.sizes[site.sizes.size() < 4096 || site.sizes.contains(now.bytes) ? now.bytes : 0];
    ++site.operations[static_cast<std::uint8_t>(now.how)];
    ++site.stacks[stack];
    site.several_threads = site.several_threads || (site.thread != none_32 && site.thread != thread);
    site.thread = thread;
    site.deaths = 0;
    site.peak = std::max(site.peak, ++site.live);
    site.live_bytes += now.bytes;
    site.peak_bytes = std::max(site.peak_bytes, site.live_bytes);
    site.saved_live += saved_bytes(now.bytes);
    live_bytes_ += now.bytes;
    peak_bytes_ = std::max(peak_bytes_, live_bytes_);
    std::uint32_t made = 0;
    if (free_objects_.empty()) {
        made = static_cast<std::uint32_t>(objects_.size());
        objects_.emplace_back();
    } else {
        made = free_objects_.back();
        free_objects_.pop_back();
    }
    objects_[made] = {now.time, events_, now.bytes, number, thread, site.last, none_32};
    (site.last == none_32 ? site.first : objects_[site.last].newer) = made;
    site.last = made;
    const auto [place, fresh] = live_.try_emplace(now.block, made);
    if (!fresh) { // handed out twice: somebody freed it unseen
        ++duplicates_;
        place->second = made;
    }
}

void site_table::end(const event& now, std::uint32_t thread) {
    const auto place = live_.find(now.block);
    if (place == live_.end()) {
        ++unknown_frees_;
        return;
    }
    const std::uint32_t ended = place->second;
    live_.erase(place);
    const object gone = objects_[ended];
    free_objects_.push_back(ended);
    site_counts& site = sites_[gone.site];
    ++site.freed;
    ++site.deaths;
    --site.live;
    site.live_bytes -= gone.bytes;
    site.saved_live -= saved_bytes(gone.bytes);
    live_bytes_ -= gone.bytes;
    site.life_ticks += static_cast<double>(now.time - gone.born_ticks);
    site.life_events += static_cast<double>(events_ - gone.born_event);
    site.by_other += gone.thread != thread;
    handed_over_ += gone.thread != thread;
    site.newest += site.last == ended;
    site.oldest += site.first == ended;
    (gone.older == none_32 ? site.first : objects_[gone.older].newer) = gone.newer;
    (gone.newer == none_32 ? site.last : objects_[gone.newer].older) = gone.older;
    if (site.live == 0 && site.deaths >= 16) { // a run of deaths without a birth, to the last one
        site.together += site.deaths;
    }
}

void site_table::print(double ns_per_tick, std::uint64_t lost) const {
    std::uint64_t made = 0;
    for (const site_counts& site : sites_) {
        made += site.made;
    }
    std::printf("{\"events\": %lu, \"made\": %lu, \"threads\": %u, \"unknown_frees\": %lu, \"duplicates\": %lu, \"lost\": %lu, "
                "\"peak_bytes\": %lu, \"live_at_end\": %zu, \"handed_over\": %lu, \"curve\": [",
                events_, made, threads, unknown_frees_, duplicates_, lost, peak_bytes_, live_.size(), handed_over_);
    for (std::size_t i = 0; i < total_curve_.size(); ++i) {
        std::printf("%s%lu", i == 0 ? "" : ", ", total_curve_[i]);
    }
    std::printf("], \"sites\": [");
    std::vector<const site_counts*> order;
    for (const site_counts& site : sites_) {
        if (site.made != 0) {
            order.push_back(&site);
        }
    }
    std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->made > b->made; });
    constexpr std::size_t most = 400;
    for (std::size_t i = 0; i < std::min(order.size(), most); ++i) {
        const site_counts& site = *order[i];
        const double freed = site.freed == 0 ? 1 : static_cast<double>(site.freed);
        std::printf("%s\n{\"caller\": %lu, \"made\": %lu, \"bytes\": %lu, \"freed\": %lu, \"by_other\": %lu, \"newest\": %lu, "
                    "\"oldest\": %lu, \"together\": %lu, \"peak\": %lu, \"peak_bytes\": %lu, \"life_ns\": %.0f, \"life_events\": %.1f, "
                    "\"saved_bytes\": %ld, \"min_bytes\": %lu, \"max_bytes\": %lu, \"strict\": %lu, \"small\": %lu, \"several_threads\": %s",
                    i == 0 ? "" : ",", site.caller, site.made, site.bytes, site.freed, site.by_other, site.newest, site.oldest,
                    site.together, site.peak, site.peak_bytes, site.life_ticks / freed * ns_per_tick, site.life_events / freed,
                    site.saved_at_peak, site.min_bytes, site.max_bytes, site.strict, site.small, site.several_threads ? "true" : "false");
        list("sizes", site.sizes, 12, [](std::uint64_t size, std::uint64_t count) { std::printf("[%lu, %lu]", size, count); });
        list("operations", site.operations, 6, [](std::uint8_t how, std::uint64_t count) { std::printf("[%u, %lu]", how, count); });
        list("stacks", site.stacks, 16, [this](std::uint32_t stack, std::uint64_t count) {
            std::printf("[%lu", count);
            for (const std::uint64_t frame : stacks_[stack].frames) {
                std::printf(", %lu", frame);
            }
            std::printf("]");
        });
        std::printf(", \"curve\": [");
        for (std::size_t at = 0; at < total_curve_.size(); ++at) { // a site that came late was not there before
            const std::size_t missing = total_curve_.size() - site.curve.size();
            std::printf("%s%u", at == 0 ? "" : ", ", at < missing ? 0 : site.curve[at - missing]);
        }
        std::printf("]}");
    }
    std::printf("]}\n");
}

} // namespace poolmark::programs
