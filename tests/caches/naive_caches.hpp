// The policies again, as slow and as plain as they can be written: vectors that are searched from the front. They share
// no code with the caches but the frequency sketch, which the admission of W-TinyLFU rests on.
#pragma once

#include "benchmarks/contenders/caches/cache.hpp"
#include "benchmarks/contenders/caches/tiny_lfu_cache.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace poolmark::tests {

using keys = std::vector<std::int64_t>;

inline bool has(const keys& in, std::int64_t key) { return std::find(in.begin(), in.end(), key) != in.end(); }
inline bool take(keys& from, std::int64_t key) { return std::erase(from, key) != 0; }

// The newest in front.
struct naive_lru {
    explicit naive_lru(std::size_t n) : capacity(n) {}
    bool get(std::int64_t key) {
        const bool there = take(order, key);
        if (there) {
            order.insert(order.begin(), key);
        }
        return there;
    }
    void put(std::int64_t key) {
        take(order, key);
        order.insert(order.begin(), key);
        order.resize(std::min(order.size(), capacity));
    }
    bool erase(std::int64_t key) { return take(order, key); }
    [[nodiscard]] bool there(std::int64_t key) const { return has(order, key); }

    std::size_t capacity;
    keys order;
};

struct marked {
    std::int64_t key;
    bool used;
};

// Places in a row; an erased one is filled again before any other, the one erased last first.
struct naive_clock {
    explicit naive_clock(std::size_t n) : capacity(n) {}
    marked* find(std::int64_t key) {
        for (std::optional<marked>& each : places) {
            if (each && each->key == key) {
                return &*each;
            }
        }
        return nullptr;
    }
    bool get(std::int64_t key) {
        marked* const found = find(key);
        return found != nullptr && (found->used = true);
    }
    void put(std::int64_t key) {
        if (get(key)) {
            return;
        }
        if (places.size() == capacity && holes.empty()) {
            for (;; hand = hand + 1) {
                marked& here = *places[hand % capacity];
                if (!here.used) {
                    break;
                }
                here.used = false;
            }
            holes.push_back(hand++ % capacity);
        }
        if (holes.empty()) {
            places.push_back(marked{key, false});
        } else {
            places[holes.back()] = marked{key, false};
            holes.pop_back();
        }
    }
    bool erase(std::int64_t key) {
        for (std::size_t at = 0; at != places.size(); ++at) {
            if (places[at] && places[at]->key == key) {
                places[at].reset();
                holes.push_back(at);
                return true;
            }
        }
        return false;
    }
    [[nodiscard]] bool there(std::int64_t key) { return find(key) != nullptr; }

    std::size_t capacity;
    std::size_t hand = 0;
    std::vector<std::optional<marked>> places;
    std::vector<std::size_t> holes;
};

// The oldest in front; the hand is a position, size() standing for "at the oldest".
struct naive_sieve {
    explicit naive_sieve(std::size_t n) : capacity(n) {}
    bool get(std::int64_t key) {
        for (marked& each : queue) {
            if (each.key == key) {
                return each.used = true;
            }
        }
        return false;
    }
    void put(std::int64_t key) {
        if (get(key)) {
            return;
        }
        if (queue.size() == capacity) {
            hand %= queue.size();
            while (queue[hand].used) {
                queue[hand].used = false;
                hand = (hand + 1) % queue.size();
            }
            queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(hand));
            if (hand == queue.size()) { // it was the newest: from the oldest again, not at who comes now
                hand = 0;
            }
        }
        queue.push_back({key, false});
    }
    bool erase(std::int64_t key) {
        for (std::size_t at = 0; at != queue.size(); ++at) {
            if (queue[at].key == key) {
                queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(at));
                hand -= at < hand ? 1U : 0U;
                hand = hand == queue.size() ? 0 : hand;
                return true;
            }
        }
        return false;
    }
    [[nodiscard]] bool there(std::int64_t key) const {
        return std::any_of(queue.begin(), queue.end(), [&](const marked& each) { return each.key == key; });
    }

    std::size_t capacity;
    std::size_t hand = 0;
    std::vector<marked> queue;
};

// Newest in front, in all three.
struct naive_two_q {
    explicit naive_two_q(std::size_t n) : capacity(n) {}
    bool get(std::int64_t key) {
        if (take(main, key)) {
            main.insert(main.begin(), key);
            return true;
        }
        return has(in, key);
    }
    void put(std::int64_t key) {
        if (get(key)) {
            return;
        }
        const bool seen = take(out, key);
        if (in.size() + main.size() == capacity) {
            make_room();
        }
        keys& to = seen ? main : in;
        to.insert(to.begin(), key);
    }
    void make_room() {
        if (in.size() > std::max<std::size_t>(capacity / 4, 1) || main.empty()) {
            out.insert(out.begin(), in.back());
            in.pop_back();
            out.resize(std::min(out.size(), capacity / 2));
        } else {
            main.pop_back();
        }
    }
    bool erase(std::int64_t key) { return take(in, key) || take(main, key); }
    [[nodiscard]] bool there(std::int64_t key) const { return has(in, key) || has(main, key); }

    std::size_t capacity;
    keys in, main, out;
};

struct naive_tiny_lfu {
    explicit naive_tiny_lfu(std::size_t n)
        : capacity(n), most_window(std::max<std::size_t>(n / 100, 1)), most_shielded((n - most_window) * 80 / 100),
          seen(n) {}
    static std::uint32_t hash(std::int64_t key) { return detail::spread(std::hash<std::int64_t>{}(key)); }

    bool get(std::int64_t key) {
        seen.count(hash(key));
        return use(key);
    }
    bool use(std::int64_t key) {
        if (take(window, key)) {
            window.insert(window.begin(), key);
        } else if (take(shielded, key) || take(probation, key)) {
            shielded.insert(shielded.begin(), key);
            if (shielded.size() > most_shielded) {
                probation.insert(probation.begin(), shielded.back());
                shielded.pop_back();
            }
        } else {
            return false;
        }
        return true;
    }
    void put(std::int64_t key) {
        if (there(key)) {
            static_cast<void>(get(key));
            return;
        }
        const bool full = window.size() + probation.size() + shielded.size() == capacity;
        window.insert(window.begin(), key);
        keys& old = probation.empty() ? shielded : probation;
        if (window.size() > most_window) {
            const std::int64_t candidate = window.back();
            window.pop_back();
            if (!full) {
                probation.insert(probation.begin(), candidate);
            } else if (!old.empty() && seen.estimate(hash(candidate)) > seen.estimate(hash(old.back()))) {
                old.pop_back();
                probation.insert(probation.begin(), candidate);
            }
        } else if (full) {
            old.pop_back();
        }
    }
    bool erase(std::int64_t key) { return take(window, key) || take(probation, key) || take(shielded, key); }
    [[nodiscard]] bool there(std::int64_t key) const {
        return has(window, key) || has(probation, key) || has(shielded, key);
    }

    std::size_t capacity, most_window, most_shielded;
    detail::frequency_sketch seen;
    keys window, probation, shielded;
};

} // namespace poolmark::tests
