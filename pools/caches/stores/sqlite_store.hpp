// A cache in one SQLite file: a table of keys, checksums and values, reached by prepared statements.
//
//   get ──► select sum, value from cache where key = ?     put ──► insert or replace     one transaction a call
//
// Good for: many results in one file that several processes share and any tool can look into.
// Bad for:  writing often: each put() is a transaction, and one process writes at a time.
// Complexity: O(log keys) a call. Nothing is forgotten by itself.
//
// The journal is a write-ahead log: readers do not wait for a writer, a killed writer leaves the old value or the new
// one, and a power cut may lose the latest values but not the file. Who meets a locked file waits for `busy_limit`, then
// it is a miss; where that was while it was opened, each call tries again. Damage is a miss: SQLite checks its pages, the
// checksum the value. Where it keeps a call that changes something from its work, the file is emptied and the call made
// once more; so is a file that cannot even be opened, if its head still says that it is ours.
//
// A file that is no database, or another program's, is left alone: nothing is ever found or kept, and problem() says so.
// A file of ours in another version is emptied.
// Threads: one at a time. A process that forks makes a store of its own.
#pragma once

#if __has_include(<sqlite3.h>) // the program links the library itself; without it there is no such store

#include "pools/caches/stores/store.hpp"
#include "pools/detail/checksum.hpp"

#include <sqlite3.h>

#include <array>
#include <chrono>
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
    bool checked = true;                       // a checksum with each value, since SQLite does not look into values
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
        if (!is_open()) {
            return std::nullopt;
        }
        const run one(*this, get_.get());
        std::optional<std::string> value;
        if (one.bind(1, key) && one.step() == SQLITE_ROW) {
            const auto* const bytes = static_cast<const char*>(::sqlite3_column_blob(get_.get(), 1));
            const auto size = static_cast<std::size_t>(::sqlite3_column_bytes(get_.get(), 1));
            // Without the bytes of a value that has some, there was no memory for them, or their pages are damaged.
            const std::string_view found(bytes == nullptr ? "" : bytes, bytes == nullptr ? 0 : size);
            if (found.size() == size && (!options_.checked || sum_of(key, found) == ::sqlite3_column_int64(get_.get(), 0))) {
                value.emplace(found);
            }
        }
        return value;
    }

    bool put(std::string_view key, std::string_view value) {
        return change([&] {
            const run one(*this, put_.get());
            return one.bind(1, key) && one.bind(3, value) && one.bind(2, options_.checked ? sum_of(key, value) : 0) &&
                   one.step() == SQLITE_DONE;
        });
    }

    bool erase(std::string_view key) {
        return change([&] {
            const run one(*this, erase_.get());
            return one.bind(1, key) && one.step() == SQLITE_DONE && ::sqlite3_changes(base_.get()) == 1;
        });
    }

    bool clear() {
        return change([&] { return run(*this, clear_.get()).step() == SQLITE_DONE; });
    }

    // O(keys): SQLite counts them.
    [[nodiscard]] std::size_t size() const {
        const run one(*this, count_.get());
        return one.step() == SQLITE_ROW ? static_cast<std::size_t>(::sqlite3_column_int64(count_.get(), 0)) : 0;
    }
    [[nodiscard]] std::size_t capacity() const noexcept { return not_bounded; }
    [[nodiscard]] std::string problem() const { return problem_.what.empty() ? "" : file_ + ": " + problem_.what; }

private:
    struct closing {
        void operator()(::sqlite3* base) const noexcept { ::sqlite3_close_v2(base); }
        void operator()(::sqlite3_stmt* statement) const noexcept { ::sqlite3_finalize(statement); }
    };
    using statement = std::unique_ptr<::sqlite3_stmt, closing>;

    struct trouble {
        std::string what;
        bool is_damage = false;
    };

    static constexpr std::int64_t application = 0x506c6d6b;
    static constexpr std::int64_t version = 1;

    // One use of a prepared statement, which ends its transaction.
    class run {
    public:
        run(const sqlite_store& owner, ::sqlite3_stmt* prepared) : owner_(owner), statement_(prepared) {}
        run(const run&) = delete;
        run& operator=(const run&) = delete;
        ~run() {
            if (statement_ != nullptr) {
                ::sqlite3_reset(statement_); // what it would say, step() said
            }
        }
        // The bytes must be there until the end of the run, so that they need not be copied.
        [[nodiscard]] bool bind(int at, std::string_view text) const {
            return owner_.noted(::sqlite3_bind_blob64(statement_, at, text.data() == nullptr ? "" : text.data(),
                                                      text.size(), SQLITE_STATIC)) == SQLITE_OK;
        }
        [[nodiscard]] bool bind(int at, std::int64_t number) const {
            return owner_.noted(::sqlite3_bind_int64(statement_, at, number)) == SQLITE_OK;
        }
        [[nodiscard]] int step() const {
            return statement_ == nullptr ? SQLITE_MISUSE : owner_.noted(::sqlite3_step(statement_));
        }

    private:
        const sqlite_store& owner_;
        ::sqlite3_stmt* statement_;
    };

    [[nodiscard]] static std::int64_t sum_of(std::string_view key, std::string_view value) noexcept {
        return static_cast<std::int64_t>(detail::entry_sum(key, value, version));
    }

    int noted(int how) const {
        if (how != SQLITE_ROW && how != SQLITE_DONE && how != SQLITE_OK) {
            problem_ = {base_ ? ::sqlite3_errmsg(base_.get()) : "out of memory",
                        how == SQLITE_NOTADB || how == SQLITE_CORRUPT || how == SQLITE_ERROR}; // the last: no such table
        } else if (!problem_.what.empty()) {
            problem_ = {};
        }
        return how;
    }

    // Our table may be gone, since another process emptied the file; or the pages that lead to the key are damaged.
    template <class Change>
    [[nodiscard]] bool change(const Change& make) {
        return is_open() && (make() || (problem_.is_damage && becomes_ours() && make()) ||
                             (problem_.is_damage && is_marked_ours() && emptied() && make()));
    }

    bool execute(const std::string& text) {
        return noted(::sqlite3_exec(base_.get(), text.c_str(), nullptr, nullptr, nullptr)) == SQLITE_OK;
    }
    [[nodiscard]] statement prepared(const char* text) {
        ::sqlite3_stmt* made = nullptr;
        noted(::sqlite3_prepare_v3(base_.get(), text, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr));
        return statement(made);
    }
    [[nodiscard]] std::optional<std::int64_t> number(const char* text) {
        const statement asked = prepared(text);
        const run one(*this, asked.get());
        return one.step() == SQLITE_ROW ? std::optional(::sqlite3_column_int64(asked.get(), 0)) : std::nullopt;
    }

    // Who met a locked file or a full disk tries again with the next call; a file that is not ours stays as it is.
    [[nodiscard]] bool is_open() {
        if (get_ || hopeless_) {
            return static_cast<bool>(get_);
        }
        base_.reset();
        ::sqlite3* opened = nullptr;
        const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
        const int how = ::sqlite3_open_v2(file_.c_str(), &opened, flags, nullptr);
        base_.reset(opened);
        if (noted(how) == SQLITE_OK) {
            ::sqlite3_busy_timeout(opened, static_cast<int>(options_.busy_limit.count()));
            if ((becomes_ours() && prepare()) || (problem_.is_damage && is_marked_ours() && emptied() && prepare())) {
                return true;
            }
            hopeless_ = hopeless_ || problem_.is_damage;
        }
        for (statement* each : {&get_, &put_, &erase_, &clear_, &count_}) {
            each->reset();
        }
        return false;
    }

    enum class whose { ours, nobodys, anothers, unknown };

    [[nodiscard]] whose look() {
        const auto mark = number("pragma application_id");
        const auto tables = mark ? number("select count(*) from sqlite_schema") : std::nullopt;
        const auto found = tables ? number("pragma user_version") : std::nullopt;
        if (!found) {
            return whose::unknown;
        }
        if (*mark == application) {
            return *found == version && *tables != 0 ? whose::ours : whose::nobodys;
        }
        return *mark == 0 && *tables == 0 ? whose::nobodys : whose::anothers;
    }

    // In one transaction, since another process may be making this file right now. One that may write stays open when
    // there is something to be made.
    [[nodiscard]] whose look_within(const char* begin, bool to_make) {
        if (!execute(begin)) {
            return whose::unknown;
        }
        const whose found = look();
        if (!to_make || found != whose::nobodys) {
            end("commit");
        }
        return found;
    }

    // An empty file becomes ours; ours in another version is emptied; any other is not touched.
    [[nodiscard]] bool becomes_ours() {
        whose found = look_within("begin", false);
        if (found == whose::ours || found == whose::nobodys) {
            static_cast<void>(execute("pragma synchronous = normal; pragma cell_size_check = on; pragma journal_mode = wal"));
        }
        if (found == whose::nobodys) {
            found = look_within("begin immediate", true);
        }
        if (found == whose::nobodys) {
            const bool made = execute(
                "drop table if exists cache;"
                "create table cache(key blob primary key, sum integer not null, value blob not null) without rowid;"
                "pragma application_id = " + std::to_string(application) +
                "; pragma user_version = " + std::to_string(version) + "; commit");
            if (!made) {
                end("rollback");
            }
            return made;
        }
        if (found == whose::anothers) {
            problem_ = {"not a cache of ours"};
            hopeless_ = true;
        }
        return found == whose::ours;
    }

    // As SQLite reads it; if it cannot, as the head of the file says. That is read through SQLite's own descriptor: to
    // close another one would drop the locks of this process.
    [[nodiscard]] bool is_marked_ours() {
        const trouble before = problem_; // what is asked here is not what the caller wants to know
        const auto read = number("pragma application_id");
        problem_ = before;
        if (read) {
            return *read == application;
        }
        static constexpr ::sqlite3_int64 place = 68; // by SQLite's account of its format
        ::sqlite3_file* file = nullptr;
        std::array<unsigned char, 4> mark{};
        return ::sqlite3_file_control(base_.get(), "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK &&
               file != nullptr && file->pMethods != nullptr &&
               file->pMethods->xRead(file, mark.data(), mark.size(), place) == SQLITE_OK &&
               (mark[0] << 24U | mark[1] << 16U | mark[2] << 8U | mark[3]) == application;
    }

    // SQLite's own way, under its locks, for files that it cannot read.
    [[nodiscard]] bool emptied() {
        ::sqlite3_db_config(base_.get(), SQLITE_DBCONFIG_RESET_DATABASE, 1, nullptr);
        const bool is_empty = execute("vacuum");
        ::sqlite3_db_config(base_.get(), SQLITE_DBCONFIG_RESET_DATABASE, 0, nullptr);
        return is_empty && becomes_ours();
    }

    // What it says is of no interest: problem() is what went wrong before.
    void end(const char* transaction) { ::sqlite3_exec(base_.get(), transaction, nullptr, nullptr, nullptr); }

    [[nodiscard]] bool prepare() {
        statement got = prepared("select sum, value from cache where key = ?");
        put_ = prepared("insert or replace into cache(key, sum, value) values(?, ?, ?)");
        erase_ = prepared("delete from cache where key = ?");
        clear_ = prepared("delete from cache");
        count_ = prepared("select count(*) from cache");
        if (got && put_ && erase_ && clear_ && count_) {
            get_ = std::move(got); // last, as it says that the store is open
        }
        return static_cast<bool>(get_);
    }

    std::string file_;
    sqlite_store_options options_;
    bool hopeless_ = false; // no database, or another program's
    mutable trouble problem_;
    std::unique_ptr<::sqlite3, closing> base_; // ends after its statements
    statement get_;
    statement put_;
    statement erase_;
    statement clear_;
    statement count_;
};

static_assert(store<sqlite_store>);

} // namespace poolmark

#endif
