// A file of operations, mapped and checked: what a replay reads.
#pragma once

#include "benchmarks/harness/replay/format.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

namespace poolmark::replaying {

// A file that cannot be replayed. what() is one line that names the file and the way out.
class bad_ops : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Read-only and populated, so that reading it faults no page later. Throws bad_ops. Time in proportion to the file.
class ops_file {
public:
    explicit ops_file(const std::string& path) {
        const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        struct stat found {};
        const bool there = file >= 0 && ::fstat(file, &found) == 0 && S_ISREG(found.st_mode);
        if (there && static_cast<std::size_t>(found.st_size) >= sizeof(replay_header)) {
            length_ = static_cast<std::size_t>(found.st_size);
            void* const mapped = ::mmap(nullptr, length_, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
            data_ = mapped == MAP_FAILED ? nullptr : static_cast<const unsigned char*>(mapped); // NOLINT(cppcoreguidelines-pro-type-cstyle-cast)
        }
        if (file >= 0) {
            ::close(file);
        }
        try {
            check(path, there);
        } catch (...) {
            unmap();
            throw;
        }
    }
    ~ops_file() { unmap(); }
    ops_file(const ops_file&) = delete;
    ops_file& operator=(const ops_file&) = delete;

    [[nodiscard]] const replay_header& head() const noexcept { return *reinterpret_cast<const replay_header*>(data_); }
    [[nodiscard]] const std::uint32_t* begin_of(std::uint32_t thread) const noexcept { return words() + thread_of(thread).first; }
    [[nodiscard]] const std::uint32_t* end_of(std::uint32_t thread) const noexcept { return begin_of(thread) + thread_of(thread).words; }

private:
    [[nodiscard]] const std::uint32_t* words() const noexcept { return reinterpret_cast<const std::uint32_t*>(data_ + sizeof(replay_header)); }
    [[nodiscard]] const replay_thread& thread_of(std::uint32_t number) const noexcept {
        return reinterpret_cast<const replay_thread*>(data_ + sizeof(replay_header))[number];
    }

    void check(const std::string& path, bool there) const {
        const auto refuse = [&path](const std::string& why) { throw bad_ops(path + " " + why + "; make it with: poolmark program replay -- ./app"); };
        if (!there) {
            refuse("is not there, or cannot be read");
        }
        if (data_ == nullptr || std::memcmp(head().magic, replay_magic, sizeof replay_magic - 1) != 0) {
            refuse("is no file of operations");
        }
        if (head().version != replay_version) {
            refuse("is of version " + std::to_string(head().version) + ", and this is " + std::to_string(replay_version));
        }
        if (head().words != (length_ - sizeof(replay_header)) / sizeof(std::uint32_t) || length_ % sizeof(std::uint32_t) != 0) {
            refuse("was cut");
        }
        std::uint64_t seen = 1;
        for (std::uint64_t i = 0; i != head().words; ++i) {
            seen = check_with(seen, words()[i]);
        }
        if (seen != head().check || head().threads == 0 || head().threads > most_replay_threads || head().slots > most_slots) {
            refuse("was changed");
        }
    }
    void unmap() noexcept {
        if (data_ != nullptr) {
            ::munmap(const_cast<unsigned char*>(data_), length_);
            data_ = nullptr;
        }
    }

    const unsigned char* data_ = nullptr;
    std::size_t length_ = 0;
};

} // namespace poolmark::replaying
