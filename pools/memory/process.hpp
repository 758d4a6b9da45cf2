// One object of a type for the whole process, whichever shared objects it consists of.
//
//   program   │ note: where its anchor is │ ──► anchor ──┐
//   plugin    │ note: where its anchor is │ ──► anchor ──┴──► [ "threads" | "slabs" | ... ]      mapped, never given back
//
// An inline variable is one in a program, and one more in each shared object that does not see the program's: with hidden
// visibility, or where a plugin is opened by a program that was linked without -rdynamic. So each shared object brings an
// ELF note, and all of them find the same memory through the notes of what is loaded. It belongs to none of them: any may be
// unloaded.
//
// Good for: what threads, pools and slabs must agree on in a program with plugins.
// Bad for:  state that a hot path reads; variables that two versions of this library lay out differently: rename those.
// Complexity: one load; the first use in a shared object looks at each loaded object.
// Bytes:    a page a type. Threads: any.
#pragma once

#include "pools/errors.hpp"

#include <link.h>
#include <pthread.h>
#include <sys/mman.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <type_traits>

#ifdef __aarch64__
#define POOLMARK_ADDRESS "S" // what this processor's compilers call an address that the linker knows
#else
#define POOLMARK_ADDRESS "i"
#endif

namespace poolmark::detail {

struct process_part {
    const process_part* next;
    std::size_t bytes;
    char name[32];
    void* object;
};
using process_anchor = std::atomic<const process_part*>;

// This shared object's. The first that finds no other one set makes the list; who comes later finds it there.
[[gnu::visibility("hidden")]] inline constinit process_anchor anchor{nullptr};

// What is looked for, while the loader's lock is held: nothing is loaded, unloaded or looked for meanwhile.
class process_search {
public:
    process_search(const char* name, std::size_t bytes, void (*make)(void*)) noexcept
        : name_(name), bytes_(bytes), make_(make) {}

    // Null where there is no memory.
    [[nodiscard, gnu::__noinline__, gnu::__cold__]] void* run() noexcept {
        // The note: the length of the name and of what follows it, a type, the name, the way to the anchor.
        asm volatile(".pushsection .note.poolmark,\"a\",%%note\n\t.p2align 2\n\t.long 9, 8, 1\n\t.asciz \"poolmark\"\n\t"
                     ".p2align 2\n\t.quad %c0 - .\n\t.popsection" ::POOLMARK_ADDRESS(&anchor));
        ::dl_iterate_phdr(
            [](dl_phdr_info*, std::size_t, void* self) {
                static_cast<process_search*>(self)->run_alone();
                return 1; // once
            },
            this);
        return found_;
    }

private:
    void run_alone() noexcept {
        ::dl_iterate_phdr(
            [](dl_phdr_info* object, std::size_t, void* self) {
                static_cast<process_search*>(self)->read_notes(*object);
                return 0;
            },
            this);
        for (const process_part* each = newest_; each != nullptr; each = each->next) {
            if (each->bytes == bytes_ && std::strcmp(each->name, name_) == 0) {
                found_ = each->object;
            }
        }
        if (found_ == nullptr) {
            add();
        }
        // The list grows at its front: all anchors are told, so that it is there as long as one of them is.
        ::dl_iterate_phdr(
            [](dl_phdr_info* object, std::size_t, void* self) {
                static_cast<process_search*>(self)->write_anchors(*object);
                return 0;
            },
            this);
    }

    void add() noexcept {
        constexpr std::size_t before = (sizeof(process_part) + 127) / 128 * 128;
        void* const memory =
            ::mmap(nullptr, before + bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) { // NOLINT(cppcoreguidelines-pro-type-cstyle-cast): the macro holds it
            return;
        }
        found_ = static_cast<std::byte*>(memory) + before;
        make_(found_);
        auto* const added = ::new (memory) process_part{newest_, bytes_, {}, found_};
        std::strncpy(added->name, name_, sizeof added->name - 1);
        newest_ = added;
    }

    void read_notes(const dl_phdr_info& object) noexcept {
        for_each_anchor(object, [this](process_anchor& there) {
            const process_part* const part = there.load(std::memory_order_acquire);
            newest_ = part != nullptr ? part : newest_; // all that are set are the same
        });
    }
    void write_anchors(const dl_phdr_info& object) noexcept {
        for_each_anchor(object, [this](process_anchor& there) { there.store(newest_, std::memory_order_release); });
    }

    template <class Visit>
    static void for_each_anchor(const dl_phdr_info& object, Visit visit) noexcept {
        for (std::size_t i = 0; i != object.dlpi_phnum; ++i) {
            const auto& part = object.dlpi_phdr[i];
            ElfW(Word) type = 0; // the first member, whose name is a macro of <resolv.h>
            std::memcpy(&type, &part, sizeof type);
            if (type == PT_NOTE) {
                const auto* const begin = reinterpret_cast<const std::byte*>(object.dlpi_addr + part.p_vaddr);
                for_each_note(begin, part.p_memsz, part.p_align == 8 ? 8 : 4, visit);
            }
        }
    }
    template <class Visit>
    static void for_each_note(const std::byte* begin, std::size_t bytes, std::size_t alignment, Visit visit) noexcept {
        ElfW(Nhdr) head;
        std::size_t at = 0;
        while (at + sizeof head <= bytes) {
            std::memcpy(&head, begin + at, sizeof head);
            const std::size_t name = at + sizeof head;
            const std::size_t what = name + rounded(head.n_namesz, alignment);
            if (head.n_namesz == sizeof "poolmark" && head.n_type == 1 && what + sizeof(std::int64_t) <= bytes &&
                std::memcmp(begin + name, "poolmark", sizeof "poolmark") == 0) {
                std::int64_t way = 0;
                std::memcpy(&way, begin + what, sizeof way);
                visit(*reinterpret_cast<process_anchor*>(reinterpret_cast<std::uintptr_t>(begin + what) +
                                                         static_cast<std::uintptr_t>(way)));
            }
            at = what + rounded(head.n_descsz, alignment);
        }
    }
    [[nodiscard]] static std::size_t rounded(std::size_t bytes, std::size_t alignment) noexcept {
        return (bytes + alignment - 1) & ~(alignment - 1);
    }

    const char* name_;
    std::size_t bytes_;
    void (*make_)(void*);
    const process_part* newest_ = nullptr;
    void* found_ = nullptr;
};

template <class T>
inline constinit std::atomic<T*> in_process{nullptr};
template <class T>
inline constinit T in_this_object{}; // where there is no memory for a common one

template <class T>
[[nodiscard, gnu::__noinline__, gnu::__cold__]] T& find_in_process() noexcept {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= 128);
    process_search search(T::name_in_process, sizeof(T), [](void* at) { ::new (at) T{}; });
    void* const found = search.run();
    T* const known = found != nullptr ? std::launder(static_cast<T*>(found)) : std::addressof(in_this_object<T>);
    in_process<T>.store(known, std::memory_order_release);
    return *known;
}

// The T of this process, which begins as T{} and never ends. T::name_in_process names it, with a version: two that are laid
// out differently need different names.
template <class T>
[[nodiscard]] T& process_wide() noexcept {
    T* const known = in_process<T>.load(std::memory_order_acquire);
    return known != nullptr ? *known : find_in_process<T>();
}

// A process-wide mutex that a forked child finds open, though each shared object asks to be called at each fork().
class process_mutex {
public:
    void lock() { mutex_.lock(); }
    void unlock() noexcept { mutex_.unlock(); }

    // True for the first of these calls, which has the lock from then on.
    [[nodiscard]] bool before_fork() noexcept {
        const bool first = forking_ != self();
        if (first) {
            mutex_.lock();
            forking_ = self();
        }
        ++nested_;
        return first;
    }
    // True for the last, which is to call let_go().
    [[nodiscard]] bool after_fork() noexcept { return --nested_ == 0; }
    void let_go() noexcept {
        forking_ = 0;
        mutex_.unlock();
    }

private:
    [[nodiscard]] static std::uintptr_t self() noexcept { return static_cast<std::uintptr_t>(::pthread_self()); }

    std::mutex mutex_;
    std::atomic<std::uintptr_t> forking_{0}; // the thread that does
    std::size_t nested_ = 0;
};

// The T of this process, whose before_fork() and after_fork() are called around each fork().
template <class T>
[[nodiscard]] T& process_wide_over_forks() noexcept {
    T& all = process_wide<T>();
    static const int asked =
        ::pthread_atfork([] { process_wide<T>().before_fork(); }, [] { process_wide<T>().after_fork(); },
                         [] { process_wide<T>().after_fork(); });
    static_cast<void>(asked);
    return all;
}

} // namespace poolmark::detail

#undef POOLMARK_ADDRESS
