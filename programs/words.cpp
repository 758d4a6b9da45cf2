#include "programs/words.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>

namespace poolmark::programs {
namespace {

constexpr std::size_t group_words = std::size_t{16} * window_words; // that are packed together

} // namespace

words_of::words_of(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat found {};
    if (file >= 0 && ::fstat(file, &found) == 0 && static_cast<std::size_t>(found.st_size) >= sizeof head) {
        length_ = static_cast<std::size_t>(found.st_size);
        void* const mapped = ::mmap(nullptr, length_, PROT_READ, MAP_PRIVATE, file, 0);
        data_ = mapped == MAP_FAILED ? nullptr : static_cast<const unsigned char*>(mapped); // NOLINT(cppcoreguidelines-pro-type-cstyle-cast)
    }
    ::close(file);
    if (data_ != nullptr) {
        std::memcpy(&head, data_, sizeof head);
        blocks_ = std::min<std::uint64_t>(head.place >> 32U, length_ < blocks_at ? 0 : (length_ - blocks_at) / window_bytes);
        at_ = sizeof head;
    }
}

words_of::~words_of() {
    if (data_ != nullptr) {
        ::munmap(const_cast<unsigned char*>(data_), length_);
    }
}

words_of::words_of(words_of&& other) noexcept
    : head(other.head), data_(std::exchange(other.data_, nullptr)), length_(other.length_), at_(other.at_),
      blocks_(other.blocks_), block_(other.block_), unpacked_(std::move(other.unpacked_)) {}

bool words_of::valid() const {
    return data_ != nullptr && std::memcmp(head.magic, recording_magic, sizeof recording_magic) == 0 && head.version == recording_version &&
           head.window_words == window_words;
}

std::uint64_t words_of::expected() const {
    return (head.place >> 32U) * window_words + (head.place & 0xFFFFFFFFU);
}

bool words_of::whole() const {
    return head.packed != 0 ? at_ == length_ : length_ >= blocks_at && blocks_ == head.place >> 32U;
}

std::span<const std::uint64_t> words_of::next() {
    if (!valid()) {
        return {};
    }
    if (head.packed != 0) {
        return next_packed();
    }
    const std::uint64_t wanted = head.place >> 32U;
    const std::size_t used = block_ < blocks_ ? window_words : std::min<std::size_t>(head.place & 0xFFFFFFFFU, window_words);
    // The window comes behind all blocks: when one is missing, so is what would come before it.
    if (block_ > blocks_ || (block_ == blocks_ && (blocks_ != wanted || length_ < blocks_at))) {
        return {};
    }
    const std::size_t begin = block_ < blocks_ ? blocks_at + block_ * window_bytes : header_bytes;
    ++block_;
    return {reinterpret_cast<const std::uint64_t*>(data_ + begin), used};
}

// A group is its length, 4 bytes, and what pack() made.
std::span<const std::uint64_t> words_of::next_packed() {
    std::uint32_t bytes = 0;
    if (at_ + sizeof bytes > length_) {
        return {};
    }
    std::memcpy(&bytes, data_ + at_, sizeof bytes);
    at_ += sizeof bytes;
    if (bytes > length_ - at_) {
        return {};
    }
    unpacked_ = unpack({reinterpret_cast<const char*>(data_ + at_), bytes});
    at_ += bytes;
    return unpacked_;
}

bool pack_file(const std::filesystem::path& path) {
    words_of from(path);
    if (!can_pack() || !from.valid() || from.head.packed != 0) {
        return false;
    }
    std::filesystem::path made = path;
    made += ".packing";
    {
        std::ofstream to(made, std::ios::binary);
        header head = from.head;
        head.packed = 1;
        to.write(reinterpret_cast<const char*>(&head), sizeof head);
        std::vector<std::uint64_t> group;
        for (std::span<const std::uint64_t> words = from.next(); to.good(); words = from.next()) {
            group.insert(group.end(), words.begin(), words.end());
            if (group.size() >= group_words || words.empty()) {
                const std::string packed = pack(group);
                const auto bytes = static_cast<std::uint32_t>(packed.size());
                to.write(reinterpret_cast<const char*>(&bytes), sizeof bytes).write(packed.data(), bytes);
                to.setstate(packed.empty() ? std::ios::failbit : std::ios::goodbit);
                group.clear();
            }
            if (words.empty()) {
                break;
            }
        }
        to.close();
        if (!to.good()) {
            std::error_code ignored;
            std::filesystem::remove(made, ignored);
            return false;
        }
    }
    std::error_code failed;
    std::filesystem::rename(made, path, failed);
    return !failed;
}

} // namespace poolmark::programs
