#include "benchmarks/harness/team.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <string>
#include <system_error>

namespace poolmark::benchmarks {
namespace {

std::vector<int>& places() {
    static std::vector<int> cpus;
    return cpus;
}

void stay_on(int cpu) {
    cpu_set_t only;
    CPU_ZERO(&only);
    errno = EINVAL;
    if (cpu >= 0 && cpu < CPU_SETSIZE) {
        CPU_SET(static_cast<std::size_t>(cpu), &only);
        if (::sched_setaffinity(0, sizeof only, &only) == 0) {
            return;
        }
    }
    throw std::system_error(errno, std::generic_category(), "CPU " + std::to_string(cpu));
}

// The schedstat files of the helpers that live. Each opens its own, since only it knows which one that is.
struct watched_helpers {
    std::mutex change;
    std::vector<int> files;
};

// Never destroyed: a team that is a static object's member ends its helpers after main.
watched_helpers& watched() {
    static watched_helpers* const all = new watched_helpers;
    return *all;
}

class watch {
public:
    watch() : file_(::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)) {
        if (file_ >= 0) {
            const std::scoped_lock held(watched().change);
            watched().files.push_back(file_);
        }
    }
    watch(const watch&) = delete;
    watch& operator=(const watch&) = delete;
    ~watch() {
        if (file_ >= 0) {
            const std::scoped_lock held(watched().change);
            std::erase(watched().files, file_);
            ::close(file_);
        }
    }

private:
    int file_;
};

} // namespace

void place_thread(std::size_t number) {
    thread_number = number;
    if (const std::vector<int>& all = places(); !all.empty()) {
        stay_on(all[number % all.size()]);
    }
}

std::size_t cpus() {
    cpu_set_t usable;
    if (!places().empty()) {
        return places().size();
    }
    return ::sched_getaffinity(0, sizeof usable, &usable) == 0 ? static_cast<std::size_t>(CPU_COUNT(&usable)) : 1;
}

std::int64_t run_delay_ns(int schedstat) {
    std::array<char, 96> text{};
    if (schedstat < 0 || ::pread(schedstat, text.data(), text.size() - 1, 0) <= 0) {
        return 0;
    }
    char* after_first = nullptr;
    std::strtoll(text.data(), &after_first, 10);
    return std::strtoll(after_first, nullptr, 10);
}

std::int64_t helpers_run_delay_ns() {
    const std::scoped_lock held(watched().change);
    std::int64_t sum = 0;
    for (const int file : watched().files) {
        sum += run_delay_ns(file);
    }
    return sum;
}

void place_threads(const std::vector<int>& cpus) {
    for (auto cpu = cpus.rbegin(); cpu != cpus.rend(); ++cpu) { // the first one last: there this thread stays
        stay_on(*cpu);
    }
    places() = cpus;
}

team::team(std::size_t helpers, job what) : what_(std::move(what)) {
    for (std::size_t helper = 0; helper != helpers; ++helper) {
        helpers_.emplace_back([this, helper] { work(helper); });
    }
}

team::~team() {
    ending_ = true;
    started_.fetch_add(1, std::memory_order_release);
    wake();
}

void team::wake() noexcept {
    awake_.store(true, std::memory_order_release);
    awake_.notify_all();
}

void team::start(std::uint64_t iterations) noexcept {
    iterations_ = iterations;
    done_.store(0, std::memory_order_relaxed);
    started_.fetch_add(1, std::memory_order_release);
    if (!awake_.load(std::memory_order_relaxed)) {
        wake();
    }
}

void team::wait() noexcept {
    spin_until([&] { return done_.load(std::memory_order_acquire) == helpers_.size(); });
}

void team::rest() noexcept { awake_.store(false, std::memory_order_release); }

void team::work(std::size_t helper) {
    place_thread(helper + 1);
    const watch while_it_lives;
    for (std::uint64_t seen = 0;; ++seen) {
        spin_until([&] {
            if (started_.load(std::memory_order_acquire) != seen) {
                return true;
            }
            awake_.wait(false, std::memory_order_acquire);
            return false;
        });
        if (ending_) {
            return;
        }
        what_(helper, iterations_);
        done_.fetch_add(1, std::memory_order_release);
    }
}

} // namespace poolmark::benchmarks
