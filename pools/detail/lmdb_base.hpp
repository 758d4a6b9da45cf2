// LMDB opened for one lmdb_store: looked at before it is believed, thrown away when it is damaged and ours, and with one
// reader that is renewed.
//
//   lock the folder ──► heads ──► mdb_env_open ──► writer's lock ──► all pages ──► whose is it? ──► a reader
//                         └───── damaged ─────────────────┴───────────────┴──► ours, and open nowhere else:
//                                                                              removed, and once more
// Good for: files that lay about. With the writer's lock nobody changes pages while they are looked at.
// Bad for:  files that are damaged later, while they are open: nothing looks at a page twice.
#pragma once

#if __has_include(<lmdb.h>)

#include "pools/detail/lmdb_check.hpp"
#include "pools/detail/lmdb_folder.hpp"
#include "pools/detail/lmdb_key.hpp"

#include <lmdb.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace poolmark::detail {

struct lmdb_wishes {
    std::size_t map_bytes = 0;
    unsigned flags = 0;
    bool all_pages = true; // are looked at
};

class lmdb_base {
public:
    // Nothing, or why it cannot be used.
    [[nodiscard]] std::string open(const std::filesystem::path& at, const lmdb_wishes& wishes) {
        const lmdb_folder folder(at);
        // Asked first: what another process is at work on may look damaged, and it may end meanwhile.
        const bool removable = folder.may_throw_away();
        std::string fault = opened(folder, at, wishes);
        if (is_damaged_ && removable && close() && folder.throw_away()) {
            fault = opened(folder, at, wishes);
        }
        if (fault.empty()) {
            folder.make_ours();
        } else {
            close();
            fault = at.string() + ": " + fault;
        }
        return fault;
    }

    [[nodiscard]] explicit operator bool() const noexcept { return reading_ != nullptr; }
    [[nodiscard]] ::MDB_txn* reading() const noexcept { return reading_.get(); }
    [[nodiscard]] ::MDB_dbi table() const noexcept { return table_; }

    // A reader of an old state would keep its pages from being used again, so there is one only within a call.
    [[nodiscard]] int renew() {
        const int how = ::mdb_txn_renew(reading_.get());
        return how != MDB_MAP_RESIZED ? how : grown() ? ::mdb_txn_renew(reading_.get()) : ENOMEM;
    }

    // Does something in a transaction that writes.
    template <class Change>
    [[nodiscard]] int change(const Change& make) {
        transaction writing;
        int how = begin(writing, 0);
        if (how == 0) {
            how = make(writing.get());
        }
        return how == 0 ? ::mdb_txn_commit(writing.release()) : how;
    }

    [[nodiscard]] int emptied(::MDB_txn* writing) const noexcept {
        ::MDB_val at = value_of(lmdb_key::mark());
        ::MDB_val said = value_of(version);
        const int how = ::mdb_drop(writing, table_, 0);
        return how != 0 ? how : ::mdb_put(writing, table_, &at, &said, 0);
    }

    [[nodiscard]] static ::MDB_val value_of(std::string_view text) noexcept {
        return {text.size(), const_cast<char*>(text.data())}; // the same type takes and gives
    }

private:
    struct closing {
        void operator()(::MDB_env* base) const noexcept { ::mdb_env_close(base); }
        void operator()(::MDB_txn* unfinished) const noexcept { ::mdb_txn_abort(unfinished); }
    };
    using transaction = std::unique_ptr<::MDB_txn, closing>;

    static constexpr std::string_view version = "poolmark 1";

    bool close() noexcept {
        reading_.reset();
        base_.reset();
        return true;
    }

    [[nodiscard]] std::string opened(const lmdb_folder& folder, const std::filesystem::path& at,
                                     const lmdb_wishes& wishes) {
        std::string fault = fault_before(folder);
        is_damaged_ = !fault.empty();
        ::MDB_env* made = nullptr;
        int how = is_damaged_ ? 0 : ::mdb_env_create(&made);
        base_.reset(made);
        if (!made) {
            return is_damaged_ ? fault : ::mdb_strerror(how);
        }
        const auto ready = [&](int step) { return (how = step) == 0; };
        if (ready(::mdb_env_set_mapsize(made, wishes.map_bytes)) &&
            ready(::mdb_env_open(made, at.c_str(), MDB_NOTLS | wishes.flags, 0600))) {
            int dead = 0;
            ::mdb_reader_check(made, &dead); // places in its table of readers who were killed
            how = open_table(wishes.all_pages, fault);
        }
        if (how == MDB_INVALID || how == MDB_CORRUPTED || how == MDB_PAGE_NOTFOUND ||
            how == MDB_VERSION_MISMATCH || how == MDB_INCOMPATIBLE) {
            is_damaged_ = true;
        }
        return how == 0 || !fault.empty() ? fault : ::mdb_strerror(how);
    }

    // A new file is ours before there is anything in it: who is killed then has made no foreign one.
    [[nodiscard]] static std::string fault_before(const lmdb_folder& folder) {
        const file_number file = folder.data();
        struct ::stat about {};
        if (!file || ::fstat(file.get(), &about) != 0) {
            return {}; // LMDB says why
        }
        if (about.st_size == 0) {
            folder.make_ours();
            return {};
        }
        return lmdb_check(file.get()).fault_of_heads();
    }

    // An empty folder becomes ours; ours in another version is emptied; any other is not touched.
    [[nodiscard]] int open_table(bool all_pages, std::string& fault) {
        transaction first;
        ::MDB_stat tree{};
        ::MDB_val at = value_of(lmdb_key::mark());
        ::MDB_val found{};
        int how = begin(first, 0);
        if (how != 0 || (how = believable(first.get(), all_pages, fault)) != 0 ||
            (how = ::mdb_dbi_open(first.get(), nullptr, 0, &table_)) != 0 ||
            (how = ::mdb_stat(first.get(), table_, &tree)) != 0) {
            return how;
        }
        how = ::mdb_get(first.get(), table_, &at, &found);
        if (how == MDB_NOTFOUND && tree.ms_entries != 0) {
            return MDB_INCOMPATIBLE;
        }
        if (how != 0 || std::string_view(static_cast<const char*>(found.mv_data), found.mv_size) != version) {
            how = emptied(first.get());
        }
        if (how != 0 || (how = ::mdb_txn_commit(first.release())) != 0) {
            return how;
        }
        how = begin(reading_, MDB_RDONLY);
        if (how == 0) {
            ::mdb_txn_reset(reading_.get());
        }
        return how;
    }

    [[nodiscard]] int believable(::MDB_txn* writing, bool all_pages, std::string& fault) const {
        int file = -1;
        ::mdb_env_get_fd(base_.get(), &file);
        if (!all_pages) {
            return as_long_as_it_says(file);
        }
        fault = lmdb_check(file).fault_of_state(::mdb_txn_id(writing) - 1);
        return fault.empty() ? 0 : MDB_CORRUPTED;
    }

    // Pages behind the end of the file are mapped, but touching them ends the process. With room for all that its
    // head speaks of, what was cut off is zeros, which is damage that LMDB and the checksum find.
    [[nodiscard]] int as_long_as_it_says(int file) const noexcept {
        ::MDB_envinfo whole{};
        ::MDB_stat pages{};
        struct ::stat now {};
        ::mdb_env_info(base_.get(), &whole);
        ::mdb_env_stat(base_.get(), &pages);
        if (::fstat(file, &now) != 0) {
            return errno;
        }
        const std::uint64_t end = (std::uint64_t{whole.me_last_pgno} + 1) * pages.ms_psize;
        // Extends or does nothing: another process may be writing, so it must never shorten.
        return static_cast<std::uint64_t>(now.st_size) >= end
                   ? 0
                   : ::posix_fallocate(file, static_cast<::off_t>(end - 1), 1);
    }

    [[nodiscard]] int begin(transaction& into, unsigned flags) {
        ::MDB_txn* begun = nullptr;
        int how = ::mdb_txn_begin(base_.get(), nullptr, flags, &begun);
        if (how == MDB_MAP_RESIZED) {
            how = grown() ? ::mdb_txn_begin(base_.get(), nullptr, flags, &begun) : ENOMEM;
        }
        into.reset(begun);
        return how;
    }

    // Another process made the map larger. When ours cannot be, LMDB is left without any.
    [[nodiscard]] bool grown() noexcept { return ::mdb_env_set_mapsize(base_.get(), 0) == 0 || !close(); }

    std::unique_ptr<::MDB_env, closing> base_; // ends after its transaction
    transaction reading_;
    ::MDB_dbi table_ = 0;
    bool is_damaged_ = false;
};

} // namespace poolmark::detail

#endif
