// cache_stores — a result that was computed before: where does it lie, and what does fetching it cost?
//
// Question:  what does a hit, a miss and a put cost in this process, in a file, in a database, in a server?
// Models:    results that are too dear to compute twice: pages, queries, features, transformed tables.
// Favours:   this process, which copies nothing on a hit; files of a folder that the kernel has in memory.
// Ignores:   the network, cold disks, waiting for the disk on put, other processes at work, and what is forgotten.
#include "benchmarks/harness/stores.hpp"

#include <unordered_map>

namespace poolmark::benchmarks {
namespace {

class process_map {
public:
    explicit process_map(const parameters& /*where*/) {}
    const std::string* get(const std::string& key) const {
        const auto found = map_.find(key);
        return found == map_.end() ? nullptr : &found->second;
    }
    bool put(const std::string& key, const std::string& value) {
        map_.insert_or_assign(key, value);
        return true;
    }

private:
    std::unordered_map<std::string, std::string> map_;
};

std::vector<strategy> strategies_of_cache_stores() {
    std::vector<strategy> list{
        store_strategy<process_map>(process_map_about),
        store_strategy<store_on_disk<file_store>>(file_store_about),
    };
#ifdef POOLMARK_HAS_SQLITE
    list.push_back(store_strategy<store_on_disk<sqlite_store>>(sqlite_store_about));
#else
    list.push_back({.name = sqlite_store_about.name});
#endif
#ifdef POOLMARK_HAS_LMDB
    list.push_back(store_strategy<store_on_disk<lmdb_store, lmdb_store_options{.synced = false}>>(lmdb_store_about));
#else
    list.push_back({.name = lmdb_store_about.name});
#endif
#ifdef POOLMARK_HAS_HIREDIS
    list.push_back(store_strategy<store_in_server<redis_store, server_kind::redis>>(redis_store_about));
#else
    list.push_back({.name = redis_store_about.name});
#endif
    list.push_back(store_strategy<store_in_server<memcached_store, server_kind::memcached>>(memcached_store_about));
    return list;
}

std::vector<point> points_of_cache_stores() {
    std::vector<point> points;
    for (const char* const operation : {"hit", "miss", "put"}) {
        for (const std::int64_t bytes : {100, 10'000}) {
            const bool first = bytes == 100 && std::string_view(operation) != "miss";
            points.push_back({.where = {{"operation", operation}, {"bytes", bytes}},
                              .from = first ? preset::quick : preset::full});
        }
    }
    return points;
}

const registration registered{{
    .name = "cache_stores",
    .question = "What does a hit, a miss and a put cost in this process, in a file, in a database, in a server?",
    .operation = "find one text by its key, or keep one",
    .models = "results that are too dear to compute twice: pages, queries, features",
    .favours = "this process, which copies nothing on a hit; folders that the kernel has in memory",
    .ignores = "the network, cold disks, waiting for the disk, other processes at work, what is forgotten",
    .strategies = strategies_of_cache_stores(),
    .points = points_of_cache_stores(),
}};

} // namespace
} // namespace poolmark::benchmarks
