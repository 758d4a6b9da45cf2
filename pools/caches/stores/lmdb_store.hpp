// A cache in a file that is mapped into memory: LMDB, a tree whose readers wait for nobody.
//
//   get ──► mapped pages ──copy──► value            put ──► new pages ──► one of two roots, at once
//
// Good for: many small results, read far more often than written, by any number of processes on one machine.
// Bad for:  writing often: each put() is a transaction and waits for the disk. Network folders. Folders that others may
//           write to: LMDB believes its pages. A file that was cut off is noticed, a value that was changed is a miss,
//           but a page whose inner offsets were changed on purpose can end the process.
// Complexity: O(log keys) a call. Nothing is forgotten by itself; beyond `map_bytes`, put() is false.
//
// A killed writer leaves the old value or the new one. `synced = false` does not wait for the disk: much faster, but
// remove the folder after a power cut. Not twice in one process on one folder; LMDB forbids it.
// Keys of any length: those that LMDB cannot have (none or more than 510 bytes) go under a hash, with the key before
// the value.
// Threads: one at a time. A process that forks makes a store of its own.
#pragma once

#if __has_include(<lmdb.h>) // the program links the library itself; without it there is no such store

#include "pools/caches/stores/store.hpp"
#include "pools/detail/lmdb_key.hpp"

#include <lmdb.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace poolmark {

struct lmdb_store_options {
    std::size_t map_bytes = std::size_t{1} << 30U; // address space and the file's limit; memory only as it is used
    bool synced = true;                            // put() waits for the disk
    bool checked = true;                           // a checksum with each value, since LMDB has none
};

class lmdb_store {
public:
    using key_type = std::string;
    using value_type = std::string;
    static constexpr description about{"lmdb_store", family::peer, "a folder of LMDB, mapped, a checksum"};
    static constexpr store_traits traits{.survives_reopen = true};

    explicit lmdb_store(const std::filesystem::path& folder, lmdb_store_options options = {}) : options_(options) {
        std::error_code why;
        std::filesystem::create_directories(folder, why);
        ::MDB_env* made = nullptr;
        int how = ::mdb_env_create(&made);
        const auto ready = [&](int step) { return (how = step) == 0; };
        base_.reset(made);
        const unsigned flags = MDB_NOTLS | (options.synced ? MDB_NOMETASYNC : MDB_NOSYNC);
        if (how == 0 && ready(::mdb_env_set_mapsize(made, options.map_bytes)) &&
            ready(::mdb_env_open(made, folder.c_str(), flags, 0600)) && ready(as_long_as_it_says())) {
            int dead = 0;
            ::mdb_reader_check(made, &dead); // places in its table of readers who were killed
            how = open_table();
        }
        if (how != 0) {
            reading_.reset();
            unusable_ = folder.string() + ": " + ::mdb_strerror(how);
        }
    }

    [[nodiscard]] std::optional<std::string> get(std::string_view key) {
        if (!begin_reading()) {
            return std::nullopt;
        }
        const detail::lmdb_key name(key);
        ::MDB_val at = value_of(name.text());
        ::MDB_val found{};
        const reader_end until_copied{reading_.get()};
        if (noted(::mdb_get(reading_.get(), table_, &at, &found)) != 0) {
            return std::nullopt;
        }
        return name.value_in({static_cast<const char*>(found.mv_data), found.mv_size}, options_.checked);
    }

    bool put(std::string_view key, std::string_view value) {
        const detail::lmdb_key name(key);
        return change([&](::MDB_txn* writing) {
            ::MDB_val at = value_of(name.text());
            ::MDB_val room{name.bytes_with(value), nullptr}; // to be written in place
            const int how = ::mdb_put(writing, table_, &at, &room, MDB_RESERVE);
            if (how == 0) {
                name.write_with(value, static_cast<char*>(room.mv_data), options_.checked);
            }
            return how;
        });
    }

    bool erase(std::string_view key) {
        const detail::lmdb_key name(key);
        return change([&](::MDB_txn* writing) {
            ::MDB_val at = value_of(name.text());
            return ::mdb_del(writing, table_, &at, nullptr);
        });
    }

    bool clear() {
        return change([&](::MDB_txn* writing) { return emptied(writing); });
    }

    [[nodiscard]] std::size_t size() const {
        ::MDB_stat tree{};
        if (!begin_reading()) {
            return 0;
        }
        const reader_end until_counted{reading_.get()};
        const int how = noted(::mdb_stat(reading_.get(), table_, &tree));
        return how == 0 && tree.ms_entries != 0 ? tree.ms_entries - 1 : 0; // but for the mark
    }
    [[nodiscard]] std::size_t capacity() const noexcept { return not_bounded; }
    [[nodiscard]] std::string problem() const { return unusable_.empty() ? problem_ : unusable_; }

private:
    struct closing {
        void operator()(::MDB_env* base) const noexcept { ::mdb_env_close(base); }
        void operator()(::MDB_txn* unfinished) const noexcept { ::mdb_txn_abort(unfinished); }
    };
    using transaction = std::unique_ptr<::MDB_txn, closing>;

    struct reader_end { // a copy may throw bad_alloc
        ::MDB_txn* reading;
        ~reader_end() { ::mdb_txn_reset(reading); }
    };

    static constexpr std::string_view version = "poolmark 1";

    [[nodiscard]] static ::MDB_val value_of(std::string_view text) noexcept {
        return {text.size(), const_cast<char*>(text.data())}; // the same type takes and gives
    }

    // 0 and "not found" are no problems.
    int noted(int how) const {
        if (how != 0 && how != MDB_NOTFOUND) {
            problem_ = ::mdb_strerror(how);
        } else if (!problem_.empty()) {
            problem_.clear();
        }
        return how;
    }

    // Pages behind the end of the file are mapped, but touching them ends the process. With room for all that its root
    // speaks of, what was cut off is zeros, which is damage that LMDB and the checksum find.
    [[nodiscard]] int as_long_as_it_says() const noexcept {
        ::MDB_envinfo whole{};
        ::MDB_stat pages{};
        int file = -1;
        struct ::stat now {};
        ::mdb_env_info(base_.get(), &whole);
        ::mdb_env_stat(base_.get(), &pages);
        ::mdb_env_get_fd(base_.get(), &file);
        if (::fstat(file, &now) != 0) {
            return errno;
        }
        const std::uint64_t end = (std::uint64_t{whole.me_last_pgno} + 1) * pages.ms_psize;
        if (whole.me_last_pgno >= whole.me_mapsize / pages.ms_psize) {
            return MDB_INVALID;
        }
        // Extends or does nothing: another process may be writing, so it must never shorten.
        return static_cast<std::uint64_t>(now.st_size) >= end ? 0 : ::posix_fallocate(file, static_cast<::off_t>(end - 1), 1);
    }

    // An empty folder becomes ours; ours in another version is emptied; any other is not touched.
    [[nodiscard]] int open_table() {
        ::MDB_txn* begun = nullptr;
        int how = ::mdb_txn_begin(base_.get(), nullptr, 0, &begun);
        if (how != 0) {
            return how;
        }
        transaction first(begun);
        ::MDB_stat tree{};
        ::MDB_val at = value_of(detail::lmdb_key::mark());
        ::MDB_val found{};
        how = ::mdb_dbi_open(begun, nullptr, 0, &table_);
        if (how != 0 || (how = ::mdb_stat(begun, table_, &tree)) != 0) {
            return how;
        }
        how = ::mdb_get(begun, table_, &at, &found);
        if (how == MDB_NOTFOUND && tree.ms_entries != 0) {
            return MDB_INCOMPATIBLE;
        }
        if (how != 0 || std::string_view(static_cast<const char*>(found.mv_data), found.mv_size) != version) {
            how = emptied(begun);
        }
        if (how != 0 || (how = ::mdb_txn_commit(first.release())) != 0) {
            return how;
        }
        how = ::mdb_txn_begin(base_.get(), nullptr, MDB_RDONLY, &begun);
        if (how == 0) {
            reading_.reset(begun);
            ::mdb_txn_reset(begun);
        }
        return how;
    }

    [[nodiscard]] int emptied(::MDB_txn* writing) const noexcept {
        ::MDB_val at = value_of(detail::lmdb_key::mark());
        ::MDB_val said = value_of(version);
        const int how = ::mdb_drop(writing, table_, 0);
        return how != 0 ? how : ::mdb_put(writing, table_, &at, &said, 0);
    }

    // A reader of an old state would keep its pages from being used again, so there is one only within a call.
    [[nodiscard]] bool begin_reading() const {
        if (!reading_) {
            return false;
        }
        int how = ::mdb_txn_renew(reading_.get());
        if (how == MDB_MAP_RESIZED && ::mdb_env_set_mapsize(base_.get(), 0) == 0) { // by another process
            how = ::mdb_txn_renew(reading_.get());
        }
        return noted(how) == 0;
    }

    template <class Change>
    [[nodiscard]] bool change(const Change& make) {
        if (!reading_) {
            return false;
        }
        ::MDB_txn* begun = nullptr;
        int how = ::mdb_txn_begin(base_.get(), nullptr, 0, &begun);
        if (how == MDB_MAP_RESIZED && ::mdb_env_set_mapsize(base_.get(), 0) == 0) {
            how = ::mdb_txn_begin(base_.get(), nullptr, 0, &begun);
        }
        if (how != 0) {
            return noted(how) == 0;
        }
        transaction writing(begun);
        how = make(begun);
        return noted(how == 0 ? ::mdb_txn_commit(writing.release()) : how) == 0;
    }

    lmdb_store_options options_;
    std::string unusable_;
    mutable std::string problem_;
    std::unique_ptr<::MDB_env, closing> base_; // ends after its transaction
    transaction reading_;
    ::MDB_dbi table_ = 0;
};

static_assert(store<lmdb_store>);

} // namespace poolmark

#endif
