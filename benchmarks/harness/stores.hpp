// The subject of all workloads that ask a store: keys, their values, and one operation on each of them in turn.
//
// A way to keep values has get(key), which is false on a miss and else points to the value, and put(key, value).
#pragma once

#include "benchmarks/harness/barrier.hpp"
#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/private_server.hpp"
#include "benchmarks/harness/random.hpp"
#include "benchmarks/harness/workload.hpp"
#include "benchmarks/contenders/stores/catalog.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace poolmark::benchmarks {

// A folder that is gone with its owner.
class private_folder {
public:
    private_folder() : path_((std::filesystem::temp_directory_path() / "poolmark-XXXXXX").string()) {
        if (::mkdtemp(path_.data()) == nullptr) {
            throw std::runtime_error(path_ + ": cannot make a folder there");
        }
    }
    private_folder(const private_folder&) = delete;
    private_folder& operator=(const private_folder&) = delete;
    ~private_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::filesystem::path file() const { return std::filesystem::path(path_) / "cache"; }

private:
    std::string path_;
};

// A store of ours in a folder, with its options; and one in a server, over the transport of the point.
template <class Store, const auto&... Options>
class store_on_disk {
public:
    explicit store_on_disk(const parameters& /*where*/) : store_(folder_.file(), Options...) {}
    auto get(const std::string& key) { return store_.get(key); }
    bool put(const std::string& key, const std::string& value) { return store_.put(key, value); }

private:
    private_folder folder_;
    Store store_;
};

[[nodiscard]] inline bool over_tcp(const parameters& where) {
    return where.has("transport") && where.word("transport") == "tcp";
}

// A way whose other half is a process on the same CPU: that one waits for the other there is the price of it.
struct asks_a_server {};

template <class Store, server_kind Kind>
class store_in_server : public asks_a_server {
public:
    // A limit beyond what a busy machine makes of a round trip: a miss here would be no answer.
    explicit store_in_server(const parameters& where)
        : server_(Kind, over_tcp(where)), store_(server_.where(), {.limit = std::chrono::seconds(5)}) {}
    auto get(const std::string& key) { return store_.get(key); }
    bool put(const std::string& key, const std::string& value) { return store_.put(key, value); }

private:
    private_server server_;
    Store store_;
};

template <class Way>
class store_subject final : public subject {
public:
    static constexpr std::size_t keys = 256; // what is warm stays warm, also with 10 kB each

    explicit store_subject(const parameters& where) : operation_(where.word("operation")), way_(where) {
        const auto bytes = static_cast<std::size_t>(where.number("bytes"));
        for (const std::uint32_t i : shuffled_indices(keys)) {
            keys_.push_back("user:" + std::to_string(100'000 + i) + (operation_ == "miss" ? ":absent" : ":profile"));
            values_.emplace_back(bytes, static_cast<char>('a' + i % 26));
            present_ = "user:" + std::to_string(100'000 + i) + ":profile";
            require(way_.put(present_, values_.back()));
        }
    }

    std::uint64_t verify() override {
        digest seen;
        for (std::size_t i = 0; i != keys; ++i) {
            if (operation_ == "put") {
                require(way_.put(keys_[i], values_[(i + 1) % keys]));
            }
            const auto found = way_.get(keys_[i]);
            require(static_cast<bool>(found) == (operation_ != "miss"));
            seen.add(found ? (*found).size() : 0);
            seen.add(found ? static_cast<std::uint64_t>((*found).back()) : 0);
        }
        require_present();
        return seen.value();
    }

    void run(std::uint64_t iterations) override {
        for (std::uint64_t i = 0; i < iterations; ++i) {
            next_ = (next_ + 1) % keys;
            if (operation_ == "put") {
                require(way_.put(keys_[next_], values_[next_]));
            } else {
                const auto found = way_.get(keys_[next_]);
                require(static_cast<bool>(found) == (operation_ == "hit"));
            }
            barrier();
        }
        require_present();
    }

    [[nodiscard]] std::uint64_t operations_per_iteration() const override { return 1; }
    [[nodiscard]] bool oversubscribed() const override { return std::is_base_of_v<asks_a_server, Way>; }

private:
    // A store that fails is fast, so it must not look like an answer.
    static void require(bool worked) {
        if (!worked) {
            throw std::runtime_error("the store did not do what it was asked");
        }
    }

    // A server that is gone never hits, and is fast at it.
    void require_present() {
        if (operation_ == "miss") {
            require(static_cast<bool>(way_.get(present_)));
        }
    }

    std::string operation_;
    std::string present_;
    Way way_;
    std::vector<std::string> keys_;
    std::vector<std::string> values_;
    std::size_t next_ = 0;
};

template <class Way>
std::unique_ptr<subject> make_store_subject(const parameters& where) {
    return std::make_unique<store_subject<Way>>(where);
}

// One that is not built here is a row with a reason.
template <class Way>
[[nodiscard]] strategy store_strategy(const description& about) {
    return {.about = about, .make = about.installed() ? &make_store_subject<Way> : nullptr};
}

} // namespace poolmark::benchmarks
