// Every cache behind virtual functions, so that a check is compiled once and not once for each.
#pragma once

#include "benchmarks/contenders/caches/cache.hpp"
#include "tests/caches/probe.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace poolmark::tests {

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
