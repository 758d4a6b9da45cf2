// lmdb_hits — what our layer adds to LMDB.
//
// Question:  what does a cache over LMDB cost beside its calls by hand?
// Models:    many small results that the processes of one machine share, read far more often than written.
// Favours:   by hand: a hit is so cheap that a checksum over a large value shows.
// Ignores:   cold files, other processes at work, waiting for the disk on put.
#include "benchmarks/harness/stores.hpp"

#include <optional>

namespace poolmark::benchmarks {
namespace {

#ifdef POOLMARK_HAS_LMDB
// One reader that is renewed, as its manual advises, and values as they are.
class bare_lmdb {
public:
    explicit bare_lmdb(const parameters& /*where*/) {
        const std::string folder = folder_.file();
        std::filesystem::create_directory(folder);
        ::MDB_txn* first = nullptr;
        ::mdb_env_create(&base_);
        ::mdb_env_set_mapsize(base_, lmdb_store_options{}.map_bytes);
        ::mdb_env_open(base_, folder.c_str(), MDB_NOTLS | MDB_NOSYNC, 0600);
        ::mdb_txn_begin(base_, nullptr, 0, &first);
        ::mdb_dbi_open(first, nullptr, 0, &table_);
        ::mdb_txn_commit(first);
        ::mdb_txn_begin(base_, nullptr, MDB_RDONLY, &reading_);
        ::mdb_txn_reset(reading_);
    }
    bare_lmdb(const bare_lmdb&) = delete;
    bare_lmdb& operator=(const bare_lmdb&) = delete;
    ~bare_lmdb() {
        ::mdb_txn_abort(reading_);
        ::mdb_env_close(base_);
    }
    std::optional<std::string> get(const std::string& key) {
        std::optional<std::string> value;
        ::MDB_val at{key.size(), const_cast<char*>(key.data())};
        ::MDB_val found{};
        ::mdb_txn_renew(reading_);
        if (::mdb_get(reading_, table_, &at, &found) == 0) {
            value.emplace(static_cast<const char*>(found.mv_data), found.mv_size);
        }
        ::mdb_txn_reset(reading_);
        return value;
    }
    bool put(const std::string& key, const std::string& value) {
        ::MDB_val at{key.size(), const_cast<char*>(key.data())};
        ::MDB_val said{value.size(), const_cast<char*>(value.data())};
        ::MDB_txn* writing = nullptr;
        ::mdb_txn_begin(base_, nullptr, 0, &writing);
        return ::mdb_put(writing, table_, &at, &said, 0) == 0 && ::mdb_txn_commit(writing) == 0;
    }

private:
    private_folder folder_;
    ::MDB_env* base_ = nullptr;
    ::MDB_txn* reading_ = nullptr;
    ::MDB_dbi table_ = 0;
};

constexpr lmdb_store_options checked{.synced = false};
constexpr lmdb_store_options unchecked{.synced = false, .checked = false};

std::vector<strategy> strategies_of_lmdb() {
    return {store_strategy<bare_lmdb>(bare_lmdb_about),
            store_strategy<store_on_disk<lmdb_store, checked>>(lmdb_store_about),
            store_strategy<store_on_disk<lmdb_store, unchecked>>(lmdb_unchecked_about)};
}
#else
std::vector<strategy> strategies_of_lmdb() {
    return {{.name = bare_lmdb_about.name}, {.name = lmdb_store_about.name}, {.name = lmdb_unchecked_about.name}};
}
#endif

const registration registered{{
    .name = "lmdb_hits",
    .question = "What does a cache over LMDB cost beside its calls by hand?",
    .operation = "find one text by its key, or keep one",
    .models = "many small results that the processes of one machine share",
    .favours = "by hand: a hit is so cheap that a checksum over a large value shows",
    .ignores = "cold files, other processes at work, waiting for the disk",
    .from = preset::full,
    .strategies = strategies_of_lmdb(),
    .points = points_of_database(),
}};

} // namespace
} // namespace poolmark::benchmarks
