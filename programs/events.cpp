#include "programs/events.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace poolmark::programs {

events_of::events_of(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat found {};
    if (file >= 0 && ::fstat(file, &found) == 0 && static_cast<std::size_t>(found.st_size) >= header_bytes) {
        length_ = static_cast<std::size_t>(found.st_size);
        void* const mapped = ::mmap(nullptr, length_, PROT_READ, MAP_PRIVATE, file, 0);
        data_ = mapped == MAP_FAILED ? nullptr : static_cast<const unsigned char*>(mapped); // NOLINT(cppcoreguidelines-pro-type-cstyle-cast)
    }
    ::close(file);
    if (data_ == nullptr) {
        return;
    }
    std::memcpy(&head, data_, sizeof head);
    const std::uint64_t there = length_ < blocks_at ? 0 : (length_ - blocks_at) / window_bytes;
    blocks_ = std::min(head.place >> 32U, there);
    // The window comes behind all blocks: when one is missing, so is what would come before it.
    const std::size_t whole = blocks_ == head.place >> 32U ? (std::min(length_, blocks_at) - header_bytes) / sizeof(std::uint64_t) : 0;
    used_ = static_cast<std::uint32_t>(std::min<std::uint64_t>({head.place & 0xFFFFFFFFU, whole, window_words}));
    advance();
}

events_of::~events_of() {
    if (data_ != nullptr) {
        ::munmap(const_cast<unsigned char*>(data_), length_);
    }
}

events_of::events_of(events_of&& other) noexcept
    : now(std::move(other.now)), head(other.head), data_(std::exchange(other.data_, nullptr)), length_(other.length_),
      blocks_(other.blocks_), block_(other.block_), used_(other.used_), at_(other.at_), more_(other.more_) {}

bool events_of::valid() const {
    return data_ != nullptr && std::memcmp(head.magic, recording_magic, sizeof recording_magic) == 0 && head.version == recording_version &&
           head.window_words == window_words;
}

std::uint64_t events_of::words_left() const {
    return (blocks_ - block_) * window_words + used_ - at_;
}

std::uint64_t events_of::word() {
    while (block_ < blocks_ && at_ == window_words) {
        ++block_;
        at_ = 0;
    }
    if (block_ == blocks_ && at_ >= used_) {
        return 0;
    }
    std::uint64_t value = 0;
    const std::size_t begin = block_ < blocks_ ? blocks_at + block_ * window_bytes : header_bytes;
    std::memcpy(&value, data_ + begin + at_++ * sizeof value, sizeof value);
    return value;
}

void events_of::advance() {
    more_ = false;
    std::uint64_t time = 0; // none is written
    while (!more_ && words_left() != 0) {
        const std::uint64_t first = word();
        now.how = operation_of(first);
        now.block = first & low_48;
        more_ = true;
        switch (now.how) {
        case operation::none: more_ = false; break;
        case operation::time:
            time = first & low_60;
            more_ = false;
            break;
        case operation::stack:
            now.stack = static_cast<std::uint32_t>((first & low_60) >> 8U);
            now.frames.resize(first & 0xFFU);
            for (std::uint64_t& frame : now.frames) {
                frame = word();
            }
            break;
        case operation::thread: break;
        default:
            now.time = time != 0 ? time : now.time + 1;
            if (allocates(now.how)) {
                const std::uint64_t request = word();
                now.align_log2 = align_log2_of(first);
                now.bytes = bytes_of(request);
                now.stack = stack_of(request);
            }
        }
    }
}

} // namespace poolmark::programs
