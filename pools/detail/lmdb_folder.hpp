// The folder of one lmdb_store: who may open it now, and whose file lies in it.
//
//   folder/ ── lock (flock): one opens it at a time
//     ├─ data.mdb, lock.mdb    LMDB's
//     └─ made-by-poolmark      says which file data.mdb was (its number and birth) when it was a good one of ours
//
// A damaged file cannot say itself whose it was. Only the very file that the text speaks of is ever removed, and only
// while no process has it open: another program's, or one that was copied here, stays.
#pragma once

#include "pools/detail/store_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

namespace poolmark::detail {

class lmdb_folder {
public:
    // Waits while another process opens it, which may be looking at all of its pages.
    explicit lmdb_folder(const std::filesystem::path& at) {
        std::error_code why;
        std::filesystem::create_directories(at, why);
        folder_ = file_number(::open(at.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        while (folder_ && !(is_locked_ = ::flock(folder_.get(), LOCK_EX) == 0) && errno == EINTR) {
        }
    }
    lmdb_folder(const lmdb_folder&) = delete;
    lmdb_folder& operator=(const lmdb_folder&) = delete;
    ~lmdb_folder() {
        if (is_locked_) {
            ::flock(folder_.get(), LOCK_UN); // a child that was forked meanwhile has it as well
        }
    }

    // The file, made when there was none.
    [[nodiscard]] file_number data() const noexcept {
        return file_number(::openat(folder_.get(), data_name, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600));
    }

    [[nodiscard]] bool is_ours() const { return !who_is_it().empty() && said() == who_is_it(); }

    void make_ours() const {
        const std::string text = who_is_it();
        if (!text.empty() && said() != text) {
            const file_number mark(
                ::openat(folder_.get(), mark_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
            static_cast<void>(mark && write_all(mark.get(), {bytes_at(text.data(), text.size())}));
        }
    }

    // Who may do it now may do it until this object is gone: others wait for the lock.
    [[nodiscard]] bool may_throw_away() const { return is_locked_ && is_ours() && !is_open_elsewhere(); }
    [[nodiscard]] bool throw_away() const noexcept { return ::unlinkat(folder_.get(), data_name, 0) == 0; }

private:
    static constexpr const char* data_name = "data.mdb";
    static constexpr const char* lock_name = "lock.mdb";
    static constexpr const char* mark_name = "made-by-poolmark";

    // Numbers of files are used again, so there is the time of its birth as well, on file systems that know it.
    [[nodiscard]] std::string who_is_it() const {
        struct ::statx about {};
        if (::statx(folder_.get(), data_name, AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_TYPE | STATX_BTIME,
                    &about) != 0 ||
            !S_ISREG(about.stx_mode)) {
            return {};
        }
        return "A cache of poolmark::lmdb_store, which may throw away data.mdb (" +
               std::to_string(about.stx_ino) + ", " + std::to_string(about.stx_btime.tv_sec) + "." +
               std::to_string(about.stx_btime.tv_nsec) + ").\n";
    }

    [[nodiscard]] std::string said() const {
        const file_number mark(
            ::openat(folder_.get(), mark_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
        std::string text(256, '\0');
        const ::ssize_t read = mark ? ::read(mark.get(), text.data(), text.size()) : 0;
        text.resize(read < 0 ? 0 : static_cast<std::size_t>(read));
        return text;
    }

    // Each process that has it open holds a shared lock on the first byte of LMDB's file of locks.
    [[nodiscard]] bool is_open_elsewhere() const noexcept {
        const file_number locks(::openat(folder_.get(), lock_name, O_RDWR | O_CLOEXEC | O_NONBLOCK));
        struct ::flock first_byte {};
        first_byte.l_type = F_WRLCK;
        first_byte.l_whence = SEEK_SET;
        first_byte.l_len = 1;
        return locks ? ::fcntl(locks.get(), F_GETLK, &first_byte) != 0 || first_byte.l_type != F_UNLCK
                     : errno != ENOENT;
    }

    file_number folder_;
    bool is_locked_ = false;
};

} // namespace poolmark::detail
