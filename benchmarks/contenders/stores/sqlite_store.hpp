// A cache in one SQLite file: a table of keys, checksums and values, reached by prepared statements.
//
//   get ──► select sum, value from poolmark_cache where key = ?     put ──► insert or replace
//
// Good for: many results in one file that several processes share and any tool can read.
// Bad for:  writing often: each put() is a transaction, and one process writes at a time.
// Complexity: O(log keys) a call. Nothing is forgotten by itself.
//
// The journal is a write-ahead log: readers do not wait for a writer, a killed writer leaves the old value or the new
// one, and a power cut may lose the latest values but not the file. A call that meets a locked file waits for
// `busy_limit`, then it is a miss; if the file was locked while it was opened, the next call opens it again.
//
// Damage is a miss, or a put() that is false: SQLite checks its pages, the checksum the value. Nothing is repaired:
// problem() says what is damaged, and who removes the file starts with an empty cache. A file that is no database is left
// as it is; of another program's database, only the table poolmark_cache is ours.
// Threads: one at a time. A process that forks makes a store of its own.
#pragma once

#if __has_include(<sqlite3.h>) // the program links the library itself; without it there is no such store

#include "benchmarks/contenders/stores/store.hpp"
#include "benchmarks/contenders/stores/checksum.hpp"

#include <sqlite3.h>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace poolmark {

struct sqlite_store_options {
    std::chrono::milliseconds busy_limit{100}; // how long to wait for another process's transaction
};

class sqlite_store {
public:
    using key_type = std::string;
    using value_type = std::string;
    static constexpr description about{"sqlite_store", family::peer, "one SQLite file, prepared statements, a checksum"};
    static constexpr store_traits traits{.survives_reopen = true};

    explicit sqlite_store(const std::filesystem::path& file, sqlite_store_options options = {})
        : file_(file.string()), options_(options) {
        static_cast<void>(is_open());
    }

    [[nodiscard]] std::optional<std::string> get(std::string_view key) {
        std::optional<std::string> value;
        run(&statements::get, [&](::sqlite3_stmt* row) {
            const auto* const bytes = static_cast<const char*>(::sqlite3_column_blob(row, 1));
            const auto size = static_cast<std::size_t>(::sqlite3_column_bytes(row, 1));
            // Without the bytes of a value that has some, there was no memory for them, or their pages are damaged.
            const std::string_view found(bytes == nullptr ? "" : bytes, bytes == nullptr ? 0 : size);
            if (found.size() == size && sum_of(key, found) == ::sqlite3_column_int64(row, 0)) {
                value.emplace(found);
            }
        }, key);
        return value;
    }
    bool put(std::string_view key, std::string_view value) {
        return run(&statements::put, no_rows, key, value, [&] { return sum_of(key, value); });
    }
    bool erase(std::string_view key) {
        return run(&statements::erase, no_rows, key) && ::sqlite3_changes(base_.get()) == 1;
    }
    bool clear() { return run(&statements::clear, no_rows); }

    // O(keys): SQLite counts them.
    [[nodiscard]] std::size_t size() const {
        std::size_t counted = 0;
        run(&statements::count, [&](::sqlite3_stmt* row) {
            counted = static_cast<std::size_t>(::sqlite3_column_int64(row, 0));
        });
        return counted;
    }
    [[nodiscard]] std::size_t capacity() const noexcept { return not_bounded; }
    [[nodiscard]] std::string problem() const { return problem_.empty() ? "" : file_ + ": " + problem_; }

private:
    struct closing {
        void operator()(::sqlite3* base) const noexcept { ::sqlite3_close_v2(base); }
        void operator()(::sqlite3_stmt* statement) const noexcept { ::sqlite3_finalize(statement); }
    };
    struct ending { // of one use, and its transaction; what it would say, the step said
        void operator()(::sqlite3_stmt* statement) const noexcept { ::sqlite3_reset(statement); }
    };
    using statement = std::unique_ptr<::sqlite3_stmt, closing>;
    struct statements {
        statement put, erase, clear, count, get;
    };
    static constexpr auto no_rows = [](::sqlite3_stmt* /*row*/) {};

    [[nodiscard]] static std::int64_t sum_of(std::string_view key, std::string_view value) noexcept {
        return static_cast<std::int64_t>(detail::entry_sum(key, value, 1));
    }
    // The bytes must be there until the end of the use, so that they need not be copied.
    [[nodiscard]] static int bind(::sqlite3_stmt* to, int at, std::string_view text) {
        return ::sqlite3_bind_blob64(to, at, text.data() == nullptr ? "" : text.data(), text.size(), SQLITE_STATIC);
    }
    template <std::invocable Sum>
    [[nodiscard]] static int bind(::sqlite3_stmt* to, int at, const Sum& sum) {
        return ::sqlite3_bind_int64(to, at, sum());
    }

    // Binds the values, steps once, and reads the row if there is one.
    template <class Read, class... Values>
    bool run(statement statements::*which, const Read& read, const Values&... values) const {
        if (!is_open()) {
            return false;
        }
        const std::unique_ptr<::sqlite3_stmt, ending> used((prepared_.*which).get());
        int at = 0;
        if (!(succeeded(bind(used.get(), ++at, values)) && ...)) {
            return false;
        }
        const int result = ::sqlite3_step(used.get());
        if (result == SQLITE_ROW) {
            read(used.get());
        }
        return succeeded(result);
    }

    bool succeeded(int result) const {
        if (result == SQLITE_ROW || result == SQLITE_DONE || result == SQLITE_OK) {
            problem_.clear();
            return true;
        }
        problem_ = base_ ? ::sqlite3_errmsg(base_.get()) : "out of memory";
        if (result == SQLITE_CORRUPT || result == SQLITE_NOTADB) {
            problem_ += "; remove the file to start with an empty cache";
        }
        is_locked_ = result == SQLITE_BUSY;
        return false;
    }
    bool execute(const char* text) const {
        return succeeded(::sqlite3_exec(base_.get(), text, nullptr, nullptr, nullptr));
    }
    [[nodiscard]] statement prepared(const char* text) const {
        ::sqlite3_stmt* made = nullptr;
        succeeded(::sqlite3_prepare_v3(base_.get(), text, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr));
        return statement(made);
    }

    // A file that was locked is tried again.
    [[nodiscard]] bool is_open() const {
        if (prepared_.get == nullptr && std::exchange(is_locked_, false)) {
            ::sqlite3* opened = nullptr;
            const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
            const int result = ::sqlite3_open_v2(file_.c_str(), &opened, flags | SQLITE_OPEN_PRIVATECACHE, nullptr);
            base_.reset(opened);
            if (!succeeded(result) || !prepare()) {
                prepared_ = {};
                base_.reset(); // with what was begun in it
            }
        }
        return prepared_.get != nullptr;
    }
    [[nodiscard]] bool prepare() const {
        ::sqlite3_busy_timeout(base_.get(), static_cast<int>(options_.busy_limit.count()));
        execute("pragma journal_mode = wal"); // fails while another process does the same
        if (!execute("pragma synchronous = normal; pragma cell_size_check = on;"
                     "create table if not exists poolmark_cache"
                     "(key blob primary key, value blob not null, sum integer not null) without rowid")) {
            return false;
        }
        prepared_.put = prepared("insert or replace into poolmark_cache(key, value, sum) values(?, ?, ?)");
        prepared_.erase = prepared("delete from poolmark_cache where key = ?");
        prepared_.clear = prepared("delete from poolmark_cache");
        prepared_.count = prepared("select count(*) from poolmark_cache");
        prepared_.get = prepared("select sum, value from poolmark_cache where key = ?"); // has all columns
        return prepared_.get != nullptr;
    }

    std::string file_;
    sqlite_store_options options_;
    mutable std::string problem_;
    mutable bool is_locked_ = true;                    // at first: to be opened
    mutable std::unique_ptr<::sqlite3, closing> base_; // ends after its statements
    mutable statements prepared_;
};

static_assert(store<sqlite_store>);

} // namespace poolmark

#endif
