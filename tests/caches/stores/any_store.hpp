// The stores behind virtual functions, so that a check is compiled once; and what they need to live: folders, servers.
#pragma once

#include "benchmarks/harness/private_server.hpp"
#include "benchmarks/contenders/stores/catalog.hpp"
#include "tests/support/subprocess.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace poolmark::tests {

class any_store {
public:
    any_store() = default;
    any_store(const any_store&) = delete;
    any_store& operator=(const any_store&) = delete;
    virtual ~any_store() = default;
    virtual std::optional<std::string> get(const std::string& key) = 0;
    virtual bool put(const std::string& key, const std::string& value) = 0;
    virtual bool erase(const std::string& key) = 0;
    virtual bool clear() = 0;
    virtual std::size_t size() = 0;
    virtual std::string problem() = 0;
};

// Where stores of one kind are made, again and again, over the same folder or server.
class store_place {
public:
    store_place() = default;
    store_place(const store_place&) = delete;
    store_place& operator=(const store_place&) = delete;
    virtual ~store_place() = default;
    // `limit`: how long a server has for an answer. Only a test of one that gives none waits for its end.
    [[nodiscard]] virtual std::unique_ptr<any_store>
    open(std::chrono::milliseconds limit = std::chrono::minutes(1)) = 0;
    [[nodiscard]] virtual benchmarks::private_server* server() { return nullptr; }
};

struct store_kind {
    std::string name; // "redis_store_tcp"
    store_traits traits;
    bool installed;
    std::unique_ptr<store_place> (*place)();
};

// Every store of the catalog; those of servers over both ways to reach one.
[[nodiscard]] const std::vector<store_kind>& store_kinds();

} // namespace poolmark::tests
