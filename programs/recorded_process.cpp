// What a recording says of its process: who it is, and which files its addresses belong to.
#include "programs/recorder.hpp"

#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace poolmark::programs {
namespace {

void append(const char* path, const char* text, std::size_t bytes) noexcept {
    const int file = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file >= 0) {
        static_cast<void>(!::write(file, text, bytes));
        ::close(file);
    }
}

} // namespace

void write_maps() noexcept {
    recorder& all = the_recorder;
    if (all.mapping.exchange(true)) { // another thread is at it
        return;
    }
    char path[sizeof all.folder + sizeof all.root + 64];
    std::snprintf(path, sizeof path, "%s/maps", all.folder);
    const int in = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    char part[4096];
    for (ssize_t got = 0; in >= 0 && (got = ::read(in, part, sizeof part)) > 0;) {
        append(path, part, static_cast<std::size_t>(got));
    }
    if (in >= 0) {
        ::close(in);
    }
    all.mapping = false;
}

// How often libraries were loaded so far. The first entry says it.
std::uint64_t count_loads() noexcept {
    std::uint64_t loads = 0;
    ::dl_iterate_phdr([](dl_phdr_info* info, std::size_t, void* result) {
        *static_cast<std::uint64_t*>(result) = info->dlpi_adds;
        return 1;
    }, &loads);
    return loads;
}

bool make_folder(bool forked) noexcept {
    recorder& all = the_recorder;
    if (std::snprintf(all.folder, sizeof all.folder, "%s/%d-%llx", all.root, ::getpid(),
                      static_cast<unsigned long long>(all.clock.start + all.clock.ticks())) >= static_cast<int>(sizeof all.folder) ||
        ::mkdir(all.folder, 0755) != 0) {
        all.folder[0] = '\0';
        return false;
    }
    char program[2048];
    const ssize_t length = ::readlink("/proc/self/exe", program, sizeof program - 1);
    program[std::max<ssize_t>(length, 0)] = '\0';
    char path[sizeof all.folder + sizeof all.root + 64];
    char text[3072];
    std::snprintf(path, sizeof path, "%s/process", all.folder);
    const int bytes = std::snprintf(text, sizeof text, "version %u\npid %d\nparent %d\nforked %d\nframes %d\nclock %s\nprogram %s\n",
                                    recording_version, ::getpid(), ::getppid(), forked ? 1 : 0, all.frames,
                                    all.clock.counts ? "counter" : "tsc", program);
    append(path, text, static_cast<std::size_t>(bytes));
    all.loads = count_loads();
    write_maps();
    return true;
}

} // namespace poolmark::programs
