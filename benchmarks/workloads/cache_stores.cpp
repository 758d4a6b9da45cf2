// cache_stores — a result that was computed before: where does it lie, and what does fetching it cost?
//
// Question:  what does a hit, a miss and a put cost in this process, in a file, in a database, in a server?
// Models:    results that are too costly to compute twice: pages, queries, features, transformed tables.
// Favours:   this process, which copies nothing on a hit; files of a folder that the kernel has in memory.
// Ignores:   the network, cold disks, waiting for the disk on put, other processes at work, and what is forgotten.
#include "benchmarks/harness/stores.hpp"
#include "benchmarks/contenders/caches/lru_intrusive.hpp"
#include "benchmarks/contenders/caches/two_tiers.hpp"
#include "benchmarks/contenders/caches/unbounded_map.hpp"

#ifdef POOLMARK_HAS_LMDB
#include "benchmarks/contenders/stores/bare_lmdb.hpp"
#endif

namespace poolmark::benchmarks {
namespace {

using memory = unbounded_map<std::string, std::string>;

class in_memory {
public:
    explicit in_memory(const parameters& /*where*/) {}
    const std::string* get(const std::string& key) { return map_.get(key); }
    bool put(const std::string& key, const std::string& value) { return map_.put(key, value) != nullptr; }

private:
    memory map_;
};

#ifdef POOLMARK_HAS_SQLITE
// With all keys in memory: a hit is what memory and the layer cost, a miss and a put what both tiers cost.
class memory_over_sqlite {
public:
    explicit memory_over_sqlite(const parameters& /*where*/) {}
    auto get(const std::string& key) { return both_.get(key); }
    bool put(const std::string& key, const std::string& value) { return both_.put(key, value); }

private:
    private_folder folder_;
    lru_intrusive<std::string, std::string> memory_{1000};
    sqlite_store below_{folder_.file()};
    two_tiers<lru_intrusive<std::string, std::string>, sqlite_store> both_{memory_, below_};
};
#endif

std::vector<strategy> strategies_of_cache_stores() {
    std::vector<strategy> list{
        store_strategy<in_memory>(memory::about),
        store_strategy<store_on_disk<file_store>>(file_store_about),
    };
#ifdef POOLMARK_HAS_SQLITE
    list.push_back(store_strategy<store_on_disk<sqlite_store>>(sqlite_store_about));
    list.push_back(store_strategy<memory_over_sqlite>(two_tiers_about));
#else
    list.push_back({.about = sqlite_store_about});
#endif
#ifdef POOLMARK_HAS_LMDB
    list.push_back(store_strategy<bare_lmdb>(bare_lmdb_about));
#else
    list.push_back({.about = bare_lmdb_about});
#endif
#ifdef POOLMARK_HAS_HIREDIS
    list.push_back(store_strategy<store_in_server<redis_store, server_kind::redis>>(redis_store_about));
#else
    list.push_back({.about = redis_store_about});
#endif
    return list;
}

const registration registered{{
    .name = "cache_stores",
    .question = "What does a hit, a miss and a put cost in this process, in a file, in a database, in a server?",
    .operation = "find one text by its key, or keep one",
    .models = "results that are too costly to compute twice: pages, queries, features",
    .favours = "this process, which copies nothing on a hit; folders that the kernel has in memory",
    .ignores = "the network, cold disks, waiting for the disk, other processes at work, what is forgotten",
    .from = preset::full,
    .strategies = strategies_of_cache_stores(),
    .points = grid({{"operation", {"hit", "miss", "put"}}, {"bytes", {100, 10'000}}},
                   [](const parameters& at) { return at.word("operation") == "hit" && at.number("bytes") == 100; }),
}};

} // namespace
} // namespace poolmark::benchmarks
