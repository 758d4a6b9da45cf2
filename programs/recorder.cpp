#include "programs/recorder.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>
#include <unwind.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace poolmark::programs {

thread_local constinit thread_state here [[gnu::tls_model("initial-exec")]]{};
constinit recorder the_recorder{};

namespace {

constexpr int max_frames = 32;
pthread_key_t at_thread_end;

struct walk {
    void** frames;
    int count, limit;
};

// Where libunwind is not installed: the compiler's own unwinder, some times slower.
int unwind_slowly(void** frames, int limit) noexcept {
    walk state{frames, 0, limit};
    ::_Unwind_Backtrace([](_Unwind_Context* context, void* passed) {
        auto& into = *static_cast<walk*>(passed);
        into.frames[into.count++] = reinterpret_cast<void*>(::_Unwind_GetIP(context));
        return into.count < into.limit ? _URC_NO_REASON : _URC_END_OF_STACK;
    }, &state);
    return state.count;
}

void forget_idle(thread_file* file) noexcept {
    recorder& all = the_recorder;
    while (all.idle_busy.exchange(true, std::memory_order_acquire)) {
    }
    file->idle = all.idle;
    all.idle = file;
    all.idle_busy.store(false, std::memory_order_release);
}

thread_file* take_idle() noexcept {
    recorder& all = the_recorder;
    while (all.idle_busy.exchange(true, std::memory_order_acquire)) {
    }
    thread_file* const file = all.idle;
    if (file != nullptr) {
        all.idle = file->idle;
    }
    all.idle_busy.store(false, std::memory_order_release);
    return file;
}

void end_of_thread(void* file) noexcept {
    here.file = nullptr;
    forget_idle(static_cast<thread_file*>(file));
}

// A child of fork has a recording of its own; the parent's files are still mapped here, and are not touched again.
void in_the_child() noexcept {
    recorder& all = the_recorder;
    here.file = nullptr;
    all.idle = nullptr;
    all.idle_busy = all.mapping = false;
    all.files = all.threads = 0;
    all.bytes = 0;
    all.clock.begin(all.clock.counts);
    const busy_here guard;
    all.on = make_folder(true);
}

void end_of_process() noexcept {
    if (thread_file* const file = here.file; file != nullptr) {
        file->head->ticks = the_recorder.clock.ticks();
        file->head->ns = the_recorder.clock.ns();
    }
}

[[gnu::constructor]] void begin() {
    the_recorder.start();
    if (the_recorder.on) {
        const busy_here guard;
        if (the_recorder.frames > 1) {
            if (void* const library = ::dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL); library != nullptr) {
                if (void* const found = ::dlsym(library, "unw_backtrace"); found != nullptr) {
                    the_recorder.unwind = reinterpret_cast<int (*)(void**, int)>(found);
                }
            }
            if (the_recorder.unwind == nullptr) {
                the_recorder.unwind = unwind_slowly;
            }
        }
        std::atexit(end_of_process);
    }
}

} // namespace

void recorder::start() noexcept {
    static std::atomic<bool> begun;
    if (environ == nullptr || begun.exchange(true)) { // before the C library is ready nothing can be asked
        return;
    }
    const busy_here guard;
    const char* const where = std::getenv("POOLMARK_RECORD");
    if (where == nullptr || std::strlen(where) >= sizeof root) {
        return;
    }
    std::strcpy(root, where);
    const char* const depth = std::getenv("POOLMARK_RECORD_FRAMES");
    frames = depth == nullptr ? 1 : std::clamp(std::atoi(depth), 1, max_frames);
    const char* const limit = std::getenv("POOLMARK_RECORD_BYTES");
    max_bytes = limit == nullptr ? std::uint64_t{8} << 30U : std::strtoull(limit, nullptr, 10);
    clock.begin(std::getenv("POOLMARK_RECORD_COUNTS") != nullptr);
    ::pthread_key_create(&at_thread_end, end_of_thread);
    ::pthread_atfork(nullptr, nullptr, in_the_child);
    on = make_folder(false);
}

thread_file* recorder::open_file() noexcept {
    const busy_here guard;
    thread_file* file = take_idle();
    if (file == nullptr) {
        void* const memory = ::mmap(nullptr, sizeof(thread_file), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) { // NOLINT(cppcoreguidelines-pro-type-cstyle-cast): the macro holds it
            return nullptr;
        }
        file = static_cast<thread_file*>(memory);
        file->number = files++;
        file->chunk_bytes = first_chunk_bytes;
        if (!grow(*file, 1)) {
            ::munmap(memory, sizeof(thread_file));
            on = false; // the folder is gone or full from the start
            return nullptr;
        }
    }
    here.file = file;
    ::pthread_setspecific(at_thread_end, file);
    if (room(*file, 1)) {
        *file->next++ = make_event(clock.ticks(), operation::thread, 0, threads++, 0, 0, 0);
    }
    return file;
}

bool recorder::grow(thread_file& file, std::size_t count) noexcept {
    const busy_here guard;
    const auto refuse = [&] {
        file.full = true;
        if (file.head != nullptr) {
            file.head->lost += count;
        }
        return false;
    };
    if (file.full) {
        return refuse();
    }
    if (bytes.fetch_add(file.chunk_bytes) + file.chunk_bytes > max_bytes) {
        bytes -= file.chunk_bytes;
        return refuse();
    }
    char path[sizeof folder + 32];
    std::snprintf(path, sizeof path, "%s/%u.events", folder, file.number);
    const int handle = ::open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (handle < 0) {
        return refuse();
    }
    // The disk's blocks are taken now: a mapped page that the disk has no room for would end the program.
    const bool fits = ::posix_fallocate(handle, static_cast<off_t>(file.length), static_cast<off_t>(file.chunk_bytes)) == 0;
    void* const mapped = !fits ? MAP_FAILED : ::mmap(nullptr, file.chunk_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, handle,
                                                     static_cast<off_t>(file.length));
    ::close(handle);
    if (mapped == MAP_FAILED) { // NOLINT(cppcoreguidelines-pro-type-cstyle-cast)
        return refuse();
    }
    auto* const chunk = static_cast<unsigned char*>(mapped);
    std::size_t skipped = 0;
    if (file.head == nullptr) { // the first chunk stays mapped, for its header
        file.head = reinterpret_cast<header*>(chunk);
        std::memcpy(file.head->magic, recording_magic, sizeof recording_magic);
        file.head->version = recording_version;
        file.head->event_bytes = sizeof(event);
        skipped = header_bytes;
    } else {
        if (file.chunk != reinterpret_cast<unsigned char*>(file.head)) {
            ::munmap(file.chunk, file.mapped_bytes);
        }
        file.head->ticks = clock.ticks();
        file.head->ns = clock.ns();
    }
    file.chunk = chunk;
    file.next = reinterpret_cast<event*>(chunk + skipped);
    file.end = file.next + (file.chunk_bytes - skipped) / sizeof(event);
    file.length += file.chunk_bytes;
    file.mapped_bytes = file.chunk_bytes;
    file.chunk_bytes = next_chunk_bytes(file.chunk_bytes);
    return count <= static_cast<std::size_t>(file.end - file.next);
}

std::uint32_t recorder::stack_of(thread_file& file, const void* caller) noexcept {
    void* stack[max_frames + 8];
    int count = 0;
    int first = 0;
    if (unwind != nullptr && frames > 1) {
        here.busy = true;
        count = unwind(stack, frames + 4);
        here.busy = false;
        while (first < count && stack[first] != caller) { // the hook's own frames
            ++first;
        }
    }
    if (first >= count) {
        stack[0] = const_cast<void*>(caller);
        first = 0;
        count = 1;
    }
    count = std::min(count, first + frames);
    std::uint64_t hash = 1;
    for (int i = first; i < count; ++i) {
        hash = (hash ^ reinterpret_cast<std::uintptr_t>(stack[i])) * 0x9E3779B97F4A7C15U;
        hash ^= hash >> 29U;
    }
    std::uint32_t slot = static_cast<std::uint32_t>(hash >> 40U) % thread_file::slots;
    for (; file.known[slot].hash != 0; slot = (slot + 1) % thread_file::slots) {
        if (file.known[slot].hash == hash) {
            return file.known[slot].number;
        }
    }
    const auto depth = static_cast<std::size_t>(count - first);
    if (file.stacks >= thread_file::slots / 4 * 3 || !room(file, depth)) {
        return 0; // no stack: counted among the unknown
    }
    if (const std::uint64_t now = count_loads(); now != loads.exchange(now)) {
        const busy_here guard;
        write_maps();
    }
    const std::uint32_t number = ++file.stacks;
    file.known[slot] = {hash, number};
    const std::uint64_t time = clock.ticks();
    for (int i = first; i < count; ++i) {
        *file.next++ = make_event(time, operation::stack, reinterpret_cast<std::uintptr_t>(stack[i]), static_cast<std::uint64_t>(count - i), 0, number, 0);
    }
    return number;
}

} // namespace poolmark::programs
