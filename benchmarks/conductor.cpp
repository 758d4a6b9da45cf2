// poolmark-conductor: passes the token among contenders that the driver has started, for one block of rounds.
//
//   driver ── turns ──► conductor ── "run N" ──► contender 3
//          ◄─ answers ─           ◄── epoch ───              ... one at a time, all on one CPU
//
// Good for: short epochs. It shares the contenders' CPU, so a token passes by a context switch; a driver on another CPU
//           would have to wake an idle one twice for each epoch, which on a virtual machine takes longer than the epoch.
// Bad for:  judging. It knows nothing about rounds, baselines or JSON: lines go through it as they are.
//
// Arguments: the CPU, the seconds that one answer may take, and for each contender the descriptors to write to and to
// read from, as WRITE:READ. Standard input: one `CONTENDER ITERATIONS` a line, then its end. Standard output, after the last
// turn: `CONTENDER ANSWER` in the order of the turns; a contender that does not answer gets `CONTENDER !REASON` once,
// REASON being one of ended, silent, long, and no further turn.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;

constexpr std::size_t longest_answer = 1 << 20;

struct turn {
    std::size_t contender;
    std::string command;
};

struct seat {
    int write_to;
    int read_from;
    bool out = false;
};

template <class Number>
Number number(std::string_view text) {
    Number value{};
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (wrong != std::errc() || end != text.data() + text.size()) {
        throw std::invalid_argument("'" + std::string(text) + "' is no number");
    }
    return value;
}

seat parse_seat(std::string_view text) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    return {.write_to = number<int>(text.substr(0, colon)),
            .read_from = number<int>(text.substr(std::min(colon + 1, text.size())))};
}

std::string read_all(int descriptor) {
    std::string all;
    char part[4096];
    for (ssize_t got = 0; (got = ::read(descriptor, part, sizeof part)) != 0;) {
        if (got > 0) {
            all.append(part, static_cast<std::size_t>(got));
        } else if (errno != EINTR) {
            break;
        }
    }
    return all;
}

std::vector<turn> parse_turns(std::string_view text, std::size_t contenders) {
    std::vector<turn> turns;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const std::size_t space = std::min(line.find(' '), line.size());
        const auto contender = number<std::size_t>(line.substr(0, space));
        const auto iterations = number<unsigned long long>(line.substr(std::min(space + 1, line.size())));
        if (contender >= contenders) {
            throw std::invalid_argument("there is no contender " + std::to_string(contender));
        }
        turns.push_back({contender, "run " + std::to_string(iterations) + "\n"});
    }
    return turns;
}

bool write_whole(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t sent = ::write(descriptor, text.data(), text.size());
        if (sent < 0 && errno != EINTR) {
            return false;
        }
        text.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
    }
    return true;
}

// One line, or the reason why there is none behind a '!'. Nobody speaks without the token, so nothing is read ahead.
std::string answer(int descriptor, std::chrono::duration<double> patience) {
    const auto deadline = clock_type::now() + std::chrono::duration_cast<clock_type::duration>(patience);
    std::string line;
    while (line.empty() || line.back() != '\n') {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock_type::now()).count();
        pollfd wait{.fd = descriptor, .events = POLLIN, .revents = 0};
        if (left <= 0) {
            return "!silent";
        }
        if (::poll(&wait, 1, static_cast<int>(std::min<long long>(left, 1'000'000))) <= 0) {
            continue;
        }
        char part[4096];
        const ssize_t got = ::read(descriptor, part, sizeof part);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
            return "!ended";
        }
        line.append(part, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (line.size() > longest_answer) {
            return "!long";
        }
    }
    line.pop_back();
    return line;
}

std::string conduct(const std::vector<turn>& turns, std::vector<seat>& seats, double seconds) {
    std::string answers;
    for (const turn& next : turns) {
        seat& of = seats[next.contender];
        if (of.out) {
            continue;
        }
        const std::string said = write_whole(of.write_to, next.command)
                                     ? answer(of.read_from, std::chrono::duration<double>(seconds))
                                     : "!ended";
        of.out = said.starts_with('!');
        answers += std::to_string(next.contender) + " " + said + "\n";
    }
    return answers;
}

void pin_to(int cpu) {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(static_cast<std::size_t>(cpu), &only);
    if (::sched_setaffinity(0, sizeof only, &only) != 0) {
        throw std::invalid_argument("this process may not run on CPU " + std::to_string(cpu));
    }
}

int run(const std::vector<std::string_view>& words) {
    if (words.size() < 3) {
        throw std::invalid_argument("usage: poolmark-conductor CPU SECONDS WRITE:READ...");
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // the driver's contenders end with it, and so does this
    std::signal(SIGPIPE, SIG_IGN);      // a contender that is gone is an answer, not an end
    pin_to(number<int>(words[0]));
    std::vector<seat> seats;
    std::transform(words.begin() + 2, words.end(), std::back_inserter(seats), parse_seat);
    const std::vector<turn> turns = parse_turns(read_all(STDIN_FILENO), seats.size());
    return write_whole(STDOUT_FILENO, conduct(turns, seats, number<double>(words[1]))) ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run({argv + 1, argv + argc});
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "poolmark-conductor: %s\n", failure.what());
        return 2;
    }
}
