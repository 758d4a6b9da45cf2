// What the threads of one process asked of its heap, as a file of operations has it: blocks numbered by slots, and where threads wait.
#pragma once

#include "benchmarks/harness/replay/format.hpp"
#include "programs/events.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <initializer_list>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace poolmark::programs {

using namespace replaying; // whose files are made here

inline constexpr std::uint32_t no_slot = ~std::uint32_t{0};

[[nodiscard]] constexpr deed made_by(operation how) {
    switch (how) {
    case operation::zeroed: return deed::zeroed;
    case operation::aligned: return deed::aligned;
    case operation::plain_new: return deed::plain_new;
    case operation::array_new: return deed::array_new;
    default: return deed::malloc;
    }
}

[[nodiscard]] constexpr deed given_by(deed made) {
    return made == deed::plain_new ? deed::plain_delete : made == deed::array_new ? deed::array_delete : deed::free;
}

// What threads did, thread by thread, as it is written.
class operation_streams {
public:
    explicit operation_streams(std::size_t threads) : lanes_(threads) {}

    void take(const event& now, std::uint32_t thread) {
        lane& mine = lanes_[thread];
        if (now.how == operation::stack || now.how == operation::thread) {
            return;
        }
        if (mine.moving != no_slot && now.how != operation::reallocated) { // realloc to nothing
            give(std::exchange(mine.moving, no_slot), thread);
        }
        if (now.how == operation::reallocated && mine.moving != no_slot) {
            forget(now.block, thread);
            resize(std::exchange(mine.moving, no_slot), now, thread);
        } else if (allocates(now.how)) {
            forget(now.block, thread);
            make(now, thread);
        } else if (const auto found = live_.find(now.block); found == live_.end()) {
            ++unknown;
        } else {
            const std::uint32_t ended = found->second;
            live_.erase(found);
            live_bytes_ -= slots_[ended].bytes;
            --live_count_;
            if (now.how == operation::moved) {
                mine.moving = ended;
            } else {
                give(ended, thread);
            }
        }
        ++events_;
    }

    // After the last event. What is alive is given back by the thread that had it last, in the order of birth.
    void finish() {
        std::vector<std::uint32_t> rest;
        for (std::uint32_t thread = 0; thread != lanes_.size(); ++thread) {
            if (lanes_[thread].moving != no_slot) {
                give(std::exchange(lanes_[thread].moving, no_slot), thread);
            }
            put(lanes_[thread], {first_word(deed::end, 0), 0});
        }
        for (const auto& [block, number] : live_) {
            rest.push_back(number);
        }
        std::sort(rest.begin(), rest.end(), [this](std::uint32_t a, std::uint32_t b) { return slots_[a].born < slots_[b].born; });
        head.left = rest.size();
        for (const std::uint32_t number : rest) {
            const slot& ended = slots_[number];
            put_give(lanes_[ended.thread], number, ended, 0, 0);
        }
        head.slots = slots_.size();
    }

    // False when the file cannot be written; then there is none.
    [[nodiscard]] bool write(const std::string& path) {
        std::memcpy(head.magic, replay_magic, sizeof replay_magic);
        head.version = replay_version;
        head.threads = static_cast<std::uint32_t>(lanes_.size());
        std::vector<replay_thread> threads;
        head.words = lanes_.size() * sizeof(replay_thread) / sizeof(std::uint32_t);
        for (const lane& each : lanes_) {
            threads.push_back({head.words, each.words.size()});
            head.words += each.words.size();
        }
        head.check = 1;
        std::vector<std::uint32_t> table(threads.size() * sizeof(replay_thread) / sizeof(std::uint32_t));
        std::memcpy(table.data(), threads.data(), threads.size() * sizeof(replay_thread));
        const auto add = [this](const std::vector<std::uint32_t>& words) {
            for (const std::uint32_t word : words) {
                head.check = check_with(head.check, word);
            }
        };
        add(table);
        for (const lane& each : lanes_) {
            add(each.words);
        }
        const std::string fresh = path + ".new";
        std::ofstream out(fresh, std::ios::binary);
        out.write(reinterpret_cast<const char*>(&head), sizeof head);
        const auto put_all = [&out](const std::vector<std::uint32_t>& words) {
            out.write(reinterpret_cast<const char*>(words.data()), static_cast<std::streamsize>(words.size() * sizeof(std::uint32_t)));
        };
        put_all(table);
        for (const lane& each : lanes_) {
            put_all(each.words);
        }
        out.close();
        if (!out || std::rename(fresh.c_str(), path.c_str()) != 0) {
            std::remove(fresh.c_str());
            return false;
        }
        return true;
    }

    [[nodiscard]] bool fits() const { return slots_.size() < most_slots; }

    replay_header head{};
    std::uint64_t unknown = 0, duplicates = 0;

private:
    struct slot {
        std::uint64_t bytes = 0;
        std::uint64_t born = 0;
        std::size_t at = 0;        // the word that made the block, or resized it last
        std::uint32_t thread = 0;  // whose
        std::uint32_t turns = 0;   // how many of its blocks were handed over
        deed made = deed::malloc;
        unsigned align_log2 = 0;
    };
    struct lane {
        std::vector<std::uint32_t> words;
        std::vector<std::uint32_t> free; // slots
        std::uint64_t window = ~std::uint64_t{0};
        std::uint32_t moving = no_slot;  // the slot whose block realloc was given
    };

    static void put(lane& mine, std::initializer_list<std::uint32_t> words) { mine.words.insert(mine.words.end(), words); }

    // Before each operation.
    void begin(lane& mine) {
        ++head.operations;
        if (const std::uint64_t window = events_ / window_events; lanes_.size() > 1 && window != mine.window) {
            mine.window = window;
            put(mine, {first_word(deed::meet, 0), static_cast<std::uint32_t>(window)});
        }
    }
    // A block that is taken over from another thread is published there, and waited for here. The flag and the turn.
    std::pair<std::uint32_t, std::uint32_t> taken_over(slot& from, std::uint32_t thread) {
        if (from.thread == thread) {
            return {0, 0};
        }
        lanes_[from.thread].words[from.at] |= flag_handed;
        ++head.handed;
        return {flag_waits, ++from.turns};
    }
    void remember(slot& its, const event& now, std::uint32_t thread, std::size_t at) {
        its.bytes = now.bytes;
        its.at = at;
        its.thread = thread;
        head.bytes += now.bytes;
        head.peak_bytes = std::max(head.peak_bytes, live_bytes_ += now.bytes);
        head.peak_live = std::max(head.peak_live, ++live_count_);
    }
    void make(const event& now, std::uint32_t thread) {
        lane& mine = lanes_[thread];
        begin(mine);
        std::uint32_t number = static_cast<std::uint32_t>(slots_.size());
        if (mine.free.empty()) {
            slots_.emplace_back();
        } else {
            number = mine.free.back();
            mine.free.pop_back();
        }
        slot& its = slots_[number];
        its.made = made_by(now.how);
        its.align_log2 = now.align_log2;
        its.born = events_;
        remember(its, now, thread, mine.words.size());
        const std::uint32_t extent = make_extent(now.bytes, 0, now.align_log2);
        put(mine, {first_word(its.made, number, extent != 0 ? flag_extent : 0), static_cast<std::uint32_t>(now.bytes)});
        if (extent != 0) {
            put(mine, {extent});
        }
        ++head.made;
        live_[now.block] = number;
    }
    void resize(std::uint32_t number, const event& now, std::uint32_t thread) {
        lane& mine = lanes_[thread];
        begin(mine);
        slot& its = slots_[number];
        const auto [waits, turn] = taken_over(its, thread);
        const std::uint64_t before = its.bytes;
        remember(its, now, thread, mine.words.size());
        const std::uint32_t extent = make_extent(now.bytes, before, 0);
        put(mine, {first_word(deed::resize, number, waits | (extent != 0 ? flag_extent : 0)), static_cast<std::uint32_t>(now.bytes),
                   static_cast<std::uint32_t>(before)});
        if (extent != 0) {
            put(mine, {extent});
        }
        if (waits != 0) {
            put(mine, {turn});
        }
        ++head.resized;
        live_[now.block] = number;
    }
    void give(std::uint32_t number, std::uint32_t thread) {
        lane& mine = lanes_[thread];
        begin(mine);
        const auto [waits, turn] = taken_over(slots_[number], thread);
        put_give(mine, number, slots_[number], waits, turn);
        mine.free.push_back(number);
    }
    static void put_give(lane& mine, std::uint32_t number, const slot& ended, std::uint32_t waits, std::uint32_t turn) {
        const std::uint32_t extent = make_extent(ended.bytes, 0, ended.align_log2);
        put(mine, {first_word(given_by(ended.made), number, waits | (extent != 0 ? flag_extent : 0)), static_cast<std::uint32_t>(ended.bytes)});
        if (extent != 0) {
            put(mine, {extent});
        }
        if (waits != 0) {
            put(mine, {turn});
        }
    }
    // A block that lies where a new one is: somebody freed it unseen.
    void forget(std::uint64_t block, std::uint32_t thread) {
        if (const auto found = live_.find(block); found != live_.end()) {
            ++duplicates;
            live_bytes_ -= slots_[found->second].bytes;
            --live_count_;
            give(found->second, thread);
            live_.erase(found);
        }
    }

    std::vector<lane> lanes_;
    std::vector<slot> slots_;
    std::unordered_map<std::uint64_t, std::uint32_t> live_; // by address
    std::uint64_t events_ = 0, live_bytes_ = 0, live_count_ = 0;
};

} // namespace poolmark::programs
