// The format of NAME.ops, and a file of it, mapped and checked: what the threads of one recorded process asked of its heap, ready to be done again.
//
//   | header | threads | words of thread 0 | words of thread 1 | ... |
//
// A thread's words are operations, in the order in which it did them. The first word of an operation says what it is and with which
// slot; a slot holds one block at a time. The second has the bytes: of the block that comes, or of the one that goes.
//
//   take      | take, flags, slot | bytes | extent |              extent, where flagged: alignment in 8 bits, what goes beyond 32 bits of both sizes
//   give      | give, flags, slot | bytes | extent | turn |
//   resize    | resize, flags, slot | bytes | bytes before | extent | turn |
//   meet      | meet | window |
//   end       | end | 0 |                                          behind it stand the blocks that the program never freed
//
// A thread that gives a slot back takes it again before any other, newest first. So what happens to a slot follows from the order within
// threads, but for one thing: a block that another thread made. Who makes it publishes (`handed`), and who takes it over waits for that
// turn (`waits`): turns of a slot are counted, since an older block may still lie in it. Threads also keep abreast: none begins a window
// of the recording before all others have done with the windows before.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

namespace poolmark::replaying {

inline constexpr char replay_magic[8] = {'P', 'M', 'O', 'P', 'S', '\n', '\0', '\1'};
inline constexpr std::uint32_t replay_version = 1;
inline constexpr std::uint32_t window_events = 4096; // of the whole process
inline constexpr std::uint32_t most_replay_threads = 1024;

enum class deed : std::uint8_t { malloc, zeroed, aligned, plain_new, array_new, free, plain_delete, array_delete, resize, meet, end };

[[nodiscard]] constexpr bool takes(deed what) noexcept { return what <= deed::array_new; }
[[nodiscard]] constexpr bool gives(deed what) noexcept { return what >= deed::free && what <= deed::array_delete; }

struct replay_header {
    char magic[8];
    std::uint32_t version;
    std::uint32_t threads;
    std::uint64_t check;      // of all words behind the header
    std::uint64_t words;      // behind the header, of 4 bytes
    std::uint64_t slots;
    std::uint64_t operations; // of the program: without meetings and what comes behind the end
    std::uint64_t made;       // blocks
    std::uint64_t resized;    // how often one was
    std::uint64_t bytes;      // asked for in all, by those that were made and by resizing
    std::uint64_t peak_live, peak_bytes;
    std::uint64_t handed;     // blocks that another thread freed or resized
    std::uint64_t left;       // blocks that were never freed
};

struct replay_thread {
    std::uint64_t first; // word behind the header
    std::uint64_t words;
};

// The first word: the slot, three flags, the deed.
inline constexpr std::uint32_t most_slots = 1U << 25U;
inline constexpr std::uint32_t flag_extent = 1U << 25U, flag_handed = 1U << 26U, flag_waits = 1U << 27U;

[[nodiscard]] constexpr std::uint32_t first_word(deed what, std::uint32_t slot, std::uint32_t flags = 0) noexcept {
    return static_cast<std::uint32_t>(what) << 28U | flags | slot;
}
[[nodiscard]] constexpr deed deed_of(std::uint32_t word) noexcept { return static_cast<deed>(word >> 28U); }
[[nodiscard]] constexpr std::uint32_t slot_of(std::uint32_t word) noexcept { return word & (most_slots - 1); }
static_assert(deed_of(first_word(deed::end, most_slots - 1, flag_waits)) == deed::end);

// The extent. Sizes of recordings end at 1 TiB: 8 bits are enough.
[[nodiscard]] constexpr std::uint32_t make_extent(std::uint64_t bytes, std::uint64_t before, unsigned align_log2) noexcept {
    return align_log2 << 24U | static_cast<std::uint32_t>(before >> 32U) << 16U | static_cast<std::uint32_t>(bytes >> 32U);
}

// What one thread did, read in order. Words are taken as they stand: a file is checked before (ops_file).
struct step {
    deed what;
    bool handed, waits;
    unsigned align_log2;
    std::uint32_t slot, turn;
    std::uint64_t bytes, before;
};
[[nodiscard]] inline step next_step(const std::uint32_t*& at) noexcept {
    const std::uint32_t word = *at++;
    step found{deed_of(word), (word & flag_handed) != 0, (word & flag_waits) != 0, 0, slot_of(word), 0, *at++, 0};
    if (found.what == deed::resize) {
        found.before = *at++;
    }
    if ((word & flag_extent) != 0) [[unlikely]] {
        const std::uint32_t extent = *at++;
        found.align_log2 = extent >> 24U;
        found.bytes |= std::uint64_t{extent & 0xFFFFU} << 32U;
        found.before |= std::uint64_t{extent >> 16U & 0xFFU} << 32U;
    }
    if (found.waits) [[unlikely]] {
        found.turn = *at++;
    }
    return found;
}

// What the check word of a file is made of; it begins with 1.
[[nodiscard]] constexpr std::uint64_t check_with(std::uint64_t check, std::uint32_t word) noexcept {
    check = (check ^ word) * 0x9E3779B97F4A7C15U;
    return check ^ check >> 32U;
}

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
