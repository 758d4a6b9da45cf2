#include "programs/words.hpp"

#include <dlfcn.h>

#include <array>
#include <cstddef>
#include <cstring>

namespace poolmark::programs {
namespace {

constexpr int level = 3;
constexpr std::size_t most_bytes = std::size_t{64} << 20U; // of what is unpacked at once

// What is called of libzstd; its interface is stable.
struct zstd {
    std::size_t (*compress)(void*, std::size_t, const void*, std::size_t, int) = nullptr;
    std::size_t (*decompress)(void*, std::size_t, const void*, std::size_t) = nullptr;
    std::size_t (*bound)(std::size_t) = nullptr;
    unsigned (*is_error)(std::size_t) = nullptr;

    zstd() {
        if (void* const library = ::dlopen("libzstd.so.1", RTLD_NOW); library != nullptr) {
            get(compress, library, "ZSTD_compress");
            get(decompress, library, "ZSTD_decompress");
            get(bound, library, "ZSTD_compressBound");
            get(is_error, library, "ZSTD_isError");
        }
    }
    [[nodiscard]] bool there() const { return compress != nullptr && decompress != nullptr && bound != nullptr && is_error != nullptr; }

    template <class Function>
    static void get(Function*& function, void* library, const char* name) {
        function = reinterpret_cast<Function*>(::dlsym(library, name));
    }
};

const zstd& library() {
    static const zstd found;
    return found;
}

enum kind : unsigned char { begin, request, end, time, other };
constexpr std::size_t kinds = 5;

// Before what is packed: its length, and that of each part.
struct lengths {
    std::uint32_t words;
    std::array<std::uint32_t, kinds> of;
};

} // namespace

bool can_pack() { return library().there(); }

std::string pack(std::span<const std::uint64_t> words) {
    std::string order;
    std::array<std::vector<std::uint64_t>, kinds> parts;
    const auto put = [&](kind which, std::uint64_t word) {
        order.push_back(static_cast<char>(which));
        parts[which].push_back(word);
    };
    for (std::size_t i = 0; i < words.size(); ++i) {
        const operation how = operation_of(words[i]);
        if (how == operation::none) {
            continue;
        }
        put(allocates(how) ? begin : how == operation::time ? time : how == operation::stack || how == operation::thread ? other : end, words[i]);
        const std::size_t more = allocates(how) ? 1 : how == operation::stack ? words[i] & 0xFFU : 0;
        for (std::size_t k = 0; k < more && i + 1 < words.size(); ++k) {
            put(allocates(how) ? request : other, words[++i]);
        }
    }
    lengths said{static_cast<std::uint32_t>(order.size()), {}};
    std::string plain = order;
    for (std::size_t i = 0; i < kinds; ++i) {
        said.of[i] = static_cast<std::uint32_t>(parts[i].size());
        plain.append(reinterpret_cast<const char*>(parts[i].data()), parts[i].size() * sizeof(std::uint64_t));
    }
    std::string packed(sizeof said + library().bound(plain.size()), '\0');
    std::memcpy(packed.data(), &said, sizeof said);
    const std::size_t bytes = library().compress(packed.data() + sizeof said, packed.size() - sizeof said, plain.data(), plain.size(), level);
    packed.resize(library().is_error(bytes) != 0 ? 0 : sizeof said + bytes);
    return packed;
}

std::vector<std::uint64_t> unpack(std::string_view bytes) {
    lengths said{};
    if (bytes.size() < sizeof said || !can_pack()) {
        return {};
    }
    std::memcpy(&said, bytes.data(), sizeof said);
    std::uint64_t sum = 0;
    for (const std::uint32_t length : said.of) {
        sum += length;
    }
    if (sum != said.words || sum * 9 > most_bytes) {
        return {};
    }
    std::string plain(sum * 9, '\0'); // a byte of order for each word
    if (library().decompress(plain.data(), plain.size(), bytes.data() + sizeof said, bytes.size() - sizeof said) != plain.size()) {
        return {};
    }
    std::array<const char*, kinds> next{};
    std::array<std::uint32_t, kinds> left = said.of;
    const char* at = plain.data() + sum;
    for (std::size_t i = 0; i < kinds; ++i) {
        next[i] = at;
        at += std::size_t{said.of[i]} * sizeof(std::uint64_t);
    }
    std::vector<std::uint64_t> words(sum);
    for (std::size_t i = 0; i < sum; ++i) {
        const auto which = static_cast<unsigned char>(plain[i]);
        if (which >= kinds || left[which]-- == 0) {
            return {};
        }
        std::memcpy(&words[i], next[which], sizeof words[i]);
        next[which] += sizeof words[i];
    }
    return words;
}

} // namespace poolmark::programs
