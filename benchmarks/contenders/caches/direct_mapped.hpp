// An array of entries in which each key has exactly one place: what comes there last stays.
//
//   hash(key) ──► [ key | value ]        another key of the same place: gone
//
// Good for: the cheapest hit and the cheapest miss there are; keys of which a few are used nearly always.
// Bad for:  keys that share a place and alternate: each drops the other, however much room there is elsewhere.
// Complexity: O(1), one cache line. Bytes: an entry for each of the capacity, from the start, and a bit.
// Threads:  one at a time.
#pragma once

#include "benchmarks/contenders/caches/cache.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace poolmark {

template <class K, class V, class Hash = std::hash<K>, class Equal = std::equal_to<K>>
class direct_mapped {
    static_assert(detail::checked_cache_types<K, V, Hash, Equal>::fine);

    union place { // an entry where taken_ says so
        place() noexcept {}
        place(const place&) = delete;
        place& operator=(const place&) = delete;
        ~place() {}
        struct {
            K key;
            V value;
        } held;
    };

public:
    using key_type = K;
    using value_type = V;
    static constexpr description about{"direct_mapped", family::pool,
                                       "an array in which each key has one place, whoever is there"};
    static constexpr cache_traits traits{.collides = true};

    explicit direct_mapped(std::size_t capacity)
        : capacity_(capacity), taken_(capacity), places_(std::make_unique<place[]>(capacity)) {}
    direct_mapped(const direct_mapped&) = delete;
    direct_mapped& operator=(const direct_mapped&) = delete;
    ~direct_mapped() { clear(); }

    [[nodiscard]] const V* get(const K& key) { return peek(key); }
    template <class Q>
        requires detail::transparent<Hash, Equal>
    [[nodiscard]] const V* get(const Q& key) { return find(key); }
    [[nodiscard]] const V* peek(const K& key) const { return find(key); }

    template <class U = V>
    const V* put(const K& key, U&& value) {
        if (capacity_ == 0 || !equal_(key, key)) {
            return nullptr;
        }
        const std::size_t at = place_of(key);
        K own(key);
        V kept(std::forward<U>(value));
        empty(at);
        std::construct_at(&places_[at].held.key, std::move(own));
        std::construct_at(&places_[at].held.value, std::move(kept));
        taken_[at] = true;
        ++size_;
        return &places_[at].held.value;
    }

    bool erase(const K& key) {
        if (find(key) == nullptr) {
            return false;
        }
        empty(place_of(key));
        return true;
    }

    void clear() noexcept {
        for (std::size_t at = 0; size_ != 0; ++at) {
            empty(at);
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

private:
    template <class Q>
    [[nodiscard]] std::size_t place_of(const Q& key) const {
        return (detail::spread(hash_(key)) * std::uint64_t{capacity_}) >> 32U;
    }

    template <class Q>
    [[nodiscard]] const V* find(const Q& key) const {
        if (size_ == 0) { // no places at all, maybe
            return nullptr;
        }
        const std::size_t at = place_of(key);
        return taken_[at] && equal_(places_[at].held.key, key) ? &places_[at].held.value : nullptr;
    }

    void empty(std::size_t at) noexcept {
        if (taken_[at]) {
            std::destroy_at(&places_[at].held.key);
            std::destroy_at(&places_[at].held.value);
            taken_[at] = false;
            --size_;
        }
    }

    [[no_unique_address]] Hash hash_;
    [[no_unique_address]] Equal equal_;
    std::size_t capacity_;
    std::size_t size_ = 0;
    std::vector<bool> taken_;
    std::unique_ptr<place[]> places_;
};

static_assert(local_cache<direct_mapped<int, int>>);

} // namespace poolmark
