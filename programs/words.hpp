// The words of one file of a recording, as it was written or packed.
#pragma once

#include "programs/recording.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace poolmark::programs {

// What is there of a file that was cut, or whose process was killed, is read up to its last whole block. Not to be copied.
class words_of {
public:
    explicit words_of(const std::filesystem::path& path);
    ~words_of();
    words_of(words_of&& other) noexcept;
    words_of& operator=(words_of&&) = delete;

    // Whether this is a file of this version.
    [[nodiscard]] bool valid() const;
    // About as many words as there are in all.
    [[nodiscard]] std::uint64_t expected() const;
    // Whether all of it was there that was written. Known when it has been read to its end.
    [[nodiscard]] bool whole() const;
    // The next ones, of whole events; none at the end. They stay until this is called again.
    std::span<const std::uint64_t> next();

    header head{};

private:
    std::span<const std::uint64_t> next_packed();

    const unsigned char* data_ = nullptr;
    std::size_t length_ = 0, at_ = 0;     // of the file; of what is packed, where the next group is
    std::uint64_t blocks_ = 0, block_ = 0; // complete ones; the next one, the window behind the last
    std::vector<std::uint64_t> unpacked_;
};

// Makes a file smaller that nobody writes any more; false when that cannot be: then it is as it was.
bool pack_file(const std::filesystem::path& path);

// Whether libzstd is there. It is asked for at run time: every Debian has it, for dpkg itself needs it.
[[nodiscard]] bool can_pack();
// Words that begin and end with whole events, as bytes: words apart by what they are, so that like stands by like, then by zstd.
// Words of zeros are left out. Empty when it cannot be done.
[[nodiscard]] std::string pack(std::span<const std::uint64_t> words);
// The words again; none when these bytes are no such thing.
[[nodiscard]] std::vector<std::uint64_t> unpack(std::string_view bytes);

} // namespace poolmark::programs
