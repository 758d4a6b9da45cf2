// A cache in a file that is mapped into memory: LMDB, a tree whose readers wait for nobody.
//
//   get ──► mapped pages ──copy──► value            put ──► new pages ──► one of two roots, at once
//
// Good for: many small results, read far more often than written, by any number of processes on one machine.
// Bad for:  writing often: each put() is a transaction and waits for the disk. Network folders. Files that somebody
//           scribbles on while they are open: LMDB believes its pages, and they are looked at once, at opening.
// Complexity: O(log keys) a call; opening O(pages of keys), about half a second for 1 GB of small entries (lmdb_check.hpp).
//           Nothing is forgotten by itself; beyond `map_bytes`, put() is false.
//
// A changed value is a miss. A file that was cut off, is of another format or has any other bits flipped is thrown away
// at opening, and the store begins empty: if it is the very file that this class made and no other process has it open
// (lmdb_folder.hpp). Else the file stays, and the store never hits. `checked_at_opening = false` saves the look at all
// pages; then a damaged one can end the process.
//
// A killed writer leaves the old value or the new one. `synced = false` does not wait for the disk: much faster, but a
// power cut may cost the whole cache. Not twice in one process on one folder; LMDB forbids it.
// Keys of any length: those that LMDB cannot have (none or more than 510 bytes) go under a hash, with the key before
// the value.
// Threads: one at a time. A process that forks makes a store of its own.
#pragma once

#if __has_include(<lmdb.h>) // the program links the library itself; without it there is no such store

#include "pools/caches/stores/store.hpp"
#include "pools/detail/lmdb_base.hpp"
#include "pools/detail/lmdb_key.hpp"

#include <lmdb.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace poolmark {

struct lmdb_store_options {
    std::size_t map_bytes = std::size_t{1}
                            << 30U; // address space and the file's limit; memory only as it is used
    bool synced = true;             // put() waits for the disk
    bool checked = true;            // a checksum with each value, since LMDB has none
    bool checked_at_opening = true; // all pages of keys are looked at, since LMDB believes them
};

class lmdb_store {
public:
    using key_type = std::string;
    using value_type = std::string;
    static constexpr description about{"lmdb_store", family::peer, "a folder of LMDB, mapped, a checksum"};
    static constexpr store_traits traits{.survives_reopen = true};

    explicit lmdb_store(const std::filesystem::path& folder, lmdb_store_options options = {})
        : options_(options) {
        unusable_ =
            base_.open(folder, {.map_bytes = options.map_bytes,
                                .flags = static_cast<unsigned>(options.synced ? MDB_NOMETASYNC : MDB_NOSYNC),
                                .all_pages = options.checked_at_opening});
    }

    [[nodiscard]] std::optional<std::string> get(std::string_view key) {
        if (!begin_reading()) {
            return std::nullopt;
        }
        const detail::lmdb_key name(key);
        ::MDB_val at = base_.value_of(name.text());
        ::MDB_val found{};
        const reader_end until_copied{base_.reading()};
        if (noted(::mdb_get(base_.reading(), base_.table(), &at, &found)) != 0) {
            return std::nullopt;
        }
        return name.value_in({static_cast<const char*>(found.mv_data), found.mv_size}, options_.checked);
    }

    bool put(std::string_view key, std::string_view value) {
        const detail::lmdb_key name(key);
        return change([&](::MDB_txn* writing) {
            ::MDB_val at = base_.value_of(name.text());
            ::MDB_val room{name.bytes_with(value), nullptr}; // to be written in place
            const int how = ::mdb_put(writing, base_.table(), &at, &room, MDB_RESERVE);
            if (how == 0) {
                name.write_with(value, static_cast<char*>(room.mv_data), options_.checked);
            }
            return how;
        });
    }

    bool erase(std::string_view key) {
        const detail::lmdb_key name(key);
        return change([&](::MDB_txn* writing) {
            ::MDB_val at = base_.value_of(name.text());
            return ::mdb_del(writing, base_.table(), &at, nullptr);
        });
    }

    bool clear() {
        return change([&](::MDB_txn* writing) { return base_.emptied(writing); });
    }

    [[nodiscard]] std::size_t size() const {
        ::MDB_stat tree{};
        if (!begin_reading()) {
            return 0;
        }
        const reader_end until_counted{base_.reading()};
        const int how = noted(::mdb_stat(base_.reading(), base_.table(), &tree));
        return how == 0 && tree.ms_entries != 0 ? tree.ms_entries - 1 : 0; // but for the mark
    }
    [[nodiscard]] std::size_t capacity() const noexcept { return not_bounded; }
    [[nodiscard]] std::string problem() const { return unusable_.empty() ? problem_ : unusable_; }

private:
    struct reader_end { // a copy may throw bad_alloc
        ::MDB_txn* reading;
        ~reader_end() { ::mdb_txn_reset(reading); }
    };

    // 0 and "not found" are no problems.
    int noted(int how) const {
        if (how != 0 && how != MDB_NOTFOUND) {
            problem_ = ::mdb_strerror(how);
        } else if (!problem_.empty()) {
            problem_.clear();
        }
        return how;
    }

    [[nodiscard]] bool begin_reading() const { return base_ && noted(base_.renew()) == 0; }

    template <class Change>
    [[nodiscard]] bool change(const Change& make) {
        return base_ && noted(base_.change(make)) == 0;
    }

    lmdb_store_options options_;
    std::string unusable_;
    mutable std::string problem_;
    mutable detail::lmdb_base base_;
};

static_assert(store<lmdb_store>);

} // namespace poolmark

#endif
