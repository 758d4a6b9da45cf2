// A cache in a folder: one file for each key, replaced as a whole.
//
//   put ──► draft-<process>-<number> ──write──► ──rename──► 9f3c6e0a41b27d58.value ──► get
//                                                [ head, checksum | key | value ]
//
// Good for: results that took seconds and should be there tomorrow; several programs that share them.
// Bad for:  many small values: each takes a block of the file system, and a hit three system calls.
// Complexity: get and put O(value); size and clear O(files). Nothing is forgotten by itself.
//
// Damaged, cut off, of another version, of another key with the same hash: a miss, and the next put() replaces it. A
// writer who is killed leaves the old value or the new one; of two who write, one. What a full disk did not take is
// removed, and the value before stays. Without `synced`, a power cut may lose values; what it tore is a miss.
//
// Threads: any, also several processes.
#pragma once

#include "benchmarks/contenders/stores/store.hpp"
#include "benchmarks/contenders/stores/store_file.hpp"

#include <dirent.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

namespace poolmark {

struct file_store_options {
    std::size_t max_value_bytes = std::size_t{1} << 30U; // larger ones are not kept, nor read
    bool synced = false;                                  // put() waits until the disk has the value
};

class file_store {
public:
    using key_type = std::string;
    using value_type = std::string;
    static constexpr description about{"file_store", family::pool, "a file for each key, replaced by renaming"};
    static constexpr store_traits traits{.survives_reopen = true, .thread_safe = true};

    // The folder is made when it is not there, for its owner alone, and drafts of writers who are gone are removed.
    // It should be the store's own: clear() removes what has the name of a value's file.
    explicit file_store(std::filesystem::path folder, file_store_options options = {}) : options_(options) {
        while (!folder.parent_path().empty() && folder.has_relative_path() &&
               (!folder.has_filename() || folder.filename() == ".")) {
            folder = folder.parent_path(); // of "a/b/" the last part is nothing, and would be made in a folder for all
        }
        std::error_code why;
        if (!folder.parent_path().empty()) {
            std::filesystem::create_directories(folder.parent_path(), why);
        }
        ::mkdir(folder.c_str(), 0700);
        folder_ = detail::file_number(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!folder_) {
            problem_ = folder.string() + ": " + std::generic_category().message(errno);
            return;
        }
        for_each_file("draft-", "", [&](const char* name) { detail::remove_abandoned_draft(folder_.get(), name); });
    }

    [[nodiscard]] std::optional<std::string> get(std::string_view key) const {
        noted(true);
        return detail::read_store_file(folder_.get(), file_of(key).data(), key, options_.max_value_bytes);
    }

    bool put(std::string_view key, std::string_view value) {
        if (value.size() > options_.max_value_bytes || key.size() > most_key_bytes) {
            errno = EFBIG;
            return noted(false);
        }
        // Who opens the folder between a draft's making and its locking takes it for an abandoned one.
        bool there = write(key, value);
        for (int again = 0; !there && again != 10 && (errno == ENOENT || errno == EWOULDBLOCK); ++again) {
            there = write(key, value);
        }
        return noted(there);
    }

    // Removes what get() cannot read as well: nobody who erased a key finds it again when it can be read.
    bool erase(std::string_view key) {
        const bool was_there = get(key).has_value();
        const bool removed = ::unlinkat(folder_.get(), file_of(key).data(), 0) == 0;
        return noted(removed || errno == ENOENT) && removed && was_there;
    }

    bool clear() {
        int why = 0;
        const bool seen = for_each_file("", suffix, [&](const char* name) {
            why = ::unlinkat(folder_.get(), name, 0) == 0 || errno == ENOENT ? why : errno;
        });
        if (seen) {
            errno = why;
        }
        return noted(seen && why == 0);
    }

    // Counts the files, damaged ones as well.
    [[nodiscard]] std::size_t size() const {
        std::size_t files = 0;
        for_each_file("", suffix, [&](const char*) { ++files; });
        return files;
    }
    [[nodiscard]] std::size_t capacity() const noexcept { return not_bounded; }
    // Of several threads' calls, the latest.
    [[nodiscard]] std::string problem() const {
        const int why = why_.load(std::memory_order_relaxed);
        return problem_.empty() && why != 0 ? std::generic_category().message(why) : problem_;
    }

    // The name of the file that would have the value of a key.
    [[nodiscard]] static std::string file_name(std::string_view key) { return file_of(key).data(); }

private:
    static constexpr std::size_t most_key_bytes = std::size_t{1} << 20U;
    static constexpr std::string_view suffix = ".value";

    bool write(std::string_view key, std::string_view value) {
        std::array<char, 64> draft{};
        std::snprintf(draft.data(), draft.size(), "draft-%d-%llx-%u", static_cast<int>(::getpid()), made_at_,
                      drafts_.fetch_add(1, std::memory_order_relaxed));
        return detail::write_store_file(folder_.get(), draft.data(), file_of(key).data(), key, value, options_.synced);
    }

    bool noted(bool worked) const {
        if (const int why = worked ? 0 : errno; why_.load(std::memory_order_relaxed) != why) {
            why_.store(why, std::memory_order_relaxed);
        }
        return worked;
    }

    [[nodiscard]] static std::array<char, 24> file_of(std::string_view key) noexcept {
        std::array<char, 24> name{};
        std::uint64_t number = detail::checksum(key);
        for (std::size_t digit = 16; digit-- != 0; number >>= 4U) {
            name[digit] = "0123456789abcdef"[number & 15U];
        }
        std::memcpy(&name[16], suffix.data(), suffix.size());
        return name;
    }

    // Whether it could look.
    template <class Visit>
    bool for_each_file(std::string_view begin, std::string_view end, const Visit& visit) const {
        // A number of its own: the place in the folder must not be shared by threads.
        const int number = ::openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct closing {
            void operator()(::DIR* opened) const noexcept { ::closedir(opened); }
        };
        const std::unique_ptr<::DIR, closing> opened(number < 0 ? nullptr : ::fdopendir(number));
        if (!opened) {
            const detail::file_number unused(number);
            return false;
        }
        for (const ::dirent* each = nullptr; (each = ::readdir(opened.get())) != nullptr;) {
            const std::string_view name(each->d_name);
            if (name.starts_with(begin) && name.ends_with(end)) {
                visit(each->d_name);
            }
        }
        return true;
    }

    file_store_options options_;
    detail::file_number folder_;
    std::string problem_;             // for as long as it lives
    mutable std::atomic<int> why_{0}; // the last call that changes something failed
    // Process numbers come again, and other machines have the same ones: drafts of one moment are told apart as well.
    unsigned long long made_at_ = detail::moment();
    std::atomic<unsigned> drafts_{0};
};

static_assert(store<file_store>);

} // namespace poolmark
