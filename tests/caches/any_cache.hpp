// Every cache behind virtual functions, so that a check is compiled once and not once for each.
#pragma once

#include "benchmarks/contenders/caches/cache.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace poolmark::tests {

// A value that is counted, that can refuse to be copied, and that says when it was moved from.
struct copy_refused : std::runtime_error {
    copy_refused() : std::runtime_error("refused") {}
};

struct probe {
    static inline int alive = 0;
    static inline bool refuses_copies = false;
    static constexpr std::int64_t moved_from = -1;

    probe(std::int64_t n) : number(n) { ++alive; } // converts on purpose
    probe(const probe& other) : number(other.number) {
        if (refuses_copies) {
            throw copy_refused();
        }
        ++alive;
    }
    probe(probe&& other) noexcept : number(other.number) {
        other.number = moved_from;
        ++alive;
    }
    probe& operator=(const probe&) = delete;
    ~probe() {
        number = -2; // whoever reads it after its end does not find what it was
        --alive;
    }

    std::int64_t number;
};

// The nth allocation from now on fails, once; 0: none does.
void fail_allocation(int nth);

// Keys are numbers here; the cache behind has whatever keys it has, and values of type probe.
class any_cache {
public:
    any_cache() = default;
    any_cache(const any_cache&) = delete;
    any_cache& operator=(const any_cache&) = delete;
    virtual ~any_cache() = default;

    virtual std::optional<std::int64_t> get(int key) = 0;
    [[nodiscard]] virtual std::optional<std::int64_t> peek(int key) const = 0;
    virtual bool put(int key, probe&& value) = 0;
    virtual bool put_copy(int key, const probe& value) = 0;
    virtual std::int64_t memoized(int key, const std::function<std::int64_t(int)>& compute) = 0;
    virtual bool erase(int key) = 0;
    virtual void clear() = 0;
    [[nodiscard]] virtual std::size_t size() const = 0;
    [[nodiscard]] virtual std::size_t capacity() const = 0;
};

struct cache_kind {
    std::string name;
    cache_traits traits;
    std::function<std::unique_ptr<any_cache>(std::size_t capacity)> make;
};

// All of the catalog, with keys that are numbers, whose hash is cheap, and with keys that are strings.
const std::vector<cache_kind>& every_cache();

// check(kind, cache) for each of them, the bounded ones with this capacity.
template <class Check>
void with_every_cache(std::size_t capacity, Check&& check) {
    for (const cache_kind& kind : every_cache()) {
        check(kind, *kind.make(capacity));
    }
}

} // namespace poolmark::tests
