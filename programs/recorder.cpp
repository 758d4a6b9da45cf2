#include "programs/recorder.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace poolmark::programs {

thread_local constinit thread_state here [[gnu::tls_model("initial-exec")]]{};
constinit recorder the_recorder{};
std::atomic<std::uint64_t> last_threads[last_thread_slots]; // zeros that nobody has touched cost nothing

namespace {

pthread_key_t at_thread_end;

constexpr std::size_t path_bytes = sizeof(recorder::folder) + 32;
const char* path_of(char* path, const thread_file& file) noexcept {
    std::snprintf(path, path_bytes, "%s/%u.events", the_recorder.folder, file.number);
    return path;
}

// Who holds it is not interrupted by much: a list is changed, and a count.
struct held {
    held() noexcept {
        while (the_recorder.idle_busy.exchange(true, std::memory_order_acquire)) {
        }
    }
    ~held() { the_recorder.idle_busy.store(false, std::memory_order_release); }
    held(const held&) = delete;
    held& operator=(const held&) = delete;
};

// A thread with a file more, or one less.
void change_crowd(std::uint32_t alive) noexcept {
    recorder& all = the_recorder;
    all.alive = alive;
    all.crowd = ((all.crowd >> 1U) + 1) << 1U | (alive > 1 ? 1U : 0U);
}

thread_file* take_idle() noexcept {
    recorder& all = the_recorder;
    const held now;
    change_crowd(all.alive + 1);
    thread_file* const file = all.idle;
    if (file != nullptr) {
        all.idle = file->idle;
    }
    return file;
}

void end_of_thread(void* ended) noexcept {
    recorder& all = the_recorder;
    auto* const file = static_cast<thread_file*>(ended);
    here.file = nullptr;
    const held now;
    change_crowd(all.alive - 1);
    file->idle = all.idle;
    all.idle = file;
}

// The parent's files are still mapped here, and are not touched again.
void in_the_child() noexcept {
    here.file = nullptr;
    here.refused = false;
    const busy_here guard;
    the_recorder.restart_in_child();
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
        std::atexit(end_of_process);
    }
}

void lose(header* of) noexcept {
    if (of != nullptr) {
        std::atomic_ref(of->lost).fetch_add(1, std::memory_order_relaxed);
    }
}

// Maps the header and the window of a file that is to begin; null when there is no room.
header* make_file(const char* path) noexcept {
    const int handle = ::open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (handle < 0) {
        return nullptr;
    }
    // The disk's blocks are taken now: a mapped page that the disk has no room for would end the program.
    const bool fits = ::posix_fallocate(handle, 0, blocks_at) == 0;
    void* const mapped = !fits ? MAP_FAILED : ::mmap(nullptr, blocks_at, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, handle, 0);
    ::close(handle);
    if (mapped == MAP_FAILED) { // NOLINT(cppcoreguidelines-pro-type-cstyle-cast): the macro holds it
        return nullptr;
    }
    auto* const head = static_cast<header*>(mapped);
    std::memcpy(head->magic, recording_magic, sizeof recording_magic);
    head->version = recording_version;
    head->window_words = window_words;
    return head;
}

// Writes a window behind the blocks of a file. A limit on files would end the program, so it is asked for.
bool write_block(const char* path, const void* window, std::uint64_t at) noexcept {
    rlimit most{};
    if (::getrlimit(RLIMIT_FSIZE, &most) == 0 && most.rlim_cur != RLIM_INFINITY && at + window_bytes > most.rlim_cur) {
        return false;
    }
    const int handle = ::open(path, O_WRONLY | O_CLOEXEC);
    if (handle < 0) {
        return false;
    }
    std::size_t done = 0;
    while (done < window_bytes) {
        const ssize_t wrote = ::pwrite(handle, static_cast<const char*>(window) + done, window_bytes - done, static_cast<off_t>(at + done));
        if (wrote <= 0 && !(wrote < 0 && errno == EINTR)) {
            break;
        }
        done += static_cast<std::size_t>(std::max<ssize_t>(wrote, 0));
    }
    ::close(handle);
    return done == window_bytes;
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

void recorder::restart_in_child() noexcept {
    idle = nullptr;
    first = nullptr;
    idle_busy = mapping = false;
    files = threads = alive = 0;
    bytes = 0;
    on = make_folder(true);
}

thread_file* recorder::open_file() noexcept {
    const busy_here guard;
    if (here.refused) {
        lose(first.load());
        return nullptr;
    }
    thread_file* file = take_idle();
    if (file == nullptr) {
        void* const memory = ::mmap(nullptr, sizeof(thread_file), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) { // NOLINT(cppcoreguidelines-pro-type-cstyle-cast)
            return nullptr;
        }
        file = static_cast<thread_file*>(memory);
        file->number = files++;
        char path[path_bytes];
        file->head = (bytes += blocks_at) > max_bytes ? nullptr : make_file(path_of(path, *file));
        if (file->head == nullptr) {
            ::munmap(memory, sizeof(thread_file));
            const held now;
            change_crowd(alive - 1);
            here.refused = true;
            on = first.load() != nullptr; // else the folder is gone or full from the start
            lose(first.load());
            return nullptr;
        }
        header* nobody = nullptr;
        first.compare_exchange_strong(nobody, file->head);
        file->window = reinterpret_cast<std::uint64_t*>(reinterpret_cast<unsigned char*>(file->head) + header_bytes);
    }
    if (frames > 1) {
        file->rules.learn_stack();
    }
    here.file = file;
    ::pthread_setspecific(at_thread_end, file);
    file->left = unstamped;
    file->crowd = 0; // no crowd is: what comes first has a time
    if (std::uint64_t* const to = room(*file, 1); to != nullptr) {
        *to = make_word(operation::thread, threads++);
        commit(*file, to, to + 1);
    }
    return file;
}

bool recorder::flush(thread_file& file) noexcept {
    const busy_here guard;
    const auto refuse = [&file] {
        file.full = true;
        lose(file.head);
        return false;
    };
    if (file.full) {
        return refuse();
    }
    if ((bytes += window_bytes) > max_bytes) {
        bytes -= window_bytes;
        return refuse();
    }
    const std::uint64_t blocks = file.head->place >> 32U;
    const auto used = static_cast<std::uint32_t>(file.head->place);
    std::memset(file.window + used, 0, (window_words - used) * sizeof *file.window);
    char path[path_bytes];
    if (!write_block(path_of(path, file), file.window, blocks_at + blocks * window_bytes)) {
        return refuse();
    }
    file.head->ticks = clock.ticks();
    file.head->ns = clock.ns();
    std::atomic_signal_fence(std::memory_order_release);
    file.head->place = (blocks + 1) << 32U; // from now on it is the block that counts
    return true;
}

// Not known yet: it is written down. 0 when there is no room: a call whose stack is not known.
[[gnu::noinline, gnu::cold]] static std::uint32_t define_stack(thread_file& file, const void* const* stack, std::uint32_t count) noexcept {
    recorder& all = the_recorder;
    std::uint64_t* const to = file.stacks >= thread_file::slots / 4 * 3 ? nullptr : room(file, count + 1);
    if (to == nullptr) {
        return 0;
    }
    if (const std::uint64_t now = count_loads(); now != all.loads.exchange(now)) {
        const busy_here guard;
        write_maps();
    }
    const std::uint32_t number = ++file.stacks;
    to[0] = make_stack(number, count);
    for (std::uint32_t i = 0; i < count; ++i) {
        to[1 + i] = reinterpret_cast<std::uintptr_t>(stack[i]);
    }
    commit(file, to, to + 1 + count);
    return number;
}

std::uint32_t recorder::stack_of(thread_file& file, const frame_record* hook) noexcept {
    const void* stack[max_frames];
    int count = 1;
    stack[0] = hook->caller;
    if (frames > 1) {
        file.rules.expect(unloads.load(std::memory_order_relaxed));
        if (const std::uint32_t known = file.rules.same(hook); known != 0) {
            return known;
        }
        here.busy = true;
        count = file.rules.walk(hook, stack, frames);
        here.busy = false;
    }
    std::uint64_t hash = 1;
    for (int i = 0; i < count; ++i) {
        hash = (hash ^ reinterpret_cast<std::uintptr_t>(stack[i])) * 0x9E3779B97F4A7C15U;
        hash ^= hash >> 29U;
    }
    std::uint32_t slot = static_cast<std::uint32_t>(hash >> 40U) % thread_file::slots;
    std::uint32_t number = 0;
    for (; file.known[slot].hash != 0 && number == 0; slot = (slot + 1) % thread_file::slots) {
        number = file.known[slot].hash == hash ? file.known[slot].number : 0;
    }
    if (number == 0) {
        number = define_stack(file, stack, static_cast<std::uint32_t>(count));
        file.known[slot] = {number == 0 ? 0 : hash, number};
    }
    if (frames > 1 && number != 0) {
        file.rules.keep(number);
    }
    return number;
}

} // namespace poolmark::programs
