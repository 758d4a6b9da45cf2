// A file as it is now, mapped to be read; nothing when it is empty or cannot be.
//
// Good for: looking at all of a large file, once, without a copy.
// Bad for:  files that others cut off meanwhile: who touches what is gone is ended.
#pragma once

#include <sys/mman.h>
#include <sys/stat.h>

#include <cstddef>
#include <string_view>

namespace poolmark::detail {

class mapped_file {
public:
    explicit mapped_file(int file) noexcept {
        struct ::stat about {};
        if (::fstat(file, &about) == 0 && about.st_size > 0) {
            const auto bytes = static_cast<std::size_t>(about.st_size);
            void* const all = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, file, 0);
            if (all != MAP_FAILED) {
                all_ = {static_cast<const char*>(all), bytes};
            }
        }
    }
    mapped_file(const mapped_file&) = delete;
    mapped_file& operator=(const mapped_file&) = delete;
    ~mapped_file() {
        if (!all_.empty()) {
            ::munmap(const_cast<char*>(all_.data()), all_.size());
        }
    }

    [[nodiscard]] std::string_view all() const noexcept { return all_; }

private:
    std::string_view all_;
};

} // namespace poolmark::detail
