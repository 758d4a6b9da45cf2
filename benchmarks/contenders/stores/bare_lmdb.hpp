// LMDB called directly: one folder, one read transaction that is renewed for each call, as its manual advises.
//
// Bad for: damaged files. LMDB trusts its pages, so a damaged one can end the process.
#pragma once

#include "benchmarks/harness/stores.hpp"

#include <lmdb.h>

#include <optional>

namespace poolmark::benchmarks {

class bare_lmdb {
public:
    explicit bare_lmdb(const parameters& /*where*/) {
        const std::string folder = folder_.file();
        std::filesystem::create_directory(folder);
        ::MDB_txn* first = nullptr;
        require(::mdb_env_create(&base_));
        require(::mdb_env_set_mapsize(base_, std::size_t{1} << 30U));
        require(::mdb_env_open(base_, folder.c_str(), MDB_NOTLS | MDB_NOSYNC, 0600));
        require(::mdb_txn_begin(base_, nullptr, 0, &first));
        require(::mdb_dbi_open(first, nullptr, 0, &table_));
        require(::mdb_txn_commit(first));
        require(::mdb_txn_begin(base_, nullptr, MDB_RDONLY, &reading_));
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
        ::MDB_val bytes{value.size(), const_cast<char*>(value.data())};
        ::MDB_txn* writing = nullptr;
        return ::mdb_txn_begin(base_, nullptr, 0, &writing) == 0 &&
               ::mdb_put(writing, table_, &at, &bytes, 0) == 0 && ::mdb_txn_commit(writing) == 0;
    }

private:
    static void require(int result) {
        if (result != 0) {
            throw std::runtime_error(std::string("LMDB: ") + ::mdb_strerror(result));
        }
    }

    private_folder folder_;
    ::MDB_env* base_ = nullptr;
    ::MDB_txn* reading_ = nullptr;
    ::MDB_dbi table_ = 0;
};

} // namespace poolmark::benchmarks
