#include "benchmarks/harness/instructions.hpp"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace poolmark::benchmarks {

instruction_counter::instruction_counter() {
    perf_event_attr what{};
    what.size = sizeof what;
    what.type = PERF_TYPE_HARDWARE;
    what.config = PERF_COUNT_HW_INSTRUCTIONS;
    what.exclude_kernel = 1;
    what.exclude_hv = 1;
    counter_ = static_cast<int>(::syscall(SYS_perf_event_open, &what, 0, -1, -1, PERF_FLAG_FD_CLOEXEC));
    if (counter_ < 0) {
        const bool forbidden = errno == EACCES || errno == EPERM;
        unavailable_ = forbidden ? "perf_event_open is not permitted: see /proc/sys/kernel/perf_event_paranoid"
                                 : std::string("no hardware counter: ") + std::strerror(errno);
    }
}

instruction_counter::~instruction_counter() {
    if (counter_ >= 0) {
        ::close(counter_);
    }
}

std::int64_t instruction_counter::value() const noexcept {
    std::int64_t counted = 0;
    return counter_ >= 0 && ::read(counter_, &counted, sizeof counted) == sizeof counted ? counted : 0;
}

} // namespace poolmark::benchmarks
