// Runs one process and says what it took: `poolmark-program launch`. The driver is a Python program whose own memory a child would be
// charged with (ru_maxrss survives exec), so a small program starts it.
//
//   launch [--stdin F] [--stdout F] [--stderr F] [--limit S] [--preload LIBS] [--load CMD] -- PROGRAM ARGUMENTS...
//
// One line of JSON on standard output. A program that is loaded is stopped by SIGTERM when the load command has ended. When this process is
// told to end, or the driver that started it is gone, the program goes with it, and what the program started.
#include "programs/commands.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace poolmark::programs {
namespace {

using steady = std::chrono::steady_clock;

// Process groups that are running; 0 for none. Plain words that a signal handler may read.
volatile sig_atomic_t running_program = 0;
volatile sig_atomic_t running_load = 0;

void end_all(int) {
    for (const pid_t group : {static_cast<pid_t>(running_program), static_cast<pid_t>(running_load)}) {
        if (group > 0) {
            ::kill(-group, SIGKILL);
        }
    }
    ::_exit(1);
}

void end_with_the_driver() {
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
        ::signal(number, end_all);
    }
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() == 1) { // it was gone before this was asked for
        ::_exit(1);
    }
}

struct order {
    const char* in = "/dev/null";
    const char* out = "/dev/null";
    const char* err = "/dev/null";
    const char* preload = "";
    const char* load = nullptr;
    double limit_seconds = 60;
    char** program = nullptr;
};

void redirect(const char* path, int flags, int stream) {
    const int file = ::open(path, flags, 0644);
    if (file < 0 || ::dup2(file, stream) < 0) {
        ::_exit(127);
    }
    ::close(file);
}

pid_t start(const order& wanted, char** words, bool preloaded, bool output) {
    const pid_t child = ::fork();
    if (child != 0) {
        ::setpgid(child, child); // here as well: whoever is first
        (preloaded ? running_program : running_load) = child;
        return child;
    }
    ::setpgid(0, 0);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
        ::signal(number, SIG_DFL);
    }
    redirect(preloaded ? wanted.in : "/dev/null", O_RDONLY, 0);
    redirect(output ? wanted.out : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 1);
    redirect(preloaded ? wanted.err : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 2);
    if (preloaded && *wanted.preload != '\0') {
        ::setenv("LD_PRELOAD", wanted.preload, 1);
    }
    ::execvp(words[0], words);
    ::_exit(127);
}

// False when the time is up first.
bool ended_in_time(pid_t child, double seconds) {
    const auto handle = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
    pollfd waiting{handle, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(seconds * 1000));
    ::close(handle);
    return ready > 0;
}

double seconds_of(const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; }

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status); }

} // namespace

int launch(char** words) {
    order wanted;
    for (; *words != nullptr && std::string_view(*words) != "--"; words += 2) {
        const std::string_view name = *words;
        const char* const value = words[1];
        if (value == nullptr) {
            return complain("launch: a value is missing");
        }
        (name == "--stdin" ? wanted.in : name == "--stdout" ? wanted.out : name == "--stderr" ? wanted.err
         : name == "--preload" ? wanted.preload : wanted.load) = value;
        if (name == "--limit") {
            wanted.load = nullptr;
            wanted.limit_seconds = std::atof(value);
        }
    }
    if (*words == nullptr || words[1] == nullptr) {
        return complain("launch: no program");
    }
    wanted.program = words + 1;
    end_with_the_driver();
    const auto began = steady::now();
    const pid_t child = start(wanted, wanted.program, true, wanted.load == nullptr);
    bool late = false;
    int load_code = 0;
    auto ended = began;
    if (wanted.load != nullptr) {
        char shell[] = "/bin/sh";
        char flag[] = "-c";
        std::string command = wanted.load;
        char* line[] = {shell, flag, command.data(), nullptr};
        const pid_t load = start(wanted, line, false, true);
        int status = 0;
        late = !ended_in_time(load, wanted.limit_seconds);
        if (late) {
            ::kill(-load, SIGKILL);
        }
        ::waitpid(load, &status, 0);
        running_load = 0;
        load_code = code_of(status);
        ended = steady::now(); // the server's end is no part of its work
        ::kill(child, SIGTERM);
        late = !ended_in_time(child, 10) || late;
    } else {
        late = !ended_in_time(child, wanted.limit_seconds);
        ended = steady::now();
    }
    if (late) {
        ::kill(-child, SIGKILL);
    }
    int status = 0;
    rusage used{};
    ::wait4(child, &status, 0, &used);
    ::kill(-child, SIGKILL); // what it left running
    std::printf("{\"pid\": %d, \"code\": %d, \"load_code\": %d, \"late\": %s, \"wall\": %.9f, \"user\": %.6f, \"system\": %.6f, "
                "\"rss_kb\": %ld, \"faults\": %ld}\n",
                child, code_of(status), load_code, late ? "true" : "false", std::chrono::duration<double>(ended - began).count(),
                seconds_of(used.ru_utime), seconds_of(used.ru_stime), used.ru_maxrss, used.ru_minflt + used.ru_majflt);
    return 0;
}

} // namespace poolmark::programs
