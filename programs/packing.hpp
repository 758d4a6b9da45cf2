// Words of a recording, packed: apart by what they are, so that like stands by like, then by zstd. What a file is made of once nobody writes it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace poolmark::programs {

// Whether libzstd is there. It is asked for at run time: every Debian has it, for dpkg itself needs it.
[[nodiscard]] bool can_pack();
// Words that begin and end with whole events, as bytes. Words of zeros are left out. Empty when it cannot be done.
[[nodiscard]] std::string pack(std::span<const std::uint64_t> words);
// The words again; none when these bytes are no such thing.
[[nodiscard]] std::vector<std::uint64_t> unpack(std::string_view bytes);

} // namespace poolmark::programs
