// sqlite_hits — what our layer adds to SQLite.
//
// Question:  what does a cache over SQLite cost beside the same prepared statements by hand?
// Models:    results in one file that several processes share.
// Favours:   by hand: no checksum, no statement of what went wrong, no file of somebody else's to tell apart.
// Ignores:   cold files, other processes at work, waiting for the disk on put.
#include "benchmarks/harness/stores.hpp"

#include <optional>

namespace poolmark::benchmarks {
namespace {

#ifdef POOLMARK_HAS_SQLITE
// The same table, journal and statements, with what a careful program checks.
class bare_sqlite {
public:
    explicit bare_sqlite(const parameters& /*where*/) {
        ::sqlite3_open_v2(folder_.file().c_str(), &base_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                          nullptr);
        ::sqlite3_exec(base_,
                       "pragma journal_mode = wal; pragma synchronous = normal;"
                       "create table cache(key blob primary key, sum integer not null, value blob not null) without rowid",
                       nullptr, nullptr, nullptr);
        ::sqlite3_prepare_v3(base_, "select value from cache where key = ?", -1, SQLITE_PREPARE_PERSISTENT, &get_, nullptr);
        ::sqlite3_prepare_v3(base_, "insert or replace into cache(key, sum, value) values(?, 0, ?)", -1,
                             SQLITE_PREPARE_PERSISTENT, &put_, nullptr);
    }
    bare_sqlite(const bare_sqlite&) = delete;
    bare_sqlite& operator=(const bare_sqlite&) = delete;
    ~bare_sqlite() {
        ::sqlite3_finalize(get_);
        ::sqlite3_finalize(put_);
        ::sqlite3_close(base_);
    }
    std::optional<std::string> get(const std::string& key) {
        std::optional<std::string> value;
        ::sqlite3_bind_blob(get_, 1, key.data(), static_cast<int>(key.size()), SQLITE_STATIC);
        if (::sqlite3_step(get_) == SQLITE_ROW) {
            const auto* const found = static_cast<const char*>(::sqlite3_column_blob(get_, 0));
            value.emplace(found, static_cast<std::size_t>(::sqlite3_column_bytes(get_, 0)));
        }
        ::sqlite3_reset(get_);
        return value;
    }
    bool put(const std::string& key, const std::string& value) {
        ::sqlite3_bind_blob(put_, 1, key.data(), static_cast<int>(key.size()), SQLITE_STATIC);
        ::sqlite3_bind_blob(put_, 2, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
        const bool done = ::sqlite3_step(put_) == SQLITE_DONE;
        ::sqlite3_reset(put_);
        return done;
    }

private:
    private_folder folder_;
    ::sqlite3* base_ = nullptr;
    ::sqlite3_stmt* get_ = nullptr;
    ::sqlite3_stmt* put_ = nullptr;
};

std::vector<strategy> strategies_of_sqlite() {
    return {store_strategy<bare_sqlite>(bare_sqlite_about),
            store_strategy<store_on_disk<sqlite_store>>(sqlite_store_about)};
}
#else
std::vector<strategy> strategies_of_sqlite() {
    return {{.name = bare_sqlite_about.name}, {.name = sqlite_store_about.name}};
}
#endif

const registration registered{{
    .name = "sqlite_hits",
    .question = "What does a cache over SQLite cost beside the same prepared statements by hand?",
    .operation = "find one text by its key, or keep one",
    .models = "results in one file that several processes share",
    .favours = "by hand: no checksum, and nothing said of what went wrong",
    .ignores = "cold files, other processes at work, waiting for the disk",
    .strategies = strategies_of_sqlite(),
    .points = points_of_database(),
}};

} // namespace
} // namespace poolmark::benchmarks
