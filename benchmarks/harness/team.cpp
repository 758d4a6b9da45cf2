#include "benchmarks/harness/team.hpp"

#include <cerrno>
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

} // namespace

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
    if (const std::vector<int>& cpus = places(); !cpus.empty()) {
        stay_on(cpus[(helper + 1) % cpus.size()]);
    }
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
